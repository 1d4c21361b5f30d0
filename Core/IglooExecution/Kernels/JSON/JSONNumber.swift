// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// A number of JSON: exact with 38 digits and less, else a double.
struct JSONNumber {
    private enum Value {
        case exact(Int128, scale: Int)
        case double(Double)
    }

    private let value: Value

    private init(_ value: Value) { self.value = value }

    init(_ value: Double) { self.value = .double(value) }

    init(_ value: Int) { self.value = .exact(Int128(value), scale: 0) }

    /// - Parameter text: a number as JSON has it.
    init(_ text: UnsafeRawBufferPointer) {
        var mantissa: Int128 = 0
        var (scale, digits, exponent) = (0, 0, 0)
        var (isFraction, isExponent, isNegative, isExponentNegative) = (false, false, false, false)
        for byte in text {
            switch byte {
            case UInt8(ascii: "-"):
                if isExponent { isExponentNegative = true } else { isNegative = true }
            case UInt8(ascii: "+"): break
            case UInt8(ascii: "."): isFraction = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"): isExponent = true
            default:
                let digit = Int(byte &- 0x30)
                if isExponent {
                    exponent = min(exponent * 10 + digit, 10_000)
                } else if digits < 38 {
                    mantissa = mantissa * 10 + Int128(digit)
                    if mantissa != 0 { digits += 1 }
                    if isFraction { scale += 1 }
                } else {
                    digits += 1
                }
            }
        }
        scale -= isExponentNegative ? -exponent : exponent
        if isNegative { mantissa = -mantissa }
        if digits <= 38, scale <= 38, scale >= -(38 - digits) {
            value =
                scale < 0
                ? .exact(mantissa * DecimalPower.ten(-scale), scale: 0)
                : .exact(mantissa, scale: scale)
        } else {
            value = .double(Double(text.text) ?? (isNegative ? -.infinity : .infinity))
        }
    }

    var double: Double {
        switch value {
        case .exact(_, _): Double(text) ?? 0
        case .double(let value): value
        }
    }

    /// Towards zero; `nil` beyond 32 bits.
    var index: Int? {
        switch value {
        case .exact(let value, let scale):
            return Int32(exactly: value / DecimalPower.ten(scale)).map { Int($0) }
        case .double(let value):
            guard value.isFinite, value.magnitude < 2e9 else { return nil }
            return Int(value)
        }
    }

    func compare(_ other: JSONNumber) -> Int {
        guard case .exact(let x, let xScale) = value, case .exact(let y, let yScale) = other.value
        else { return ElementOrder.floats(double, other.double) }
        let scale = max(xScale, yScale)
        let (a, isOver) = x.multipliedReportingOverflow(by: DecimalPower.ten(scale - xScale))
        let (b, isOther) = y.multipliedReportingOverflow(by: DecimalPower.ten(scale - yScale))
        if isOver || isOther { return ElementOrder.floats(double, other.double) }
        return ElementOrder.order(a, b)
    }

    /// As JSON.
    var text: String {
        switch value {
        case .double(let value):
            if let whole = Int128(exactly: value), whole.magnitude < 1 << 100 { return "\(whole)" }
            return "\(value)"
        case .exact(let value, let scale):
            guard scale > 0 else { return "\(value)" }
            var digits = String(value.magnitude)
            if digits.count <= scale {
                digits = String(repeating: "0", count: scale + 1 - digits.count) + digits
            }
            return (value < 0 ? "-" : "") + digits.dropLast(scale) + "." + digits.suffix(scale)
        }
    }

    // MARK: - Arithmetic

    enum Sign: String { case add = "+", subtract = "-", multiply = "*", divide = "/", modulo = "%" }

    static func apply(
        _ sign: Sign, _ left: JSONNumber, _ right: JSONNumber
    ) throws(IglooError) -> JSONNumber {
        if sign == .divide || sign == .modulo, right.compare(JSONNumber(0)) == 0 {
            throw Faults.divisionByZero
        }
        if let exact = exact(sign, left, right) { return exact }
        let (x, y) = (left.double, right.double)
        let result: Double =
            switch sign {
            case .add: x + y
            case .subtract: x - y
            case .multiply: x * y
            case .divide: x / y
            case .modulo: x.truncatingRemainder(dividingBy: y)
            }
        guard result.isFinite else { throw Faults.outOfRange(.float64) }
        return JSONNumber(result)
    }

    private static func exact(
        _ sign: Sign, _ left: JSONNumber, _ right: JSONNumber
    ) -> JSONNumber? {
        guard case .exact(let x, let xScale) = left.value,
            case .exact(let y, let yScale) = right.value
        else { return nil }
        if sign == .multiply {
            let (product, isOver) = x.multipliedReportingOverflow(by: y)
            return isOver || xScale + yScale > 38
                ? nil : JSONNumber(.exact(product, scale: xScale + yScale))
        }
        let scale = max(xScale, yScale)
        let (a, isOver) = x.multipliedReportingOverflow(by: DecimalPower.ten(scale - xScale))
        let (b, isOther) = y.multipliedReportingOverflow(by: DecimalPower.ten(scale - yScale))
        if isOver || isOther { return nil }
        switch sign {
        case .add, .subtract:
            let (sum, isOver) =
                sign == .add ? a.addingReportingOverflow(b) : a.subtractingReportingOverflow(b)
            return isOver ? nil : JSONNumber(.exact(sum, scale: scale))
        case .modulo: return b == -1 ? JSONNumber(0) : JSONNumber(.exact(a % b, scale: scale))
        default:
            if b != -1, a % b == 0 { return JSONNumber(.exact(a / b, scale: 0)) }
            return nil
        }
    }

    var negated: JSONNumber {
        switch value {
        case .exact(let value, let scale): JSONNumber(.exact(0 &- value, scale: scale))
        case .double(let value): JSONNumber(-value)
        }
    }

    enum Rounding: String { case abs, floor, ceiling }

    func rounded(_ rounding: Rounding) -> JSONNumber {
        switch (value, rounding) {
        case (.exact(let value, let scale), .abs):
            return JSONNumber(.exact(value < 0 ? 0 &- value : value, scale: scale))
        case (.exact(let value, let scale), _):
            let unit = DecimalPower.ten(scale)
            var whole = value / unit
            if value % unit != 0 {
                if rounding == .floor && value < 0 { whole -= 1 }
                if rounding == .ceiling && value > 0 { whole += 1 }
            }
            return JSONNumber(.exact(whole, scale: 0))
        case (.double(let value), .abs): return JSONNumber(value.magnitude)
        case (.double(let value), .floor): return JSONNumber(value.rounded(.down))
        case (.double(let value), .ceiling): return JSONNumber(value.rounded(.up))
        }
    }
}
