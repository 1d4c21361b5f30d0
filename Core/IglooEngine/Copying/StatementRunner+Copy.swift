// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFormats
import IglooPlan
import IglooSQL
import IglooTables

// COPY TO writes a query's rows into a file, COPY FROM a file's rows into a table.
extension StatementRunner {
    func copy(_ copy: Copy) throws(IglooError) -> StatementResult {
        do throws(IglooError) {
            if copy.isStandard && !copy.isFrom { return .rows(try standardOutput(copy)) }
            let count = copy.isFrom ? try copyIn(copy) : try copyOut(copy)
            return .done(tag: "COPY \(count)")
        } catch {
            var placed = error
            placed.position = error.position ?? copy.pathRange.start
            throw placed
        }
    }

    // MARK: - TO

    /// The rows, and how a shell is to write them.
    private func standardOutput(_ copy: Copy) throws(IglooError) -> ResultStream {
        var options = try CopyOptions(copy)
        let plan = try binder(session.transactions.database).bind(try query(copy.subject))
        let make = try writer(&options)
        try options.checkEmpty()
        let stream = try stream(plan)
        stream.copyWriter = make
        return stream
    }

    private func copyOut(_ copy: Copy) throws(IglooError) -> Int {
        var options = try CopyOptions(copy)
        let plan = try binder(session.transactions.database).bind(try query(copy.subject))
        // Options are to be wrong before a file is there.
        let names = try options.names("partition_by")
        let keepsColumns = try options.bool("write_partition_columns") ?? false
        let overwrites = try options.bool("overwrite_or_ignore") ?? false
        let make = try writer(&options)
        try options.checkEmpty()
        if let names {
            return try copyOut(
                plan, copy.path, options.format, names, keepsColumns: keepsColumns,
                overwrites: overwrites, make)
        }
        let file = try OutputFile(copy.path)
        var writer = make(file.channel)
        let stream = try stream(plan)
        var count = 0
        var batch = try stream.next()
        try writer.begin(stream.schema)
        while let rows = batch {
            try writer.write(rows)
            count += rows.rowCount
            batch = try stream.next()
        }
        try writer.end()
        try file.finish()
        return count
    }

    private func copyOut(
        _ plan: LogicalPlan, _ folder: String, _ format: CopyOptions.Format, _ names: [String],
        keepsColumns: Bool, overwrites: Bool, _ make: @escaping (OutputChannel) -> any ResultWriter
    ) throws(IglooError) -> Int {
        guard overwrites || !OutputFile.hasContent(folder) else {
            throw IglooError(
                .alreadyExists, "folder '\(folder)' is not empty",
                hint: "OVERWRITE_OR_IGNORE true writes into it all the same")
        }
        let stream = try stream(plan)
        var output = try PartitionedOutput(
            folder, ending: format.rawValue, by: names, keepsColumns: keepsColumns, stream.schema,
            text: { [session] (column) throws(IglooError) in try session.text(of: column) },
            make: make)
        var count = 0
        while let rows = try stream.next() {
            try output.write(rows)
            count += rows.rowCount
        }
        try output.end()
        return count
    }

    private func query(_ subject: Copy.Subject) throws(IglooError) -> Query {
        switch subject {
        case .query(let query): return query
        case .table(let name, let columns):
            let items =
                columns.isEmpty
                ? "*" : columns.map { SQLPrinter.text(of: $0) }.joined(separator: ", ")
            return try SQLParser.query("SELECT \(items) FROM \(Self.text(name))")
        }
    }

    static func text(_ name: QualifiedName) -> String {
        name.parts.map { SQLPrinter.text(of: $0) }.joined(separator: ".")
    }

    private func writer(
        _ options: inout CopyOptions
    ) throws(IglooError) -> @Sendable (OutputChannel) -> any ResultWriter {
        let rows = TextRows { [session] (column) throws(IglooError) in
            try session.text(of: column)
        }
        switch options.format {
        case .csv:
            let dialect = try options.csvDialect()
            return { CSVWriter(rows: rows, channel: $0, dialect: dialect) }
        case .text:
            let (delimiter, nullText) = try options.textForm()
            return {
                PostgresTextWriter(
                    rows: rows, channel: $0, delimiter: delimiter, nullText: nullText)
            }
        case .json, .ndjson:
            let isArray = try options.bool("array") ?? false
            return { JSONWriter(rows: rows, channel: $0, isLines: !isArray) }
        case .parquet:
            let form = try options.parquetForm()
            return { ExportingWriter(ParquetResultWriter(channel: $0, form: form)) }
        case .arrow: return { ExportingWriter(ArrowWriter(channel: $0)) }
        }
    }

    // MARK: - FROM

    private func copyIn(_ copy: Copy) throws(IglooError) -> Int {
        guard case .table(let table, let columns) = copy.subject else { return 0 }
        var options = try CopyOptions(copy)
        let spooled = try copy.isStandard ? spool(&options) : nil
        defer { if let spooled { OutputFile.remove(spooled) } }
        let path = spooled ?? copy.path
        return try session.transactions.writing("COPY FROM") {
            (transaction) throws(IglooError) in
            let binder = binder(transaction.database)
            let target = try binder.target(of: table)
            let all = target.definition.columns
            let names =
                columns.isEmpty
                ? all.filter { $0.generatedText == nil }.map(\.name) : columns.map(\.written)
            let write: BoundWrite
            switch options.format {
            case .text where !copy.isStandard:
                throw IglooError(
                    .unsupported, "COPY reads PostgreSQL's text format from STDIN only",
                    hint: "for a file: (FORMAT csv, DELIMITER '\t', HEADER false)")
            case .csv, .text:
                let query = try csvQuery(path, names, &options)
                write = try binder.bind(copying: query, into: table, columns: columns)
            case .json, .ndjson, .parquet:
                let function = options.format == .parquet ? "read_parquet" : "read_json"
                let source = try Self.call(function, path, options.takeRest())
                let found = try fileColumns(source, names, target)
                let list = found.map { SQLPrinter.quotedIfNeeded($0) }.joined(separator: ", ")
                write = try binder.bind(
                    copying: try SQLParser.query("SELECT \(list) FROM \(source)"), into: table,
                    columns: found.map { Identifier($0, isQuoted: true) })
            case .arrow:
                throw IglooError(
                    .unsupported, "COPY does not read Arrow files",
                    hint: "csv, json, ndjson and parquet are read")
            }
            try options.checkEmpty()
            var writer = try TableWriter(self, transaction, write)
            try writer.run()
            return writer.count
        }
    }

    /// What came by standard input as a file of its own.
    private func spool(_ options: inout CopyOptions) throws(IglooError) -> String {
        guard var bytes = input else {
            throw IglooError(
                .unsupported, "there is no standard input to COPY from here",
                hint: "COPY ... FROM STDIN is for the shell; name a file in quotes")
        }
        if options.format == .text {
            if let last = bytes.last, last != 0x0A { bytes.append(0x0A) }
            let (delimiter, nullText) = try options.textForm()
            bytes = PostgresText.csv(bytes, delimiter: delimiter, nullText: Array(nullText.utf8))
            options.isSpooledText = true
        }
        let folder = settings["temp_directory"]
        return try OutputFile.spool(
            bytes, folder: folder,
            ending: options.format == .text ? "csv" : options.format.rawValue)
    }

    /// All columns as text, under made names: the table's types are what counts.
    private func csvQuery(
        _ path: String, _ names: [String], _ options: inout CopyOptions
    ) throws(IglooError) -> Query {
        var dialect = options.isSpooledText ? CSVDialect() : try options.csvDialect()
        if options.isSpooledText { dialect.hasHeading = false }
        func character(_ byte: UInt8) -> String { String(UnicodeScalar(byte)) }
        let columns = names.indices.map { "'c\($0) VARCHAR'" }.joined(separator: ", ")
        func word(_ text: String) -> Identifier { Identifier(text) }
        var given: [Copy.Option] = [
            Copy.Option(word("header"), [dialect.hasHeading ? "true" : "false"]),
            Copy.Option(word("delim"), [character(dialect.delimiter)]),
            Copy.Option(word("quote"), [character(dialect.quote)]),
            Copy.Option(word("escape"), [character(dialect.escape)]),
            Copy.Option(word("null"), [dialect.nullText], isList: true),
        ]
        given += options.takeRest()
        let source = try Self.call("read_csv", path, given)
        let call = source.dropLast() + ", columns = [\(columns)])"
        return try SQLParser.query("SELECT * FROM \(call)")
    }

    /// `read_csv('path', name = 'value')`
    private static func call(
        _ function: String, _ path: String, _ options: [Copy.Option]
    ) throws(IglooError) -> String {
        var text = "\(function)(\(SQLPrinter.quoted(path))"
        for option in options {
            let values = option.values.map { literal($0, option) }.joined(separator: ", ")
            let value = option.isList ? "[\(values)]" : option.values.isEmpty ? "true" : values
            text += ", \(SQLPrinter.quotedIfNeeded(option.name.name)) = \(value)"
        }
        return text + ")"
    }

    /// A number or a truth value as such, but where characters are meant.
    private static func literal(_ value: String, _ option: Copy.Option) -> String {
        let isText = option.isList || ["delim", "quote", "escape"].contains(option.name.name)
        if isText { return SQLPrinter.quoted(value) }
        if Int64(value) != nil { return value }
        return Settings.bool(value).map { $0 ? "true" : "false" } ?? SQLPrinter.quoted(value)
    }

    /// The columns of a file that has names of its own: each must be one of those expected.
    private func fileColumns(
        _ source: String, _ names: [String], _ target: WriteTarget
    ) throws(IglooError) -> [String] {
        let found = try schema(of: try SQLParser.query("SELECT * FROM \(source)")).fields
        var columns: [String] = []
        for field in found {
            let folded = Identifier.folded(field.name)
            guard names.contains(where: { Identifier.folded($0) == folded }) else {
                throw IglooError(
                    .notFound,
                    "column \"\(field.name)\" of the file is no column of relation "
                        + "\"\(target.name)\"",
                    hint: NearestName.among(names, to: field.name).map {
                        "the table has \"\($0)\""
                    } ?? "INSERT INTO ... SELECT takes some of a file's columns",
                    sqlState: .undefinedColumn)
            }
            columns.append(field.name)
        }
        return columns
    }
}
