// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFiles

/// The options of a CSV catalog or `read_csv`, checked.
struct CSVOptions: TextFormatOptions {
    private(set) var files = FileOptions()
    private(set) var text = TextOptions()
    var isSniffing = true
    var delimiter: [UInt8]?
    var quote: UInt8??
    var escape: UInt8??
    var comment: UInt8??
    var hasHeader: Bool?
    var skippedLineCount: Int?
    var values = CSVValues()
    /// Types of some columns by name.
    var types: [TypedName] = []
    /// Types of the first columns.
    var leadingTypes: [DataType] = []
    var names: [String] = []
    var normalizesNames = false
    var padsShortRecords = false
    /// Types that may be guessed.
    var candidates: [DataType]?

    private static let sizeName = "max_line_size"

    static let specifications: [OptionSpecification] =
        FileOptions.specifications(CSVTable.format)
        + TextOptions.specifications(sizeName: sizeName) + dialectSpecifications
        + valueSpecifications

    private static let dialectSpecifications: [OptionSpecification] = [
        .init(
            "delim", .string,
            documentation: "The delimiter of fields, one to four characters; found out when absent."
        ),
        .init("sep", .string, documentation: "Another name of 'delim'."),
        .init("header", .bool, documentation: "Whether the first record names the columns."),
        .init("quote", .string, documentation: "The quote; '' for none. Found out when absent."),
        .init(
            "escape", .string,
            documentation: "What stands before a quote inside quotes; usually the quote itself."),
        .init("comment", .string, documentation: "Records that begin with it are left out."),
        .init("skip", .integer, documentation: "Lines to leave out at the beginning."),
        .init(
            "auto_detect", .bool, defaultText: "true",
            documentation: "Whether dialect, header and types are found out from the data."),
        .init(
            "null_padding", .bool, defaultText: "false",
            documentation: "Records with too few fields are filled with NULLs."),
    ]

    private static let valueSpecifications: [OptionSpecification] = [
        .init("names", .list, documentation: "Names of the columns, in order."),
        .init(
            "normalize_names", .bool, defaultText: "false",
            documentation: "Names of columns become such as need no quotes: 'Net Price' net_price."
        ),
        .init(
            "types", .list,
            documentation: "Types of some columns, as 'name TYPE', or of the first, as 'TYPE'."),
        .init("dtypes", .list, documentation: "Another name of 'types'."),
        .init("column_types", .list, documentation: "Another name of 'types'."),
        .init(
            "auto_type_candidates", .list,
            documentation: "The types that may be guessed; VARCHAR always may."),
        .init("all_varchar", .bool, defaultText: "false", documentation: "All columns are text."),
        .init("null", .list, documentation: "Unquoted texts that mean NULL; '' by default."),
        .init("nullstr", .list, documentation: "Another name of 'null'."),
        .init(
            "allow_quoted_nulls", .bool, defaultText: "false",
            documentation: "Whether such texts mean NULL in quotes, too."),
        .init(
            "force_not_null", .list,
            documentation: "Text columns in which nothing means NULL."),
        .init(
            "decimal_separator", .string, defaultText: ".",
            documentation: "The point of numbers: '.' or ','."),
    ]

    init(_ values: OptionValues) throws(IglooError) {
        files = try FileOptions(values)
        text = try TextOptions(values, sizeName: Self.sizeName)
        isSniffing = values.bool("auto_detect") ?? true
        try readDialect(values)
        try readTypes(values)
        try readValues(values)
        if !isSniffing && text.columns.isEmpty {
            throw IglooError(
                .invalidArgument, "auto_detect = false needs the option columns",
                hint: "columns = {'a': 'BIGINT', 'b': 'VARCHAR'}")
        }
    }

    func table(
        of files: [FileReference], _ context: CallContext
    ) throws(IglooError) -> CSVTable {
        try CSVTableSniffer(options: self, context: context).sniff(files)
    }

    // MARK: - Dialect

    private mutating func readDialect(_ values: OptionValues) throws(IglooError) {
        hasHeader = values.bool("header")
        padsShortRecords = values.bool("null_padding") ?? false
        if let text = values.string("delim") ?? values.string("sep") {
            delimiter = try Self.bytes(text, "delim", countMax: CSVDialect.delimiterByteCountMax)
            if delimiter?.isEmpty == true {
                throw IglooError(.invalidArgument, "option delim is empty", hint: "write delim=','")
            }
        }
        quote = try Self.byte(values, "quote")
        escape = try Self.byte(values, "escape")
        comment = try Self.byte(values, "comment")
        let given = [quote ?? nil, comment ?? nil].compactMap { $0 }
        guard Set(given).count == given.count,
            !given.contains(where: { delimiter?.contains($0) == true })
        else {
            throw IglooError(
                .invalidArgument, "options delim, quote and comment must differ from each other")
        }
        if let lines = values.integer("skip") {
            guard lines >= 0, lines <= 1 << 32 else {
                throw IglooError(.invalidArgument, "option skip cannot be \(lines)")
            }
            skippedLineCount = Int(lines)
        }
    }

    /// `nil`: the option is absent; `.some(nil)`: it is empty.
    private static func byte(
        _ values: OptionValues, _ option: String
    ) throws(IglooError) -> UInt8?? {
        guard let text = values.string(option) else { return nil }
        return .some(try bytes(text, option, countMax: 1).first)
    }

    private static func bytes(
        _ text: String, _ option: String, countMax: Int
    ) throws(IglooError) -> [UInt8] {
        if text == "\\t" || text.lowercased() == "tab" { return [0x09] }
        let bytes = Array(text.utf8)
        guard bytes.count <= countMax,
            !bytes.contains(where: { $0 == 0x0A || $0 == 0x0D || $0 == 0 }),
            countMax > 1 || bytes.allSatisfy({ $0 < 0x80 })
        else {
            let wanted = countMax == 1 ? "one ASCII character" : "one to \(countMax) bytes of text"
            throw IglooError(
                .invalidArgument, "option \(option) must be \(wanted) within a line, not '\(text)'")
        }
        return bytes
    }

    // MARK: - Values

    private mutating func readTypes(_ values: OptionValues) throws(IglooError) {
        let texts =
            values.list("types") ?? values.list("dtypes") ?? values.list("column_types") ?? []
        let plain = texts.map { SQLTypeName.parse($0) }
        if plain.contains(nil) {
            types = try ColumnList.parse(texts, option: "types")
        } else {
            leadingTypes = plain.compactMap { $0 }
        }
        names = values.list("names") ?? []
        normalizesNames = values.bool("normalize_names") ?? false
        if let words = values.list("auto_type_candidates") {
            var known: [DataType] = []
            for word in words {
                guard let type = SQLTypeName.parse(word),
                    type == .utf8View || CSVColumnGuess.types.contains(type)
                else {
                    let names = CSVColumnGuess.types.map(SQLTypeName.name)
                    throw IglooError(
                        .invalidArgument,
                        "option auto_type_candidates: '\(word)' is no type that is guessed",
                        hint: "guessed are \(names.joined(separator: ", ")) and VARCHAR")
                }
                known.append(type)
            }
            candidates = known
        }
        if values.bool("all_varchar") == true { candidates = [] }
    }

    private mutating func readValues(_ values: OptionValues) throws(IglooError) {
        switch values.string("decimal_separator") ?? "." {
        case ".": break
        case ",": self.values.decimalSeparator = UInt8(ascii: ",")
        case let other:
            throw IglooError(
                .invalidArgument, "option decimal_separator must be '.' or ',', not '\(other)'")
        }
        self.values.nullTexts = values.list("null") ?? values.list("nullstr") ?? [""]
        self.values.nullsQuoted = values.bool("allow_quoted_nulls") ?? false
        self.values.neverNull = (values.list("force_not_null") ?? []).map { $0.lowercased() }
    }
}
