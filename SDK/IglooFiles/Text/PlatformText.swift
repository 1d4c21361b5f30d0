// SPDX-License-Identifier: MIT

import CIglooFiles
import Glibc

/// Small questions about text.
public enum TextBytes {
    /// How often `byte` occurs; 64 bytes past the end must be readable.
    public static func count(_ byte: UInt8, _ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int64 {
        var total = 0
        var index = 0
        while index &+ 64 <= count {
            total &+= igloo_scan_equal(bytes + index, byte).nonzeroBitCount
            index &+= 64
        }
        while index < count {
            total &+= bytes[index] == byte ? 1 : 0
            index &+= 1
        }
        return Int64(total)
    }

    /// Bytes of the byte order mark that UTF-8 text may begin with.
    public static func markByteCount(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int {
        count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF ? 3 : 0
    }

    public static func isASCII(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        let raw = UnsafeRawPointer(bytes)
        var all: UInt64 = 0
        var index = 0
        while index &+ 8 <= count {
            all |= raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            index &+= 8
        }
        while index < count {
            all |= UInt64(bytes[index])
            index &+= 1
        }
        return all & 0x8080_8080_8080_8080 == 0
    }

    /// - Source: The Unicode Standard, table 3-7, "Well-Formed UTF-8 Byte Sequences".
    public static func isUTF8(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        var index = 0
        while index < count {
            let first = bytes[index]
            if first < 0x80 {
                index &+= 1
                continue
            }
            let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
            guard first >= 0xC2, first <= 0xF4, index &+ length <= count else { return false }
            let second = bytes[index &+ 1]
            let low: UInt8 = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80
            let high: UInt8 = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF
            guard second >= low, second <= high else { return false }
            var rest = 2
            while rest < length {
                if bytes[index &+ rest] & 0xC0 != 0x80 { return false }
                rest &+= 1
            }
            index &+= length
        }
        return true
    }

    public static func contains(_ byte: UInt8, _ bytes: UnsafePointer<UInt8>, _ count: Int) -> Bool
    {
        count > 0 && memchr(bytes, Int32(byte), count) != nil
    }

    public static func firstIndex(
        of byte: UInt8, _ bytes: UnsafePointer<UInt8>, _ count: Int
    ) -> Int? {
        guard count > 0, let found = memchr(bytes, Int32(byte), count) else { return nil }
        return UnsafePointer(found.assumingMemoryBound(to: UInt8.self)) - bytes
    }

    public static func lastIndex(
        of byte: UInt8, _ bytes: UnsafePointer<UInt8>, _ count: Int
    ) -> Int? {
        var index = count
        while index > 0 {
            index &-= 1
            if bytes[index] == byte { return index }
        }
        return nil
    }

    /// How a delimiter is shown.
    public static func name(_ bytes: [UInt8]) -> String {
        bytes == [0x09] ? "'\\t'" : "'\(String(decoding: bytes, as: UTF8.self))'"
    }

    /// Text for a message: of bounded length, without control characters.
    public static func excerpt(_ bytes: UnsafePointer<UInt8>, _ count: Int, max: Int = 160)
        -> String
    {
        let shown = Swift.min(count, max)
        let text = String(
            decoding: UnsafeBufferPointer(start: bytes, count: shown), as: UTF8.self)
        var clean = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": clean += "\\n"
            case "\r": clean += "\\r"
            case "\t": clean += "\\t"
            default:
                if scalar.value < 0x20 || scalar.value == 0x7F {
                    clean += "?"
                } else {
                    clean.unicodeScalars.append(scalar)
                }
            }
        }
        return count > shown ? clean + "..." : clean
    }
}
