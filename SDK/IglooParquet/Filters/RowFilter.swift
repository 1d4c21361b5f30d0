// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooContracts

/// A condition that the reader decides itself, exactly by Igloo's rules: text compares byte-wise,
/// NaN equals NaN and is greater than all, -0 = 0, and what is neither TRUE is left out.
///
/// Columns are indexes into the file's top-level columns; only flat ones can be asked about.
public indirect enum RowFilter: Hashable, Sendable {
    case constant(Bool)
    case all([RowFilter])
    case any([RowFilter])
    case compare(column: Int, FilterOperation, FilterValue)
    case isIn(column: Int, [FilterValue], isNegated: Bool)
    case isNull(column: Int, isNegated: Bool)
    case hasPrefix(column: Int, [UInt8], isNegated: Bool)
    case like(column: Int, TextPieces, isNegated: Bool)
    /// What a running query has learnt; it may be TRUE for more values than are needed.
    case isNeeded(column: Int, MembershipTest)
}

public enum FilterOperation: Hashable, Sendable {
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual

    var negated: FilterOperation {
        switch self {
        case .equal: .notEqual
        case .notEqual: .equal
        case .less: .greaterOrEqual
        case .lessOrEqual: .greater
        case .greater: .lessOrEqual
        case .greaterOrEqual: .less
        }
    }
}

/// A literal in the form in which a column's values are compared.
public enum FilterValue: Hashable, Sendable {
    /// Booleans as 0 and 1, integers, dates and times; decimals unscaled.
    case integer(Int128)
    case float(Double)
    /// Text and binary.
    case bytes([UInt8])
}

extension RowFilter {
    /// The filter for a pushed-down condition over the columns of `schema`.
    ///
    /// - Returns: `nil` for what the reader cannot decide.
    public init?(_ expression: PushdownExpression, _ schema: Schema) {
        guard let filter = FilterCompiler(schema: schema).compile(expression, isNegated: false)
        else { return nil }
        self = filter
    }

    /// Adds the indexes of all columns used.
    public func collectColumns(into columns: inout Set<Int>) {
        switch self {
        case .constant: break
        case .all(let filters), .any(let filters):
            for filter in filters { filter.collectColumns(into: &columns) }
        case .compare(let column, _, _), .isIn(let column, _, _), .isNull(let column, _),
            .hasPrefix(let column, _, _), .like(let column, _, _), .isNeeded(let column, _):
            columns.insert(column)
        }
    }

    /// The indexes of all columns used, ascending.
    var columns: [Int] {
        var columns: Set<Int> = []
        collectColumns(into: &columns)
        return columns.sorted()
    }

    /// The same filter over columns that have other indexes; a column without one is all NULL.
    public func remapped(_ index: (Int) -> Int?) -> RowFilter {
        switch self {
        case .constant: return self
        case .all(let filters): return .all(filters.map { $0.remapped(index) })
        case .any(let filters): return .any(filters.map { $0.remapped(index) })
        case .compare(let column, let operation, let value):
            return index(column).map { .compare(column: $0, operation, value) } ?? .constant(false)
        case .isIn(let column, let values, let isNegated):
            return index(column).map { .isIn(column: $0, values, isNegated: isNegated) }
                ?? .constant(false)
        case .isNull(let column, let isNegated):
            return index(column).map { .isNull(column: $0, isNegated: isNegated) }
                ?? .constant(!isNegated)
        case .hasPrefix(let column, let prefix, let isNegated):
            return index(column).map { .hasPrefix(column: $0, prefix, isNegated: isNegated) }
                ?? .constant(false)
        case .like(let column, let pieces, let isNegated):
            return index(column).map { .like(column: $0, pieces, isNegated: isNegated) }
                ?? .constant(false)
        case .isNeeded(let column, let test):
            return index(column).map { .isNeeded(column: $0, test) } ?? .constant(false)
        }
    }
}

/// Translates conditions, pushing NOT down to the leaves, where it is the opposite comparison.
private struct FilterCompiler {
    let schema: Schema

    func compile(_ expression: PushdownExpression, isNegated: Bool) -> RowFilter? {
        switch expression {
        case .column(let index, .bool):
            guard isFilterable(index, .bool) else { return nil }
            return .compare(column: index, .equal, .integer(isNegated ? 0 : 1))
        case .literal(.bool(let value), _): return .constant(value != isNegated)
        case .literal(.null, _): return .constant(false)
        case .call(let operation, let arguments, _):
            return call(operation, arguments, isNegated)
        default: return nil
        }
    }

    private func call(
        _ operation: PushdownOperation, _ arguments: [PushdownExpression], _ isNegated: Bool
    ) -> RowFilter? {
        switch operation {
        case .and, .or:
            var filters: [RowFilter] = []
            for argument in arguments {
                guard let filter = compile(argument, isNegated: isNegated) else { return nil }
                filters.append(filter)
            }
            return (operation == .and) != isNegated ? .all(filters) : .any(filters)
        case .not:
            return arguments.count == 1 ? compile(arguments[0], isNegated: !isNegated) : nil
        case .isNull:
            guard arguments.count == 1, case .column(let index, _) = arguments[0],
                schema.fields.indices.contains(index)
            else { return nil }
            guard schema.fields[index].type.childFields.isEmpty else { return nil }
            return .isNull(column: index, isNegated: isNegated)
        case .isIn: return isIn(arguments, isNegated)
        case .hasPrefix: return hasPrefix(arguments, isNegated)
        case .like: return like(arguments, isNegated)
        case .isDistinct: return isDistinct(arguments, isNegated)
        default: return comparison(operation, arguments, isNegated)
        }
    }

    private func comparison(
        _ operation: PushdownOperation, _ arguments: [PushdownExpression], _ isNegated: Bool
    ) -> RowFilter? {
        let plain: FilterOperation
        switch operation {
        case .equal: plain = .equal
        case .notEqual: plain = .notEqual
        case .less: plain = .less
        case .lessOrEqual: plain = .lessOrEqual
        case .greater: plain = .greater
        case .greaterOrEqual: plain = .greaterOrEqual
        default: return nil
        }
        guard arguments.count == 2, let (column, type) = column(arguments[0]),
            case .literal(let scalar, let literalType) = arguments[1]
        else { return nil }
        if scalar.isNull { return .constant(false) }
        guard literalType == type, let value = FilterValue(scalar, type) else { return nil }
        return .compare(column: column, isNegated ? plain.negated : plain, value)
    }

    private func isDistinct(_ arguments: [PushdownExpression], _ isNegated: Bool) -> RowFilter? {
        guard arguments.count == 2, let (column, type) = column(arguments[0]),
            case .literal(let scalar, let literalType) = arguments[1]
        else { return nil }
        if scalar.isNull { return .isNull(column: column, isNegated: !isNegated) }
        guard literalType == type, let value = FilterValue(scalar, type) else { return nil }
        if isNegated { return .compare(column: column, .equal, value) }
        return .any([
            .isNull(column: column, isNegated: false), .compare(column: column, .notEqual, value),
        ])
    }

    private func isIn(_ arguments: [PushdownExpression], _ isNegated: Bool) -> RowFilter? {
        guard let first = arguments.first, let (column, type) = column(first) else { return nil }
        var values: [FilterValue] = []
        for argument in arguments.dropFirst() {
            guard case .literal(let scalar, let literalType) = argument else { return nil }
            if scalar.isNull { continue }
            guard literalType == type, let value = FilterValue(scalar, type) else { return nil }
            values.append(value)
        }
        return .isIn(column: column, values, isNegated: isNegated)
    }

    private func hasPrefix(_ arguments: [PushdownExpression], _ isNegated: Bool) -> RowFilter? {
        guard arguments.count == 2, let (column, type) = column(arguments[0]), type == .utf8View,
            case .literal(.text(let prefix), _) = arguments[1]
        else { return nil }
        return .hasPrefix(column: column, Array(prefix.utf8), isNegated: isNegated)
    }

    /// Patterns of pieces between `%`.
    private func like(_ arguments: [PushdownExpression], _ isNegated: Bool) -> RowFilter? {
        guard arguments.count == 2, let (column, type) = column(arguments[0]), type == .utf8View,
            case .literal(.text(let pattern), _) = arguments[1]
        else { return nil }
        guard let pieces = TextPieces(pattern: Array(pattern.utf8)) else { return nil }
        guard pieces.isOpen else {
            return .compare(column: column, isNegated ? .notEqual : .equal, .bytes(pieces.prefix))
        }
        if pieces.isPrefix {
            return .hasPrefix(column: column, pieces.prefix, isNegated: isNegated)
        }
        return .like(column: column, pieces, isNegated: isNegated)
    }

    private func column(_ expression: PushdownExpression) -> (Int, DataType)? {
        guard case .column(let index, let type) = expression, isFilterable(index, type) else {
            return nil
        }
        return (index, type)
    }

    private func isFilterable(_ index: Int, _ type: DataType) -> Bool {
        guard schema.fields.indices.contains(index), schema.fields[index].type == type else {
            return false
        }
        switch type {
        case .bool, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .float32,
            .float64, .decimal64, .decimal128, .date32, .time32, .time64, .timestamp, .utf8View,
            .binaryView:
            return true
        default: return false
        }
    }
}

extension FilterValue {
    /// - Returns: `nil` when the literal is not of the column's type.
    init?(_ scalar: Scalar, _ type: DataType) {
        switch scalar {
        case .bool(let value): self = .integer(value ? 1 : 0)
        case .int(let value): self = .integer(Int128(value))
        case .uint(let value): self = .integer(Int128(value))
        case .decimal(let value): self = .integer(value)
        case .float(let value): self = .float(value)
        case .text(let text): self = .bytes(Array(text.utf8))
        case .binary(let bytes): self = .bytes(bytes)
        default: return nil
        }
        switch self {
        case .integer: if type.isFloat || type.isText || type.isBinary { return nil }
        case .float: if !type.isFloat { return nil }
        case .bytes: if !type.isText && !type.isBinary { return nil }
        }
    }
}

extension FilterValue {
    /// Negative, zero or positive as this value is less than, equal to or greater than the other;
    /// both are of the same column.
    func compared(_ other: FilterValue) -> Int {
        switch (self, other) {
        case (.integer(let left), .integer(let right)):
            return left < right ? -1 : left == right ? 0 : 1
        case (.float(let left), .float(let right)):
            let (a, b) = (FloatOrder.key(left), FloatOrder.key(right))
            return a < b ? -1 : a == b ? 0 : 1
        case (.bytes(let left), .bytes(let right)):
            if left.lexicographicallyPrecedes(right) { return -1 }
            return left == right ? 0 : 1
        default: return 0
        }
    }
}

/// Floats in Igloo's order: NaN is greatest and one, -0 = 0.
enum FloatOrder {
    @inline(__always)
    static func key(_ value: Double) -> Int64 {
        if value != value { return Int64.max }
        // Adding 0 turns -0 into 0.
        let bits = Int64(bitPattern: (value + 0).bitPattern)
        return bits ^ Int64(bitPattern: UInt64(bitPattern: bits &>> 63) &>> 1)
    }

    @inline(__always)
    static func key(_ value: Float) -> Int32 {
        if value != value { return Int32.max }
        let bits = Int32(bitPattern: (value + 0).bitPattern)
        return bits ^ Int32(bitPattern: UInt32(bitPattern: bits &>> 31) &>> 1)
    }
}
