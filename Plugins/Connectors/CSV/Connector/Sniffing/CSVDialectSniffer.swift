// SPDX-License-Identifier: MIT

import IglooContracts
import IglooFiles

/// Finds out how a file tells its records and fields apart.
///
/// Every combination of delimiter, quote and escape is tried on the beginning of the file; the one
/// under which most records have the same number of fields wins, then the one with more fields,
/// then the more usual one.
struct CSVDialectSniffer {
    static let byteCount = 256 << 10
    private static let recordCountMax = 2048

    let options: CSVOptions

    func sniff(_ sample: CSVSample) -> CSVDialect {
        var best: (dialect: CSVDialect, score: Score)?
        let newline = newline(sample)
        for dialect in candidates(sample, newline) {
            guard let rated = rate(sample, dialect) else { continue }
            if let current = best, !(current.score < rated.score) { continue }
            best = rated
        }
        var dialect = best?.dialect ?? base(newline)
        if let quote = options.quote { dialect.quote = quote }
        return dialect
    }

    private func base(_ newline: UInt8) -> CSVDialect {
        var dialect = CSVDialect()
        dialect.newline = newline
        dialect.skippedLineCount = options.skippedLineCount ?? 0
        if let delimiter = options.delimiter { dialect.delimiter = delimiter }
        if let quote = options.quote {
            dialect.quote = quote
            dialect.escape = quote
        }
        if let escape = options.escape { dialect.escape = escape ?? dialect.quote }
        dialect.comment = options.comment ?? nil
        return dialect
    }

    private func newline(_ sample: CSVSample) -> UInt8 {
        let bytes = sample.chunk.bytes
        if TextBytes.contains(0x0A, bytes, sample.byteCount) { return 0x0A }
        return TextBytes.contains(0x0D, bytes, sample.byteCount) ? 0x0D : 0x0A
    }

    private func candidates(_ sample: CSVSample, _ newline: UInt8) -> [CSVDialect] {
        let bytes = sample.chunk.bytes
        let has = { (byte: UInt8) in TextBytes.contains(byte, bytes, sample.byteCount) }
        let usual: [UInt8] = [0x2C, 0x7C, 0x3B, 0x09]
        let rare: [UInt8] = [0x7E, 0x5E, 0x01]
        let delimiters = options.delimiter.map { [$0] } ?? (usual + rare).filter(has).map { [$0] }
        var quotes: [UInt8?] = [0x22]
        if has(0x27) { quotes.append(0x27) }
        if has(0x22) { quotes.append(nil) }
        if let given = options.quote { quotes = [given] }
        var dialects: [CSVDialect] = []
        for quote in quotes {
            for delimiter in delimiters.isEmpty ? [[0x2C]] : delimiters {
                var dialect = base(newline)
                dialect.delimiter = delimiter
                dialect.quote = quote
                dialect.escape = quote
                if let escape = options.escape { dialect.escape = escape ?? quote }
                dialects.append(dialect)
                if options.escape == nil && quote != nil && has(0x5C) {
                    dialect.escape = 0x5C
                    dialects.append(dialect)
                }
            }
        }
        return dialects
    }

    /// How well a dialect fits; greater is better.
    private struct Score: Comparable {
        /// Share of the records with the usual number of fields, in steps that noise cannot cross.
        var consistency: Int
        var hasManyFields: Bool
        /// Without quotes only if quotes make no sense: an unclosed one is a fault to be told.
        var hasQuotes: Bool
        /// Fields whose quotes contradict the dialect.
        var untidyCount: Int
        var hasQuotedFields: Bool
        var isUsual: Bool
        var fieldCount: Int

        static func < (left: Score, right: Score) -> Bool {
            if left.hasManyFields != right.hasManyFields { return right.hasManyFields }
            if left.consistency != right.consistency { return left.consistency < right.consistency }
            if left.hasQuotes != right.hasQuotes { return right.hasQuotes }
            if left.untidyCount != right.untidyCount { return left.untidyCount > right.untidyCount }
            if left.hasQuotedFields != right.hasQuotedFields { return right.hasQuotedFields }
            if left.isUsual != right.isUsual { return right.isUsual }
            return left.fieldCount < right.fieldCount
        }
    }

    private func rate(
        _ sample: CSVSample, _ dialect: CSVDialect
    ) -> (dialect: CSVDialect, score: Score)? {
        var dialect = dialect
        var records = sample.records(dialect)
        if records.count == 0 { return nil }
        let usual = usualFieldCount(records)
        if let preamble = preamble(records, usual) {
            switch preamble {
            case .comment(let byte): dialect.comment = byte
            case .lines(let count):
                dialect.skippedLineCount = lineCount(sample, dialect, upTo: records.start(count))
            }
            records = sample.records(dialect)
        }
        let total = min(records.count, Self.recordCountMax)
        var (consistent, untidy, quoted) = (0, 0, 0)
        for record in 0..<total {
            let count = records.fieldCount(record)
            if count == usual || (options.padsShortRecords && count < usual) { consistent += 1 }
            for field in 0..<records.fieldCount(record) {
                if records.isUntidy(record, field) { untidy += 1 }
                if records.value(record, field).isQuoted { quoted += 1 }
            }
        }
        if records.endsInsideQuotes { untidy += 1 + total / 10 }
        let consistency = total == 0 ? 0 : consistent * 20 / total
        // Of a rare delimiter only a regular file is believed.
        let isUsual = [[0x2C], [0x7C], [0x3B], [0x09]].contains(dialect.delimiter)
        let isBelieved = isUsual || options.delimiter != nil || consistent == total
        let score = Score(
            consistency: consistency, hasManyFields: usual > 1 && consistency > 10 && isBelieved,
            hasQuotes: dialect.quote != nil, untidyCount: untidy, hasQuotedFields: quoted > 0,
            isUsual: isUsual,
            fieldCount: usual)
        return (dialect, score)
    }

    private func usualFieldCount(_ records: CSVRecords) -> Int {
        var counts: [Int: Int] = [:]
        for record in 0..<min(records.count, Self.recordCountMax) {
            counts[records.fieldCount(record), default: 0] += 1
        }
        if options.padsShortRecords { return counts.keys.max() ?? 1 }
        let best = counts.max { ($0.value, $0.key) < ($1.value, $1.key) }
        return best?.key ?? 1
    }

    private enum Preamble {
        case comment(UInt8)
        /// So many records are not of the table.
        case lines(Int)
    }

    /// Notes of one field each before records that all have more.
    private func preamble(_ records: CSVRecords, _ usual: Int) -> Preamble? {
        guard usual > 1, records.fieldCount(0) != usual else { return nil }
        let (start, count, _) = records.value(0, 0)
        if options.comment == nil && count > 0 && start[0] == UInt8(ascii: "#") {
            return .comment(start[0])
        }
        guard options.skippedLineCount == nil else { return nil }
        var lines = 0
        while lines < min(records.count, 32), records.fieldCount(lines) == 1 { lines += 1 }
        guard lines > 0, lines + 1 < records.count else { return nil }
        for record in lines..<min(records.count, Self.recordCountMax)
        where records.fieldCount(record) != usual { return nil }
        return .lines(lines)
    }

    private func lineCount(
        _ sample: CSVSample, _ dialect: CSVDialect, upTo offset: Int
    ) -> Int {
        Int(TextBytes.count(dialect.newline, sample.chunk.bytes, offset))
    }
}
