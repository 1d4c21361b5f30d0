// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Why a step is left to the host.
struct PostgresRefusal: Error {
    var reason: String
    init(_ reason: String) { self.reason = reason }
}

/// Translates conditions into PostgreSQL's SQL, each exactly.
///
/// PostgreSQL compares numbers, dates and instants as Igloo does (NaN is greatest and equals
/// itself, -0 = 0). Text is equal byte by byte unless its collation is nondeterministic, but its
/// order follows the collation: wherever the two differ, `COLLATE "C"` is written out. What is read
/// as the text of another type (uuid, json, char(n)) is compared as that text.
struct PostgresConditionWriter {
    private static let listCountMax = 10_000
    private static let textByteCountMax = 100_000

    let table: PostgresTable

    func condition(_ expression: PushdownExpression) throws(PostgresRefusal) -> String {
        switch expression {
        case .column(_, .bool): return try operand(try column(expression))
        case .literal(.bool(let flag), _): return flag ? "TRUE" : "FALSE"
        case .call(let operation, let arguments, _): return try call(operation, arguments)
        default: throw PostgresRefusal("not a condition that is pushed down")
        }
    }

    private func call(
        _ operation: PushdownOperation, _ arguments: [PushdownExpression]
    ) throws(PostgresRefusal) -> String {
        switch operation {
        case .and: return try joined(arguments, " AND ")
        case .or: return try joined(arguments, " OR ")
        case .not where arguments.count == 1: return "NOT (\(try condition(arguments[0])))"
        case .isNull where arguments.count == 1:
            return try column(arguments[0]).reference + " IS NULL"
        case .isIn: return try membership(arguments)
        case .like: return try like(arguments)
        case .hasPrefix:
            let (operand, text) = try textOperands(arguments)
            return "starts_with(\(operand), \(text[0]))"
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .isDistinct:
            return try comparison(operation, arguments)
        default: throw PostgresRefusal("an operation that is not pushed down")
        }
    }

    private func joined(
        _ arguments: [PushdownExpression], _ word: String
    ) throws(PostgresRefusal) -> String {
        guard !arguments.isEmpty else { throw PostgresRefusal("an empty condition") }
        var parts: [String] = []
        for argument in arguments { parts.append("(\(try condition(argument)))") }
        return parts.joined(separator: word)
    }

    // MARK: - Operands

    func column(_ expression: PushdownExpression) throws(PostgresRefusal) -> PostgresColumn {
        guard case .column(let index, _) = expression else {
            throw PostgresRefusal("an expression over columns")
        }
        guard index >= 0, index < table.columns.count else {
            throw PostgresRefusal("no such column")
        }
        return table.columns[index]
    }

    /// A column where only equality matters.
    private func operand(_ column: PostgresColumn) throws(PostgresRefusal) -> String {
        switch column.type {
        case .interval, .array, .roundedNumeric:
            throw PostgresRefusal("\(column.declared) does not compare as it does here")
        default: break
        }
        return column.selected + (column.collation == .coarse ? Self.bytewise : "")
    }

    private static let bytewise = " COLLATE \"C\""

    /// A column where order matters, also as a key of ORDER BY, GROUP BY and for min and max.
    func orderedOperand(_ column: PostgresColumn) throws(PostgresRefusal) -> String {
        let operand = try operand(column)
        guard column.type == .text || column.type == .castText else { return operand }
        guard table.isUTF8 else {
            throw PostgresRefusal("collation: the database is not in UTF-8")
        }
        // An index on the column itself is of use only where its collation is this one.
        let isPlain = column.collation == .bytes && column.type == .text
        return isPlain || column.collation == .coarse ? operand : operand + Self.bytewise
    }

    private func literal(
        _ expression: PushdownExpression, _ column: PostgresColumn
    ) throws(PostgresRefusal) -> String {
        guard case .literal(let scalar, let type) = expression, type == column.type.arrow else {
            throw PostgresRefusal("a comparison of two types")
        }
        guard let sql = PostgresLiteral.sql(scalar, column.type),
            sql.utf8.count <= Self.textByteCountMax
        else { throw PostgresRefusal("a literal that \(column.declared) does not have") }
        return sql
    }

    // MARK: - Comparisons

    private func comparison(
        _ operation: PushdownOperation, _ arguments: [PushdownExpression]
    ) throws(PostgresRefusal) -> String {
        guard arguments.count == 2 else { throw PostgresRefusal("a malformed comparison") }
        let left = try widened(arguments[0])
        let (sign, isOrdered) = Self.sign(operation)
        if arguments[1].isColumn {
            let right = try widened(arguments[1])
            guard left.type == right.type || left.isInteger && right.isInteger else {
                throw PostgresRefusal("type: \(left.declared) and \(right.declared)")
            }
            // As uuids they compare as their texts do, and indexes are of use.
            if left.isUUID && right.isUUID {
                return "\(left.reference) \(sign) \(right.reference)"
            }
            var sides =
                isOrdered
                ? (try orderedOperand(left), try orderedOperand(right))
                : (try operand(left), try operand(right))
            // Where the columns' collations differ, the server wants to be told which one counts.
            let isText = left.type == .text || left.type == .castText
            if isText && !sides.0.hasSuffix(Self.bytewise) { sides.0 += Self.bytewise }
            return "\(sides.0) \(sign) \(sides.1)"
        }
        if left.isUUID, let uuid = Self.uuid(arguments[1]) {
            return "\(left.reference) \(sign) '\(uuid)'::uuid"
        }
        let operand = isOrdered ? try orderedOperand(left) : try operand(left)
        return "\(operand) \(sign) \(try literal(arguments[1], left))"
    }

    /// A column, or one of integers as a wider integer: integers of any width compare by value.
    private func widened(
        _ expression: PushdownExpression
    ) throws(PostgresRefusal) -> PostgresColumn {
        guard case .call(.cast, let arguments, let type) = expression, arguments.count == 1 else {
            return try column(expression)
        }
        let column = try column(arguments[0])
        guard column.isInteger, type == .int64 || type == .int32 && column.type == .int16 else {
            throw PostgresRefusal("a cast that is not pushed down")
        }
        return column
    }

    private static func sign(_ operation: PushdownOperation) -> (String, isOrdered: Bool) {
        switch operation {
        case .equal: ("=", false)
        case .notEqual: ("<>", false)
        case .less: ("<", true)
        case .lessOrEqual: ("<=", true)
        case .greater: (">", true)
        case .greaterOrEqual: (">=", true)
        default: ("IS DISTINCT FROM", false)
        }
    }

    /// A text that is what a uuid is written as, so that both compare alike.
    private static func uuid(_ expression: PushdownExpression) -> String? {
        guard case .literal(.text(let text), _) = expression, text.utf8.count == 36 else {
            return nil
        }
        for (index, byte) in text.utf8.enumerated() {
            let isHyphen = [8, 13, 18, 23].contains(index)
            let isDigit = (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
            guard isHyphen ? byte == 0x2D : isDigit else { return nil }
        }
        return text
    }

    private func membership(
        _ arguments: [PushdownExpression]
    ) throws(PostgresRefusal) -> String {
        guard arguments.count > 1, arguments.count <= Self.listCountMax else {
            throw PostgresRefusal("a list that is empty or has more than \(Self.listCountMax)")
        }
        let column = try column(arguments[0])
        var values: [String] = []
        for argument in arguments.dropFirst() {
            if column.isUUID, let uuid = Self.uuid(argument) {
                values.append("'\(uuid)'::uuid")
            } else if column.isUUID {
                throw PostgresRefusal("a text that is no uuid")
            } else {
                values.append(try literal(argument, column))
            }
        }
        let operand =
            column.isUUID ? column.reference : try operand(column)
        return "\(operand) IN (\(values.joined(separator: ", ")))"
    }

    // MARK: - Text

    private func textOperands(
        _ arguments: [PushdownExpression]
    ) throws(PostgresRefusal) -> (operand: String, literals: [String]) {
        guard arguments.count >= 2 else { throw PostgresRefusal("a malformed condition") }
        let column = try column(arguments[0])
        guard column.type == .text || column.type == .castText else {
            throw PostgresRefusal("\(column.declared) is no text")
        }
        var literals: [String] = []
        for argument in arguments.dropFirst() { literals.append(try literal(argument, column)) }
        return (try operand(column), literals)
    }

    /// LIKE compares code points, whatever the (deterministic) collation; the escape is a
    /// backslash here as there.
    private func like(_ arguments: [PushdownExpression]) throws(PostgresRefusal) -> String {
        guard table.isUTF8 else {
            throw PostgresRefusal("collation: the database is not in UTF-8")
        }
        let (operand, literals) = try textOperands(arguments)
        guard literals.count <= 2 else { throw PostgresRefusal("a malformed condition") }
        return "\(operand) LIKE \(literals[0])"
            + (literals.count == 2 ? " ESCAPE \(literals[1])" : "")
    }
}

extension PushdownExpression {
    /// A column, possibly as another type.
    fileprivate var isColumn: Bool {
        switch self {
        case .column: true
        case .call(.cast, let arguments, _): arguments.count == 1 && arguments[0].isColumn
        default: false
        }
    }
}

extension PostgresColumn {
    fileprivate var isInteger: Bool { type == .int16 || type == .int32 || type == .int64 }
}
