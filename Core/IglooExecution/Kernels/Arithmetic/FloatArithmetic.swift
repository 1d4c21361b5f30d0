// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

typealias FloatValue = BinaryFloatingPoint & BitwiseCopyable & Sendable

enum FloatArithmetic {
    static func kernel<T: FloatValue>(_ name: String, _ t: T.Type, _ type: DataType) -> Kernel? {
        let fault = Faults.outOfRange(type)
        switch name {
        case "+":
            return { (call) throws(IglooError) in
                try call.map2Checked(
                    t, t, to: type,
                    { x, y -> (T, Bool) in
                        let z = x + y
                        return (z, z.isInfinite && x.isFinite && y.isFinite)
                    }, { _, _ in fault })
            }
        case "-":
            return { (call) throws(IglooError) in
                try call.map2Checked(
                    t, t, to: type,
                    { x, y -> (T, Bool) in
                        let z = x - y
                        return (z, z.isInfinite && x.isFinite && y.isFinite)
                    }, { _, _ in fault })
            }
        case "*":
            return { (call) throws(IglooError) in
                try call.map2Checked(
                    t, t, to: type,
                    { x, y -> (T, Bool) in
                        let z = x * y
                        return (z, z.isInfinite && x.isFinite && y.isFinite)
                    }, { _, _ in fault })
            }
        case "/", "//":
            let isWhole = name == "//"
            return { (call) throws(IglooError) in
                try call.map2Checked(
                    t, t, to: type,
                    { x, y -> (T, Bool) in
                        let z = x / y
                        let isFault = y == 0 && !x.isNaN || z.isInfinite && x.isFinite && y != 0
                        return (isWhole ? z.rounded(.towardZero) : z, isFault)
                    }, { _, y in y == 0 ? Faults.divisionByZero : fault })
            }
        case "%", "mod":
            return { (call) throws(IglooError) in
                try call.map2Checked(
                    t, t, to: type,
                    { ($0.truncatingRemainder(dividingBy: $1), $1 == 0 && !$0.isNaN) },
                    { _, _ in Faults.divisionByZero })
            }
        default: return unary(name, t, type)
        }
    }

    private static func unary<T: FloatValue>(
        _ name: String, _ t: T.Type, _ type: DataType
    ) -> Kernel? {
        switch name {
        case "negate": return { (call) throws(IglooError) in call.map(t, to: type) { -$0 } }
        case "abs": return { (call) throws(IglooError) in call.map(t, to: type) { abs($0) } }
        case "sign":
            return { (call) throws(IglooError) in
                call.map(t, to: type) { x -> T in x > 0 ? 1 : x < 0 ? -1 : x.isNaN ? x : 0 }
            }
        case "ceil":
            return { (call) throws(IglooError) in call.map(t, to: type) { $0.rounded(.up) } }
        case "floor":
            return { (call) throws(IglooError) in call.map(t, to: type) { $0.rounded(.down) } }
        case "round", "trunc":
            let isRound = name == "round"
            return { (call) throws(IglooError) in
                if call.arguments.count == 1 {
                    return call.map(t, to: type) {
                        $0.rounded(isRound ? .toNearestOrAwayFromZero : .towardZero)
                    }
                }
                return call.map2(t, Int32.self, to: type) { rounded($0, $1, isRound) }
            }
        default: return nil
        }
    }

    private static func rounded<T: FloatValue>(_ x: T, _ digits: Int32, _ isRound: Bool) -> T {
        if digits > 308 || !x.isFinite { return x }
        if digits < -308 { return 0 }
        var power: T = 1
        var i = 0
        while i < Int(digits.magnitude) {
            power *= 10
            i &+= 1
        }
        let rule: FloatingPointRoundingRule = isRound ? .toNearestOrAwayFromZero : .towardZero
        let scaled = digits >= 0 ? x * power : x / power
        if !scaled.isFinite { return x }
        let whole = scaled.rounded(rule)
        return digits >= 0 ? whole / power : whole * power
    }
}
