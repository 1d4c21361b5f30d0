// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFiles

/// A planned scan: the statement that SQLite will run for each split.
struct SQLitePlan: Sendable {
    static let tag: UInt8 = 0xE2

    var table: SQLiteTable
    var columns: [Int]
    /// Groups in the place of the table's rows; the columns are none then.
    var grouping: SQLiteGrouping?
    /// Conditions in SQL, joined by AND; "" = none.
    var condition = ""
    var values: [SQLiteValue] = []
    /// The keys of ORDER BY; "" = none.
    var order = ""
    var limit: Int64?

    var schema: Schema { grouping?.schema ?? table.schema.projected(columns) }

    /// Whether the rows may come from several statements.
    var canSplit: Bool {
        order.isEmpty && limit == nil && grouping == nil && table.rowIdName != nil
    }

    init(table: SQLiteTable, columns: [Int]) {
        self.table = table
        self.columns = columns
    }

    /// The statement over the rows of a range of row ids, with its parameters.
    func statement(_ range: SQLiteRange) -> (sql: String, values: [SQLiteValue]) {
        var names = columns.map { SQLiteText.identifier(table.columns[$0].name) }
        if let grouping { names = grouping.expressions }
        if names.isEmpty { names = ["1"] }
        if let rowId = table.rowIdName, readsRowId { names.append(rowId) }
        var sql =
            "SELECT \(names.joined(separator: ", "))"
            + " FROM main.\(SQLiteText.identifier(table.name))"
        var conditions: [String] = []
        var parameters: [SQLiteValue] = []
        if let rowId = table.rowIdName {
            if let above = range.above {
                conditions.append("\(rowId) > ?")
                parameters.append(.integer(above))
            }
            if let upTo = range.upTo {
                conditions.append("\(rowId) <= ?")
                parameters.append(.integer(upTo))
            }
        }
        if !condition.isEmpty { conditions.append("(\(condition))") }
        if !conditions.isEmpty { sql += " WHERE " + conditions.joined(separator: " AND ") }
        if let grouping { sql += grouping.clause }
        if !order.isEmpty { sql += " ORDER BY " + order }
        if let limit { sql += " LIMIT \(limit)" }
        return (sql, (grouping?.values ?? []) + parameters + values)
    }

    /// The row id is read beside the columns, to tell where a value that does not fit stands.
    var readsRowId: Bool { table.rowIdName != nil && !columns.isEmpty && grouping == nil }

    /// The statement with its parameters written out, for EXPLAIN.
    var text: String {
        let (sql, values) = statement(SQLiteRange())
        var parts = sql.split(separator: "?", omittingEmptySubsequences: false)
        guard parts.count == values.count + 1 else { return sql }
        var text = String(parts.removeFirst())
        for (value, part) in zip(values, parts) { text += SQLiteText.literal(value) + part }
        return text
    }

    // MARK: - Bytes

    func encoded() throws(IglooError) -> [UInt8] {
        var encoder = HandleEncoder(tag: Self.tag)
        try table.encode(into: &encoder)
        encoder.append(columns)
        encoder.append(condition)
        encoder.append(values)
        encoder.append(grouping != nil)
        try grouping?.encode(into: &encoder)
        encoder.append(order)
        encoder.append(limit)
        return encoder.bytes
    }

    init(handle: [UInt8]) throws(IglooError) {
        var decoder = try HandleDecoder(handle, tag: Self.tag, "sqlite plan handle")
        table = try SQLiteTable(from: &decoder)
        columns = try decoder.ints()
        for column in columns where column < 0 || column >= table.columns.count {
            throw decoder.malformed("there is no column \(column)")
        }
        condition = try decoder.string()
        values = try decoder.sqliteValues()
        if try decoder.bool() { grouping = try SQLiteGrouping(from: &decoder) }
        order = try decoder.string()
        limit = try decoder.optionalInt64()
        try decoder.expectEnd()
    }
}

/// The rows of a split: those with a row id above one bound, up to another; `nil` = no bound.
struct SQLiteRange: Hashable, Sendable {
    static let tag: UInt8 = 0xE3

    var above: Int64?
    var upTo: Int64?

    init(above: Int64? = nil, upTo: Int64? = nil) {
        self.above = above
        self.upTo = upTo
    }

    func encoded() -> [UInt8] {
        var encoder = HandleEncoder(tag: Self.tag)
        encoder.append(above)
        encoder.append(upTo)
        return encoder.bytes
    }

    init(payload: [UInt8]) throws(IglooError) {
        var decoder = try HandleDecoder(payload, tag: Self.tag, "sqlite split")
        above = try decoder.optionalInt64()
        upTo = try decoder.optionalInt64()
        try decoder.expectEnd()
    }
}

extension HandleEncoder {
    mutating func append(_ values: [SQLiteValue]) {
        append(unsigned: UInt64(values.count))
        for value in values {
            switch value {
            case .integer(let number):
                append(UInt8(0))
                append(number)
            case .double(let number):
                append(UInt8(1))
                append(number)
            case .text(let text):
                append(UInt8(2))
                append(text)
            case .blob(let bytes):
                append(UInt8(3))
                append(blob: bytes)
            }
        }
    }
}

extension HandleDecoder {
    mutating func sqliteValues() throws(IglooError) -> [SQLiteValue] {
        var values: [SQLiteValue] = []
        for _ in 0..<(try count()) {
            switch try byte() {
            case 0: values.append(.integer(try int64()))
            case 1: values.append(.double(try double()))
            case 2: values.append(.text(try string()))
            case 3: values.append(.blob(try blob()))
            case let other: throw malformed("\(other) is no kind of value")
            }
        }
        return values
    }
}
