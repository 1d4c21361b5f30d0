// SPDX-License-Identifier: MIT

/// A split-block Bloom filter over `XXHash64` of the values' plain encodings: integers of up to 32
/// bits and dates in 4 bytes, of 64 bits, times and timestamps in 8, little-endian; text and binary
/// as they are.
///
/// - Source: parquet-format, `BloomFilter.md`; F. Putze, P. Sanders, J. Singler, "Cache-, Hash- and
///   Space-Efficient Bloom Filters", 2007.
public struct SplitBlockFilter: Sendable {
    /// Blocks of eight words, in the machine's order, which is little-endian.
    public private(set) var blocks: [SIMD8<UInt32>]

    @inlinable static var salts: SIMD8<UInt32> {
        SIMD8(
            0x47b6_137b, 0x4497_4d91, 0x8824_ad5b, 0xa2b7_289d, 0x7054_95c7, 0x2df1_424b,
            0x9efc_4947, 0x5c6b_fb31)
    }

    /// An empty filter, large enough for so many values to let about one in a hundred others pass.
    public init(valueCount: Int) {
        blocks = Array(repeating: SIMD8(), count: max(1, (valueCount + 23) / 24))
    }

    /// - Returns: `nil` for what is no number of blocks.
    public init?(bytes: [UInt8]) {
        guard !bytes.isEmpty, bytes.count % 32 == 0 else { return nil }
        let count = bytes.count / 32
        // SAFETY: as many bytes are copied as `count` blocks have; any bytes are a block.
        unsafe blocks = Array(unsafeUninitializedCapacity: count) { buffer, initialized in
            unsafe bytes.withUnsafeBytes {
                unsafe UnsafeMutableRawBufferPointer(buffer).copyMemory(from: $0)
            }
            initialized = count
        }
    }

    public var bytes: [UInt8] { unsafe blocks.withUnsafeBytes { unsafe Array($0) } }

    /// One bit a word.
    @inlinable @inline(__always)
    static func mask(_ hash: UInt64) -> SIMD8<UInt32> {
        let key = SIMD8<UInt32>(repeating: UInt32(truncatingIfNeeded: hash)) &* salts
        return SIMD8<UInt32>(repeating: 1) &<< (key &>> 27)
    }

    @inlinable @inline(__always)
    static func place(_ hash: UInt64, of count: Int) -> Int {
        Int(truncatingIfNeeded: ((hash &>> 32) &* UInt64(truncatingIfNeeded: count)) &>> 32)
    }

    public mutating func insert(hash: UInt64) {
        blocks[Self.place(hash, of: blocks.count)] |= Self.mask(hash)
    }

    /// Whether a value of this hash may be there.
    @inlinable @inline(__always)
    public func mayContain(hash: UInt64) -> Bool {
        let missing = Self.mask(hash) & ~blocks[Self.place(hash, of: blocks.count)]
        // Whether two vectors are equal is asked lane by lane.
        let half = missing.lowHalf | missing.highHalf
        let quarter = half.lowHalf | half.highHalf
        return quarter.x | quarter.y == 0
    }
}
