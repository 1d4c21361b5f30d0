// SPDX-License-Identifier: MIT

public import IglooContracts

/// The options that every connector of text files has.
public struct TextOptions: Hashable, Sendable {
    /// Names and types of all columns; empty: they are found out.
    public var columns: [TypedName] = []
    /// `Int.max`: everything.
    public var sampleRowCount = 20_480
    /// What a table of these options begins with.
    public var table = TextTable()

    public init() {}

    /// - Parameter sizeName: what the format calls the limit of a record's size.
    public static func specifications(sizeName: String) -> [OptionSpecification] {
        [
            .init(
                "columns", .list,
                documentation: "All columns as 'name TYPE', in order; nothing is guessed then."),
            .init(
                "sample_size", .integer, defaultText: "20480",
                documentation: "How many records types are guessed from; -1 for all."),
            .init(
                "on_error", .choice, defaultText: "fail", allowed: ["fail", "skip", "null"],
                documentation: "Malformed records: fail, leave them out, or read NULLs."),
            .init(
                "ignore_errors", .bool, defaultText: "false",
                documentation: "Another way to write on_error = skip."),
            .init(
                sizeName, .byteCount, defaultText: "16MiB",
                documentation: "Records longer than this are malformed."),
            .init(
                "dateformat", .string,
                documentation: "Dates as strptime writes them: '%d.%m.%Y'."),
            .init(
                "timestampformat", .string,
                documentation: "Timestamps as strptime writes them."),
            FileCompression.option, TextEncoding.option,
        ]
    }

    public init(_ values: OptionValues, sizeName: String) throws(IglooError) {
        columns = try ColumnList.parse(values.list("columns") ?? [], option: "columns")
        if let rows = values.integer("sample_size") {
            guard rows == -1 || rows > 0 else {
                throw IglooError(
                    .invalidArgument, "option sample_size must be above 0, or -1, not \(rows)")
            }
            sampleRowCount = rows == -1 ? .max : Int(rows)
        }
        if let bytes = values.integer(sizeName) {
            guard bytes >= 1, bytes <= Int64(TextTable.recordByteCountLimit) else {
                throw IglooError(
                    .invalidArgument, "option \(sizeName) must be from 1 byte to 1GiB")
            }
            table.recordByteCountMax = Int(bytes)
        }
        switch values.string("on_error") ?? "fail" {
        case "skip": table.policy = .skip
        case "null": table.policy = .null
        default: table.policy = values.bool("ignore_errors") == true ? .skip : .fail
        }
        table.dateFormat = try values.string("dateformat").map { text throws(IglooError) in
            try TimeFormat(text)
        }
        table.timestampFormat = try values.string("timestampformat").map {
            text throws(IglooError) in try TimeFormat(text)
        }
        table.content = FileContent(
            FileCompression(optionName: values.string("compression")),
            TextEncoding(optionName: values.string("encoding")))
    }
}
