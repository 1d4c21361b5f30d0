// SPDX-License-Identifier: MIT
import IglooArrow

/// Writes messages and keeps count of where they stand.
final class MessageWriter {
    /// Buffers start at multiples of this, counted from the beginning of the stream or file, so
    /// that a mapped file serves vector instructions.
    static let alignment = 64
    private static let zeros = [UInt8](repeating: 0, count: alignment)

    private let sink: IPCSink
    private(set) var position = 0

    init(_ sink: @escaping IPCSink) { self.sink = sink }

    func write(_ bytes: UnsafeRawBufferPointer) throws(ArrowError) {
        if bytes.count == 0 { return }
        try sink(bytes)
        position += bytes.count
    }

    func write(_ bytes: [UInt8]) throws(ArrowError) {
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(ArrowError) in try write(bytes) }
        }
        try result.get()
    }

    func write(zeros count: Int) throws(ArrowError) {
        precondition(count <= Self.zeros.count)
        try write(Array(Self.zeros.prefix(count)))
    }

    func write(_ number: Int32) throws(ArrowError) {
        try write(withUnsafeBytes(of: number.littleEndian) { Array($0) })
    }

    /// Writes a message and answers where it stands.
    func write(
        _ code: HeaderCode, _ header: [Int: FlatValue], body: [Buffer] = []
    ) throws(ArrowError) -> FileBlock {
        let start = position
        let bodyByteCount = body.reduce(0) { $0 + Self.padded($1.byteCount) }
        let head = FlatBufferBuilder.encode([
            0: .int16(MetadataVersion.v5), 1: .uint8(code.rawValue), 2: .table(header),
            3: .int64(Int64(bodyByteCount)),
        ])
        let alignment = bodyByteCount == 0 ? 8 : Self.alignment
        let end = start + 8 + head.count
        let padding = (alignment - end % alignment) % alignment
        try write(MessageReader.continuation)
        try write(Int32(head.count + padding))
        try write(head)
        try write(zeros: padding)
        let headByteCount = position - start
        for buffer in body {
            try write(buffer.bytes)
            try write(zeros: Self.padded(buffer.byteCount) - buffer.byteCount)
        }
        return FileBlock(
            offset: start, headByteCount: headByteCount, bodyByteCount: bodyByteCount)
    }

    func writeEnd() throws(ArrowError) {
        try write(MessageReader.continuation)
        try write(Int32(0))
    }

    static func padded(_ byteCount: Int) -> Int {
        (byteCount + alignment - 1) & ~(alignment - 1)
    }
}
