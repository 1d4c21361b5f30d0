// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFiles

/// What stands at the beginning of a file: a byte order mark, lines to be skipped, the header.
struct CSVHead {
    /// Offset in the content of the first record.
    var dataStart: Int64
    /// The fields of the header, when the dialect has one.
    var names: [String] = []
    /// Fields of the first record, when there is no header; 0 = no record.
    var fieldCount = 0

    /// The bytes of a byte order mark, or an error for one of an encoding that is not read.
    static func markByteCount(
        _ bytes: UnsafePointer<UInt8>, _ count: Int, _ path: String
    ) throws(IglooError) -> Int {
        if count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF { return 3 }
        let isUTF16 =
            count >= 2
            && ((bytes[0] == 0xFF && bytes[1] == 0xFE) || (bytes[0] == 0xFE && bytes[1] == 0xFF))
        guard !isUTF16 else {
            throw IglooError(
                .unsupported, "'\(path)' is UTF-16 text, of which only UTF-8 is read",
                hint: "convert it: iconv -f UTF-16 -t UTF-8")
        }
        return 0
    }

    /// Reads the head of a file in the table's dialect.
    static func read(
        _ reader: FileReader, _ table: CSVTable, _ context: CallContext
    ) throws(IglooError) -> CSVHead {
        let compression = try reader.compression(table.compression)
        var byteCount = 64 << 10
        while true {
            try context.checkCancelled()
            let sample = try CSVSample(reader, compression, byteCount: byteCount)
            let head = try sample.head(table)
            if let head { return head }
            guard byteCount < 2 * table.lineByteCountMax else {
                throw IglooError(
                    .invalidData,
                    "'\(reader.path)': the header does not end within \(byteCount) bytes",
                    hint: "a quote in it may not be closed; see the options quote and skip")
            }
            byteCount *= 4
        }
    }

    /// Line ends in the first `offset` bytes of a file's content.
    static func lineEndCount(
        _ file: FileReference, _ table: CSVTable, upTo offset: Int64
    ) throws(IglooError) -> Int64 {
        let reader = try FileReader(file)
        let compression = try reader.compression(table.compression)
        let stream = try compression.stream(reader)
        let chunk = TextChunk(byteCapacity: 256 << 10)
        var (rest, total) = (offset, Int64(0))
        while rest > 0 {
            let wanted = Int(min(rest, Int64(chunk.byteCapacity)))
            let count = try stream.read(
                into: UnsafeMutableRawBufferPointer(start: chunk.bytes, count: wanted))
            if count == 0 { break }
            total += TextBytes.count(table.dialect.newline, chunk.bytes, count)
            rest -= Int64(count)
        }
        return total
    }
}
