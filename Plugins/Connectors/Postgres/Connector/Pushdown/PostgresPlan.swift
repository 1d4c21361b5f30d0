// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFiles

/// A planned scan: the statement that the server will run for each split.
struct PostgresPlan: Sendable {
    static let tag: UInt8 = 0xD2

    /// A column of the statement's result.
    struct Output: Hashable, Sendable {
        var name: String
        var sql: String
        var type: PostgresType
        var isNullable = true
    }

    var table: PostgresTable
    var outputs: [Output]
    /// The table's columns that the outputs are; `nil` = groups.
    var columns: [Int]?
    /// Conditions joined by AND; "" = none.
    var condition = ""
    /// GROUP BY, ORDER BY and LIMIT, as they stand after the conditions.
    var tail = ""
    /// Whether the rows may come from several statements, each over some pages of the table.
    var canSplit = false

    init(_ table: PostgresTable, outputs: [Output], columns: [Int]? = nil) {
        self.table = table
        self.outputs = outputs
        self.columns = columns
    }

    var schema: Schema {
        Schema(outputs.map { Field($0.name, $0.type.arrow, isNullable: $0.isNullable) })
    }

    /// The statement over the rows of some pages. Without outputs: how many rows there are.
    func statement(_ split: PostgresSplit) -> String {
        let list = outputs.map(\.sql).joined(separator: ", ")
        var conditions = condition.isEmpty ? [] : [condition]
        if let from = split.fromPage { conditions.append("ctid >= '(\(from),0)'::tid") }
        if let to = split.toPage { conditions.append("ctid < '(\(to),0)'::tid") }
        var sql = "SELECT \(list) FROM \(table.from)"
        if !conditions.isEmpty { sql += " WHERE " + conditions.joined(separator: " AND ") }
        sql += tail
        return outputs.isEmpty ? "SELECT count(*) FROM (\(sql)) AS rows" : sql
    }

    // MARK: - Bytes

    func encoded() -> [UInt8] {
        var encoder = HandleEncoder(tag: Self.tag)
        table.encode(into: &encoder)
        encoder.append(unsigned: UInt64(outputs.count))
        for output in outputs {
            encoder.append(output.name)
            encoder.append(output.sql)
            output.type.encode(into: &encoder)
            encoder.append(output.isNullable)
        }
        encoder.append(columns != nil)
        encoder.append(columns ?? [])
        encoder.append(condition)
        encoder.append(tail)
        encoder.append(canSplit)
        return encoder.bytes
    }

    init(handle: [UInt8]) throws(IglooError) {
        var decoder = try HandleDecoder(handle, tag: Self.tag, "postgres plan handle")
        table = try PostgresTable(from: &decoder)
        outputs = []
        for _ in 0..<(try decoder.count()) {
            let (name, sql) = (try decoder.string(), try decoder.string())
            let type = try PostgresType(from: &decoder)
            outputs.append(
                Output(name: name, sql: sql, type: type, isNullable: try decoder.bool()))
        }
        let areRows = try decoder.bool()
        let indexes = try decoder.ints()
        columns = areRows ? indexes : nil
        guard indexes.allSatisfy(table.columns.indices.contains) else {
            throw decoder.malformed("a column that the table has not")
        }
        condition = try decoder.string()
        tail = try decoder.string()
        canSplit = try decoder.bool()
        try decoder.expectEnd()
    }
}

/// The rows of a split: those on some pages, `nil` = no bound, as one snapshot shows them.
struct PostgresSplit: Hashable, Sendable {
    static let tag: UInt8 = 0xD3

    /// A snapshot that another session exported; `nil` = the reader's own.
    var snapshot: String?
    var fromPage: Int64?
    var toPage: Int64?

    init(snapshot: String? = nil, fromPage: Int64? = nil, toPage: Int64? = nil) {
        self.snapshot = snapshot
        self.fromPage = fromPage
        self.toPage = toPage
    }

    func encoded() -> [UInt8] {
        var encoder = HandleEncoder(tag: Self.tag)
        encoder.append(snapshot)
        encoder.append(fromPage)
        encoder.append(toPage)
        return encoder.bytes
    }

    init(payload: [UInt8]) throws(IglooError) {
        var decoder = try HandleDecoder(payload, tag: Self.tag, "postgres split")
        snapshot = try decoder.optionalString()
        fromPage = try decoder.optionalInt64()
        toPage = try decoder.optionalInt64()
        try decoder.expectEnd()
    }
}
