// SPDX-License-Identifier: MIT

import IglooContracts

/// Decodes DELTA_BINARY_PACKED integers.
///
/// - Source: parquet-format, `Encodings.md`, "Delta Encoding".
struct DeltaDecoder {
    private let bytes: UnsafeRawPointer
    private let byteCount: Int
    private var position = 0
    private let valuesPerMiniblock: Int
    private let miniblocksPerBlock: Int
    /// Values in the page, the first one included.
    let valueCount: Int
    private var remaining: Int
    private var isFirst = true
    private var last: Int64
    private var minimumDelta: Int64 = 0
    // The current block and miniblock.
    private var widths = 0
    private var nextMiniblock: Int
    private var miniblock: UnsafeRawPointer
    private var miniblockIndex = 0
    private var miniblockRest = 0
    private var width = 0

    /// - Parameter bytes: padded, valid as long as the decoder.
    init(_ bytes: UnsafeRawBufferPointer) throws(IglooError) {
        self.bytes = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 64)!
        byteCount = bytes.count
        miniblock = self.bytes
        let blockCount = try Self.varint(self.bytes, byteCount, &position)
        let miniblocks = try Self.varint(self.bytes, byteCount, &position)
        let count = try Self.varint(self.bytes, byteCount, &position)
        last = Self.zigzag(try Self.varint(self.bytes, byteCount, &position))
        guard blockCount > 0, blockCount <= 1 << 30, blockCount % 128 == 0, miniblocks > 0,
            miniblocks <= blockCount / 32, blockCount % miniblocks == 0,
            (blockCount / miniblocks) % 32 == 0
        else { throw malformed("delta blocks of \(blockCount) values in \(miniblocks) parts") }
        guard count <= UInt64(Int32.max) else { throw malformed("a page of \(count) deltas") }
        valuesPerMiniblock = Int(blockCount / miniblocks)
        miniblocksPerBlock = Int(miniblocks)
        nextMiniblock = miniblocksPerBlock
        valueCount = Int(count)
        remaining = Int(count)
    }

    private static func varint(
        _ bytes: UnsafeRawPointer, _ byteCount: Int, _ position: inout Int
    ) throws(IglooError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            guard position < byteCount else { throw malformed("deltas end too early") }
            let next = bytes.load(fromByteOffset: position, as: UInt8.self)
            position += 1
            guard shift < 63 || next <= 1 else { throw malformed("a delta is too large") }
            value |= UInt64(next & 0x7F) << shift
            if next & 0x80 == 0 { return value }
            shift += 7
        }
    }

    private static func zigzag(_ raw: UInt64) -> Int64 {
        Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
    }

    private mutating func enterMiniblock() throws(IglooError) {
        if nextMiniblock == miniblocksPerBlock {
            minimumDelta = Self.zigzag(try Self.varint(bytes, byteCount, &position))
            guard miniblocksPerBlock <= byteCount - position else {
                throw malformed("deltas end too early")
            }
            widths = position
            position += miniblocksPerBlock
            nextMiniblock = 0
        }
        width = Int(bytes.load(fromByteOffset: widths + nextMiniblock, as: UInt8.self))
        guard width <= 64 else { throw malformed("deltas of \(width) bits") }
        let needed = valuesPerMiniblock / 8 * width
        let rest = byteCount - position
        // The last miniblock may leave out what no value needs.
        let used = min(remaining, valuesPerMiniblock)
        guard needed <= rest || (used * width + 7) / 8 <= rest else {
            throw malformed("deltas end too early")
        }
        miniblock = bytes + position
        position += min(needed, rest)
        miniblockIndex = 0
        miniblockRest = valuesPerMiniblock
        nextMiniblock += 1
    }

    /// Decodes the next values; arithmetic wraps around, as the format demands.
    mutating func decode(
        _ count: Int, into target: UnsafeMutablePointer<Int64>
    ) throws(IglooError) {
        guard count <= remaining else {
            throw malformed("there are \(remaining) deltas where \(count) are expected")
        }
        var done = 0
        if isFirst && count > 0 {
            isFirst = false
            target[0] = last
            remaining -= 1
            done = 1
        }
        while done < count {
            if miniblockRest == 0 { try enterMiniblock() }
            let piece = min(miniblockRest, count - done)
            let out = target + done
            out.withMemoryRebound(to: UInt64.self, capacity: piece) { raw in
                BitUnpacking.unpackWide(
                    miniblock, start: miniblockIndex, width: width, count: piece, into: raw)
            }
            var value = last
            let least = minimumDelta
            var index = 0
            while index < piece {
                value = value &+ least &+ out[index]
                out[index] = value
                index &+= 1
            }
            last = value
            miniblockIndex += piece
            miniblockRest -= piece
            remaining -= piece
            done += piece
        }
    }

    /// Where the bytes behind all deltas begin, found without decoding them.
    func endPosition() throws(IglooError) -> Int {
        var scan = self
        scan.remaining = max(0, valueCount - 1)
        while scan.remaining > 0 {
            try scan.enterMiniblock()
            scan.remaining -= min(scan.remaining, valuesPerMiniblock)
        }
        // Miniblocks behind the last value have no bytes, whatever their widths.
        return scan.position
    }
}
