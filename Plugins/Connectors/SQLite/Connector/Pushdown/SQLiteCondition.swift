// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// A condition in SQLite's SQL, with how far it says the same as Igloo's.
struct SQLiteCondition {
    var sql: String
    var values: [SQLiteValue]
    /// Exact: true for the same rows. Inexact: true for them and perhaps for more.
    var verdict: Verdict
}

/// Why a step is left to the host.
struct SQLiteRefusal: Error {
    var reason: String
    init(_ reason: String) { self.reason = reason }
}

/// Translates conditions into SQLite's SQL.
///
/// What SQLite compares is what is stored. That says the same as Igloo's comparison for integers,
/// for doubles (which hold no NaN here: SQLite stores NULL for it), for text in byte order
/// (`COLLATE BINARY` is written out, whatever the column's own collation), for blobs and for dates,
/// of which only the form YYYY-MM-DD is read. Timestamps, decimals and booleans may be stored in
/// several forms: their conditions are widened until they surely hold for every row that is meant.
/// Values that do not fit their column end the statement anyway when they are read; with
/// `on_mismatch = null` they would not, so nothing is pushed down.
struct SQLiteConditionWriter {
    private static let listCountMax = 500
    private static let patternByteCountMax = 10_000

    let table: SQLiteTable

    func condition(_ expression: PushdownExpression) throws(SQLiteRefusal) -> SQLiteCondition {
        guard table.policy != .null else {
            throw SQLiteRefusal("on_mismatch = null: SQLite does not see the NULLs")
        }
        switch expression {
        case .column(let index, .bool):
            return try boolean(index, true)
        case .literal(.bool(let flag), _):
            return SQLiteCondition(sql: flag ? "1" : "0", values: [], verdict: .exact)
        case .call(let operation, let arguments, _):
            return try call(operation, arguments)
        default: throw SQLiteRefusal("not a condition SQLite knows")
        }
    }

    private func call(
        _ operation: PushdownOperation, _ arguments: [PushdownExpression]
    ) throws(SQLiteRefusal) -> SQLiteCondition {
        switch operation {
        case .and: return try joined(arguments, " AND ")
        case .or: return try joined(arguments, " OR ")
        case .not where arguments.count == 1:
            let inner = try condition(arguments[0])
            guard inner.verdict == .exact else {
                throw SQLiteRefusal("the opposite of an inexact condition would lose rows")
            }
            return SQLiteCondition(
                sql: "NOT (\(inner.sql))", values: inner.values, verdict: .exact)
        case .isNull where arguments.count == 1:
            let column = try column(arguments[0])
            return SQLiteCondition(sql: "\(quoted(column)) IS NULL", values: [], verdict: .exact)
        case .isIn: return try membership(arguments)
        case .like: return try like(arguments)
        case .hasPrefix: return try prefix(arguments)
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .isDistinct:
            return try comparison(operation, arguments)
        default: throw SQLiteRefusal("an operation that is not pushed down")
        }
    }

    private func joined(
        _ arguments: [PushdownExpression], _ word: String
    ) throws(SQLiteRefusal) -> SQLiteCondition {
        guard !arguments.isEmpty else { throw SQLiteRefusal("an empty condition") }
        var parts: [String] = []
        var whole = SQLiteCondition(sql: "", values: [], verdict: .exact)
        for argument in arguments {
            let part = try condition(argument)
            parts.append("(\(part.sql))")
            whole.values += part.values
            whole.verdict = min(whole.verdict, part.verdict)
        }
        whole.sql = parts.joined(separator: word)
        return whole
    }

    // MARK: - Operands

    func column(_ expression: PushdownExpression) throws(SQLiteRefusal) -> SQLiteColumn {
        guard case .column(let index, _) = expression else {
            throw SQLiteRefusal("an expression over columns")
        }
        guard index >= 0, index < table.columns.count else {
            throw SQLiteRefusal("no such column")
        }
        return table.columns[index]
    }

    private func quoted(_ column: SQLiteColumn) -> String { SQLiteText.identifier(column.name) }

    /// A column as an operand of comparisons.
    func operand(_ column: SQLiteColumn) -> String {
        guard column.type == .utf8View else {
            return column.type == .date32 ? quoted(column) + " COLLATE BINARY" : quoted(column)
        }
        // Where SQLite keeps numbers as such, they are read as text and must be compared as text.
        let text =
            column.hasTextAffinity ? quoted(column) : "CAST(\(quoted(column)) AS TEXT)"
        return text + " COLLATE BINARY"
    }

    /// A literal of a column whose stored form is the value itself.
    private func literal(
        _ expression: PushdownExpression, _ column: SQLiteColumn
    ) throws(SQLiteRefusal) -> SQLiteValue {
        guard case .literal(let scalar, let type) = expression, type == column.type else {
            throw SQLiteRefusal("a comparison of two types")
        }
        switch (scalar, column.type) {
        case (.int(let value), .int64): return .integer(value)
        case (.float(let value), .float64) where !value.isNaN: return .double(value)
        case (.text(let text), .utf8View): return .text(text)
        case (.binary(let bytes), .binaryView): return .blob(bytes)
        case (.int(let days), .date32):
            guard let text = SQLiteDate.text(days: days) else {
                throw SQLiteRefusal("a date outside of the years 0000 to 9999")
            }
            return .text(text)
        default: throw SQLiteRefusal("\(column.declared) may be stored in several forms")
        }
    }

    // MARK: - Comparisons

    private func comparison(
        _ operation: PushdownOperation, _ arguments: [PushdownExpression]
    ) throws(SQLiteRefusal) -> SQLiteCondition {
        guard arguments.count == 2 else { throw SQLiteRefusal("a malformed comparison") }
        let column = try column(arguments[0])
        if case .column = arguments[1] {
            return try columns(operation, column, try self.column(arguments[1]))
        }
        switch column.type {
        case .bool: return try booleanComparison(operation, arguments)
        case .timestamp, .decimal64, .decimal128:
            return try widened(operation, column, arguments[1])
        default: break
        }
        let value = try literal(arguments[1], column)
        let sign = try sign(operation, column)
        return SQLiteCondition(
            sql: "\(operand(column)) \(sign) ?", values: [value], verdict: .exact)
    }

    private func sign(
        _ operation: PushdownOperation, _ column: SQLiteColumn
    ) throws(SQLiteRefusal) -> String {
        let sign =
            switch operation {
            case .equal: "="
            case .notEqual: "<>"
            case .less: "<"
            case .lessOrEqual: "<="
            case .greater: ">"
            case .greaterOrEqual: ">="
            default: "IS NOT"
            }
        let isRange = sign.contains("<") && sign != "<>" || sign.contains(">") && sign != "<>"
        if isRange && column.type == .utf8View && !table.isUTF8 {
            throw SQLiteRefusal("the database is UTF-16, whose order of text is another")
        }
        return sign
    }

    private func columns(
        _ operation: PushdownOperation, _ left: SQLiteColumn, _ right: SQLiteColumn
    ) throws(SQLiteRefusal) -> SQLiteCondition {
        guard left.type == right.type,
            [.int64, .float64, .utf8View, .date32, .binaryView].contains(left.type)
        else { throw SQLiteRefusal("a comparison of columns stored in different forms") }
        let sign = try sign(operation, left)
        return SQLiteCondition(
            sql: "\(operand(left)) \(sign) \(operand(right))", values: [], verdict: .exact)
    }

    private func membership(
        _ arguments: [PushdownExpression]
    ) throws(SQLiteRefusal) -> SQLiteCondition {
        guard let first = arguments.first else { throw SQLiteRefusal("an empty list") }
        let column = try column(first)
        guard arguments.count <= Self.listCountMax + 1 else {
            throw SQLiteRefusal("a list of more than \(Self.listCountMax) values")
        }
        var values: [SQLiteValue] = []
        for argument in arguments.dropFirst() { values.append(try literal(argument, column)) }
        guard !values.isEmpty else { throw SQLiteRefusal("an empty list") }
        let marks = values.map { _ in "?" }.joined(separator: ", ")
        return SQLiteCondition(
            sql: "\(operand(column)) IN (\(marks))", values: values, verdict: .exact)
    }

    // MARK: - Text

    private func textOperands(
        _ arguments: [PushdownExpression]
    ) throws(SQLiteRefusal) -> (SQLiteColumn, String) {
        guard arguments.count >= 2 else { throw SQLiteRefusal("a malformed condition") }
        let column = try column(arguments[0])
        guard column.type == .utf8View, case .literal(.text(let text), _) = arguments[1],
            text.utf8.count <= Self.patternByteCountMax
        else { throw SQLiteRefusal("a pattern that is no text, or a very long one") }
        return (column, text)
    }

    private func prefix(
        _ arguments: [PushdownExpression]
    ) throws(SQLiteRefusal) -> SQLiteCondition {
        let (column, text) = try textOperands(arguments)
        guard table.isUTF8, !text.isEmpty else {
            throw SQLiteRefusal("the database is UTF-16, or the prefix is empty")
        }
        var sql = "\(operand(column)) >= ?"
        var values = [SQLiteValue.text(text)]
        if let next = Self.successor(text) {
            sql += " AND \(operand(column)) < ?"
            values.append(.text(next))
        }
        return SQLiteCondition(sql: sql, values: values, verdict: .exact)
    }

    /// The least text that is greater than all that begin with `text`.
    private static func successor(_ text: String) -> String? {
        var scalars = Array(text.unicodeScalars)
        while let last = scalars.popLast() {
            let next = last.value == 0xD7FF ? 0xE000 : last.value + 1
            if let scalar = Unicode.Scalar(next) {
                var text = ""
                text.unicodeScalars.append(contentsOf: scalars)
                text.unicodeScalars.append(scalar)
                return text
            }
        }
        return nil
    }

    /// SQLite's LIKE ignores case; GLOB does not. It stops at a zero byte, hence the widening.
    private func like(_ arguments: [PushdownExpression]) throws(SQLiteRefusal) -> SQLiteCondition {
        let (column, pattern) = try textOperands(arguments)
        var escape: Unicode.Scalar? = "\\"
        if arguments.count > 2 {
            guard case .literal(.text(let text), _) = arguments[2],
                text.unicodeScalars.count <= 1
            else { throw SQLiteRefusal("an escape that is no character") }
            escape = text.unicodeScalars.first
        }
        guard let glob = Self.glob(pattern, escape) else {
            throw SQLiteRefusal("a pattern that ends with its escape")
        }
        let operand = operand(column)
        return SQLiteCondition(
            sql: "(\(operand) GLOB ? OR instr(\(operand), char(0)) > 0)", values: [.text(glob)],
            verdict: .inexact)
    }

    private static func glob(_ pattern: String, _ escape: Unicode.Scalar?) -> String? {
        var glob = ""
        var isEscaped = false
        for scalar in pattern.unicodeScalars {
            if !isEscaped && scalar == escape {
                isEscaped = true
                continue
            }
            if !isEscaped && scalar == "%" {
                glob += "*"
            } else if !isEscaped && scalar == "_" {
                glob += "?"
            } else if "*?[".unicodeScalars.contains(scalar) {
                glob += "[\(scalar)]"
            } else {
                glob.unicodeScalars.append(scalar)
            }
            isEscaped = false
        }
        return isEscaped ? nil : glob
    }
}
