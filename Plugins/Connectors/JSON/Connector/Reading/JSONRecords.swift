// SPDX-License-Identifier: MIT

import IglooContracts
import IglooFiles

/// Walks over the records of a file's content, piece by piece.
///
/// For each record, `next` leaves a parser at its beginning; the caller reads the value and says
/// `accept` with the parser after it. A value that goes on beyond the piece is `incomplete`: the
/// caller says `needMore` and gets the same record again, in a larger piece.
///
/// - Threads: one at a time.
final class JSONRecords: @unchecked Sendable {
    static let byteCountDefault = 512 << 10

    private let stream: any ByteStream
    let layout: JSONLayout
    private let byteCountMax: Int
    private(set) var chunk: TextChunk
    private(set) var filledCount = 0
    /// Bytes that hold whole lines, or all in other layouts.
    private var usableCount = 0
    /// Offset in the content of the chunk's first byte.
    private(set) var contentOffset: Int64
    private var cursor = 0
    private var isAtEnd = false
    private var isUTF8 = false
    private var state = State.beginning
    private let charge = MemoryCharge()

    private enum State { case beginning, firstElement, element, afterElement, end }

    init(
        _ stream: any ByteStream, _ layout: JSONLayout, contentOffset: Int64, byteCountMax: Int
    ) {
        self.stream = stream
        self.layout = layout
        self.byteCountMax = byteCountMax
        self.contentOffset = contentOffset
        chunk = TextChunk(byteCapacity: Self.byteCountDefault)
    }

    var bytes: UnsafePointer<UInt8> { UnsafePointer(chunk.bytes) }

    /// The parser at the next record, or `nil` at the end.
    ///
    /// - Throws: a `JSONFault` as `IglooError` made by `describe`.
    func next(
        _ context: CallContext, _ describe: (JSONFault) -> IglooError
    ) throws(IglooError) -> JSONParser? {
        while true {
            do throws(JSONFault) {
                if let parser = try step() { return parser }
                if state == .end { return nil }
            } catch {
                guard error.kind == .incomplete else { throw describe(error) }
            }
            if try !readMore(context) {
                if layout == .array && state != .end && state != .beginning {
                    throw describe(
                        JSONFault(.syntax, "the array is not closed", offset: filledCount))
                }
                return nil
            }
        }
    }

    /// The record was read; the next begins after it.
    func accept(_ parser: JSONParser) throws(JSONFault) {
        cursor = parser.index
        switch layout {
        case .array: state = .afterElement
        case .values:
            // Values need something between them: `[1][2]` is not two of them.
            guard cursor >= usableCount || Self.isSpace(bytes[cursor]) else {
                throw JSONFault(.syntax, "a value right after another", offset: cursor)
            }
        case .lines: skipLine()
        }
    }

    /// Reads on behind the line of the record that is malformed.
    func skipLine() {
        while cursor < usableCount && bytes[cursor] != 0x0A { cursor += 1 }
        if cursor < usableCount { cursor += 1 }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    /// - Returns: `nil` when the piece is used up.
    private func step() throws(JSONFault) -> JSONParser? {
        if layout == .lines { return lineParser() }
        var parser = JSONParser(
            bytes, usableCount, from: cursor, isFinal: isAtEnd, isUTF8: isUTF8)
        parser.skipSpace()
        cursor = parser.index
        guard cursor < usableCount else { return nil }
        guard layout == .array else { return parser }
        switch state {
        case .beginning:
            guard parser.take(0x5B) else { throw parser.unexpected("'['") }
            (cursor, state) = (parser.index, .firstElement)
            return try step()
        case .firstElement where parser.take(0x5D), .afterElement where parser.take(0x5D):
            (cursor, state) = (parser.index, .end)
            return try step()
        case .afterElement:
            guard parser.take(0x2C) else { throw parser.unexpected("',' or ']'") }
            (cursor, state) = (parser.index, .element)
            return try step()
        case .end: throw parser.unexpected("the end")
        case .firstElement, .element: return parser
        }
    }

    /// A parser over the next line that is not blank, and no further.
    private func lineParser() -> JSONParser? {
        while cursor < usableCount {
            var end = cursor
            if let newline = TextBytes.firstIndex(of: 0x0A, bytes + cursor, usableCount - cursor) {
                end = cursor + newline
            } else {
                end = usableCount
            }
            var parser = JSONParser(bytes, end, from: cursor, isFinal: true, isUTF8: isUTF8)
            parser.skipSpace()
            cursor = parser.index
            if cursor < end { return parser }
            cursor = min(end + 1, usableCount)
        }
        return nil
    }

    /// Makes the record at the cursor whole, or gets the next ones; `false` at the end.
    func readMore(_ context: CallContext) throws(IglooError) -> Bool {
        if isAtEnd { return false }
        let kept = filledCount - cursor
        if kept > byteCountMax {
            throw IglooError(
                .invalidData, "a record is longer than \(byteCountMax) bytes",
                hint: "maximum_object_size says how long a record may be")
        }
        try move(kept, context)
        while true {
            try context.checkCancelled()
            let room = UnsafeMutableRawBufferPointer(
                start: chunk.bytes + filledCount, count: chunk.byteCapacity - filledCount)
            let count = try stream.read(into: room)
            filledCount += count
            if count < room.count { isAtEnd = true }
            skipMark()
            usableCount = filledCount
            if layout == .lines && !isAtEnd {
                guard let newline = TextBytes.lastIndex(of: 0x0A, bytes, filledCount) else {
                    if filledCount > byteCountMax {
                        throw IglooError(
                            .invalidData, "a line is longer than \(byteCountMax) bytes",
                            hint: "maximum_object_size says how long a record may be")
                    }
                    try move(filledCount, context)
                    continue
                }
                usableCount = newline + 1
            }
            isUTF8 =
                TextBytes.isASCII(bytes, usableCount) || TextBytes.isUTF8(bytes, usableCount)
            return usableCount > cursor || !isAtEnd || count > 0
        }
    }

    /// Brings the last `kept` bytes to the beginning of a chunk with room behind them.
    private func move(_ kept: Int, _ context: CallContext) throws(IglooError) {
        let dropped = filledCount - kept
        contentOffset += Int64(dropped)
        let source = chunk.bytes + dropped
        let grows = kept * 2 > chunk.byteCapacity
        try charge.hold(chunk.byteCapacity * (grows ? 3 : 1), context.memory)
        if grows {
            let new = TextChunk(byteCapacity: chunk.byteCapacity * 2)
            new.bytes.update(from: source, count: kept)
            chunk = new
        } else {
            chunk.bytes.update(from: source, count: kept)
        }
        filledCount = kept
        cursor = 0
    }

    /// Skips a byte order mark at the beginning of the content.
    private func skipMark() {
        if contentOffset == 0 && cursor == 0 && filledCount >= 3 && bytes[0] == 0xEF
            && bytes[1] == 0xBB && bytes[2] == 0xBF
        {
            cursor = 3
        }
    }

    /// Offset in the chunk of the record at the cursor.
    var recordOffset: Int { cursor }
}
