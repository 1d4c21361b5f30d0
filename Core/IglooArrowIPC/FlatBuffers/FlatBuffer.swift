// SPDX-License-Identifier: MIT
import IglooArrow

/// Bytes in the FlatBuffers encoding, none of which is trusted.
///
/// Every position is checked before it is read. Parts of a buffer may be referred to more than
/// once, so that few bytes could unfold into very many: what is made from them is counted.
///
/// - Source: FlatBuffers' "Internals" document.
final class FlatBuffer {
    private let memory: Buffer
    /// Where the bytes stand in the stream or file.
    let byteOffset: Int
    private var allowance: Int

    init(_ memory: Buffer, byteOffset: Int) {
        self.memory = memory
        self.byteOffset = byteOffset
        allowance = 1 << 16 + 16 * memory.byteCount
    }

    var byteCount: Int { memory.byteCount }

    func error(_ message: String, at position: Int) -> ArrowError {
        ArrowError(.invalid, "metadata: \(message)", byteOffset: byteOffset + position)
    }

    /// Notes that something of about `byteCount` bytes is made from this buffer.
    func spend(_ byteCount: Int, at position: Int) throws(ArrowError) {
        allowance -= byteCount
        if allowance < 0 { throw error("unfolds without end", at: position) }
    }

    func check(_ position: Int, byteCount: Int) throws(ArrowError) {
        guard position >= 0, byteCount >= 0, position <= memory.byteCount,
            byteCount <= memory.byteCount - position
        else { throw error("leads to \(byteCount) bytes at \(position), past its end", at: 0) }
    }

    func load<Value: FixedWidthInteger & BitwiseCopyable>(
        _ type: Value.Type, at position: Int
    ) throws(ArrowError) -> Value {
        try check(position, byteCount: MemoryLayout<Value>.size)
        return Value(
            littleEndian: memory.baseAddress.loadUnaligned(fromByteOffset: position, as: Value.self)
        )
    }

    /// Where the offset stored at `position` leads.
    func target(at position: Int) throws(ArrowError) -> Int {
        position + Int(try load(UInt32.self, at: position))
    }

    func text(at position: Int) throws(ArrowError) -> String {
        let count = Int(try load(UInt32.self, at: position))
        try check(position + 4, byteCount: count)
        try spend(count + 16, at: position)
        return String(
            decoding: UnsafeRawBufferPointer(
                start: memory.baseAddress + position + 4, count: count),
            as: UTF8.self)
    }

    func root() throws(ArrowError) -> FlatTable { try FlatTable(self, at: try target(at: 0)) }
}

/// A table of a FlatBuffer: numbered fields, each of which may be absent.
struct FlatTable {
    let buffer: FlatBuffer
    let position: Int
    private let fieldTable: Int
    private let fieldTableByteCount: Int
    private let inlineByteCount: Int

    init(_ buffer: FlatBuffer, at position: Int) throws(ArrowError) {
        self.buffer = buffer
        self.position = position
        fieldTable = position - Int(try buffer.load(Int32.self, at: position))
        fieldTableByteCount = Int(try buffer.load(UInt16.self, at: fieldTable))
        inlineByteCount = Int(try buffer.load(UInt16.self, at: fieldTable + 2))
        guard fieldTableByteCount >= 4, inlineByteCount >= 4 else {
            throw buffer.error("a table describes itself in too few bytes", at: position)
        }
        try buffer.check(fieldTable, byteCount: fieldTableByteCount)
        try buffer.check(position, byteCount: inlineByteCount)
    }

    func error(_ message: String) -> ArrowError { buffer.error(message, at: position) }

    /// Where field `index` of `byteWidth` bytes stands, `nil` when it is absent.
    private func place(_ index: Int, byteWidth: Int) throws(ArrowError) -> Int? {
        let entry = 4 + 2 * index
        guard entry + 2 <= fieldTableByteCount else { return nil }
        let offset = Int(try buffer.load(UInt16.self, at: fieldTable + entry))
        if offset == 0 { return nil }
        guard offset >= 4, offset + byteWidth <= inlineByteCount else {
            throw error("field \(index) stands outside its table")
        }
        return position + offset
    }

    func integer<Value: FixedWidthInteger & BitwiseCopyable>(
        _ index: Int, default fallback: Value
    ) throws(ArrowError) -> Value {
        guard let place = try place(index, byteWidth: MemoryLayout<Value>.size) else {
            return fallback
        }
        return try buffer.load(Value.self, at: place)
    }

    func bool(_ index: Int) throws(ArrowError) -> Bool {
        try integer(index, default: UInt8(0)) != 0
    }

    func text(_ index: Int) throws(ArrowError) -> String? {
        guard let place = try place(index, byteWidth: 4) else { return nil }
        return try buffer.text(at: try buffer.target(at: place))
    }

    func table(_ index: Int) throws(ArrowError) -> FlatTable? {
        guard let place = try place(index, byteWidth: 4) else { return nil }
        return try FlatTable(buffer, at: try buffer.target(at: place))
    }

    func requiredTable(_ index: Int, _ name: String) throws(ArrowError) -> FlatTable {
        guard let table = try table(index) else { throw error("\(name) is missing") }
        return table
    }

    /// A vector of elements that take `byteWidth` bytes each; empty when absent.
    func vector(_ index: Int, byteWidth: Int) throws(ArrowError) -> FlatVector {
        guard let place = try place(index, byteWidth: 4) else {
            return FlatVector(buffer: buffer, start: 0, count: 0, byteWidth: byteWidth)
        }
        let start = try buffer.target(at: place)
        let count = Int(try buffer.load(UInt32.self, at: start))
        try buffer.check(start + 4, byteCount: count * byteWidth)
        return FlatVector(buffer: buffer, start: start + 4, count: count, byteWidth: byteWidth)
    }

    func tables(_ index: Int) throws(ArrowError) -> [FlatTable] {
        let vector = try vector(index, byteWidth: 4)
        var tables: [FlatTable] = []
        for element in 0..<vector.count {
            try buffer.spend(64, at: position)
            let target = try buffer.target(at: vector.place(of: element))
            tables.append(try FlatTable(buffer, at: target))
        }
        return tables
    }
}

/// Elements of a fixed width, all of them within the buffer.
struct FlatVector {
    let buffer: FlatBuffer
    let start: Int
    let count: Int
    let byteWidth: Int

    func place(of index: Int) -> Int { start + index * byteWidth }

    /// The number `byteOffset` bytes into element `index`.
    func integer<Value: FixedWidthInteger & BitwiseCopyable>(
        _ index: Int, at byteOffset: Int = 0, as type: Value.Type = Value.self
    ) throws(ArrowError) -> Value {
        try buffer.load(Value.self, at: place(of: index) + byteOffset)
    }
}
