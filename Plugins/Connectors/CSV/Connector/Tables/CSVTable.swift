// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFiles

/// What to do with a record or value that cannot be read.
enum CSVErrorPolicy: UInt8, Sendable {
    /// The statement fails.
    case fail
    /// The record is left out, and counted.
    case skip
    /// The value becomes NULL, and is counted.
    case null
}

/// All that readers must know of a table: what `openTable` found out, carried in its handle.
struct CSVTable: Sendable {
    static let tag: UInt8 = 0xC1

    var dialect = CSVDialect()
    /// The columns of the table; with `hasFileName`, the last is the file's path.
    var schema = Schema([])
    /// Which columns' types were guessed from a sample.
    var guessed: [Bool] = []
    /// Unquoted fields that mean NULL.
    var nullTexts: [String] = [""]
    var decimalSeparator = UInt8(ascii: ".")
    var dateFormat: String?
    var timestampFormat: String?
    var policy = CSVErrorPolicy.fail
    var lineByteCountMax = CSVOptions.lineByteCountDefault
    var unitesByName = false
    var hasFileName = false
    /// The option `names` renamed columns, so that a header's names may differ.
    var hasGivenNames = false
    /// `nil`: told by each file's first bytes.
    var compression: FileCompression?
    var averageRowByteCount = 64.0
    var files: [FileReference] = []

    /// Number of columns that come from the files.
    var fileColumnCount: Int { schema.fields.count - (hasFileName ? 1 : 0) }

    func encoded() throws(IglooError) -> [UInt8] {
        var encoder = HandleEncoder(tag: Self.tag)
        try encode(into: &encoder)
        encoder.append(files)
        return encoder.bytes
    }

    init() {}

    init(handle: [UInt8]) throws(IglooError) {
        var decoder = try HandleDecoder(handle, tag: Self.tag, "csv table handle")
        try self.init(from: &decoder)
        files = try decoder.files()
        try decoder.expectEnd()
    }

    /// Everything but the files.
    func encode(into encoder: inout HandleEncoder) throws(IglooError) {
        encoder.append(dialect.delimiter)
        encoder.append(dialect.quote.map(Int64.init))
        encoder.append(dialect.escape.map(Int64.init))
        encoder.append(dialect.newline)
        encoder.append(dialect.comment.map(Int64.init))
        encoder.append(dialect.skippedLineCount)
        encoder.append(dialect.hasHeader)
        try encoder.append(schema)
        for flag in guessed { encoder.append(flag) }
        encoder.append(nullTexts)
        encoder.append(decimalSeparator)
        encoder.append(dateFormat)
        encoder.append(timestampFormat)
        encoder.append(policy.rawValue)
        encoder.append(lineByteCountMax)
        encoder.append(unitesByName)
        encoder.append(hasFileName)
        encoder.append(hasGivenNames)
        encoder.append(compression.map { Int64($0.rawValue) })
        encoder.append(averageRowByteCount)
    }

    init(from decoder: inout HandleDecoder) throws(IglooError) {
        dialect.delimiter = try decoder.byte()
        dialect.quote = try Self.optionalByte(&decoder)
        dialect.escape = try Self.optionalByte(&decoder)
        dialect.newline = try decoder.byte()
        dialect.comment = try Self.optionalByte(&decoder)
        dialect.skippedLineCount = try decoder.int()
        dialect.hasHeader = try decoder.bool()
        schema = try decoder.schema()
        for field in schema.fields {
            guessed.append(try decoder.bool())
            guard SQLTypeName.isReadable(field.type) else {
                throw decoder.malformed("\(field.type) is not a type of csv columns")
            }
        }
        nullTexts = try decoder.strings()
        decimalSeparator = try decoder.byte()
        dateFormat = try decoder.optionalString()
        timestampFormat = try decoder.optionalString()
        guard let policy = CSVErrorPolicy(rawValue: try decoder.byte()) else {
            throw decoder.malformed("an unknown error policy")
        }
        self.policy = policy
        lineByteCountMax = try decoder.index(below: CSVOptions.lineByteCountLimit + 1)
        unitesByName = try decoder.bool()
        hasFileName = try decoder.bool()
        hasGivenNames = try decoder.bool()
        if let raw = try decoder.optionalInt64() {
            guard let known = UInt8(exactly: raw).flatMap(FileCompression.init) else {
                throw decoder.malformed("an unknown compression")
            }
            compression = known
        }
        averageRowByteCount = try decoder.double()
        if hasFileName && schema.fields.isEmpty { throw decoder.malformed("no columns") }
    }

    private static func optionalByte(_ decoder: inout HandleDecoder) throws(IglooError) -> UInt8? {
        guard let raw = try decoder.optionalInt64() else { return nil }
        guard let byte = UInt8(exactly: raw) else { throw decoder.malformed("\(raw) is no byte") }
        return byte
    }
}

/// A planned scan: the table and what is read of it.
struct CSVPlan: Sendable {
    static let tag: UInt8 = 0xC2

    var table: CSVTable
    /// Indexes into the table's schema; may repeat.
    var columns: [Int]
    /// Each split may end after so many rows.
    var limit: Int64?

    var schema: Schema { table.schema.projected(columns) }

    init(table: CSVTable, columns: [Int], limit: Int64?) {
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

    /// - Parameter withFiles: readers do without the list of files, which may be long.
    init(handle: [UInt8], withFiles: Bool) throws(IglooError) {
        var decoder = try HandleDecoder(handle, tag: Self.tag, "csv plan handle")
        table = try CSVTable(from: &decoder)
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

/// A piece of one file: whole records, proven to begin and end as such.
struct CSVSplit: Sendable {
    static let tag: UInt8 = 0xC3

    var file: FileReference
    /// Offsets in the content; `end` is `nil` for "to the end".
    var start: Int64
    var end: Int64?
    /// Number of fields of this file's records.
    var fieldCount: Int
    /// For each of the table's file columns the field that holds it, -1 = NULL throughout.
    var fields: [Int]

    func encoded() -> [UInt8] {
        var encoder = HandleEncoder(tag: Self.tag)
        encoder.append([file])
        encoder.append(start)
        encoder.append(end)
        encoder.append(fieldCount)
        encoder.append(fields)
        return encoder.bytes
    }

    init(file: FileReference, start: Int64, end: Int64?, fieldCount: Int, fields: [Int]) {
        self.file = file
        self.start = start
        self.end = end
        self.fieldCount = fieldCount
        self.fields = fields
    }

    init(payload: [UInt8], table: CSVTable) throws(IglooError) {
        var decoder = try HandleDecoder(payload, tag: Self.tag, "csv split")
        let files = try decoder.files()
        guard files.count == 1 else { throw decoder.malformed("\(files.count) files") }
        file = files[0]
        start = try decoder.int64()
        end = try decoder.optionalInt64()
        guard start >= 0, end ?? start >= start else { throw decoder.malformed("a torn range") }
        fieldCount = try decoder.index(below: 1 << 24)
        fields = try decoder.ints()
        guard fieldCount >= 1, fields.count == table.fileColumnCount,
            fields.allSatisfy({ $0 >= -1 && $0 < fieldCount })
        else { throw decoder.malformed("fields do not fit the table") }
        try decoder.expectEnd()
    }
}
