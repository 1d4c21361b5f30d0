// SPDX-License-Identifier: MIT

import IglooContracts
import IglooFormats
import IglooSQL

/// The options of COPY, each taken once; what nobody takes is an error.
struct CopyOptions {
    enum Format: String, CaseIterable {
        case csv, text, json, ndjson, parquet, arrow

        /// By a file's ending; `nil` = it tells nothing.
        init?(path: String) {
            let name = path.split(separator: "/").last.map { $0.lowercased() } ?? ""
            let ending = name.split(separator: ".").last ?? ""
            switch ending {
            case "csv", "tsv", "tbl", "txt": self = .csv
            case "json": self = .json
            case "ndjson", "jsonl": self = .ndjson
            case "parquet", "pq": self = .parquet
            case "arrow", "arrows", "ipc": self = .arrow
            default: return nil
            }
        }
    }

    private var rest: [Copy.Option] = []
    private var known: [String] = ["format"]
    let format: Format
    /// The text format was made CSV already.
    var isSpooledText = false
    private let isStandard: Bool
    private let path: String

    /// - Throws: 22023 and 42601 for options that are no options.
    init(_ copy: Copy) throws(IglooError) {
        path = copy.path
        isStandard = copy.isStandard
        var format: Format?
        for option in copy.options {
            guard !rest.contains(where: { $0.name == option.name }) else {
                throw Self.error("conflicting or redundant options: \(option.name)", option)
            }
            guard option.name.name == "format" else {
                rest.append(option)
                continue
            }
            let word = option.values.first?.lowercased() ?? ""
            format = Format(rawValue: word == "json_lines" || word == "jsonl" ? "ndjson" : word)
            if format == nil {
                throw Self.error(
                    "COPY format \"\(word)\" not recognized", option,
                    hint: "there are csv, text, json, ndjson, parquet and arrow")
            }
        }
        guard let chosen = format ?? (copy.isStandard ? .text : Format(path: copy.path)) else {
            throw IglooError(
                .invalidArgument, "the format of '\(copy.path)' is not known by its name",
                hint: "say which: (FORMAT csv), json, ndjson, parquet or arrow",
                sqlState: .invalidParameterValue, position: copy.pathRange.start)
        }
        self.format = chosen
    }

    // MARK: - Taking

    private mutating func take(_ names: [String]) -> Copy.Option? {
        known += names
        guard let index = rest.firstIndex(where: { names.contains($0.name.name) }) else {
            return nil
        }
        return rest.remove(at: index)
    }

    mutating func bool(_ names: String...) throws(IglooError) -> Bool? {
        guard let option = take(names) else { return nil }
        guard let word = option.values.first else { return true }
        guard let value = Settings.bool(word) else {
            throw Self.error("\(option.name.name) requires a Boolean value", option)
        }
        return value
    }

    mutating func text(_ names: String...) throws(IglooError) -> String? {
        guard let option = take(names) else { return nil }
        guard option.values.count == 1 else {
            throw Self.error("\(option.name.name) requires a value", option)
        }
        return option.values[0]
    }

    /// The names of columns, one or several; `nil` without the option.
    mutating func names(_ name: String) throws(IglooError) -> [String]? {
        guard let option = take([name]) else { return nil }
        guard !option.values.isEmpty, Set(option.values).count == option.values.count else {
            throw Self.error("\(option.name.name) takes names of columns, each once", option)
        }
        return option.values
    }

    /// One character of one byte.
    mutating func byte(_ names: String...) throws(IglooError) -> UInt8? {
        guard let option = take(names) else { return nil }
        let text = option.values.first == "\\t" ? "\t" : option.values.first ?? ""
        guard text.utf8.count == 1, let byte = text.utf8.first, byte != 0x0A, byte != 0x0D else {
            throw Self.error(
                "COPY \(option.name.name) must be a single one-byte character", option)
        }
        return byte
    }

    mutating func number(_ names: String..., range: ClosedRange<Int>) throws(IglooError) -> Int? {
        guard let option = take(names) else { return nil }
        guard let number = option.values.first.flatMap({ Int($0) }), range.contains(number) else {
            throw Self.error(
                "\(option.name.name) takes a number from \(range.lowerBound) to "
                    + "\(range.upperBound)", option)
        }
        return number
    }

    /// What is left, for who knows more options.
    mutating func takeRest() -> [Copy.Option] {
        defer { rest = [] }
        return rest
    }

    /// - Throws: 42601 when an option was left.
    func checkEmpty() throws(IglooError) {
        guard let option = rest.first else { return }
        throw Self.error(
            "option \"\(option.name)\" not recognized", option,
            hint: NearestName.among(known, to: option.name.name).map { "did you mean \($0)?" })
    }

    static func error(
        _ message: String, _ option: Copy.Option, hint: String? = nil
    ) -> IglooError {
        IglooError(
            .invalidArgument, message, hint: hint, sqlState: .invalidParameterValue,
            position: option.name.range.start)
    }

    // MARK: - Writers

    mutating func csvDialect() throws(IglooError) -> CSVDialect {
        var dialect = CSVDialect()
        if path.lowercased().hasSuffix(".tsv") { dialect.delimiter = UInt8(ascii: "\t") }
        // As PostgreSQL has it where there is no file.
        dialect.hasHeading = try bool("header") ?? !isStandard
        dialect.delimiter = try byte("delimiter", "delim", "sep") ?? dialect.delimiter
        dialect.quote = try byte("quote") ?? dialect.quote
        dialect.escape = try byte("escape") ?? dialect.quote
        dialect.nullText = try text("null", "nullstr") ?? ""
        if let option = take(["force_quote"]) {
            guard option.values == ["*"] else {
                throw Self.error("force_quote takes * for all columns", option)
            }
            dialect.quotesAll = true
        }
        guard dialect.delimiter != dialect.quote else {
            throw IglooError(
                .invalidArgument, "COPY delimiter and quote must be different",
                sqlState: .invalidParameterValue)
        }
        return dialect
    }

    /// PostgreSQL's text format: what stands between values, and for NULL.
    mutating func textForm() throws(IglooError) -> (delimiter: UInt8, nullText: String) {
        (try byte("delimiter", "delim") ?? UInt8(ascii: "\t"), try text("null", "nullstr") ?? "\\N")
    }

    mutating func parquetForm() throws(IglooError) -> ParquetForm {
        var form = ParquetForm()
        if let option = take(["compression", "codec"]) {
            let word = option.values.first?.lowercased() ?? ""
            guard
                let compression = ParquetForm.Compression(
                    rawValue: ["uncompressed": "none", "lz4_raw": "lz4"][word] ?? word)
            else {
                let all = ParquetForm.Compression.allCases.map(\.rawValue)
                throw Self.error(
                    "Parquet files are not written with the compression \"\(word)\"", option,
                    hint: "there are \(all.joined(separator: ", "))")
            }
            form.compression = compression
        }
        if let level = try number("compression_level", range: -7...22) {
            form.compressionLevel = Int32(level)
        }
        form.rowGroupRowCount = try number("row_group_size", range: 1...100_000_000)
        return form
    }
}
