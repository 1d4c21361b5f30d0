// SPDX-License-Identifier: MIT

/// Cyclic redundancy checks of 32 bits, eight bytes a step.
///
/// - Source: RFC 1952, section 8 (CRC-32) and RFC 3720, appendix B.4 (CRC-32C); Kounavis and
///   Berry, "Novel Table Lookup-Based Algorithms for High-Performance CRC Generation", 2008.
struct ByteChecksum: Sendable {
    static let crc32 = ByteChecksum(reversedPolynomial: 0xEDB8_8320)
    static let crc32c = ByteChecksum(reversedPolynomial: 0x82F6_3B78)

    /// What a byte does when 0 to 7 others follow it: 8 tables of 256.
    private let tables: [UInt32]

    private init(reversedPolynomial: UInt32) {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var value = UInt32(byte)
            for _ in 0..<8 { value = value >> 1 ^ (value & 1 == 1 ? reversedPolynomial : 0) }
            tables[byte] = value
        }
        for place in 256..<tables.count {
            let before = tables[place - 256]
            tables[place] = before >> 8 ^ tables[Int(before & 0xFF)]
        }
        self.tables = tables
    }

    func value(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        tables.withUnsafeBufferPointer { table in
            var value = UInt32.max
            var place = 0
            while place &+ 8 <= bytes.count {
                let low =
                    UInt32(
                        littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self))
                    ^ value
                let high = UInt32(
                    littleEndian: bytes.loadUnaligned(fromByteOffset: place &+ 4, as: UInt32.self))
                value =
                    table[7 &* 256 &+ Int(low & 0xFF)] ^ table[6 &* 256 &+ Int(low >> 8 & 0xFF)]
                    ^ table[5 &* 256 &+ Int(low >> 16 & 0xFF)] ^ table[4 &* 256 &+ Int(low >> 24)]
                value ^=
                    table[3 &* 256 &+ Int(high & 0xFF)] ^ table[2 &* 256 &+ Int(high >> 8 & 0xFF)]
                value ^= table[256 &+ Int(high >> 16 & 0xFF)] ^ table[Int(high >> 24)]
                place &+= 8
            }
            while place < bytes.count {
                value = value >> 8 ^ table[Int((value ^ UInt32(bytes[place])) & 0xFF)]
                place &+= 1
            }
            return ~value
        }
    }
}
