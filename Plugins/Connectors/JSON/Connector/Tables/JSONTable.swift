// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFiles

/// How the records of a file stand in it.
enum JSONLayout: UInt8, Sendable {
    /// One value a line.
    case lines
    /// One array, whose elements are the records.
    case array
    /// Values one after the other, each over any number of lines; also a single one.
    case values
}

enum JSONErrorPolicy: UInt8, Sendable {
    case fail, skip, null
}

/// All that readers must know of a table, carried in its handle.
struct JSONTable: Sendable {
    static let tag: UInt8 = 0xD1

    var schema = Schema([])
    /// Records are objects, whose fields are the columns; else each is the one column `json`.
    var hasObjects = true
    var isGuessed = true
    var policy = JSONErrorPolicy.fail
    /// `nil`: told by each file's content.
    var layout: JSONLayout?
    var compression: FileCompression?
    var recordByteCountMax = JSONOptions.recordByteCountDefault
    var averageRowByteCount = 128.0
    var files: [FileReference] = []

    func encoded() throws(IglooError) -> [UInt8] {
        var encoder = HandleEncoder(tag: Self.tag)
        try encode(into: &encoder)
        encoder.append(files)
        return encoder.bytes
    }

    init() {}

    init(handle: [UInt8]) throws(IglooError) {
        var decoder = try HandleDecoder(handle, tag: Self.tag, "json table handle")
        try self.init(from: &decoder)
        files = try decoder.files()
        try decoder.expectEnd()
    }

    func encode(into encoder: inout HandleEncoder) throws(IglooError) {
        try encoder.append(schema)
        encoder.append(hasObjects)
        encoder.append(isGuessed)
        encoder.append(policy.rawValue)
        encoder.append(layout.map { Int64($0.rawValue) })
        encoder.append(compression.map { Int64($0.rawValue) })
        encoder.append(recordByteCountMax)
        encoder.append(averageRowByteCount)
    }

    init(from decoder: inout HandleDecoder) throws(IglooError) {
        schema = try decoder.schema()
        hasObjects = try decoder.bool()
        isGuessed = try decoder.bool()
        guard let policy = JSONErrorPolicy(rawValue: try decoder.byte()),
            schema.fields.allSatisfy({ JSONColumn.canHold($0.type) }),
            hasObjects || schema.fields.count == 1
        else { throw decoder.malformed("a type or policy is unknown") }
        self.policy = policy
        if let raw = try decoder.optionalInt64() {
            guard let known = UInt8(exactly: raw).flatMap(JSONLayout.init) else {
                throw decoder.malformed("an unknown layout")
            }
            layout = known
        }
        if let raw = try decoder.optionalInt64() {
            guard let known = UInt8(exactly: raw).flatMap(FileCompression.init) else {
                throw decoder.malformed("an unknown compression")
            }
            compression = known
        }
        recordByteCountMax = try decoder.index(below: JSONOptions.recordByteCountLimit + 1)
        averageRowByteCount = try decoder.double()
    }
}

/// A planned scan: the table and the columns read of it.
struct JSONPlan: Sendable {
    static let tag: UInt8 = 0xD2

    var table: JSONTable
    var columns: [Int]
    var limit: Int64?

    var schema: Schema { table.schema.projected(columns) }

    init(table: JSONTable, columns: [Int], limit: Int64?) {
        self.table = table
        self.columns = columns
        self.limit = limit
    }

    func encoded() throws(IglooError) -> [UInt8] {
        var encoder = HandleEncoder(tag: Self.tag)
        try table.encode(into: &encoder)
        encoder.append(columns)
        encoder.append(limit)
        encoder.append(table.files)
        return encoder.bytes
    }

    init(handle: [UInt8], withFiles: Bool) throws(IglooError) {
        var decoder = try HandleDecoder(handle, tag: Self.tag, "json plan handle")
        table = try JSONTable(from: &decoder)
        columns = try decoder.ints()
        for column in columns where column < 0 || column >= table.schema.fields.count {
            throw decoder.malformed("there is no column \(column)")
        }
        limit = try decoder.optionalInt64()
        if withFiles {
            table.files = try decoder.files()
            try decoder.expectEnd()
        }
    }
}

/// A piece of a file: whole lines, or all of it.
struct JSONSplit: Sendable {
    static let tag: UInt8 = 0xD3

    var file: FileReference
    var layout: JSONLayout
    var start: Int64
    var end: Int64?

    func encoded() -> [UInt8] {
        var encoder = HandleEncoder(tag: Self.tag)
        encoder.append([file])
        encoder.append(layout.rawValue)
        encoder.append(start)
        encoder.append(end)
        return encoder.bytes
    }

    init(file: FileReference, layout: JSONLayout, start: Int64, end: Int64?) {
        self.file = file
        self.layout = layout
        self.start = start
        self.end = end
    }

    init(payload: [UInt8]) throws(IglooError) {
        var decoder = try HandleDecoder(payload, tag: Self.tag, "json split")
        let files = try decoder.files()
        guard files.count == 1, let layout = JSONLayout(rawValue: try decoder.byte()) else {
            throw decoder.malformed("no file or layout")
        }
        (file, self.layout) = (files[0], layout)
        start = try decoder.int64()
        end = try decoder.optionalInt64()
        guard start >= 0, end ?? start >= start else { throw decoder.malformed("a torn range") }
        try decoder.expectEnd()
    }
}
