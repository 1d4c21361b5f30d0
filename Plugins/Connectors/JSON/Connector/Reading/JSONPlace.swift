// SPDX-License-Identifier: MIT

import IglooContracts
import IglooFiles

/// Turns a place in a file into words.
enum JSONPlace {
    /// An error about the content at `offset`, with its line and column.
    static func error(
        _ fault: JSONFault, _ file: FileReference, _ compression: FileCompression?,
        offset: Int64, excerpt: String, isGuessed: Bool
    ) -> IglooError {
        var place = "'\(file.path)'"
        if let (line, column) = try? lineAndColumn(file, compression, offset) {
            place += ", line \(line), column \(column)"
        }
        if let name = fault.column { place += ", field '\(name)'" }
        var hint: String?
        if fault.kind == .mismatch && isGuessed {
            hint =
                "the type was guessed from a sample: say sample_size=-1, or all columns with"
                + " their types in columns"
        } else if fault.kind == .syntax {
            hint = "on_error='skip' leaves malformed records of newline-delimited files out"
        }
        return IglooError(
            .invalidData, "\(place): \(fault.message); the record: \(excerpt)", hint: hint,
            sqlState: .invalidTextRepresentation)
    }

    /// Both counted from 1, the column in bytes.
    private static func lineAndColumn(
        _ file: FileReference, _ compression: FileCompression?, _ offset: Int64
    ) throws(IglooError) -> (Int64, Int64) {
        let reader = try FileReader(file)
        let stream = try reader.compression(compression).stream(reader)
        let chunk = TextChunk(byteCapacity: 256 << 10)
        var (rest, line, lineStart, position) = (offset, Int64(1), Int64(0), Int64(0))
        while rest > 0 {
            let wanted = Int(min(rest, Int64(chunk.byteCapacity)))
            let count = try stream.read(
                into: UnsafeMutableRawBufferPointer(start: chunk.bytes, count: wanted))
            if count == 0 { break }
            line += TextBytes.count(0x0A, chunk.bytes, count)
            if let last = TextBytes.lastIndex(of: 0x0A, chunk.bytes, count) {
                lineStart = position + Int64(last) + 1
            }
            position += Int64(count)
            rest -= Int64(count)
        }
        return (line, offset - lineStart + 1)
    }
}
