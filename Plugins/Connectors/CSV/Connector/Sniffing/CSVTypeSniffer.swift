// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFiles

/// The types that all values seen so far of a column fit.
struct CSVColumnGuess {
    private struct Fits: OptionSet {
        let rawValue: UInt8
        static let bool = Fits(rawValue: 1)
        static let integer = Fits(rawValue: 2)
        static let double = Fits(rawValue: 4)
        static let date = Fits(rawValue: 8)
        static let time = Fits(rawValue: 16)
        static let timestamp = Fits(rawValue: 32)
        static let zonedTimestamp = Fits(rawValue: 64)
        static let all: Fits = [
            .bool, .integer, .double, .date, .time, .timestamp, .zonedTimestamp,
        ]
    }

    private var fits = Fits.all
    private(set) var hasValues = false

    var type: DataType {
        guard hasValues else { return .utf8View }
        if fits.contains(.bool) { return .bool }
        if fits.contains(.integer) { return .int64 }
        if fits.contains(.double) { return .float64 }
        if fits.contains(.date) { return .date32 }
        if fits.contains(.time) { return .time64(.microsecond) }
        if fits.contains(.timestamp) { return .timestamp(.microsecond, timeZone: nil) }
        if fits.contains(.zonedTimestamp) { return .timestamp(.microsecond, timeZone: "UTC") }
        return .utf8View
    }

    /// Takes a value that is not NULL into account.
    mutating func see(
        _ bytes: UnsafePointer<UInt8>, _ count: Int, _ formats: CSVTypeSniffer.Formats
    ) {
        hasValues = true
        if fits.isEmpty { return }
        var (start, count) = (bytes, count)
        while count > 0 && start[0] == 0x20 { (start, count) = (start + 1, count - 1) }
        while count > 0 && start[count - 1] == 0x20 { count -= 1 }
        if fits.contains(.bool) && TextValue.bool(start, count) == nil { fits.remove(.bool) }
        // A zero in front belongs to a code, not to a number: 08008 is no 8008.
        if count > 1 && start[0] == 0x30 && start[1] &- 0x30 <= 9 {
            fits.subtract([.integer, .double])
        }
        if fits.contains(.integer) && TextValue.int64(start, count) == nil {
            fits.remove(.integer)
        }
        if fits.contains(.double)
            && TextValue.double(start, count, decimalSeparator: formats.decimalSeparator) == nil
        {
            fits.remove(.double)
        }
        seeTimes(start, count, formats)
    }

    private mutating func seeTimes(
        _ start: UnsafePointer<UInt8>, _ count: Int, _ formats: CSVTypeSniffer.Formats
    ) {
        if fits.contains(.date) {
            let isDate =
                formats.date.map { $0.parse(start, count) != nil }
                ?? (TextValue.date(start, count) != nil)
            if !isDate { fits.remove(.date) }
        }
        if fits.contains(.time) && TextValue.time(start, count) == nil { fits.remove(.time) }
        guard fits.contains(.timestamp) || fits.contains(.zonedTimestamp) else { return }
        if let format = formats.timestamp {
            fits.remove(.zonedTimestamp)
            if format.parse(start, count) == nil { fits.remove(.timestamp) }
        } else if let value = TextValue.timestamp(start, count) {
            if value.hasZone { fits.remove(.timestamp) }
        } else {
            fits.subtract([.timestamp, .zonedTimestamp])
        }
    }
}

/// Guesses the types of columns from a sample of records, and whether the first is a header.
struct CSVTypeSniffer {
    struct Formats {
        var decimalSeparator: UInt8
        var date: TimeFormat?
        var timestamp: TimeFormat?
    }

    let formats: Formats
    let nullTexts: [[UInt8]]

    init(_ table: CSVTable) throws(IglooError) {
        formats = Formats(
            decimalSeparator: table.decimalSeparator,
            date: try table.dateFormat.map { text throws(IglooError) in try TimeFormat(text) },
            timestamp: try table.timestampFormat.map { text throws(IglooError) in
                try TimeFormat(text)
            })
        nullTexts = table.nullTexts.map { Array($0.utf8) }
    }

    func isNull(_ start: UnsafePointer<UInt8>, _ count: Int, _ isQuoted: Bool) -> Bool {
        if count == 0 { return true }
        if isQuoted { return false }
        return nullTexts.contains { text in
            text.count == count
                && text.elementsEqual(UnsafeBufferPointer(start: start, count: count))
        }
    }

    /// Adds the records from `first` on, up to `countMax` of them.
    ///
    /// - Parameter fields: for each guess the field it is about, -1 for none.
    func see(
        _ records: CSVRecords, from first: Int, countMax: Int, fields: [Int],
        _ guesses: inout [CSVColumnGuess]
    ) {
        let end = countMax < records.count - first ? first + countMax : records.count
        var record = first
        while record < end {
            let fieldCount = records.fieldCount(record)
            for (column, field) in fields.enumerated() where field >= 0 && field < fieldCount {
                let (start, count, isQuoted) = records.value(record, field)
                if !isNull(start, count, isQuoted) {
                    guesses[column].see(start, count, formats)
                }
            }
            record += 1
        }
    }

    /// Whether the first record names the columns: it has words where the others have values of
    /// another type, or everything is text.
    func isHeader(_ records: CSVRecords, _ types: [DataType]) -> Bool {
        var (isAllText, hasValue, hasWords) = (true, false, false)
        for (column, type) in types.enumerated() where column < records.fieldCount(0) {
            if type != .utf8View { isAllText = false }
            let (start, count, isQuoted) = records.value(0, column)
            if isNull(start, count, isQuoted) { continue }
            hasValue = true
            var own = CSVColumnGuess()
            own.see(start, count, formats)
            if type != .utf8View && own.type == .utf8View { hasWords = true }
        }
        return hasValue && (isAllText || hasWords)
    }
}
