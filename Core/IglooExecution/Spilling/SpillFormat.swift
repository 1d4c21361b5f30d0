// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Batches as bytes, for temporary files that this process alone reads.
///
/// Words of 64 bits come first: the number of words, the rows, then for each array (children
/// follow their parent) its count, its nulls and the byte counts of its bitmap (-1 = none) and
/// buffers. The buffers follow, each at a multiple of 16. Types are not written: who reads knows
/// them. Dictionaries are decoded.
enum SpillFormat {
    private static let alignment = 16

    // MARK: - Writing

    static func encode(_ batch: Batch) throws(IglooError) -> Buffer {
        var words: [Int64] = [0, Int64(batch.rowCount)]
        var buffers: [Buffer] = []
        for column in batch.columns { try collect(column, &words, &buffers) }
        words[0] = Int64(words.count)
        let bodyByteCount = buffers.reduce(0) { $0 + $1.byteCount + alignment }
        var bytes = BufferBuilder(byteCapacity: words.count * 8 + alignment + bodyByteCount)
        bytes.append(contentsOf: words)
        for buffer in buffers {
            bytes.append(zeros: padding(bytes.byteCount))
            bytes.append(buffer.bytes)
        }
        return bytes.finish()
    }

    private static func collect(
        _ array: ArrayData, _ words: inout [Int64], _ buffers: inout [Buffer]
    ) throws(IglooError) {
        let flat = try flattened(array)
        let compact = try arrow { () throws(ArrowError) in try flat.compacted() }
        try add(compact, &words, &buffers)
    }

    private static func add(
        _ array: ArrayData, _ words: inout [Int64], _ buffers: inout [Buffer]
    ) throws(IglooError) {
        words.append(Int64(array.count))
        words.append(Int64(array.nullCount))
        words.append(array.validity.map { Int64($0.byteCount) } ?? -1)
        words.append(Int64(array.buffers.count))
        if let validity = array.validity { buffers.append(validity) }
        for buffer in array.buffers {
            words.append(Int64(buffer.byteCount))
            buffers.append(buffer)
        }
        for child in array.children { try collect(child, &words, &buffers) }
    }

    private static func padding(_ byteCount: Int) -> Int {
        (alignment - byteCount & (alignment - 1)) & (alignment - 1)
    }

    // MARK: - Reading

    /// - Throws: `invalidData` when the bytes are not what was written.
    static func decode(_ bytes: Buffer, types: [DataType]) throws(IglooError) -> Batch {
        var reader = try Reader(bytes)
        let rowCount = try reader.word()
        var columns: [ArrayData] = []
        columns.reserveCapacity(types.count)
        for type in types {
            let column = try reader.array(type)
            guard column.count == rowCount else { throw damaged() }
            columns.append(column)
        }
        return Batch(columns: columns, rowCount: rowCount)
    }

    static func damaged() -> IglooError {
        IglooError(
            .invalidData, "a temporary file does not hold what was written to it",
            hint: "Check the disk below temp_directory")
    }

    private struct Reader {
        private let bytes: Buffer
        private let wordCount: Int
        private var index = 1
        private var position: Int

        init(_ bytes: Buffer) throws(IglooError) {
            guard bytes.byteCount >= 16, let count = Int(exactly: bytes.pointer(as: Int64.self)[0]),
                count >= 2, count <= bytes.byteCount / 8
            else { throw damaged() }
            self.bytes = bytes
            wordCount = count
            position = count * 8
        }

        mutating func word() throws(IglooError) -> Int {
            guard index < wordCount else { throw damaged() }
            defer { index += 1 }
            let word = Int(bytes.pointer(as: Int64.self)[index])
            guard word >= -1, word <= 1 << 48 else { throw damaged() }
            return word
        }

        private mutating func buffer(_ byteCount: Int) throws(IglooError) -> Buffer {
            let start = position + padding(position)
            guard byteCount >= 0, start <= bytes.byteCount, byteCount <= bytes.byteCount - start
            else { throw damaged() }
            position = start + byteCount
            return bytes.slice(start..<position)
        }

        mutating func array(_ type: DataType) throws(IglooError) -> ArrayData {
            var type = type
            if case .dictionary(_, let value, _) = type { type = value }
            let count = try word()
            let nullCount = try word()
            let validityByteCount = try word()
            let bufferCount = try word()
            guard count >= 0, bufferCount >= 0 else { throw damaged() }
            var sizes: [Int] = []
            for _ in 0..<bufferCount { sizes.append(try word()) }
            let validity = validityByteCount < 0 ? nil : try buffer(validityByteCount)
            var buffers: [Buffer] = []
            for size in sizes { buffers.append(try buffer(size)) }
            var children: [ArrayData] = []
            for field in type.childFields { children.append(try array(field.type)) }
            return ArrayData(
                type: type, count: count, nullCount: nullCount, validity: validity,
                buffers: buffers, children: children)
        }
    }
}
