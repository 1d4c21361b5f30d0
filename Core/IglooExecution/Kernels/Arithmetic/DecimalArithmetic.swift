// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Exact arithmetic of decimals, 64 and 128 bits mixed as the types say.
enum DecimalArithmetic {
    static func kernel(
        _ name: String, _ parameters: [DataType], _ result: DataType
    ) -> Kernel? {
        guard let first = parameters.first, let shape = first.decimalShape else { return nil }
        let isNarrow = shape.precision <= 18
        guard parameters.count == 2, let second = parameters[1].decimalShape else {
            return isNarrow
                ? unary(name, Int64.self, parameters, result)
                : unary(name, Int128.self, parameters, result)
        }
        switch (isNarrow, second.precision <= 18) {
        case (true, true): return binary(name, Int64.self, Int64.self, parameters, result)
        case (true, false): return binary(name, Int64.self, Int128.self, parameters, result)
        case (false, true): return binary(name, Int128.self, Int64.self, parameters, result)
        case (false, false): return binary(name, Int128.self, Int128.self, parameters, result)
        }
    }

    private static func binary<L: IntegerValue, R: IntegerValue>(
        _ name: String, _ l: L.Type, _ r: R.Type, _ parameters: [DataType], _ result: DataType
    ) -> Kernel? {
        guard let shape = result.decimalShape else { return nil }
        if shape.precision <= 18 {
            return narrow(name, l, r, parameters, result)
        }
        return wide(name, l, r, parameters, result, shape)
    }

    /// Results of up to 18 digits: the types leave no room for overflow.
    private static func narrow<L: IntegerValue, R: IntegerValue>(
        _ name: String, _ l: L.Type, _ r: R.Type, _ parameters: [DataType], _ type: DataType
    ) -> Kernel? {
        let scale = type.decimalShape?.scale ?? 0
        let leftFactor = factor(scale, parameters[0])
        let rightFactor = factor(scale, parameters[1])
        switch name {
        case "+":
            return { (call) throws(IglooError) in
                call.map2(l, r, to: type) {
                    Int64(truncatingIfNeeded: $0) &* leftFactor
                        &+ Int64(truncatingIfNeeded: $1) &* rightFactor
                }
            }
        case "-":
            return { (call) throws(IglooError) in
                call.map2(l, r, to: type) {
                    Int64(truncatingIfNeeded: $0) &* leftFactor
                        &- Int64(truncatingIfNeeded: $1) &* rightFactor
                }
            }
        case "*":
            return { (call) throws(IglooError) in
                call.map2(l, r, to: type) {
                    Int64(truncatingIfNeeded: $0) &* Int64(truncatingIfNeeded: $1)
                }
            }
        case "%", "mod": return IntegerArithmetic.kernel("%", l, type)
        default: return nil
        }
    }

    private static func factor(_ scale: Int, _ type: DataType) -> Int64 {
        let difference = scale - (type.decimalShape?.scale ?? 0)
        return Int64(truncatingIfNeeded: DecimalPower.ten(difference))
    }

    private static func wide<L: IntegerValue, R: IntegerValue>(
        _ name: String, _ l: L.Type, _ r: R.Type, _ parameters: [DataType], _ type: DataType,
        _ shape: (precision: Int, scale: Int)
    ) -> Kernel? {
        let limit = DecimalPower.ten(shape.precision)
        let fault = Faults.outOfRange(type)
        let leftFactor = DecimalPower.ten(shape.scale - (parameters[0].decimalShape?.scale ?? 0))
        let rightFactor = DecimalPower.ten(shape.scale - (parameters[1].decimalShape?.scale ?? 0))
        // Below 38 digits the type has room for every result.
        let isSafe = shape.precision < 38
        switch name {
        case "+", "-":
            let isSum = name == "+"
            if isSafe {
                return { (call) throws(IglooError) in
                    call.map2(l, r, to: type) { x, y -> Int128 in
                        let left = Int128(truncatingIfNeeded: x) &* leftFactor
                        let right = Int128(truncatingIfNeeded: y) &* rightFactor
                        return isSum ? left &+ right : left &- right
                    }
                }
            }
            return { (call) throws(IglooError) in
                try call.map2Checked(
                    l, r, to: type,
                    { x, y -> (Int128, Bool) in
                        let (left, a) = Int128(truncatingIfNeeded: x)
                            .multipliedReportingOverflow(by: leftFactor)
                        let (right, b) = Int128(truncatingIfNeeded: y)
                            .multipliedReportingOverflow(by: rightFactor)
                        let (z, c) =
                            isSum
                            ? left.addingReportingOverflow(right)
                            : left.subtractingReportingOverflow(right)
                        return (z, a || b || c || z >= limit || z <= 0 &- limit)
                    }, { _, _ in fault })
            }
        case "*":
            if isSafe {
                return { (call) throws(IglooError) in
                    call.map2(l, r, to: type) {
                        Int128(truncatingIfNeeded: $0) &* Int128(truncatingIfNeeded: $1)
                    }
                }
            }
            return { (call) throws(IglooError) in
                try call.map2Checked(
                    l, r, to: type,
                    { x, y -> (Int128, Bool) in
                        let (z, overflow) = Int128(truncatingIfNeeded: x)
                            .multipliedReportingOverflow(by: Int128(truncatingIfNeeded: y))
                        return (z, overflow || z >= limit || z <= 0 &- limit)
                    }, { _, _ in fault })
            }
        case "%", "mod": return IntegerArithmetic.kernel("%", l, type)
        default: return nil
        }
    }

    private static func unary<T: IntegerValue>(
        _ name: String, _ t: T.Type, _ parameters: [DataType], _ type: DataType
    ) -> Kernel? {
        switch name {
        case "negate", "abs", "sign": return IntegerArithmetic.kernel(name, t, type)
        case "ceil", "floor", "round", "trunc":
            let scale = parameters[0].decimalShape?.scale ?? 0
            if parameters.count == 2 { return digits(name, t, scale, type) }
            return (type.decimalShape?.precision ?? 38) <= 18
                ? whole(name, t, Int64.self, scale, type)
                : whole(name, t, Int128.self, scale, type)
        default: return nil
        }
    }

    private static func whole<T: IntegerValue, R: IntegerValue>(
        _ name: String, _ t: T.Type, _ r: R.Type, _ scale: Int, _ type: DataType
    ) -> Kernel {
        let unit = DecimalPower.ten(scale)
        let mode = name
        let fault = Faults.outOfRange(type)
        let limit = DecimalPower.ten(type.decimalShape?.precision ?? 38)
        let multiple: Int128 = scale < 0 ? DecimalPower.ten(-scale) : 1
        return { (call) throws(IglooError) in
            let isRound = mode == "round"
            let step: Int128 = mode == "ceil" ? 1 : mode == "floor" ? -1 : 0
            return try call.mapChecked(
                t, to: type,
                { x -> (R, Bool) in
                    let value = Int128(truncatingIfNeeded: x)
                    var quotient = DecimalPower.quotient(value, unit, halvesUp: isRound)
                    let back = quotient &* unit
                    if step > 0 && back < value || step < 0 && back > value { quotient &+= step }
                    let (z, overflow) = quotient.multipliedReportingOverflow(by: multiple)
                    return (R(truncatingIfNeeded: z), overflow || z >= limit || z <= 0 &- limit)
                }, { _ in fault })
        }
    }

    private static func digits<T: IntegerValue>(
        _ name: String, _ t: T.Type, _ scale: Int, _ type: DataType
    ) -> Kernel {
        let isRound = name == "round"
        let fault = Faults.outOfRange(type)
        let precision = type.decimalShape?.precision ?? 38
        let limit = DecimalPower.ten(precision)
        @inline(__always)
        func rounded(_ x: T, _ digits: Int32) -> (Int128, Bool) {
            let value = Int128(truncatingIfNeeded: x)
            let places = scale - Int(digits)
            if places <= 0 { return (value, false) }
            if places > 38 { return (0, false) }
            let unit = DecimalPower.ten(places)
            let quotient = DecimalPower.quotient(value, unit, halvesUp: isRound)
            let (z, overflow) = quotient.multipliedReportingOverflow(by: unit)
            return (z, overflow || z >= limit || z <= 0 &- limit)
        }
        if precision <= 18 {
            return { (call) throws(IglooError) in
                try call.map2Checked(
                    t, Int32.self, to: type,
                    { x, d -> (Int64, Bool) in
                        let (z, failed) = rounded(x, d)
                        return (Int64(truncatingIfNeeded: z), failed)
                    }, { _, _ in fault })
            }
        }
        return { (call) throws(IglooError) in
            try call.map2Checked(
                t, Int32.self, to: type, { rounded($0, $1) }, { _, _ in fault })
        }
    }
}
