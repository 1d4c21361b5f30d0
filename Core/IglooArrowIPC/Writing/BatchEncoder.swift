// SPDX-License-Identifier: MIT
import IglooArrow

/// Lays arrays out as the body of a message.
struct BatchEncoder {
    private let compression: IPCCompression?
    private var nodes: [Int64] = []
    private var places: [Int64] = []
    private var dataBufferCounts: [Int64] = []
    private var bodyByteCount = 0
    /// The buffers of the body, each to be padded.
    private(set) var body: [Buffer] = []

    init(_ compression: IPCCompression?) { self.compression = compression }

    /// A table `RecordBatch`.
    func flatTable(rowCount: Int) -> [Int: FlatValue] {
        var table: [Int: FlatValue] = [
            0: .int64(Int64(rowCount)), 1: .structs(nodes, wordsPerStruct: 2),
            2: .structs(places, wordsPerStruct: 2),
        ]
        if let compression {
            table[3] = .table([0: .uint8(compression == .lz4Frame ? 0 : 1), 1: .uint8(0)])
        }
        if !dataBufferCounts.isEmpty { table[4] = .int64s(dataBufferCounts) }
        return table
    }

    mutating func append(_ column: ArrayData) throws(ArrowError) {
        try append(compacted: try column.compacted())
    }

    private mutating func append(compacted array: ArrayData) throws(ArrowError) {
        nodes += [Int64(array.count), Int64(array.nullCount)]
        if array.type.hasValidity { try append(array.validity ?? .empty) }
        for buffer in array.buffers { try append(buffer) }
        if array.type.isView { dataBufferCounts.append(Int64(array.buffers.count - 1)) }
        for child in array.children { try append(compacted: child) }
    }

    private mutating func append(_ buffer: Buffer) throws(ArrowError) {
        var buffer = buffer
        if let compression, buffer.byteCount > 0 {
            buffer = try BodyCompression.compress(buffer, compression)
        }
        places += [Int64(bodyByteCount), Int64(buffer.byteCount)]
        bodyByteCount += MessageWriter.padded(buffer.byteCount)
        if buffer.byteCount > 0 { body.append(buffer) }
    }
}
