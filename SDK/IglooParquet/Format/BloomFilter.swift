// SPDX-License-Identifier: MIT

/// A split-block Bloom filter of a chunk's values.
///
/// - Source: parquet-format, `BloomFilter.md`.
struct BloomFilter: Sendable {
    /// Larger filters are not worth their reading.
    static let byteCountMax = 16 << 20
    private static let salts: [UInt32] = [
        0x47b6_137b, 0x4497_4d91, 0x8824_ad5b, 0xa2b7_289d, 0x7054_95c7, 0x2df1_424b, 0x9efc_4947,
        0x5c6b_fb31,
    ]

    /// Blocks of 32 bytes.
    private let bits: [UInt8]

    init(bits: [UInt8]) { self.bits = bits }

    /// The count of bytes of the filter behind this header; `nil` when it is of a kind this
    /// reader does not know.
    static func byteCount(_ reader: inout ThriftReader) throws(ThriftError) -> Int? {
        var count: Int32 = 0
        var isKnown = true
        try reader.forEachField { reader, id, kind throws(ThriftError) in
            if id == 1 {
                count = try reader.int32(kind)
                return true
            }
            guard kind == .structure, (2...4).contains(id) else { return false }
            // Split blocks, xxHash, no compression: each the first of its union.
            try reader.forEachField { _, id, _ throws(ThriftError) in
                if id != 1 { isKnown = false }
                return false
            }
            return true
        }
        guard isKnown, count >= 32, count % 32 == 0, count <= byteCountMax else { return nil }
        return Int(count)
    }

    /// Whether the chunk may hold the value of this plain encoding.
    func mayContain(_ plain: [UInt8]) -> Bool {
        let hash = XXHash64.hash(plain)
        let block = Int(((hash >> 32) &* UInt64(bits.count / 32)) >> 32) * 32
        let key = UInt32(truncatingIfNeeded: hash)
        for (index, salt) in Self.salts.enumerated() {
            let bit = (key &* salt) >> 27
            let byte = bits[block + index * 4 + Int(bit >> 3)]
            if byte & (1 << UInt8(bit & 7)) == 0 { return false }
        }
        return true
    }
}
