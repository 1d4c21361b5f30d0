// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooContracts

/// What to do with a record or value that cannot be read.
public enum ErrorPolicy: UInt8, Sendable {
    /// The statement fails.
    case fail
    /// The record is left out, and counted.
    case skip
    /// The value becomes NULL, and is counted.
    case null
}

/// What all tables of text files are made of.
public struct TextTable: Hashable, Sendable {
    public static let recordByteCountDefault = 16 << 20
    /// Offsets inside a piece of text are 32 bits wide.
    public static let recordByteCountLimit = 1 << 30

    public private(set) var schema = Schema([])
    /// The columns that are not in the files but in their paths.
    public private(set) var paths = PathColumns()
    public var policy = ErrorPolicy.fail
    public var content = FileContent()
    public var dateFormat: TimeFormat?
    public var timestampFormat: TimeFormat?
    public var recordByteCountMax = TextTable.recordByteCountDefault
    public var averageRowByteCount = 64.0
    public var files: [FileReference] = []

    public init() {}

    /// Makes the schema of the files' columns and those that the options add.
    public mutating func setColumns(
        _ fields: [Field], _ options: FileOptions
    ) throws(IglooError) {
        var fields = fields
        paths = try PathColumns(&fields, files, options)
        schema = Schema(fields)
    }

    public func isFromFile(_ column: Int) -> Bool { paths.isFromFile(column) }

    /// How many rows so many bytes of text are, at a guess.
    public func rowCount(_ byteCount: Double) -> Double { byteCount / max(1, averageRowByteCount) }

    /// Everything but the files.
    func encode(into encoder: inout HandleEncoder) throws(IglooError) {
        try encoder.append(schema)
        paths.encode(into: &encoder)
        encoder.append(policy.rawValue)
        content.encode(into: &encoder)
        encoder.append(dateFormat?.text)
        encoder.append(timestampFormat?.text)
        encoder.append(recordByteCountMax)
        encoder.append(averageRowByteCount)
    }

    init(_ decoder: inout HandleDecoder) throws(IglooError) {
        schema = try decoder.schema()
        paths = try PathColumns(&decoder, columnCount: schema.fields.count)
        policy = try decoder.choice("an error policy")
        content = try FileContent(&decoder)
        dateFormat = try decoder.optionalString().map { text throws(IglooError) in
            try TimeFormat(text)
        }
        timestampFormat = try decoder.optionalString().map { text throws(IglooError) in
            try TimeFormat(text)
        }
        recordByteCountMax = try decoder.index(below: Self.recordByteCountLimit + 1)
        averageRowByteCount = try decoder.double()
    }
}

/// A table of one format of text files: the common part, and how its records are told apart.
public protocol TextFormatTable: Sendable {
    static var format: FileFormat { get }

    var text: TextTable { get set }
    /// For EXPLAIN, behind the files: "(delim ',', header)"; "" = nothing.
    var details: String { get }

    /// Writes all that is not in `text`.
    func encode(into encoder: inout HandleEncoder)
    init(_ text: TextTable, _ decoder: inout HandleDecoder) throws(IglooError)

    func splits(targetByteCount: Int) -> any SplitSource
    static func reader(
        _ plan: TextPlan<Self>, split: [UInt8], _ context: CallContext
    ) throws(IglooError) -> any BatchReader
}

extension TextFormatTable {
    private static var tag: UInt8 { 0xC1 }

    func encoded() throws(IglooError) -> [UInt8] {
        var encoder = HandleEncoder(tag: Self.tag)
        try encodeAll(into: &encoder)
        encoder.append(text.files)
        return encoder.bytes
    }

    init(handle: [UInt8]) throws(IglooError) {
        var decoder = try HandleDecoder(
            handle, tag: Self.tag, "\(Self.format.name) table handle")
        try self.init(all: &decoder)
        text.files = try decoder.files()
        try decoder.expectEnd()
    }

    fileprivate func encodeAll(into encoder: inout HandleEncoder) throws(IglooError) {
        try text.encode(into: &encoder)
        encode(into: &encoder)
    }

    fileprivate init(all decoder: inout HandleDecoder) throws(IglooError) {
        let text = try TextTable(&decoder)
        try self.init(text, &decoder)
    }
}

/// A planned scan: the table and what is read of it.
public struct TextPlan<Table: TextFormatTable>: Sendable {
    private static var tag: UInt8 { 0xC2 }

    public var table: Table
    /// Indexes into the table's schema; may repeat.
    public var columns: [Int]
    /// Each split may end after so many rows.
    public var limit: Int64?

    public var schema: Schema { table.text.schema.projected(columns) }

    init(table: Table, columns: [Int], limit: Int64?) {
        self.table = table
        self.columns = columns
        self.limit = limit
    }

    func encoded() throws(IglooError) -> [UInt8] {
        var encoder = HandleEncoder(tag: Self.tag)
        try table.encodeAll(into: &encoder)
        encoder.append(columns)
        encoder.append(limit)
        encoder.append(table.text.files)
        return encoder.bytes
    }

    /// - Parameter withFiles: readers do without the list of files, which may be long.
    init(handle: [UInt8], withFiles: Bool) throws(IglooError) {
        let name = Table.format.name
        var decoder = try HandleDecoder(handle, tag: Self.tag, "\(name) plan handle")
        table = try Table(all: &decoder)
        columns = try decoder.ints()
        for column in columns where !table.text.schema.fields.indices.contains(column) {
            throw decoder.malformed("there is no column \(column)")
        }
        limit = try decoder.optionalInt64()
        if withFiles {
            table.text.files = try decoder.files()
            try decoder.expectEnd()
        }
    }
}
