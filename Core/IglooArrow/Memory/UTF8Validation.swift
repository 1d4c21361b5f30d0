// SPDX-License-Identifier: MIT

/// Checks of bytes that claim to be text.
package enum UTF8Validation {
    /// Whether the bytes are well-formed UTF-8 (Unicode 15, table 3-7).
    package static func isValid(_ bytes: UnsafePointer<UInt8>, count: Int) -> Bool {
        let raw = UnsafeRawPointer(bytes)
        var index = 0
        while index < count {
            // Eight ASCII bytes at a time: the common case.
            while index &+ 8 <= count,
                raw.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080
                    == 0
            {
                index &+= 8
            }
            if index >= count { break }
            let first = bytes[index]
            if first < 0x80 {
                index &+= 1
                continue
            }
            let byteCount = sequenceByteCount(bytes + index, available: count &- index)
            if byteCount == 0 { return false }
            index &+= byteCount
        }
        return true
    }

    /// Whether a character may begin at this byte.
    @inline(__always)
    static func isBoundary(_ byte: UInt8) -> Bool { byte & 0xC0 != 0x80 }

    /// Bytes of the multi-byte sequence that starts here, 0 when it is malformed.
    private static func sequenceByteCount(
        _ bytes: UnsafePointer<UInt8>, available: Int
    ) -> Int {
        let first = bytes[0]
        let needed: Int
        var low: UInt8 = 0x80
        var high: UInt8 = 0xBF
        switch first {
        case 0xC2...0xDF: needed = 2
        case 0xE0: (needed, low) = (3, 0xA0)
        case 0xED: (needed, high) = (3, 0x9F)
        case 0xE1...0xEF: needed = 3
        case 0xF0: (needed, low) = (4, 0x90)
        case 0xF1...0xF3: needed = 4
        case 0xF4: (needed, high) = (4, 0x8F)
        default: return 0
        }
        guard needed <= available, bytes[1] >= low, bytes[1] <= high else { return 0 }
        var index = 2
        while index < needed {
            if bytes[index] & 0xC0 != 0x80 { return 0 }
            index &+= 1
        }
        return needed
    }
}
