// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFiles

/// All that readers must know of a table: what `openTable` found out, carried in its handle.
struct CSVTable: TextFormatTable {
    static let format = FileFormat(
        name: "csv", extensions: ["csv", "tsv", "tbl"], isCompressible: true)

    var text = TextTable()
    var dialect = CSVDialect()
    var values = CSVValues()
    /// Which columns' types were guessed from a sample.
    var guessed: [Bool] = []
    var unitesByName = false
    /// The option `names` renamed columns, so that a header's names may differ.
    var hasGivenNames = false
    /// Records may have fewer fields than the table: those absent are NULL.
    var padsShortRecords = false
    var normalizesNames = false

    init(_ text: TextTable = TextTable()) { self.text = text }

    var details: String {
        let delimiter = TextBytes.name(dialect.delimiter)
        return " (delim \(delimiter), \(dialect.hasHeader ? "header" : "no header"))"
    }

    func splits(targetByteCount: Int) -> any SplitSource {
        CSVSplitSource(self, targetByteCount: targetByteCount)
    }

    static func reader(
        _ plan: TextPlan<CSVTable>, split: [UInt8], _ context: CallContext
    ) throws(IglooError) -> any BatchReader {
        try CSVReader(plan, try CSVSplit(payload: split, table: plan.table), context)
    }

    /// The names that fields get from a header.
    func names(_ header: [String]) -> [String] {
        CSVNames.tidied(normalizesNames ? header.map(CSVNames.normalized) : header)
    }

    // MARK: - Handles

    func encode(into encoder: inout HandleEncoder) {
        encoder.append(blob: dialect.delimiter)
        encoder.append(dialect.quote.map(Int64.init))
        encoder.append(dialect.escape.map(Int64.init))
        encoder.append(dialect.newline)
        encoder.append(dialect.comment.map(Int64.init))
        encoder.append(dialect.skippedLineCount)
        encoder.append(dialect.hasHeader)
        for flag in guessed { encoder.append(flag) }
        encoder.append(values.nullTexts)
        encoder.append(values.nullsQuoted)
        encoder.append(values.neverNull)
        encoder.append(values.decimalSeparator)
        encoder.append(unitesByName)
        encoder.append(hasGivenNames)
        encoder.append(padsShortRecords)
        encoder.append(normalizesNames)
    }

    init(_ text: TextTable, _ decoder: inout HandleDecoder) throws(IglooError) {
        self.text = text
        dialect.delimiter = try decoder.blob()
        guard (1...CSVDialect.delimiterByteCountMax).contains(dialect.delimiter.count) else {
            throw decoder.malformed("a delimiter of \(dialect.delimiter.count) bytes")
        }
        dialect.quote = try Self.optionalByte(&decoder)
        dialect.escape = try Self.optionalByte(&decoder)
        dialect.newline = try decoder.byte()
        dialect.comment = try Self.optionalByte(&decoder)
        dialect.skippedLineCount = try decoder.int()
        dialect.hasHeader = try decoder.bool()
        for field in text.schema.fields {
            guessed.append(try decoder.bool())
            guard SQLTypeName.isReadable(field.type) else {
                throw decoder.malformed("\(field.type) is not a type of csv columns")
            }
        }
        values.nullTexts = try decoder.strings()
        values.nullsQuoted = try decoder.bool()
        values.neverNull = try decoder.strings()
        values.decimalSeparator = try decoder.byte()
        unitesByName = try decoder.bool()
        hasGivenNames = try decoder.bool()
        padsShortRecords = try decoder.bool()
        normalizesNames = try decoder.bool()
    }

    private static func optionalByte(_ decoder: inout HandleDecoder) throws(IglooError) -> UInt8? {
        guard let raw = try decoder.optionalInt64() else { return nil }
        guard let byte = UInt8(exactly: raw) else { throw decoder.malformed("\(raw) is no byte") }
        return byte
    }
}

/// How fields are read as values.
struct CSVValues: Hashable, Sendable {
    /// Unquoted fields that mean NULL.
    var nullTexts: [String] = [""]
    /// Quoted ones mean it, too.
    var nullsQuoted = false
    /// Columns, in lower case, whose texts are never NULL.
    var neverNull: [String] = []
    var decimalSeparator = UInt8(ascii: ".")
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
    /// For each of the table's columns the field that holds it, -1 = none.
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
        guard fieldCount >= 1, fields.count == table.text.schema.fields.count,
            fields.allSatisfy({ $0 >= -1 && $0 < fieldCount })
        else { throw decoder.malformed("fields do not fit the table") }
        try decoder.expectEnd()
    }
}
