// SPDX-License-Identifier: MIT

/// Hashes of words and bytes; their upper bits are as good as the lower ones.
enum KeyHash {
    /// Spreads a word over all bits.
    @inline(__always)
    static func mixed(_ word: UInt64) -> UInt64 {
        var hash = word &* 0x9E37_79B9_7F4A_7C15
        hash ^= hash &>> 32
        return hash &* 0xD6E8_FEB8_6659_FD93
    }

    /// - Source: the multiply-and-fold step of wyhash (Wang Yi, public domain).
    @inline(__always)
    static func folded(_ value: UInt64) -> UInt64 {
        let (high, low) = value.multipliedFullWidth(by: 0xE703_7ED1_A0B4_28DB)
        return high ^ low
    }

    static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash: UInt64 = 0xA076_1D64_78BD_642F ^ UInt64(bytes.count)
        guard let base = bytes.baseAddress else { return hash }
        var offset = 0
        while offset &+ 8 <= bytes.count {
            hash = folded(hash ^ base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            offset &+= 8
        }
        var rest: UInt64 = 0
        while offset < bytes.count {
            rest = rest << 8 | UInt64(base.load(fromByteOffset: offset, as: UInt8.self))
            offset &+= 1
        }
        return folded(hash ^ rest)
    }
}
