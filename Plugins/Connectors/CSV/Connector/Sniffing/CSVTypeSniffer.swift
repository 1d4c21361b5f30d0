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

    /// The types that are guessed, the narrowest first; behind them all comes text.
    static let types: [DataType] = [
        .bool, .int64, .float64, .date32, .time64(.microsecond),
        .timestamp(.microsecond, timeZone: nil), .timestamp(.microsecond, timeZone: "UTC"),
    ]

    private static let order: [Fits] = [
        .bool, .integer, .double, .date, .time, .timestamp, .zonedTimestamp,
    ]

    var type: DataType { type(among: nil) }

    /// - Parameter candidates: types that may be guessed; `nil` = all.
    func type(among candidates: [DataType]?) -> DataType {
        guard hasValues else { return .utf8View }
        for (fit, type) in zip(Self.order, Self.types)
        where fits.contains(fit) && candidates?.contains(type) != false {
            return type
        }
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
        if fits.contains(.date) && TextValue.date(start, count, formats.date) == nil {
            fits.remove(.date)
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
    let nullsQuoted: Bool

    init(_ table: CSVTable) {
        formats = Formats(
            decimalSeparator: table.values.decimalSeparator, date: table.text.dateFormat,
            timestamp: table.text.timestampFormat)
        nullTexts = table.values.nullTexts.map { Array($0.utf8) }
        nullsQuoted = table.values.nullsQuoted
    }

    func isNull(_ start: UnsafePointer<UInt8>, _ count: Int, _ isQuoted: Bool) -> Bool {
        if count == 0 { return true }
        if isQuoted && !nullsQuoted { return false }
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
