// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFiles

/// Finds out what is needed to read a table: dialect, header, names and types of the columns.
struct CSVTableSniffer {
    /// Files looked at until the sample is full; with `union_by_name`, all are.
    private static let fileCountMax = 32
    private static let sampleByteCountMax = 1 << 30

    let options: CSVOptions
    let context: CallContext

    func sniff(_ files: [FileReference]) throws(IglooError) -> CSVTable {
        var table = CSVTable(options.text.table)
        table.text.files = files
        table.values = options.values
        table.unitesByName = options.files.unitesByName
        table.hasGivenNames = !options.names.isEmpty
        table.padsShortRecords = options.padsShortRecords
        table.normalizesNames = options.normalizesNames
        let filled = files.filter { $0.identity.byteCount > 0 }
        if let first = filled.first {
            table.dialect = CSVDialectSniffer(options: options).sniff(
                try sample(first, table, byteCount: CSVDialectSniffer.byteCount))
        }
        if !options.text.columns.isEmpty { return try explicit(table, filled.first) }
        return try guessed(table, filled)
    }

    private func sample(
        _ file: FileReference, _ table: CSVTable, byteCount: Int
    ) throws(IglooError) -> CSVSample {
        try CSVSample(table.text.content.opened(try FileReader(file)), byteCount: byteCount)
    }

    // MARK: - Given columns

    private func explicit(
        _ table: CSVTable, _ file: FileReference?
    ) throws(IglooError) -> CSVTable {
        var table = table
        let sniffer = CSVTypeSniffer(table)
        if let header = options.hasHeader {
            table.dialect.hasHeader = header
        } else if let file, options.isSniffing {
            let sample = try sample(file, table, byteCount: CSVDialectSniffer.byteCount)
            let records = sample.records(table.dialect)
            table.dialect.hasHeader = records.count > 0 && namesMatch(records)
            let types = options.text.columns.map(\.type)
            if records.count > 0 && types.contains(where: { $0 != .utf8View }) {
                table.dialect.hasHeader =
                    table.dialect.hasHeader || sniffer.isHeader(records, types)
            }
        }
        return try finished(
            table, options.text.columns.map { Field($0.name, $0.type) }, guessed: [])
    }

    private func namesMatch(_ records: CSVRecords) -> Bool {
        let names = records.texts(0).map { $0.lowercased() }
        return names == options.text.columns.map { $0.name.lowercased() }
    }

    // MARK: - Guessed columns

    private func guessed(
        _ table: CSVTable, _ files: [FileReference]
    ) throws(IglooError) -> CSVTable {
        var table = table
        let sniffer = CSVTypeSniffer(table)
        var columns = Columns()
        var rest = options.text.sampleRowCount
        for (number, file) in files.enumerated() {
            let mustLook = columns.names.isEmpty || table.unitesByName
            if !mustLook && (rest <= 0 || number >= Self.fileCountMax) { break }
            try context.checkCancelled()
            try see(file, sniffer, &table, &columns, &rest)
        }
        if columns.names.isEmpty {
            // Without a record there is one column, which nobody has a name for.
            columns.names = options.names.isEmpty ? CSVNames.numbered(1) : options.names
            columns.guesses = columns.names.map { _ in CSVColumnGuess() }
        }
        return try finished(table, columns)
    }

    private struct Columns {
        var names: [String] = []
        var guesses: [CSVColumnGuess] = []
        var indexes: [String: Int] = [:]
        var byteCount = 0
        var rowCount = 0
    }

    private func see(
        _ file: FileReference, _ sniffer: CSVTypeSniffer, _ table: inout CSVTable,
        _ columns: inout Columns, _ rest: inout Int
    ) throws(IglooError) {
        let records = try sample(file, table, rowCount: rest)
        guard records.count > 0 else { return }
        if columns.names.isEmpty {
            try decideHeader(records, sniffer, &table)
            let names = names(records, table)
            columns.names = names
            columns.guesses = names.map { _ in CSVColumnGuess() }
            for (index, name) in names.enumerated() { columns.indexes[name.lowercased()] = index }
        }
        let fields = fields(records, table, &columns)
        let first = table.dialect.hasHeader ? 1 : 0
        let count = max(0, min(rest, records.count - first))
        sniffer.see(
            records, from: first, countMax: max(count, table.unitesByName ? 1 : 0), fields: fields,
            &columns.guesses)
        rest -= count
        if count > 0 {
            columns.byteCount += records.end(first + count - 1) + 1 - records.start(first)
            columns.rowCount += count
        }
    }

    /// For each column so far, the field of this file with its name.
    private func fields(
        _ records: CSVRecords, _ table: CSVTable, _ columns: inout Columns
    ) -> [Int] {
        guard table.dialect.hasHeader, options.names.isEmpty else {
            return Array(columns.names.indices)
        }
        var fields = columns.names.map { _ in -1 }
        for (field, name) in table.names(records.texts(0)).enumerated() {
            if let column = columns.indexes[name.lowercased()] {
                fields[column] = field
            } else if table.unitesByName {
                columns.indexes[name.lowercased()] = columns.names.count
                columns.names.append(name)
                columns.guesses.append(CSVColumnGuess())
                fields.append(field)
            }
        }
        return fields
    }

    /// A sample of at least `rowCount` records and a header, or of the whole file.
    private func sample(
        _ file: FileReference, _ table: CSVTable, rowCount: Int
    ) throws(IglooError) -> CSVRecords {
        let content = try table.text.content.opened(try FileReader(file))
        var byteCount = CSVDialectSniffer.byteCount
        while true {
            try context.checkCancelled()
            let sample = try CSVSample(content, byteCount: byteCount)
            let records = sample.records(table.dialect)
            if sample.isWhole || records.count - 1 > rowCount
                || byteCount >= Self.sampleByteCountMax
            {
                return records
            }
            let perRow = byteCount / max(1, records.count) + 1
            let (estimate, overflow) = perRow.multipliedReportingOverflow(by: rowCount)
            let wanted = overflow ? Self.sampleByteCountMax : estimate / 8 * 9 + 65_536
            byteCount = min(max(wanted, byteCount * 2), Self.sampleByteCountMax)
        }
    }

    private func decideHeader(
        _ records: CSVRecords, _ sniffer: CSVTypeSniffer, _ table: inout CSVTable
    ) throws(IglooError) {
        if let header = options.hasHeader {
            table.dialect.hasHeader = header
            return
        }
        let columnCount = records.fieldCount(0)
        var guesses = Array(repeating: CSVColumnGuess(), count: columnCount)
        let first = records.count > 1 ? 1 : 0
        sniffer.see(
            records, from: first, countMax: 4096, fields: Array(0..<columnCount), &guesses)
        table.dialect.hasHeader = sniffer.isHeader(records, guesses.map(\.type))
    }

    private func names(_ records: CSVRecords, _ table: CSVTable) -> [String] {
        var names: [String]
        if table.dialect.hasHeader {
            names = records.texts(0)
        } else {
            names = CSVNames.numbered(records.fieldCount(0))
        }
        if endsWithDelimiter(records, table) { names.removeLast() }
        for (index, name) in options.names.enumerated() where index < names.count {
            names[index] = name
        }
        return table.names(names)
    }

    /// Every record of the sample, the header too, ends with an empty field: the files end their
    /// lines with a delimiter, as TPC's generators do.
    private func endsWithDelimiter(_ records: CSVRecords, _ table: CSVTable) -> Bool {
        let count = records.fieldCount(0)
        guard count > 1, records.count > (table.dialect.hasHeader ? 1 : 0) else { return false }
        for record in 0..<min(records.count, 2048) {
            guard records.fieldCount(record) == count else { return false }
            let (_, byteCount, isQuoted) = records.value(record, count - 1)
            if byteCount > 0 || isQuoted { return false }
        }
        return true
    }

    // MARK: - The table

    private func finished(
        _ table: CSVTable, _ columns: Columns
    ) throws(IglooError) -> CSVTable {
        var given = try givenTypes(columns.names)
        for (column, type) in options.leadingTypes.enumerated() { given[column] = type }
        var fields: [Field] = []
        var guessed: [Bool] = []
        for (column, guess) in columns.guesses.enumerated() {
            let type = given[column] ?? guess.type(among: options.candidates)
            fields.append(Field(columns.names[column], type))
            guessed.append(given[column] == nil && type != .utf8View)
        }
        var table = table
        if columns.rowCount > 0 {
            table.text.averageRowByteCount = Double(columns.byteCount) / Double(columns.rowCount)
        }
        return try finished(table, fields, guessed: guessed)
    }

    /// The types of the option `types` by the columns they are of.
    private func givenTypes(_ names: [String]) throws(IglooError) -> [Int: DataType] {
        var given: [Int: DataType] = [:]
        for column in options.types {
            let name = column.name.lowercased()
            guard let index = names.firstIndex(where: { $0.lowercased() == name }) else {
                throw noColumn(column.name, names, option: "types")
            }
            given[index] = column.type
        }
        guard options.leadingTypes.count <= names.count else {
            throw IglooError(
                .invalidArgument,
                "option types has \(options.leadingTypes.count) types for \(names.count) columns",
                hint: "write types = {'\(names[0])': 'VARCHAR'}")
        }
        return given
    }

    private func noColumn(_ name: String, _ names: [String], option: String) -> IglooError {
        IglooError(
            .invalidArgument, "option \(option): there is no column '\(name)'",
            hint: NearestName.among(names, to: name).map { "did you mean '\($0)'?" }
                ?? "the columns are \(names.prefix(8).joined(separator: ", "))",
            sqlState: .undefinedColumn)
    }

    private func finished(
        _ table: CSVTable, _ fields: [Field], guessed: [Bool]
    ) throws(IglooError) -> CSVTable {
        let names = fields.map(\.name)
        for name in options.values.neverNull
        where !names.contains(where: { $0.lowercased() == name }) {
            throw noColumn(name, names, option: "force_not_null")
        }
        var table = table
        try table.text.setColumns(fields, options.files)
        let rest = table.text.schema.fields.count - guessed.count
        table.guessed = guessed + Array(repeating: false, count: rest)
        return table
    }
}
