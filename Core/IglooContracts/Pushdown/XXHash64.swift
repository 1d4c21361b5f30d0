// SPDX-License-Identifier: MIT

/// xxHash's 64-bit hash with seed 0, as Bloom filters of Parquet and of running queries use it.
///
/// - Source: github.com/Cyan4973/xxHash, `doc/xxhash_spec.md`.
public enum XXHash64 {
    @inlinable static var prime1: UInt64 { 0x9E37_79B1_85EB_CA87 }
    @inlinable static var prime2: UInt64 { 0xC2B2_AE3D_27D4_EB4F }
    @inlinable static var prime3: UInt64 { 0x1656_67B1_9E37_79F9 }
    @inlinable static var prime4: UInt64 { 0x85EB_CA77_C2B2_AE63 }
    @inlinable static var prime5: UInt64 { 0x27D4_EB2F_1656_67C5 }

    public static func hash(_ bytes: [UInt8]) -> UInt64 {
        unsafe bytes.withUnsafeBytes { unsafe hash($0) }
    }

    /// As of the eight bytes of the word, the least first.
    @inlinable @inline(__always)
    public static func hash(_ word: UInt64) -> UInt64 {
        var hash = prime5 &+ 8
        hash ^= round(0, word)
        hash = rotate(hash, 27) &* prime1 &+ prime4
        return avalanche(hash)
    }

    /// As of the four bytes of the word, the least first.
    @inlinable @inline(__always)
    public static func hash(_ word: UInt32) -> UInt64 {
        var hash = prime5 &+ 4
        hash ^= UInt64(word) &* prime1
        hash = rotate(hash, 23) &* prime2 &+ prime3
        return avalanche(hash)
    }

    @unsafe public static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var position = 0
        var hash: UInt64
        if bytes.count >= 32 {
            hash = unsafe stripes(bytes, &position)
        } else {
            hash = prime5
        }
        hash &+= UInt64(bytes.count)
        while position + 8 <= bytes.count {
            hash ^= round(0, unsafe word(bytes, position))
            hash = rotate(hash, 27) &* prime1 &+ prime4
            position += 8
        }
        if position + 4 <= bytes.count {
            let half = unsafe bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self)
            hash ^= UInt64(UInt32(littleEndian: half)) &* prime1
            hash = rotate(hash, 23) &* prime2 &+ prime3
            position += 4
        }
        while position < bytes.count {
            hash ^= UInt64(unsafe bytes[position]) &* prime5
            hash = rotate(hash, 11) &* prime1
            position += 1
        }
        return avalanche(hash)
    }

    private static func stripes(
        _ bytes: UnsafeRawBufferPointer, _ position: inout Int
    ) -> UInt64 {
        var lanes = (prime1 &+ prime2, prime2, UInt64(0), 0 &- prime1)
        while position + 32 <= bytes.count {
            lanes.0 = round(lanes.0, unsafe word(bytes, position))
            lanes.1 = round(lanes.1, unsafe word(bytes, position + 8))
            lanes.2 = round(lanes.2, unsafe word(bytes, position + 16))
            lanes.3 = round(lanes.3, unsafe word(bytes, position + 24))
            position += 32
        }
        var hash =
            rotate(lanes.0, 1) &+ rotate(lanes.1, 7) &+ rotate(lanes.2, 12) &+ rotate(lanes.3, 18)
        for lane in [lanes.0, lanes.1, lanes.2, lanes.3] {
            hash = (hash ^ round(0, lane)) &* prime1 &+ prime4
        }
        return hash
    }

    private static func word(_ bytes: UnsafeRawBufferPointer, _ position: Int) -> UInt64 {
        UInt64(littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
    }

    @inlinable @inline(__always)
    static func round(_ lane: UInt64, _ input: UInt64) -> UInt64 {
        rotate(lane &+ input &* prime2, 31) &* prime1
    }

    @inlinable @inline(__always)
    static func rotate(_ value: UInt64, _ count: UInt64) -> UInt64 {
        value &<< count | value &>> (64 &- count)
    }

    @inlinable @inline(__always)
    static func avalanche(_ value: UInt64) -> UInt64 {
        var hash = value
        hash = (hash ^ (hash &>> 33)) &* prime2
        hash = (hash ^ (hash &>> 29)) &* prime3
        return hash ^ (hash &>> 32)
    }
}
