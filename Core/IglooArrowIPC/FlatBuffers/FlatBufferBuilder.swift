// SPDX-License-Identifier: MIT

/// A value to be written in the FlatBuffers encoding.
indirect enum FlatValue {
    case bool(Bool)
    case uint8(UInt8)
    case int16(Int16)
    case int32(Int32)
    case int64(Int64)
    case text(String)
    case table([Int: FlatValue])
    case tables([[Int: FlatValue]])
    case int32s([Int32])
    case int64s([Int64])
    /// Structs of whole int64 words, so many words each.
    case structs([Int64], wordsPerStruct: Int)

    fileprivate var inlineByteCount: Int {
        switch self {
        case .bool, .uint8: 1
        case .int16: 2
        case .int64: 8
        default: 4
        }
    }
}

/// Writes tables front to back: first a table, then what it refers to.
///
/// - Source: FlatBuffers' "Internals" document.
struct FlatBufferBuilder {
    private var bytes: [UInt8] = []

    /// The encoding of a root table, its byte count a multiple of 8.
    static func encode(_ root: [Int: FlatValue]) -> [UInt8] {
        var builder = FlatBufferBuilder()
        builder.append(UInt32(0))
        builder.patch(0, to: builder.write(table: root))
        builder.pad(to: 8)
        return builder.bytes
    }

    /// Writes the list of field offsets, the table, then whatever its fields refer to.
    private mutating func write(table: [Int: FlatValue]) -> Int {
        // Widest first, so that no field needs padding before it.
        let fields = table.sorted {
            ($1.value.inlineByteCount, $0.key) < ($0.value.inlineByteCount, $1.key)
        }
        var offsets = [UInt16](repeating: 0, count: (table.keys.max() ?? -1) + 1)
        var inline = 4
        for (index, value) in fields {
            offsets[index] = UInt16(inline)
            inline += value.inlineByteCount
        }
        pad(to: 2)
        let fieldTable = bytes.count
        append(UInt16(4 + 2 * offsets.count))
        append(UInt16(inline))
        for offset in offsets { append(offset) }
        // Behind the table's first four bytes the eight-byte fields are aligned.
        pad(to: 8, plus: 4)
        let position = bytes.count
        append(Int32(position - fieldTable))
        var references: [(place: Int, value: FlatValue)] = []
        for (_, value) in fields {
            switch value {
            case .bool(let value): append(UInt8(value ? 1 : 0))
            case .uint8(let value): append(value)
            case .int16(let value): append(value)
            case .int32(let value): append(value)
            case .int64(let value): append(value)
            default:
                references.append((bytes.count, value))
                append(UInt32(0))
            }
        }
        for (place, value) in references { patch(place, to: write(referenced: value)) }
        return position
    }

    private mutating func write(referenced value: FlatValue) -> Int {
        switch value {
        case .text(let text):
            pad(to: 4)
            let position = bytes.count
            append(UInt32(text.utf8.count))
            bytes.append(contentsOf: text.utf8)
            bytes.append(0)
            return position
        case .table(let table): return write(table: table)
        case .tables(let tables):
            pad(to: 4)
            let position = bytes.count
            append(UInt32(tables.count))
            for _ in tables { append(UInt32(0)) }
            for (index, table) in tables.enumerated() {
                patch(position + 4 + 4 * index, to: write(table: table))
            }
            return position
        case .int32s(let values):
            pad(to: 4)
            let position = bytes.count
            append(UInt32(values.count))
            for value in values { append(value) }
            return position
        case .int64s(let words): return write(words, count: words.count)
        case .structs(let words, let wordsPerStruct):
            return write(words, count: words.count / wordsPerStruct)
        default: preconditionFailure("a number stands in its table")
        }
    }

    private mutating func write(_ words: [Int64], count: Int) -> Int {
        pad(to: 8, plus: 4)
        let position = bytes.count
        append(UInt32(count))
        for word in words { append(word) }
        return position
    }

    private mutating func append<Value: FixedWidthInteger>(_ value: Value) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    private mutating func pad(to alignment: Int, plus rest: Int = 0) {
        while bytes.count % alignment != rest { bytes.append(0) }
    }

    /// Lets the offset at `place` lead to `target`, which stands further on.
    private mutating func patch(_ place: Int, to target: Int) {
        let distance = UInt32(target - place)
        for index in 0..<4 {
            bytes[place + index] = UInt8(truncatingIfNeeded: distance >> (8 * index))
        }
    }
}
