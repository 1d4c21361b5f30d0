// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFiles

/// Whole records of a file in memory, with the places of their fields.
///
/// It reads the content piece by piece: what a piece holds of a record that goes on is carried to
/// the next. Memory is bounded by the longest record allowed.
///
/// - Threads: one at a time.
final class CSVPiece: @unchecked Sendable {
    static let byteCountDefault = 512 << 10

    private let stream: any ByteStream
    private let dialect: CSVDialect
    private let recordByteCountMax: Int
    private(set) var chunk: TextChunk
    /// Bytes of the chunk that hold content.
    private(set) var filledCount = 0
    /// Offset in the content of the chunk's first byte.
    private(set) var contentOffset: Int64
    let index = CSVIndex()
    private var isAtEnd = false
    private var hasAddedNewline = false
    private let charge = MemoryCharge()

    init(
        _ stream: any ByteStream, _ table: CSVTable, contentOffset: Int64,
        byteCount: Int = CSVPiece.byteCountDefault
    ) {
        self.stream = stream
        dialect = table.dialect
        recordByteCountMax = table.text.recordByteCountMax
        self.contentOffset = contentOffset
        chunk = TextChunk(byteCapacity: byteCount)
    }

    enum Outcome {
        /// Whole lines are there.
        case lines
        case end
        /// The record at the chunk's beginning does not end within the size allowed, or not at
        /// all: an unclosed quote.
        case endless(reachedEnd: Bool)
    }

    var bytes: UnsafePointer<UInt8> { UnsafePointer(chunk.bytes) }

    /// Drops the first `count` bytes, then reads until there are whole lines.
    func advance(dropping count: Int, _ context: CallContext) throws(IglooError) -> Outcome {
        contentOffset += Int64(count)
        var kept = filledCount - count
        try makeRoom(keeping: kept, droppedCount: count, capacity: chunk.byteCapacity, context)
        while true {
            try context.checkCancelled()
            try fill(from: kept)
            if filledCount == 0 { return .end }
            index.build(bytes, filledCount, dialect)
            if index.lineCount > 0 { return .lines }
            if isAtEnd { return .endless(reachedEnd: true) }
            if filledCount > recordByteCountMax { return .endless(reachedEnd: false) }
            kept = filledCount
            // No further than it takes to see that the record is too long.
            let capacity = min(chunk.byteCapacity * 2, recordByteCountMax + 4096)
            try makeRoom(
                keeping: kept, droppedCount: 0, capacity: max(capacity, kept + 4096), context)
        }
    }

    private func fill(from start: Int) throws(IglooError) {
        filledCount = start
        if !isAtEnd {
            let room = UnsafeMutableRawBufferPointer(
                start: chunk.bytes + start, count: chunk.byteCapacity - start - 1)
            let count = try stream.read(into: room)
            filledCount += count
            if count < room.count { isAtEnd = true }
        }
        // The last line need not be ended; ended it is easier to read.
        if isAtEnd && filledCount > 0 && !hasAddedNewline {
            hasAddedNewline = true
            if chunk.bytes[filledCount - 1] != dialect.newline {
                chunk.bytes[filledCount] = dialect.newline
                filledCount += 1
            }
        }
    }

    /// Gives the kept bytes memory that no batch points into.
    private func makeRoom(
        keeping kept: Int, droppedCount: Int, capacity: Int, _ context: CallContext
    ) throws(IglooError) {
        // While the kept bytes are copied there are two chunks; the index has up to eight bytes
        // for each byte of text.
        try charge.hold(chunk.byteCapacity + capacity * 9, context.memory)
        let source = chunk.bytes + droppedCount
        if capacity == chunk.byteCapacity && isKnownUniquelyReferenced(&chunk) {
            chunk.bytes.update(from: source, count: kept)
        } else {
            let new = TextChunk(byteCapacity: capacity)
            new.bytes.update(from: source, count: kept)
            chunk = new
        }
    }

    /// Line ends among the first bytes of the chunk.
    func lineEndCount(upTo count: Int) -> Int64 {
        TextBytes.count(dialect.newline, bytes, count)
    }
}
