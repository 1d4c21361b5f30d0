// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFiles

/// The beginning of a file in memory, for finding out how to read the rest.
final class CSVSample {
    let chunk: TextChunk
    let byteCount: Int
    /// The sample is the whole file.
    let isWhole: Bool
    /// Bytes of the byte order mark.
    let markByteCount: Int

    init(_ content: OpenedContent, byteCount: Int) throws(IglooError) {
        var capacity = byteCount
        if content.isPlain {
            capacity = Int(min(Int64(byteCount), content.reader.byteCount)) + 1
        }
        chunk = TextChunk(byteCapacity: capacity + 1)
        let stream = try content.stream()
        let count = try stream.read(
            into: UnsafeMutableRawBufferPointer(start: chunk.bytes, count: capacity))
        isWhole = count < capacity
        self.byteCount = count
        markByteCount = TextBytes.markByteCount(chunk.bytes, count)
    }

    /// The records of the sample in a dialect, whole ones only.
    func records(_ dialect: CSVDialect) -> CSVRecords {
        CSVRecords(self, dialect)
    }

    /// The head of the file; `nil` when the sample is too small to hold it.
    func head(_ table: CSVTable) throws(IglooError) -> CSVHead? {
        let records = records(table.dialect)
        if !isWhole && records.count < 1 { return nil }
        guard records.count > 0 else {
            return CSVHead(dataStart: Int64(byteCount))
        }
        if !table.dialect.hasHeader {
            return CSVHead(
                dataStart: Int64(records.start(0)), fieldCount: records.fieldCount(0))
        }
        let next = records.end(0) + 1
        return CSVHead(
            dataStart: Int64(min(next, byteCount)), names: records.texts(0),
            fieldCount: records.fieldCount(0))
    }
}

/// The records of a sample: lines without comments, empty lines and those skipped.
final class CSVRecords {
    private let sample: CSVSample
    private let dialect: CSVDialect
    private let index = CSVIndex()
    private let bytes: UnsafePointer<UInt8>
    /// First and last field of each record.
    private var records: [(first: Int, last: Int)] = []
    /// The sample ends inside quotes that nothing closes.
    let endsInsideQuotes: Bool

    init(_ sample: CSVSample, _ dialect: CSVDialect) {
        self.sample = sample
        self.dialect = dialect
        let skipped = Self.skippedByteCount(sample, dialect)
        bytes = UnsafePointer(sample.chunk.bytes) + skipped
        base = skipped
        var count = sample.byteCount - skipped
        if sample.isWhole && count > 0 && bytes[count - 1] != dialect.newline {
            sample.chunk.bytes[skipped + count] = dialect.newline
            count += 1
        }
        index.build(bytes, count, dialect)
        endsInsideQuotes = index.endsInsideQuotes && sample.isWhole
        collect()
    }

    private let base: Int

    /// The mark and the lines to be left out.
    private static func skippedByteCount(_ sample: CSVSample, _ dialect: CSVDialect) -> Int {
        var offset = sample.markByteCount
        for _ in 0..<dialect.skippedLineCount {
            while offset < sample.byteCount && sample.chunk.bytes[offset] != dialect.newline {
                offset += 1
            }
            if offset >= sample.byteCount { return sample.byteCount }
            offset += 1
        }
        return offset
    }

    private func collect() {
        var first = 0
        for line in 0..<index.lineCount {
            let last = Int(index.lineEnds[line])
            let start = Int(index.fieldEnds[first - 1] &+ 1)
            let end = Int(index.fieldEnds[last])
            let isEmpty =
                end == start
                || (end == start + 1 && bytes[start] == 0x0D
                    && dialect.stripsCarriageReturn)
            let isComment = end > start && dialect.comment != nil && bytes[start] == dialect.comment
            if !isEmpty && !isComment { records.append((first, last)) }
            first = last + 1
        }
    }

    var count: Int { records.count }

    func fieldCount(_ record: Int) -> Int { records[record].last - records[record].first + 1 }

    /// Offset in the content.
    func start(_ record: Int) -> Int {
        base + Int(index.fieldEnds[records[record].first - 1] &+ 1)
    }

    /// Offset in the content of the byte that ends the record.
    func end(_ record: Int) -> Int { base + Int(index.fieldEnds[records[record].last]) }

    /// The bytes of a field without quotes; escapes stay.
    func value(
        _ record: Int, _ field: Int
    ) -> (start: UnsafePointer<UInt8>, count: Int, isQuoted: Bool) {
        let at = records[record].first + field
        let start = Int(index.fieldEnds[at - 1] &+ 1)
        var end = Int(index.fieldEnds[at])
        if at < records[record].last { end -= dialect.delimiter.count - 1 }
        if at == records[record].last && end > start && bytes[end - 1] == 0x0D
            && dialect.stripsCarriageReturn
        {
            end -= 1
        }
        guard let quote = dialect.quote, end - start >= 2, bytes[start] == quote else {
            return (bytes + start, end - start, false)
        }
        let whole = end
        while end - start > 2 && bytes[end - 1] == 0x20 { end -= 1 }
        guard bytes[end - 1] == quote else { return (bytes + start, whole - start, false) }
        return (bytes + start + 1, end - start - 2, true)
    }

    /// The fields of a record as texts, without escapes.
    func texts(_ record: Int) -> [String] {
        (0..<fieldCount(record)).map { text(record, $0) }
    }

    private func text(_ record: Int, _ field: Int) -> String {
        let (start, count, isQuoted) = value(record, field)
        let raw = Array(UnsafeBufferPointer(start: start, count: count))
        guard isQuoted, let escape = dialect.escape else {
            return String(decoding: raw, as: UTF8.self)
        }
        var plain: [UInt8] = []
        var index = 0
        while index < raw.count {
            if raw[index] == escape && index + 1 < raw.count { index += 1 }
            plain.append(raw[index])
            index += 1
        }
        return String(decoding: plain, as: UTF8.self)
    }

    /// Whether a field begins or ends with a quote without being quoted well.
    func isUntidy(_ record: Int, _ field: Int) -> Bool {
        guard let quote = dialect.quote else { return false }
        let (start, count, isQuoted) = value(record, field)
        if isQuoted {
            guard dialect.escape == quote else { return false }
            return hasLoneQuote(start, count, quote)
        }
        return count > 0 && start[0] == quote
    }

    private func hasLoneQuote(
        _ start: UnsafePointer<UInt8>, _ count: Int, _ quote: UInt8
    ) -> Bool {
        var index = 0
        while index < count {
            if start[index] == quote {
                if index + 1 >= count || start[index + 1] != quote { return true }
                index += 1
            }
            index += 1
        }
        return false
    }
}
