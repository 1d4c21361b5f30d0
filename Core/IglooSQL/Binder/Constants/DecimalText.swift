// SPDX-License-Identifier: MIT

/// A decimal number as text writes it: `-12.50` is -1250 with two digits after the point.
struct DecimalText {
    var unscaled: Int128
    var scale: Int
    /// Digits needed, at least `scale`.
    var precision: Int

    /// `nil` for what is no plain number, or has more than 38 digits.
    init?(_ text: String) {
        var scanner = ByteScanner(text)
        let sign = scanner.sign()
        var value: Int128 = 0
        var scale = 0
        var isFraction = false
        var hasDigits = false
        while let byte = scanner.current {
            if byte == UInt8(ascii: "."), !isFraction {
                isFraction = true
            } else if Lexer.isDigit(byte) {
                let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
                guard !overflow, tens < Self.limit else { return nil }
                value = tens + Int128(byte - UInt8(ascii: "0"))
                hasDigits = true
                if isFraction { scale += 1 }
            } else {
                break
            }
            scanner.advance()
        }
        guard hasDigits, scanner.isDone(), value < Self.limit, scale <= 38 else { return nil }
        unscaled = sign < 0 ? -value : value
        self.scale = scale
        precision = max(scale, value == 0 ? 1 : String(value).utf8.count)
    }

    /// 10 to the 38th.
    private static let limit: Int128 = (0..<38).reduce(1) { value, _ in value * 10 }

    /// The unscaled value with another count of digits after the point, halves rounded away from
    /// zero; `nil` when it has more than `precision` digits.
    func rescaled(precision: Int, scale: Int) -> Int128? {
        var value = unscaled
        if scale >= self.scale {
            for _ in self.scale..<scale {
                let (next, overflow) = value.multipliedReportingOverflow(by: 10)
                guard !overflow else { return nil }
                value = next
            }
        } else {
            var divisor: Int128 = 1
            for _ in scale..<self.scale { divisor *= 10 }
            let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
            let rounds = remainder.magnitude >= (divisor / 2).magnitude
            value = quotient + (rounds ? (value < 0 ? -1 : 1) : 0)
        }
        var bound: Int128 = 1
        for _ in 0..<min(max(precision, 0), 38) { bound *= 10 }
        return value.magnitude < bound.magnitude ? value : nil
    }
}
