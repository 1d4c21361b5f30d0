// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Conditions over a scan's columns in the language that is offered to sources.
///
/// Columns have the source's own types there, and literals the type of the column they are
/// compared with; what cannot be said exactly in these types is not offered.
struct PushdownTranslation {
    private let indexes: [ColumnId: Int]
    private let schema: Schema
    private static let listCountMax = 10_000

    init(_ scan: Scan) {
        self.init(scan.table.schema, zip(scan.columns.map(\.id), scan.tableColumns))
    }

    /// - Parameter indexes: the columns' places in the schema.
    init(_ schema: Schema, _ indexes: some Sequence<(ColumnId, Int)>) {
        self.schema = schema
        self.indexes = Dictionary(indexes, uniquingKeysWith: { first, _ in first })
    }

    func expression(_ expression: Expression) -> PushdownExpression? {
        switch expression {
        case .column(_, .bool): return column(expression)
        case .call(let name, let arguments, _): return call(name, arguments)
        case .isIn(let value, let list, let isNegated):
            guard let isIn = isIn(value, list) else { return nil }
            return isNegated ? .call(.not, [isIn], .bool) : isIn
        default: return nil
        }
    }

    func column(_ expression: Expression) -> PushdownExpression? {
        guard case .column(_, let type) = expression, let column = sourceColumn(expression)
        else { return nil }
        // Such values are ordered otherwise than what the source has in their place.
        return !type.hasLogicalType || column.type == type ? column : nil
    }

    private func sourceColumn(_ expression: Expression) -> PushdownExpression? {
        guard case .column(let id, _) = expression, let index = indexes[id] else { return nil }
        return .column(index, schema.fields[index].type)
    }

    /// A column where only equality matters: its text is equal where its values are.
    private func equatable(_ expression: Expression) -> PushdownExpression? {
        switch expression.type {
        // Their text is not the same everywhere.
        case .logical(.inet), .logical(.cidr), .logical(.timetz): column(expression)
        default: column(expression) ?? sourceColumn(expression)
        }
    }

    private func call(_ name: String, _ arguments: [Expression]) -> PushdownExpression? {
        switch name {
        case "and", "or", "not":
            var parts: [PushdownExpression] = []
            for argument in arguments {
                guard let part = expression(argument) else { return nil }
                parts.append(part)
            }
            return .call(name == "and" ? .and : name == "or" ? .or : .not, parts, .bool)
        case "is_null":
            return sourceColumn(arguments[0]).map { .call(.isNull, [$0], .bool) }
        case "is_not_null":
            return sourceColumn(arguments[0]).map {
                .call(.not, [.call(.isNull, [$0], .bool)], .bool)
            }
        case "like": return text(.like, arguments)
        case "starts_with": return text(.hasPrefix, arguments)
        default: return comparison(name, arguments)
        }
    }

    private func comparison(_ name: String, _ sides: [Expression]) -> PushdownExpression? {
        let operations: [String: PushdownOperation] = [
            "=": .equal, "<>": .notEqual, "<": .less, "<=": .lessOrEqual, ">": .greater,
            ">=": .greaterOrEqual, "is_distinct_from": .isDistinct,
        ]
        guard let operation = operations[name] else { return nil }
        let isEquality = name == "=" || name == "<>" || name == "is_distinct_from"
        let isUUID = isEquality && sides.allSatisfy { $0.type == .uuid }
        if let left = isUUID ? equatable(sides[0]) : widened(sides[0]),
            let right = isUUID ? equatable(sides[1]) : widened(sides[1])
        {
            return left.type == right.type ? .call(operation, [left, right], .bool) : nil
        }
        guard let left = isEquality ? equatable(sides[0]) : column(sides[0]) else { return nil }
        guard let right = literal(sides[1], as: left.type) else { return nil }
        return .call(operation, [left, right], .bool)
    }

    /// A column, or one of integers as a wider integer.
    private func widened(_ expression: Expression) -> PushdownExpression? {
        guard case .cast(let operand, let type, false) = expression else {
            return column(expression)
        }
        guard let column = column(operand), let width = column.type.signedBitCount,
            let wanted = type.signedBitCount, wanted > width
        else { return nil }
        return .call(.cast, [column], type)
    }

    private func text(
        _ operation: PushdownOperation, _ arguments: [Expression]
    ) -> PushdownExpression? {
        guard let value = column(arguments[0]), Self.valueType(value.type).isText else {
            return nil
        }
        var parts = [value]
        for argument in arguments.dropFirst() {
            guard let part = literal(argument, as: value.type) else { return nil }
            parts.append(part)
        }
        return .call(operation, parts, .bool)
    }

    private func isIn(_ value: Expression, _ list: [Expression]) -> PushdownExpression? {
        guard let column = equatable(value), list.count <= Self.listCountMax else { return nil }
        var parts = [column]
        for element in list {
            // NULL in the list makes "not among them" unknown: that is more than sources are told.
            guard let part = literal(element, as: column.type) else { return nil }
            parts.append(part)
        }
        return .call(.isIn, parts, .bool)
    }

    // MARK: - Literals

    static func valueType(_ type: DataType) -> DataType {
        if case .dictionary(_, let value, _) = type { return value }
        return type
    }

    private func literal(_ expression: Expression, as columnType: DataType) -> PushdownExpression? {
        guard case .literal(let value, let type) = expression, !value.isNull else { return nil }
        let wanted = Self.valueType(columnType)
        return Self.converted(value, type, wanted).map { .literal($0, wanted) }
    }

    private static func converted(
        _ value: Scalar, _ type: DataType, _ wanted: DataType
    ) -> Scalar? {
        if type == wanted { return value }
        if case .logical(let type) = type { return exported(value, type, wanted) }
        if type.isText && wanted.isText { return value }
        switch (type, wanted) {
        case (.binaryView, .binary), (.binaryView, .largeBinary): return value
        case (.float64, .float32), (.float32, .float16):
            guard case .float(let number) = value, Double(Float(number)) == number else {
                return nil
            }
            return value
        case (.timestamp(let from, let fromZone), .timestamp(let to, let toZone)):
            guard (fromZone == nil) == (toZone == nil), case .int(let ticks) = value else {
                return nil
            }
            return rescaled(ticks, from, to).map { .int($0) }
        case (.time64(let from), .time64(let to)), (.time64(let from), .time32(let to)):
            guard case .int(let ticks) = value else { return nil }
            return rescaled(ticks, from, to).map { .int($0) }
        default:
            if type.isDecimal || type.isInteger, wanted.isDecimal || wanted.isInteger {
                return CastUnwrapping.narrowed(value, from: type, to: wanted)
            }
            return nil
        }
    }

    /// As the source has it: text, or for a uuid 16 bytes.
    private static func exported(
        _ value: Scalar, _ type: LogicalType, _ wanted: DataType
    ) -> Scalar? {
        if wanted.isText { return LogicalText.text(value, type).map { .text($0) } }
        guard type == .uuid, wanted == .fixedSizeBinary(byteCount: 16),
            case .decimal(let number) = value
        else { return nil }
        let bits = UUIDText.bits(number)
        return .binary((0..<16).map { UInt8(truncatingIfNeeded: bits >> UInt128(120 - 8 * $0)) })
    }

    private static func rescaled(_ ticks: Int64, _ from: TimeUnit, _ to: TimeUnit) -> Int64? {
        if to.unitsPerSecond >= from.unitsPerSecond {
            let (product, overflow) = ticks.multipliedReportingOverflow(
                by: to.unitsPerSecond / from.unitsPerSecond)
            return overflow ? nil : product
        }
        let factor = from.unitsPerSecond / to.unitsPerSecond
        return ticks % factor == 0 ? ticks / factor : nil
    }
}

extension DataType {
    /// Of signed integers.
    fileprivate var signedBitCount: Int? {
        switch self {
        case .int8: 8
        case .int16: 16
        case .int32: 32
        case .int64: 64
        default: nil
        }
    }
}
