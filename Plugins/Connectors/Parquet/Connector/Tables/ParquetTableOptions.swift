// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFiles
import IglooParquet

/// The options of a catalog of Parquet files, and of `read_parquet`.
struct ParquetTableOptions: Hashable, Sendable {
    var files = FileOptions()
    var readsBinaryAsText = false
    var checksPages = false

    static let specifications: [OptionSpecification] =
        FileOptions.specifications(parquetFormat) + [
            .init(
                "binary_as_string", .bool, defaultText: "false",
                documentation: "Byte arrays that no writer called text are text all the same."),
            .init(
                "verify_checksums", .bool, defaultText: "false",
                documentation: "Compares the checksums of pages that have one."),
        ]

    init(_ values: OptionValues) throws(IglooError) {
        files = try FileOptions(values)
        readsBinaryAsText = values.bool("binary_as_string") ?? false
        checksPages = values.bool("verify_checksums") ?? false
    }

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

    // MARK: - Handles

    func encode(into encoder: inout HandleEncoder) throws(IglooError) {
        try files.encode(into: &encoder)
        encoder.append(readsBinaryAsText)
        encoder.append(checksPages)
    }

    init(_ decoder: inout HandleDecoder) throws(IglooError) {
        files = try FileOptions(&decoder)
        readsBinaryAsText = try decoder.bool()
        checksPages = try decoder.bool()
    }
}
