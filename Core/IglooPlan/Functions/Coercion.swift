// SPDX-License-Identifier: MIT

public import IglooArrow

/// Which types turn into which without being asked.
///
/// - Source: PostgreSQL's implicit casts, with DuckDB's for unsigned and 128-bit integers.
public enum Coercion {
    /// Whether a value of type `from` is taken where `to` is wanted, without an explicit cast.
    public static func isImplicit(from: DataType, to: DataType) -> Bool {
        if from == to || from == .null { return true }
        if from.isNumeric && to.isNumeric { return common(from, to) == to }
        switch (from, to) {
        case (.logical(.json), .utf8View), (.logical(.jsonb), .utf8View): return true
        case (.logical(.enumeration), .utf8View): return true
        case (.date32, .timestamp): return true
        case (.timestamp(_, let fromZone), .timestamp(_, let toZone)):
            return fromZone == nil || toZone != nil
        case (.list(let from), .list(let to)):
            return isImplicit(from: from.type, to: to.type)
        case (.structure(let from), .structure(let to)):
            return from.count == to.count
                && zip(DataType.fieldPlaces(from, to), to).allSatisfy {
                    isImplicit(from: from[$0].type, to: $1.type)
                }
        default: return false
        }
    }

    /// The type in which values of both are compared, unified in CASE, set operations and VALUES;
    /// `nil` when there is none.
    public static func common(_ left: DataType, _ right: DataType) -> DataType? {
        if left == right || right == .null { return left }
        if left == .null { return right }
        if left.isNumeric && right.isNumeric { return commonNumeric(left, right) }
        switch (left, right) {
        case (.logical(.json), .utf8View), (.logical(.jsonb), .utf8View): return right
        case (.utf8View, .logical(.json)), (.utf8View, .logical(.jsonb)): return left
        case (.logical(.enumeration), .utf8View): return right
        case (.utf8View, .logical(.enumeration)): return left
        case (.date32, .timestamp): return right
        case (.timestamp, .date32): return left
        case (.timestamp(let leftUnit, let leftZone), .timestamp(let rightUnit, let rightZone)):
            let unit: TimeUnit =
                leftUnit == .nanosecond || rightUnit == .nanosecond ? .nanosecond : .microsecond
            return .timestamp(unit, timeZone: leftZone ?? rightZone)
        case (.list(let leftField), .list(let rightField)):
            guard let element = common(leftField.type, rightField.type) else { return nil }
            return .list(Field(leftField.name, element))
        case (.structure(let leftFields), .structure(let rightFields)):
            guard leftFields.count == rightFields.count else { return nil }
            var fields: [Field] = []
            let places = DataType.fieldPlaces(rightFields, leftFields)
            for (leftField, place) in zip(leftFields, places) {
                guard let type = common(leftField.type, rightFields[place].type) else { return nil }
                fields.append(Field(leftField.name, type))
            }
            return .structure(fields)
        default: return nil
        }
    }

    private static func commonNumeric(_ left: DataType, _ right: DataType) -> DataType? {
        if left.isFloat || right.isFloat {
            return left == .float32 && (right == .float32 || integerBits(right) ?? 64 <= 16)
                || right == .float32 && integerBits(left) ?? 64 <= 16
                ? .float32 : .float64
        }
        if left.isInteger && right.isInteger { return commonInteger(left, right) }
        guard let leftShape = asDecimal(left), let rightShape = asDecimal(right) else {
            return nil
        }
        let scale = max(leftShape.scale, rightShape.scale)
        let whole = max(
            leftShape.precision - leftShape.scale, rightShape.precision - rightShape.scale)
        return EngineType.decimal(min(whole + scale, EngineType.decimalPrecisionMax), scale)
    }

    private static func commonInteger(_ left: DataType, _ right: DataType) -> DataType? {
        guard let leftBits = integerBits(left), let rightBits = integerBits(right) else {
            return nil
        }
        if left.isSignedInteger == right.isSignedInteger {
            return leftBits >= rightBits ? left : right
        }
        let (signed, unsignedBits) =
            left.isSignedInteger ? (leftBits, rightBits) : (rightBits, leftBits)
        switch max(signed, unsignedBits * 2) {
        case ...16: return .int16
        case ...32: return .int32
        case ...64: return .int64
        default: return EngineType.hugeInt
        }
    }

    static func integerBits(_ type: DataType) -> Int? {
        type.isInteger ? type.fixedByteWidth.map { $0 * 8 } : nil
    }

    /// Precision and scale of a decimal that holds all values of an integer or decimal type.
    public static func asDecimal(_ type: DataType) -> (precision: Int, scale: Int)? {
        switch type {
        case .int8, .uint8: (3, 0)
        case .int16, .uint16: (5, 0)
        case .int32, .uint32: (10, 0)
        case .int64: (19, 0)
        case .uint64: (20, 0)
        default: type.decimalShape
        }
    }
}
