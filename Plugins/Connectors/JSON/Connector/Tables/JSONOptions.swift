// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFiles

/// The options of a JSON catalog or `read_json`, checked.
struct JSONOptions: TextFormatOptions {
    private(set) var files = FileOptions()
    private(set) var text = TextOptions()
    var layout: JSONLayout?

    private static let sizeName = "maximum_object_size"

    static let specifications: [OptionSpecification] =
        FileOptions.specifications(JSONTable.format)
        + TextOptions.specifications(sizeName: sizeName) + [
            .init(
                "format", .choice, defaultText: "auto",
                allowed: ["auto", "newline_delimited", "array", "unstructured"],
                documentation:
                    "One value a line, one array of records, or values one after the other.")
        ]

    init(_ values: OptionValues) throws(IglooError) {
        files = try FileOptions(values)
        text = try TextOptions(values, sizeName: Self.sizeName)
        for column in text.columns where !JSONColumn.canHold(column.type) {
            throw IglooError(
                .invalidArgument,
                "option columns: json columns cannot be \(SQLTypeName.name(column.type))",
                hint: "BOOLEAN, INTEGER, BIGINT, DOUBLE, DATE, TIMESTAMP, TIMESTAMPTZ and VARCHAR"
                    + " can be asked for")
        }
        switch values.string("format") ?? "auto" {
        case "newline_delimited": layout = .lines
        case "array": layout = .array
        case "unstructured": layout = .values
        default: break
        }
    }

    func table(
        of files: [FileReference], _ context: CallContext
    ) throws(IglooError) -> JSONTable {
        try JSONSniffer(options: self, context: context).sniff(files)
    }
}
