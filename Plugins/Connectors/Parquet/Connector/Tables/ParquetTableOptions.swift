// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFiles
import IglooParquet

/// The options of a catalog of Parquet files, and of `read_parquet`.
struct ParquetTableOptions: Sendable {
    var path: String?
    var unitesByName = false
    var hasFileName = false
    var readsBinaryAsText = false
    var checksPages = false

    static let specifications: [OptionSpecification] = [
        FileCatalog.pathOption(parquetFormat),
        .init(
            "union_by_name", .bool, defaultText: "false",
            documentation: "Files may have different columns: those absent are NULL."),
        .init(
            "filename", .bool, defaultText: "false",
            documentation: "Adds a column 'filename' with each row's file."),
        .init(
            "binary_as_string", .bool, defaultText: "false",
            documentation: "Byte arrays that no writer called text are text all the same."),
        .init(
            "verify_checksums", .bool, defaultText: "false",
            documentation: "Compares the checksums of pages that have one."),
    ]

    init(_ values: OptionValues) {
        path = values.string("path")
        unitesByName = values.bool("union_by_name") ?? false
        hasFileName = values.bool("filename") ?? false
        readsBinaryAsText = values.bool("binary_as_string") ?? false
        checksPages = values.bool("verify_checksums") ?? false
    }

    init() {}

    /// How files are read, in the engine's types.
    var reading: ParquetOptions {
        var options = ParquetOptions()
        options.prefersDecimal64 = true
        options.int96Unit = .microsecond
        options.keepsDictionaries = true
        options.readsBinaryAsText = readsBinaryAsText
        options.checksPages = checksPages
        return options
    }
}
