// SPDX-License-Identifier: MIT

/// Numbers read from text.
enum NumberText {
    enum Outcome<Value> {
        case value(Value)
        case malformed
        case outOfRange
    }

    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte >= 0x09 && byte <= 0x0D }

    static func trimmed(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var (start, end) = (0, text.count)
        while start < end && isSpace(text[start]) { start &+= 1 }
        while end > start && isSpace(text[end &- 1]) { end &-= 1 }
        return UnsafeRawBufferPointer(rebasing: text[start..<end])
    }

    static func integer<T: IntegerValue>(
        _ text: UnsafeRawBufferPointer, _ t: T.Type
    ) -> Outcome<T> {
        let text = trimmed(text)
        var index = 0
        let isNegative = text.count > 0 && text[0] == UInt8(ascii: "-")
        if isNegative || text.count > 0 && text[0] == UInt8(ascii: "+") { index = 1 }
        guard index < text.count else { return .malformed }
        var value: T = 0
        var overflows = false
        while index < text.count {
            let digit = text[index] &- 0x30
            guard digit < 10 else { return .malformed }
            let (tens, a) = value.multipliedReportingOverflow(by: 10)
            let step = T(truncatingIfNeeded: digit)
            let (next, b) =
                isNegative
                ? tens.subtractingReportingOverflow(step) : tens.addingReportingOverflow(step)
            overflows = overflows || a || b
            value = next
            index &+= 1
        }
        return overflows ? .outOfRange : .value(value)
    }

    /// The unscaled value at `scale`, halves rounded away from zero; `nil` for what is no number
    /// or beyond 128 bits.
    static func decimal(_ text: String, scale: Int) -> Int128? {
        var text = text
        return text.withUTF8 { bytes in
            if case .value(let value) = decimal(UnsafeRawBufferPointer(bytes), scale: scale) {
                return value
            }
            return nil
        }
    }

    static func decimal(_ text: UnsafeRawBufferPointer, scale: Int) -> Outcome<Int128> {
        let text = trimmed(text)
        var index = 0
        let isNegative = text.count > 0 && text[0] == UInt8(ascii: "-")
        if isNegative || text.count > 0 && text[0] == UInt8(ascii: "+") { index = 1 }
        // Digits without leading zeros, and where the point stands in them.
        var digits: [UInt8] = []
        var exponent = 0
        var (hasDigits, isFraction) = (false, false)
        while index < text.count {
            let byte = text[index]
            if byte == UInt8(ascii: ".") && !isFraction {
                isFraction = true
            } else if byte &- 0x30 < 10 {
                hasDigits = true
                if byte != 0x30 || !digits.isEmpty { digits.append(byte &- 0x30) }
                if isFraction { exponent -= 1 }
            } else {
                break
            }
            index += 1
        }
        guard hasDigits else { return .malformed }
        if index < text.count {
            guard text[index] | 0x20 == UInt8(ascii: "e") else { return .malformed }
            let rest = UnsafeRawBufferPointer(rebasing: text[(index + 1)...])
            switch integer(rest, Int32.self) {
            case .value(let value): exponent += Int(value)
            case .malformed: return .malformed
            case .outOfRange: return digits.isEmpty ? .value(0) : .outOfRange
            }
        }
        return rounded(digits, exponent + scale, isNegative)
    }

    /// `digits` times ten to the `shift`, as a whole number.
    private static func rounded(
        _ digits: [UInt8], _ shift: Int, _ isNegative: Bool
    ) -> Outcome<Int128> {
        if digits.isEmpty || digits.count + shift < 0 { return .value(0) }
        if digits.count + shift > 39 { return .outOfRange }
        var value: Int128 = 0
        for place in 0..<digits.count + shift {
            let digit = place < digits.count ? Int128(digits[place]) : 0
            let (tens, a) = value.multipliedReportingOverflow(by: 10)
            let (next, b) = tens.addingReportingOverflow(digit)
            if a || b { return .outOfRange }
            value = next
        }
        let next = digits.count + shift
        if shift < 0 && digits[next] >= 5 {
            let (up, overflow) = value.addingReportingOverflow(1)
            if overflow { return .outOfRange }
            value = up
        }
        return .value(isNegative ? 0 - value : value)
    }

    static func double(_ text: UnsafeRawBufferPointer) -> Outcome<Double> {
        let text = trimmed(text)
        guard text.count > 0, let value = Double(text.text) else { return .malformed }
        if value.isInfinite && !hasLetter(text, UInt8(ascii: "i")) { return .outOfRange }
        return .value(value)
    }

    private static func hasLetter(_ text: UnsafeRawBufferPointer, _ letter: UInt8) -> Bool {
        text.contains { $0 | 0x20 == letter }
    }

    static func bool(_ text: UnsafeRawBufferPointer) -> Outcome<Bool> {
        switch trimmed(text).text.lowercased() {
        case "t", "tr", "tru", "true", "y", "ye", "yes", "on", "1": .value(true)
        case "f", "fa", "fal", "fals", "false", "n", "no", "of", "off", "0": .value(false)
        default: .malformed
        }
    }
}
