// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

typealias IntegerValue = FixedWidthInteger & BitwiseCopyable & Sendable

enum IntegerArithmetic {
    static func kernel<T: IntegerValue>(
        _ name: String, _ t: T.Type, _ type: DataType
    ) -> Kernel? {
        let fault = Faults.outOfRange(type)
        switch name {
        case "+":
            return { (call) throws(IglooError) in
                try call.map2Checked(
                    t, t, to: type,
                    { x, y -> (T, Bool) in
                        let z = x &+ y
                        return (z, T.isSigned ? ((x ^ z) & (y ^ z)) < 0 : z < x)
                    }, { _, _ in fault })
            }
        case "-":
            return { (call) throws(IglooError) in
                try call.map2Checked(
                    t, t, to: type,
                    { x, y -> (T, Bool) in
                        let z = x &- y
                        return (z, T.isSigned ? ((x ^ y) & (x ^ z)) < 0 : x < y)
                    }, { _, _ in fault })
            }
        case "*":
            return { (call) throws(IglooError) in
                try call.map2Checked(
                    t, t, to: type,
                    { x, y -> (T, Bool) in
                        let (z, overflow) = x.multipliedReportingOverflow(by: y)
                        return (z, overflow)
                    }, { _, _ in fault })
            }
        case "/", "//", "div": return division(t, type)
        case "%", "mod":
            return { (call) throws(IglooError) in
                try call.map2Checked(
                    t, t, to: type,
                    { x, y -> (T, Bool) in
                        (
                            y == 0 ? 0 : x.remainderReportingOverflow(dividingBy: y).partialValue,
                            y == 0
                        )
                    }, { _, _ in Faults.divisionByZero })
            }
        default: return bitwise(name, t, type) ?? unary(name, t, type)
        }
    }

    private static func division<T: IntegerValue>(_ t: T.Type, _ type: DataType) -> Kernel {
        let fault = Faults.outOfRange(type)
        return { (call) throws(IglooError) in
            try call.map2Checked(
                t, t, to: type,
                { x, y -> (T, Bool) in
                    if y == 0 { return (0, true) }
                    let (z, overflow) = x.dividedReportingOverflow(by: y)
                    return (z, overflow)
                }, { _, y in y == 0 ? Faults.divisionByZero : fault })
        }
    }

    private static func bitwise<T: IntegerValue>(
        _ name: String, _ t: T.Type, _ type: DataType
    ) -> Kernel? {
        func shiftFault(_ y: T) -> IglooError {
            IglooError(
                .outOfRange, "a shift by \(y) is outside of 0 to \(T.bitWidth - 1)")
        }
        switch name {
        case "&": return { (call) throws(IglooError) in call.map2(t, t, to: type) { $0 & $1 } }
        case "|": return { (call) throws(IglooError) in call.map2(t, t, to: type) { $0 | $1 } }
        case "xor": return { (call) throws(IglooError) in call.map2(t, t, to: type) { $0 ^ $1 } }
        case "<<":
            return { (call) throws(IglooError) in
                try call.map2Checked(
                    t, t, to: type,
                    { x, y -> (T, Bool) in
                        (x &<< y, x != 0 && (y < 0 || y >= T.bitWidth))
                    },
                    { _, y in shiftFault(y) })
            }
        case ">>":
            return { (call) throws(IglooError) in
                try call.map2Checked(
                    t, t, to: type,
                    { x, y -> (T, Bool) in
                        (x &>> y, x != 0 && (y < 0 || y >= T.bitWidth))
                    },
                    { _, y in shiftFault(y) })
            }
        default: return nil
        }
    }

    private static func unary<T: IntegerValue>(
        _ name: String, _ t: T.Type, _ type: DataType
    ) -> Kernel? {
        let fault = Faults.outOfRange(type)
        switch name {
        case "negate":
            return { (call) throws(IglooError) in
                try call.mapChecked(
                    t, to: type, { x -> (T, Bool) in (0 &- x, T.isSigned ? x == T.min : x != 0) },
                    { _ in fault })
            }
        case "abs":
            return { (call) throws(IglooError) in
                try call.mapChecked(
                    t, to: type,
                    { x -> (T, Bool) in (x < 0 ? 0 &- x : x, T.isSigned && x == T.min) },
                    { _ in fault })
            }
        case "sign":
            return { (call) throws(IglooError) in
                call.map(t, to: .int32) { x -> Int32 in x > 0 ? 1 : x < 0 ? -1 : 0 }
            }
        case "ceil", "floor", "round", "trunc": return rounding(name, t, type)
        default: return nil
        }
    }

    /// Whole numbers only change when negative counts of digits are asked for.
    private static func rounding<T: IntegerValue>(
        _ name: String, _ t: T.Type, _ type: DataType
    ) -> Kernel {
        let fault = Faults.outOfRange(type)
        let isRound = name == "round"
        return { (call) throws(IglooError) in
            if call.arguments.count == 1 { return call.map(t, to: type) { $0 } }
            return try call.map2Checked(
                t, Int32.self, to: type,
                { x, digits -> (T, Bool) in
                    if digits >= 0 { return (x, false) }
                    if digits < -19 { return (0, false) }
                    let value = DecimalPower.rounded(
                        Int128(truncatingIfNeeded: x), DecimalPower.ten(Int(0 &- digits)),
                        halvesUp: isRound)
                    return (
                        T(truncatingIfNeeded: value), value > Int128(T.max) || value < Int128(T.min)
                    )
                }, { _, _ in fault })
        }
    }
}
