// SPDX-License-Identifier: MIT

internal import IglooArrow
internal import IglooContracts
internal import IglooPlan

// CAST, TRY_CAST and ::.
extension Binder {
    func bindCast(
        _ value: BoundExpression, _ name: TypeName, _ isTry: Bool, _ range: SourceRange
    ) throws(IglooError) -> BoundExpression {
        let type = try self.type(name, of: value)
        if let text = value.openText {
            if isTry {
                switch ConstantText.value(text, as: type) {
                case .value(let scalar): return BoundExpression(.literal(scalar, type), range)
                case .malformed, .outOfRange: return BoundExpression(.null(type), range)
                case .unknown: break
                }
                return BoundExpression(.cast(value.expression, type, isTry: true), range)
            }
            return BoundExpression(try retyped(value, as: type), range)
        }
        if value.type == type { return BoundExpression(value.expression, range) }
        guard Self.isCastable(value.type, type) else {
            throw IglooError(
                .invalidArgument,
                "cannot cast type \(value.type.sqlName) to \(type.sqlName)",
                sqlState: SQLState(rawValue: "42846"), position: range.start)
        }
        if case .literal(let scalar, let from) = value.expression,
            let constant = Constant.converted(scalar, from: from, to: type)
        {
            return BoundExpression(.literal(constant, type), range)
        }
        return BoundExpression(.cast(value.expression, type, isTry: isTry), range)
    }

    /// Whether an explicit cast exists. Everything casts to and from text.
    static func isCastable(_ from: DataType, _ to: DataType) -> Bool {
        if from == to || from == .null || from.isText || to.isText { return true }
        if from.isNumeric && (to.isNumeric || to == .bool) { return true }
        if from == .bool && to.isNumeric { return true }
        switch (from, to) {
        case (_, .logical(.json)), (_, .logical(.jsonb)): return true
        case (.logical(.json), _), (.logical(.jsonb), _): return isCastable(.utf8View, to)
        case (.logical(.uuid), .binaryView), (.binaryView, .logical(.uuid)): return true
        case (.logical(.inet), .logical(.cidr)), (.logical(.cidr), .logical(.inet)): return true
        case (.logical(.enumeration), .logical(.enumeration)): return true
        case (.time64, .logical(.timetz)), (.timestamp(_, .some), .logical(.timetz)),
            (.logical(.timetz), .time64):
            return true
        case (.date32, .timestamp), (.timestamp, .date32), (.timestamp, .timestamp),
            (.timestamp, .time64), (.time64, .interval), (.interval, .time64):
            return true
        case (.list(let from), .list(let to)): return isCastable(from.type, to.type)
        case (.structure(let from), .structure(let to)):
            return from.count == to.count
                && zip(DataType.fieldPlaces(from, to), to).allSatisfy {
                    isCastable(from[$0].type, $1.type)
                }
        default: return false
        }
    }
}
