// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFiles

/// The options of a JSON catalog or `read_json`, checked.
struct JSONOptions: Sendable {
    static let recordByteCountDefault = 16 << 20
    /// Offsets in views and lists are 32 bits wide.
    static let recordByteCountLimit = 1 << 30

    var path: String?
    var columns: [(name: String, type: DataType)] = []
    /// `Int.max`: everything.
    var sampleRowCount = 20_480
    var table = JSONTable()

    static let specifications: [OptionSpecification] = [
        FileCatalog.pathOption(jsonFormat),
        .init(
            "format", .choice, defaultText: "auto",
            allowed: ["auto", "newline_delimited", "array", "unstructured"],
            documentation: "One value a line, one array of records, or values one after the other."
        ),
        .init(
            "columns", .list,
            documentation: "The columns to read as 'name TYPE'; nothing is guessed then."),
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
            "maximum_object_size", .byteCount, defaultText: "16MiB",
            documentation: "Records longer than this are malformed."),
        FileCompression.option,
    ]

    init(_ values: OptionValues) throws(IglooError) {
        path = values.string("path")
        columns = try ColumnList.parse(values.list("columns") ?? [], option: "columns")
        for column in columns where !JSONColumn.canHold(column.type) {
            throw IglooError(
                .invalidArgument,
                "option columns: json columns cannot be \(SQLTypeName.name(column.type))",
                hint: "BOOLEAN, INTEGER, BIGINT, DOUBLE, DATE, TIMESTAMP, TIMESTAMPTZ and VARCHAR"
                    + " can be asked for")
        }
        if let rows = values.integer("sample_size") {
            guard rows == -1 || rows > 0 else {
                throw IglooError(
                    .invalidArgument, "option sample_size must be above 0, or -1, not \(rows)")
            }
            sampleRowCount = rows == -1 ? .max : Int(rows)
        }
        if let bytes = values.integer("maximum_object_size") {
            guard bytes >= 1, bytes <= Int64(Self.recordByteCountLimit) else {
                throw IglooError(
                    .invalidArgument, "option maximum_object_size must be from 1 byte to 1GiB")
            }
            table.recordByteCountMax = Int(bytes)
        }
        switch values.string("on_error") ?? "fail" {
        case "skip": table.policy = .skip
        case "null": table.policy = .null
        default: table.policy = values.bool("ignore_errors") == true ? .skip : .fail
        }
        switch values.string("format") ?? "auto" {
        case "newline_delimited": table.layout = .lines
        case "array": table.layout = .array
        case "unstructured": table.layout = .values
        default: break
        }
        table.compression = FileCompression(optionName: values.string("compression"))
    }
}
