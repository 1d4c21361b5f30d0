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
        var table = options.table
        table.files = files
        let filled = files.filter { $0.identity.byteCount > 0 }
        if options.isSniffing || !options.columns.isEmpty {
            if let first = filled.first {
                table.dialect = try dialect(first, table)
            } else if options.columns.isEmpty {
                throw emptyError(files)
            }
        }
        if !options.columns.isEmpty { return try explicit(table, filled.first) }
        return try guessed(table, filled)
    }

    private func emptyError(_ files: [FileReference]) -> IglooError {
        let what = files.count == 1 ? "'\(files[0].path)' is" : "all \(files.count) files are"
        return IglooError(
            .invalidData, "\(what) empty: there is nothing to tell the columns from",
            hint: "say them: columns = {'a': 'BIGINT', 'b': 'VARCHAR'}")
    }

    private func dialect(
        _ file: FileReference, _ table: CSVTable
    ) throws(IglooError) -> CSVDialect {
        let reader = try FileReader(file)
        let compression = try reader.compression(table.compression)
        let sample = try CSVSample(reader, compression, byteCount: CSVDialectSniffer.byteCount)
        return CSVDialectSniffer(options: options).sniff(sample)
    }

    // MARK: - Given columns

    private func explicit(
        _ table: CSVTable, _ file: FileReference?
    ) throws(IglooError) -> CSVTable {
        var table = table
        let sniffer = try CSVTypeSniffer(table)
        if let header = options.hasHeader {
            table.dialect.hasHeader = header
        } else if let file, options.isSniffing {
            let reader = try FileReader(file)
            let compression = try reader.compression(table.compression)
            let sample = try CSVSample(reader, compression, byteCount: CSVDialectSniffer.byteCount)
            let records = sample.records(table.dialect)
            table.dialect.hasHeader = records.count > 0 && namesMatch(records)
            let types = options.columns.map(\.type)
            if records.count > 0 && types.contains(where: { $0 != .utf8View }) {
                table.dialect.hasHeader =
                    table.dialect.hasHeader || sniffer.isHeader(records, types)
            }
        }
        table.schema = Schema(options.columns.map { Field($0.name, $0.type) })
        table.guessed = options.columns.map { _ in false }
        return withFileName(table)
    }

    private func namesMatch(_ records: CSVRecords) -> Bool {
        let names = records.texts(0).map { $0.lowercased() }
        return names == options.columns.map { $0.name.lowercased() }
    }

    // MARK: - Guessed columns

    private func guessed(
        _ table: CSVTable, _ files: [FileReference]
    ) throws(IglooError) -> CSVTable {
        var table = table
        let sniffer = try CSVTypeSniffer(table)
        var columns = Columns()
        var rest = options.sampleRowCount
        for (number, file) in files.enumerated() {
            let mustLook = number == 0 || table.unitesByName
            if !mustLook && (rest <= 0 || number >= Self.fileCountMax) { break }
            try context.checkCancelled()
            try see(file, isFirst: number == 0, sniffer, &table, &columns, &rest)
        }
        if columns.names.isEmpty { throw emptyError(table.files) }
        return finished(table, columns)
    }

    private struct Columns {
        var names: [String] = []
        var guesses: [CSVColumnGuess] = []
        var indexes: [String: Int] = [:]
        var byteCount = 0
        var rowCount = 0
    }

    private func see(
        _ file: FileReference, isFirst: Bool, _ sniffer: CSVTypeSniffer, _ table: inout CSVTable,
        _ columns: inout Columns, _ rest: inout Int
    ) throws(IglooError) {
        let records = try sample(file, table, rowCount: rest)
        guard records.count > 0 else { return }
        if isFirst || columns.names.isEmpty {
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
        for (field, name) in CSVNames.tidied(records.texts(0)).enumerated() {
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
        let reader = try FileReader(file)
        let compression = try reader.compression(table.compression)
        var byteCount = CSVDialectSniffer.byteCount
        while true {
            try context.checkCancelled()
            let sample = try CSVSample(reader, compression, byteCount: byteCount)
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
        return CSVNames.tidied(names)
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

    private func finished(_ table: CSVTable, _ columns: Columns) -> CSVTable {
        var table = table
        var given: [String: DataType] = [:]
        for (name, type) in options.types { given[name.lowercased()] = type }
        var fields: [Field] = []
        for (name, guess) in zip(columns.names, columns.guesses) {
            let asked = given[name.lowercased()]
            fields.append(Field(name, asked ?? (options.isAllText ? .utf8View : guess.type)))
            table.guessed.append(asked == nil && !options.isAllText)
        }
        table.schema = Schema(fields)
        if columns.rowCount > 0 {
            table.averageRowByteCount = Double(columns.byteCount) / Double(columns.rowCount)
        }
        return withFileName(table)
    }

    private func withFileName(_ table: CSVTable) -> CSVTable {
        guard table.hasFileName else { return table }
        var table = table
        let taken = Set(table.schema.fields.map { $0.name.lowercased() })
        table.schema.fields.append(
            Field(taken.contains("filename") ? "filename_1" : "filename", .utf8View))
        table.guessed.append(false)
        return table
    }
}

/// Names of columns as SQL can use them: none empty, none twice.
enum CSVNames {
    /// `column0`, or `column00` and so on when there are more than ten.
    static func numbered(_ count: Int) -> [String] {
        let width = "\(max(count - 1, 0))".count
        return (0..<count).map { number in
            let digits = "\(number)"
            return "column" + String(repeating: "0", count: width - digits.count) + digits
        }
    }

    static func tidied(_ names: [String]) -> [String] {
        var taken: Set<String> = []
        var tidied: [String] = []
        for (index, raw) in names.enumerated() {
            var name = raw
            while name.hasPrefix(" ") { name.removeFirst() }
            while name.hasSuffix(" ") { name.removeLast() }
            if name.isEmpty { name = "column\(index)" }
            var unique = name
            var number = 1
            while taken.contains(unique.lowercased()) {
                unique = "\(name)_\(number)"
                number += 1
            }
            taken.insert(unique.lowercased())
            tidied.append(unique)
        }
        return tidied
    }
}
