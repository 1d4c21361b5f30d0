// SPDX-License-Identifier: MIT

/// Reads values from text, byte by byte, as all text formats share them.
///
/// Each function takes the whole of its bytes or answers `nil`; none allocates, but for doubles
/// of more than 19 digits or large exponents.
///
/// - Threads: pure functions.
public enum TextValue {
    /// `-12`, `+12`, leading zeros allowed.
    @inlinable
    public static func int64(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int64? {
        var index = 0
        var isNegative = false
        if count > 0 && (bytes[0] == 0x2D || bytes[0] == 0x2B) {
            isNegative = bytes[0] == 0x2D
            index = 1
        }
        let digitCount = count &- index
        if digitCount <= 0 { return nil }
        if digitCount > 18 { return longInt64(bytes + index, digitCount, isNegative) }
        var value: Int64 = 0
        while index < count {
            let digit = bytes[index] &- 0x30
            if digit > 9 { return nil }
            value = value &* 10 &+ Int64(digit)
            index &+= 1
        }
        return isNegative ? 0 &- value : value
    }

    @usableFromInline
    static func longInt64(
        _ digits: UnsafePointer<UInt8>, _ count: Int, _ isNegative: Bool
    ) -> Int64? {
        var value: Int64 = 0
        var index = 0
        while index < count {
            let digit = digits[index] &- 0x30
            if digit > 9 { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) =
                isNegative
                ? product.subtractingReportingOverflow(Int64(digit))
                : product.addingReportingOverflow(Int64(digit))
            if overflow || carry { return nil }
            value = sum
            index &+= 1
        }
        return value
    }

    /// `true` and `false` in any case.
    public static func bool(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Bool? {
        if matches(bytes, count, "true") { return true }
        if matches(bytes, count, "false") { return false }
        return nil
    }

    /// As PostgreSQL: also `t`, `f`, `yes`, `no`, `y`, `n`, `on`, `off`, `1`, `0`.
    public static func looseBool(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Bool? {
        if let value = bool(bytes, count) { return value }
        for word: StaticString in ["t", "yes", "y", "on", "1"] where matches(bytes, count, word) {
            return true
        }
        for word: StaticString in ["f", "no", "n", "off", "0"] where matches(bytes, count, word) {
            return false
        }
        return nil
    }

    /// Compares without regard to the case of ASCII letters; `word` is in lower case.
    static func matches(
        _ bytes: UnsafePointer<UInt8>, _ count: Int, _ word: StaticString
    ) -> Bool {
        guard count == word.utf8CodeUnitCount else { return false }
        var index = 0
        while index < count {
            let byte = bytes[index]
            let folded = byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
            if folded != word.utf8Start[index] { return false }
            index &+= 1
        }
        return true
    }
}
