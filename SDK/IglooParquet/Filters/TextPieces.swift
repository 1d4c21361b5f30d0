// SPDX-License-Identifier: MIT

import CIglooKernels

/// A LIKE pattern without `_` and escapes: pieces in order, with anything between them.
public struct TextPieces: Hashable, Sendable {
    let prefix: [UInt8]
    let middle: [[UInt8]]
    let suffix: [UInt8]
    /// Whether there is a `%` at all.
    let isOpen: Bool

    /// - Returns: `nil` for other patterns.
    init?(pattern: [UInt8]) {
        guard !pattern.contains(UInt8(ascii: "_")), !pattern.contains(UInt8(ascii: "\\")) else {
            return nil
        }
        let pieces = pattern.split(separator: UInt8(ascii: "%"), omittingEmptySubsequences: false)
        isOpen = pieces.count > 1
        prefix = Array(pieces[0])
        suffix = isOpen ? Array(pieces[pieces.count - 1]) : []
        middle = pieces.dropFirst().dropLast().filter { !$0.isEmpty }.map { Array($0) }
    }

    var isPrefix: Bool { middle.isEmpty && suffix.isEmpty }

    /// The pieces' bytes at addresses, so that nothing is counted for each text.
    struct Matcher {
        fileprivate let bytes: UnsafeRawPointer
        fileprivate let counts: UnsafeBufferPointer<Int>

        /// A piece that each text that matches contains; empty = there is none.
        var needle: UnsafeRawBufferPointer {
            guard counts.count > 2 else { return UnsafeRawBufferPointer(start: nil, count: 0) }
            return UnsafeRawBufferPointer(start: bytes + counts[0] + counts[1], count: counts[2])
        }

        @inline(__always)
        func matches(_ text: UnsafeRawBufferPointer) -> Bool {
            let (prefixCount, suffixCount) = (counts[0], counts[1])
            guard text.count >= prefixCount + suffixCount else { return false }
            guard let base = text.baseAddress else { return counts.count == 2 }
            if igloo_compare(base, bytes, prefixCount) != 0 { return false }
            var piece = bytes + prefixCount
            let end = text.count - suffixCount
            if igloo_compare(base + end, piece, suffixCount) != 0 { return false }
            piece += suffixCount
            var position = prefixCount
            var index = 2
            while index < counts.count {
                let found = igloo_find(base + position, end - position, piece, counts[index])
                if found < 0 { return false }
                position += found + counts[index]
                piece += counts[index]
                index &+= 1
            }
            return true
        }
    }

    func withMatcher(_ body: (Matcher) -> Void) {
        let bytes = prefix + suffix + middle.flatMap { $0 } + [0]
        let counts = [prefix.count, suffix.count] + middle.map(\.count)
        bytes.withUnsafeBytes { bytes in
            counts.withUnsafeBufferPointer { counts in
                body(Matcher(bytes: bytes.baseAddress!, counts: counts))
            }
        }
    }
}

extension ViewComparison {
    /// A byte a text: whether it matches. Texts that lie behind each other, as in a page, are searched
    /// as one.
    func like(
        _ count: Int, _ pieces: TextPieces, _ isNegated: Bool, _ mask: UnsafeMutablePointer<UInt8>
    ) {
        pieces.withMatcher { matcher in
            if matcher.needle.isEmpty {
                return test(count, mask) { matcher.matches($0) != isNegated }
            }
            mask.update(repeating: isNegated ? 1 : 0, count: count)
            var row = 0
            while row < count {
                let end = endOfRun(row, count)
                eachHit(row..<end, matcher.needle) { hit in
                    if matcher.matches(text(hit)) { mask[hit] = isNegated ? 0 : 1 }
                }
                row = end
            }
        }
    }

    /// Pages have a length of four bytes between texts.
    private static var gapByteCountMax: Int { 8 }

    /// The first row behind `row` whose bytes do not follow those of the rows before.
    private func endOfRun(_ row: Int, _ count: Int) -> Int {
        if isInline(row) { return row + 1 }
        let buffer = place(row).buffer
        var end = place(row).end
        var next = row + 1
        while next < count && !isInline(next) {
            let place = place(next)
            // Values of a dictionary lie anywhere.
            guard place.buffer == buffer, place.start >= end,
                place.start - end <= Self.gapByteCountMax
            else { break }
            end = place.end
            next &+= 1
        }
        return next
    }

    /// Calls `body` with each row of a run that contains the needle.
    @inline(__always)
    private func eachHit(
        _ rows: Range<Int>, _ needle: UnsafeRawBufferPointer, _ body: (Int) -> Void
    ) {
        // One text is searched by whoever asks for more than the needle.
        if rows.count == 1 { return body(rows.lowerBound) }
        let first = place(rows.lowerBound)
        let base = text(rows.lowerBound).baseAddress! - first.start
        let end = place(rows.upperBound - 1).end
        var (row, position) = (rows.lowerBound, first.start)
        while position < end {
            let found = igloo_find(
                base + position, end - position, needle.baseAddress, needle.count)
            if found < 0 { return }
            let hit = position + found
            while place(row).end <= hit { row &+= 1 }
            let text = place(row)
            if text.start <= hit && hit + needle.count <= text.end {
                body(row)
                position = text.end
            } else {
                // Across the border of two texts.
                position = hit + 1
            }
        }
    }
}
