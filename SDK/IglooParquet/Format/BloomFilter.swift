// SPDX-License-Identifier: MIT

import IglooContracts

/// A split-block Bloom filter of a chunk's values.
///
/// - Source: parquet-format, `BloomFilter.md`.
struct BloomFilter: Sendable {
    /// Larger filters are not worth their reading.
    static let byteCountMax = 16 << 20

    private let blocks: SplitBlockFilter

    /// - Returns: `nil` for what is no number of blocks of 32 bytes.
    init?(bits: [UInt8]) {
        guard let blocks = SplitBlockFilter(bytes: bits) else { return nil }
        self.blocks = blocks
    }

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
        blocks.mayContain(hash: XXHash64.hash(plain))
    }
}
