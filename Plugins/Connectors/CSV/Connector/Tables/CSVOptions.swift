// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFiles

/// The options of a CSV catalog or `read_csv`, checked.
struct CSVOptions: Sendable {
    static let lineByteCountDefault = 16 << 20
    /// Offsets inside a piece of text are 32 bits wide.
    static let lineByteCountLimit = 1 << 30

    var path: String?
    var isSniffing = true
    var delimiter: UInt8?
    var quote: UInt8??
    var escape: UInt8??
    var comment: UInt8??
    var hasHeader: Bool?
    var skippedLineCount: Int?
    var nullTexts: [String] = [""]
    /// Names and types of all columns.
    var columns: [(name: String, type: DataType)] = []
    /// Types of some columns by name.
    var types: [(name: String, type: DataType)] = []
    var names: [String] = []
    var isAllText = false
    /// `Int.max`: the whole file.
    var sampleRowCount = 20_480
    var table = CSVTable()

    static let specifications: [OptionSpecification] = [
        FileCatalog.pathOption(csvFormat),
        .init("delim", .string, documentation: "The delimiter of fields; found out when absent."),
        .init("sep", .string, documentation: "Another name of 'delim'."),
        .init("header", .bool, documentation: "Whether the first record names the columns."),
        .init("quote", .string, documentation: "The quote; '' for none. Found out when absent."),
        .init(
            "escape", .string,
            documentation: "What stands before a quote inside quotes; usually the quote itself."),
        .init("null", .list, documentation: "Unquoted texts that mean NULL; '' by default."),
        .init("nullstr", .list, documentation: "Another name of 'null'."),
        .init(
            "columns", .list,
            documentation: "All columns as 'name TYPE', in order; nothing is guessed then."),
        .init("types", .list, documentation: "Types of some columns, as 'name TYPE'."),
        .init("names", .list, documentation: "Names of the columns, in order."),
        .init(
            "auto_detect", .bool, defaultText: "true",
            documentation: "Whether dialect, header and types are found out from the data."),
        .init(
            "sample_size", .integer, defaultText: "20480",
            documentation: "How many records types are guessed from; -1 for all."),
        .init("all_varchar", .bool, defaultText: "false", documentation: "All columns are text."),
        .init("skip", .integer, documentation: "Lines to leave out at the beginning."),
        .init("comment", .string, documentation: "Records that begin with it are left out."),
        .init("dateformat", .string, documentation: "Dates as strptime writes them: '%d.%m.%Y'."),
        .init("timestampformat", .string, documentation: "Timestamps as strptime writes them."),
        .init(
            "decimal_separator", .string, defaultText: ".",
            documentation: "The point of numbers: '.' or ','."),
        .init(
            "on_error", .choice, defaultText: "fail", allowed: ["fail", "skip", "null"],
            documentation: "Malformed records: fail, leave them out, or read NULLs."),
        .init(
            "ignore_errors", .bool, defaultText: "false",
            documentation: "Another way to write on_error = skip."),
        .init(
            "max_line_size", .byteCount, defaultText: "16MiB",
            documentation: "Records longer than this are malformed."),
        .init(
            "union_by_name", .bool, defaultText: "false",
            documentation: "Files may have different columns: those absent are NULL."),
        .init(
            "filename", .bool, defaultText: "false",
            documentation: "Adds a column 'filename' with each row's file."),
        FileCompression.option,
    ]

    init(_ values: OptionValues) throws(IglooError) {
        path = values.string("path")
        isSniffing = values.bool("auto_detect") ?? true
        try readDialect(values)
        hasHeader = values.bool("header")
        nullTexts = values.list("null") ?? values.list("nullstr") ?? [""]
        columns = try ColumnList.parse(values.list("columns") ?? [], option: "columns")
        types = try ColumnList.parse(values.list("types") ?? [], option: "types")
        names = values.list("names") ?? []
        isAllText = values.bool("all_varchar") ?? false
        try readSizes(values)
        try readTable(values)
        if !isSniffing && columns.isEmpty {
            throw IglooError(
                .invalidArgument, "auto_detect = false needs the option columns",
                hint: "columns = {'a': 'BIGINT', 'b': 'VARCHAR'}")
        }
    }

    private mutating func readDialect(_ values: OptionValues) throws(IglooError) {
        if let text = values.string("delim") ?? values.string("sep") {
            guard let byte = try Self.byte(text, "delim") else {
                throw IglooError(.invalidArgument, "option delim is empty", hint: "write delim=','")
            }
            delimiter = byte
        }
        if let text = values.string("quote") { quote = .some(try Self.byte(text, "quote")) }
        if let text = values.string("escape") { escape = .some(try Self.byte(text, "escape")) }
        if let text = values.string("comment") { comment = .some(try Self.byte(text, "comment")) }
        let given = [delimiter, quote ?? nil, comment ?? nil].compactMap { $0 }
        guard Set(given).count == given.count else {
            throw IglooError(
                .invalidArgument, "options delim, quote and comment must differ from each other")
        }
    }

    private static func byte(_ text: String, _ option: String) throws(IglooError) -> UInt8? {
        if text.isEmpty { return nil }
        if text == "\\t" || text.lowercased() == "tab" { return 0x09 }
        guard text.utf8.count == 1, let byte = text.utf8.first, byte < 0x80, byte != 0x0A,
            byte != 0x0D, byte != 0
        else {
            throw IglooError(
                .invalidArgument, "option \(option) must be one ASCII character, not '\(text)'")
        }
        return byte
    }

    private mutating func readSizes(_ values: OptionValues) throws(IglooError) {
        if let rows = values.integer("sample_size") {
            guard rows == -1 || rows > 0 else {
                throw IglooError(
                    .invalidArgument, "option sample_size must be above 0, or -1, not \(rows)")
            }
            sampleRowCount = rows == -1 ? .max : Int(rows)
        }
        if let lines = values.integer("skip") {
            guard lines >= 0, lines <= 1 << 32 else {
                throw IglooError(.invalidArgument, "option skip cannot be \(lines)")
            }
            skippedLineCount = Int(lines)
        }
        if let bytes = values.integer("max_line_size") {
            guard bytes >= 1, bytes <= Int64(Self.lineByteCountLimit) else {
                throw IglooError(
                    .invalidArgument, "option max_line_size must be from 1 byte to 1GiB")
            }
            table.lineByteCountMax = Int(bytes)
        }
    }

    private mutating func readTable(_ values: OptionValues) throws(IglooError) {
        switch values.string("decimal_separator") ?? "." {
        case ".": break
        case ",": table.decimalSeparator = UInt8(ascii: ",")
        case let other:
            throw IglooError(
                .invalidArgument, "option decimal_separator must be '.' or ',', not '\(other)'")
        }
        switch values.string("on_error") ?? "fail" {
        case "skip": table.policy = .skip
        case "null": table.policy = .null
        default: table.policy = values.bool("ignore_errors") == true ? .skip : .fail
        }
        table.nullTexts = nullTexts
        table.dateFormat = values.string("dateformat")
        table.timestampFormat = values.string("timestampformat")
        for format in [table.dateFormat, table.timestampFormat] {
            if let format { _ = try TimeFormat(format) }
        }
        table.unitesByName = values.bool("union_by_name") ?? false
        table.hasGivenNames = !names.isEmpty
        table.hasFileName = values.bool("filename") ?? false
        table.compression = FileCompression(optionName: values.string("compression"))
    }
}
