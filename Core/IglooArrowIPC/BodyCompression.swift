// SPDX-License-Identifier: MIT
import IglooArrow

/// How the bodies of messages are compressed.
public enum IPCCompression: Sendable, CaseIterable {
    case lz4Frame, zstd
}

/// Compressed buffers: an int64 of the byte count that comes out, or -1 when the bytes that
/// follow are as they are; then the bytes.
enum BodyCompression {
    static let prefixByteCount = 8
    private static let isStored: Int64 = -1

    static func compress(
        _ bytes: Buffer, _ compression: IPCCompression
    ) throws(ArrowError) -> Buffer {
        let compressed = try compression.compress(bytes.bytes)
        let isSmaller = compressed.count < bytes.byteCount
        var builder = BufferBuilder(
            byteCapacity: prefixByteCount + min(compressed.count, bytes.byteCount))
        builder.append((isSmaller ? Int64(bytes.byteCount) : isStored).littleEndian)
        if isSmaller { builder.append(contentsOf: compressed) } else { builder.append(bytes.bytes) }
        return builder.finish()
    }

    static func decompress(
        _ bytes: Buffer, _ compression: IPCCompression
    ) throws(ArrowError) -> Buffer {
        guard bytes.byteCount >= prefixByteCount else {
            throw ArrowError(.invalid, "a compressed buffer of \(bytes.byteCount) bytes")
        }
        let count = Int64(littleEndian: bytes.baseAddress.loadUnaligned(as: Int64.self))
        let rest = bytes.slice(prefixByteCount..<bytes.byteCount)
        if count == isStored { return rest }
        // More than the codec can make of so few bytes is a lie, and must not cost memory.
        guard count >= 0, count <= compression.byteCountMax(from: rest.byteCount) else {
            throw ArrowError(
                .invalid, "\(rest.byteCount) compressed bytes claim to be \(count) bytes")
        }
        if count == 0 { return .empty }
        var builder = BufferBuilder(byteCapacity: Int(count))
        let target = UnsafeMutableRawBufferPointer(start: builder.baseAddress, count: Int(count))
        try compression.decompress(rest.bytes, into: target)
        builder.setByteCount(Int(count))
        return builder.finish()
    }
}

extension IPCCompression {
    /// What the codec's best case makes of so many bytes.
    fileprivate func byteCountMax(from byteCount: Int) -> Int64 {
        let ratio: Int64 =
            switch self {
            case .lz4Frame: 255
            // A block of four bytes repeats one byte 128 Ki times.
            case .zstd: 32_768
            }
        let (product, overflow) = Int64(byteCount).multipliedReportingOverflow(by: ratio)
        return overflow ? .max : product
    }
}
