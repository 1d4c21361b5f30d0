// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Functions of whole numbers, of bits, and of the kinds of doubles.
enum NumberFunctions {
    static func kernel(_ call: FunctionCall) -> Kernel? {
        let type = call.result
        switch call.name {
        case "gcd" where call.result.isDecimal, "lcm" where call.result.isDecimal:
            return DecimalDivisors.kernel(call)
        case "gcd":
            return { (call) throws(IglooError) in
                try call.map2Checked(
                    Int64.self, Int64.self, to: type,
                    { x, y -> (Int64, Bool) in
                        let divisor = divisor(x, y)
                        return (Int64(truncatingIfNeeded: divisor), divisor > UInt64(Int64.max))
                    }, { _, _ in Faults.outOfRange(type) })
            }
        case "lcm":
            return { (call) throws(IglooError) in
                try call.map2Checked(
                    Int64.self, Int64.self, to: type, { multiple($0, $1) },
                    { _, _ in Faults.outOfRange(type) })
            }
        case "factorial":
            return { (call) throws(IglooError) in
                try call.mapChecked(
                    Int64.self, to: type, { factorial($0) },
                    { n in
                        n < 0
                            ? IglooError(
                                .outOfRange, "factorial of a negative number is undefined")
                            : Faults.outOfRange(type)
                    })
            }
        case "div": return division(call)
        case "bit_count" where call.parameters[0].isInteger:
            return bits(call) { Int32($0.nonzeroBitCount) }
        case "~": return inverted(call.parameters[0])
        case "width_bucket":
            guard call.parameters[1].isList else { return buckets() }
            return call.parameters[0] == .float64 ? thresholds() : orderedThresholds()
        case "scale", "min_scale", "trim_scale": return scale(call)
        case "signbit":
            return { (call) throws(IglooError) in call.test(Double.self) { $0.sign == .minus } }
        case "isnan": return { (call) throws(IglooError) in call.test(Double.self) { $0.isNaN } }
        case "isinf", "isfinite": return finiteness(call.parameters[0], call.name == "isfinite")
        default: return nil
        }
    }

    private static func finiteness(_ type: DataType, _ isFinite: Bool) -> Kernel {
        switch type {
        case .float64:
            return { (call) throws(IglooError) in
                call.test(Double.self) { isFinite ? $0.isFinite : $0.isInfinite }
            }
        case .interval:
            return { (call) throws(IglooError) in
                call.bits(Bits.filled(isFinite, count: call.count))
            }
        case .date32:
            return { (call) throws(IglooError) in
                call.test(Int32.self) { (InfiniteMoments.sign($0) == 0) == isFinite }
            }
        default:
            return { (call) throws(IglooError) in
                call.test(Int64.self) { (InfiniteMoments.sign($0) == 0) == isFinite }
            }
        }
    }

    private static func divisor(_ x: Int64, _ y: Int64) -> UInt64 {
        var (a, b) = (x.magnitude, y.magnitude)
        while b != 0 { (a, b) = (b, a % b) }
        return a
    }

    private static func multiple(_ x: Int64, _ y: Int64) -> (Int64, Bool) {
        if x == 0 || y == 0 { return (0, false) }
        let (value, overflow) = (x.magnitude / divisor(x, y))
            .multipliedReportingOverflow(by: y.magnitude)
        return (Int64(truncatingIfNeeded: value), overflow || value > UInt64(Int64.max))
    }

    /// 33! is the last with 38 digits at most.
    private static func factorial(_ n: Int64) -> (Int128, Bool) {
        guard (0...33).contains(n) else { return (0, true) }
        var value: Int128 = 1
        var factor: Int128 = 1
        while factor <= Int128(n) {
            value *= factor
            factor += 1
        }
        return (value, false)
    }

    private static func division(_ call: FunctionCall) -> Kernel {
        { (call) throws(IglooError) in
            try call.map2Checked(
                Double.self, Double.self, to: .float64,
                { x, y -> (Double, Bool) in ((x / y).rounded(.towardZero), y == 0) },
                { _, _ in Faults.divisionByZero })
        }
    }

    // MARK: - Bits

    private static func bits(_ call: FunctionCall, _ body: @escaping (UInt64) -> Int32) -> Kernel {
        let width = (call.parameters[0].fixedByteWidth ?? 8) * 8
        let mask = width >= 64 ? UInt64.max : UInt64(1) << UInt64(width) - 1
        return { (call) throws(IglooError) in
            let reader = WideReader(call.arguments[0].array)
            return TextFunctions.numbers(call, .int32) { row -> Int32 in
                body(UInt64(bitPattern: reader.int64(row * call.arguments[0].step)) & mask)
            }
        }
    }

    private static func inverted(_ type: DataType) -> Kernel? {
        func kernel<T: FixedWidthInteger & BitwiseCopyable>(_: T.Type) -> Kernel {
            { (call) throws(IglooError) in call.map(T.self, to: type) { ~$0 } }
        }
        switch type.fixedByteWidth {
        case 1: return kernel(UInt8.self)
        case 2: return kernel(UInt16.self)
        case 4: return kernel(UInt32.self)
        default: return kernel(UInt64.self)
        }
    }

    // MARK: - Buckets

    private static func fault(_ message: String) -> IglooError {
        IglooError(.outOfRange, message, sqlState: SQLState(rawValue: "2201G"))
    }

    private static func buckets() -> Kernel {
        { (call) throws(IglooError) in
            let (values, lows) = (call.value(0, Double.self), call.value(1, Double.self))
            let (highs, counts) = (call.value(2, Double.self), call.value(3, Int64.self))
            var builder = BufferBuilder(byteCapacity: call.count * 4)
            for row in 0..<call.count {
                guard call.isValid(row) else {
                    builder.append(Int32(0))
                    continue
                }
                let (value, low, high, count) = (values(row), lows(row), highs(row), counts(row))
                guard count > 0, count < Int64(Int32.max) else {
                    throw fault("count must be greater than zero, and an integer")
                }
                guard low.isFinite, high.isFinite, !value.isNaN else {
                    throw fault("operand, lower bound, and upper bound cannot be NaN or infinite")
                }
                guard low != high else { throw fault("lower bound cannot equal upper bound") }
                let (x, start, end) = low < high ? (value, low, high) : (-value, -low, -high)
                let bucket: Int32
                if x < start {
                    bucket = 0
                } else if x >= end {
                    bucket = Int32(count) + 1
                } else {
                    let place = (x - start) / (end - start) * Double(count)
                    bucket = Int32(min(place, Double(count) - 1)) + 1
                }
                builder.append(bucket)
            }
            return call.result(.int32, [builder.finish()], validity: call.validity)
        }
    }

    private static func orderedThresholds() -> Kernel {
        { (call) throws(IglooError) in
            let lists = ListReader(call.arguments[1])
            let (values, step) = (call.arguments[0].array, call.arguments[0].step)
            return TextFunctions.numbers(call, .int32) { row -> Int32 in
                var (low, high) = (lists[row].lowerBound, lists[row].upperBound)
                let first = low
                while low < high {
                    let middle = (low + high) / 2
                    let order = ElementOrder.compare(lists.items, middle, values, row * step)
                    if order <= 0 { low = middle + 1 } else { high = middle }
                }
                return Int32(truncatingIfNeeded: low - first)
            }
        }
    }

    /// Digits behind the point: the type's, or as many as the value needs.
    private static func scale(_ call: FunctionCall) -> Kernel {
        let scale = call.parameters[0].decimalShape?.scale ?? 0
        switch call.name {
        case "trim_scale":
            return { (call) throws(IglooError) in try call.arguments[0].expanded(to: call.count) }
        case "scale":
            return { (call) throws(IglooError) in
                TextFunctions.numbers(call, .int32) { _ in Int32(scale) }
            }
        default:
            return { (call) throws(IglooError) in
                let values = WideReader(call.arguments[0].array)
                let step = call.arguments[0].step
                return TextFunctions.numbers(call, .int32) { row -> Int32 in
                    var (value, digits) = (values.wide(row * step), Int32(scale))
                    while digits > 0 && value % 10 == 0 {
                        (value, digits) = (value / 10, digits - 1)
                    }
                    return digits
                }
            }
        }
    }

    /// How many of the ascending thresholds are not above the value.
    private static func thresholds() -> Kernel {
        { (call) throws(IglooError) in
            let values = call.value(0, Double.self)
            let lists = ListReader(call.arguments[1])
            let items = lists.items.values(as: Double.self)
            return TextFunctions.numbers(call, .int32) { row -> Int32 in
                let value = values(row)
                var (low, high) = (lists[row].lowerBound, lists[row].upperBound)
                let first = low
                while low < high {
                    let middle = (low + high) / 2
                    if items[middle] <= value { low = middle + 1 } else { high = middle }
                }
                return Int32(truncatingIfNeeded: low - first)
            }
        }
    }
}
