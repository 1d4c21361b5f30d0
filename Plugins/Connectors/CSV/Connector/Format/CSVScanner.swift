// SPDX-License-Identifier: MIT

import CIglooFiles

/// Finds where fields and records end, 64 bytes at a time.
///
/// In the common dialects the bytes inside quotes are those before which an odd number of quotes
/// stands, and 64 bytes are decided at once. That holds as long as every quote which opens stands
/// at the beginning of a field or right after one that closed (a doubled quote). A block where it
/// does not, and every block of a dialect with comments or a separate escape, is looked at byte by
/// byte with the same states, so that the answer is always that of the state machine. So is every
/// block of a dialect whose delimiter has several bytes; it ends a field with its last.
struct CSVScanner {
    enum State: UInt8 {
        /// At the beginning of a record.
        case recordStart
        case fieldStart
        case unquoted
        case quoted
        /// After a quote inside quotes, which either closes or is the first of two.
        case quoteSeen
        /// After an escape inside quotes.
        case escaped
        case comment
    }

    private let delimiter: UInt8
    private let wideDelimiter: WideDelimiter?
    private let newline: UInt8
    private let quote: UInt8
    private let hasQuote: Bool
    private let escape: UInt8
    private let doublesQuote: Bool
    private let comment: UInt8?
    private let isPlain: Bool
    private(set) var state = State.recordStart
    /// Bytes of the wide delimiter that the bytes before this one are.
    private var matchedCount = 0

    init(_ dialect: CSVDialect) {
        delimiter = dialect.delimiter.last ?? 0
        wideDelimiter = dialect.delimiter.count > 1 ? WideDelimiter(dialect.delimiter) : nil
        newline = dialect.newline
        quote = dialect.quote ?? 0
        hasQuote = dialect.quote != nil
        escape = dialect.escape ?? 0
        doublesQuote = dialect.escape == dialect.quote
        comment = dialect.comment
        isPlain = dialect.isPlain && (dialect.quote == nil || dialect.escape != nil)
    }

    /// Whether the bytes so far end inside quotes.
    var isInsideQuotes: Bool { state == .quoted || state == .escaped }

    mutating func reset() {
        state = .recordStart
        matchedCount = 0
    }

    /// Calls `body` with the offset of each block, the bits of the ends of fields in it, and the
    /// bits of those that end a record; stops when it answers `false`.
    ///
    /// 64 bytes past the end must be readable.
    @inline(__always)
    mutating func scan(
        _ bytes: UnsafePointer<UInt8>, _ count: Int, _ body: (Int, UInt64, UInt64) -> Bool
    ) {
        var offset = 0
        while offset < count {
            let blockCount = min(64, count &- offset)
            let mask = blockCount == 64 ? UInt64.max : 1 &<< UInt64(blockCount) &- 1
            let (ends, newlines) =
                isPlain
                ? plainBlock(bytes + offset, mask, blockCount)
                : steppedBlock(bytes + offset, blockCount)
            if !body(offset, ends, newlines) { return }
            offset &+= 64
        }
    }

    @inline(__always)
    private mutating func plainBlock(
        _ bytes: UnsafePointer<UInt8>, _ mask: UInt64, _ count: Int
    ) -> (UInt64, UInt64) {
        let newlines = igloo_scan_equal(bytes, newline) & mask
        let ends = (igloo_scan_equal(bytes, delimiter) & mask) | newlines
        let quotes = hasQuote ? igloo_scan_equal(bytes, quote) & mask : 0
        let last = UInt64(count &- 1)
        if quotes == 0 {
            if state == .quoted { return (0, 0) }
            settle(ends, newlines, 0, false, last)
            return (ends, newlines)
        }
        let carried: UInt64 = state == .quoted ? .max : 0
        let inside = igloo_scan_parity(quotes) ^ carried
        let opening = quotes & inside
        let closing = quotes & ~inside
        let realEnds = ends & ~inside
        let startsField: UInt64 = state == .unquoted || state == .quoted ? 0 : 1
        if opening & ~((realEnds | closing) &<< 1 | startsField) != 0 {
            return steppedBlock(bytes, count)
        }
        settle(realEnds, newlines & ~inside, closing, inside &>> last & 1 != 0, last)
        return (realEnds, newlines & ~inside)
    }

    /// Sets the state after a block's last byte.
    @inline(__always)
    private mutating func settle(
        _ ends: UInt64, _ newlines: UInt64, _ closing: UInt64, _ isInside: Bool, _ last: UInt64
    ) {
        if isInside {
            state = .quoted
        } else if newlines &>> last & 1 != 0 {
            state = .recordStart
        } else if ends &>> last & 1 != 0 {
            state = .fieldStart
        } else if closing &>> last & 1 != 0 {
            state = .quoteSeen
        } else {
            state = .unquoted
        }
    }

    /// The state machine itself.
    @inline(never)
    private mutating func steppedBlock(
        _ bytes: UnsafePointer<UInt8>, _ count: Int
    ) -> (UInt64, UInt64) {
        var (ends, newlines): (UInt64, UInt64) = (0, 0)
        var index = 0
        while index < count {
            let byte = bytes[index]
            switch state {
            case .quoted:
                if byte == quote && doublesQuote {
                    state = .quoteSeen
                } else if byte == escape && !doublesQuote && escape != 0 {
                    state = .escaped
                } else if byte == quote {
                    state = .quoteSeen
                }
            case .escaped: state = .quoted
            case .quoteSeen where byte == quote && doublesQuote: state = .quoted
            case .comment:
                if byte == newline {
                    newlines |= 1 &<< UInt64(index)
                    state = .recordStart
                }
            case .recordStart where comment != nil && byte == comment: state = .comment
            case .recordStart where hasQuote && byte == quote,
                .fieldStart where hasQuote && byte == quote:
                state = .quoted
            default:
                if byte == newline {
                    newlines |= 1 &<< UInt64(index)
                    state = .recordStart
                    matchedCount = 0
                } else if endsDelimiter(byte) {
                    ends |= 1 &<< UInt64(index)
                    state = .fieldStart
                } else {
                    state = .unquoted
                }
            }
            index &+= 1
        }
        return (ends | newlines, newlines)
    }

    @inline(__always)
    private mutating func endsDelimiter(_ byte: UInt8) -> Bool {
        guard let wideDelimiter else { return byte == delimiter }
        matchedCount = wideDelimiter.matchedCount(after: matchedCount, byte)
        guard matchedCount == wideDelimiter.bytes.count else { return false }
        matchedCount = 0
        return true
    }
}

/// Looks for a delimiter of several bytes, a byte at a time.
///
/// - Source: Knuth, Morris, Pratt, "Fast Pattern Matching in Strings".
private struct WideDelimiter {
    let bytes: [UInt8]
    /// For each number of matched bytes, how many still match when the next does not.
    private var fallbacks: [Int] = [0, 0]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        for index in 1..<bytes.count {
            fallbacks.append(matchedCount(after: fallbacks[index], bytes[index]))
        }
    }

    func matchedCount(after count: Int, _ byte: UInt8) -> Int {
        var count = count
        while bytes[count] != byte {
            if count == 0 { return 0 }
            count = fallbacks[count]
        }
        return count + 1
    }
}
