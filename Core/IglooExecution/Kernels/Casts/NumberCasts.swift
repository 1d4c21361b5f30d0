// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Casts among numbers and booleans, with checked ranges.
enum NumberCasts {
    static func kernel(_ from: DataType, _ to: DataType) -> Kernel? {
        switch from {
        case .bool: return fromBool(to)
        case .int8: return fromInteger(Int8.self, 0, to)
        case .int16: return fromInteger(Int16.self, 0, to)
        case .int32: return fromInteger(Int32.self, 0, to)
        case .int64: return fromInteger(Int64.self, 0, to)
        case .uint8: return fromInteger(UInt8.self, 0, to)
        case .uint16: return fromInteger(UInt16.self, 0, to)
        case .uint32: return fromInteger(UInt32.self, 0, to)
        case .uint64: return fromInteger(UInt64.self, 0, to)
        case .decimal64(_, let scale): return fromInteger(Int64.self, scale, to, isDecimal: true)
        case .decimal128(_, let scale): return fromInteger(Int128.self, scale, to, isDecimal: true)
        case .float32: return fromFloat(Float.self, to)
        case .float64: return fromFloat(Double.self, to)
        default: return nil
        }
    }

    private static func fromBool(_ to: DataType) -> Kernel? {
        // By way of bytes of 0 and 1.
        guard let next = fromInteger(UInt8.self, 0, to) else { return nil }
        return { (call) throws(IglooError) in
            let array = call.arguments[0].array
            let bits = array.buffers[0].pointer(as: UInt8.self)
            var builder = BufferBuilder(byteCapacity: call.count)
            let out = builder.pointer(as: UInt8.self)
            var i = 0
            while i < call.count {
                out[i] = Bitmap.isSet(bits, array.offset &+ i) ? 1 : 0
                i &+= 1
            }
            builder.setByteCount(call.count)
            let bytes = call.result(.uint8, [builder.finish()], validity: call.validity)
            return try next(KernelCall([Vector(bytes)], count: call.count))
        }
    }

    // MARK: - From integers and decimals

    private static func fromInteger<T: IntegerValue>(
        _ t: T.Type, _ scale: Int, _ to: DataType, isDecimal: Bool = false
    ) -> Kernel? {
        switch to {
        case .bool: return { (call) throws(IglooError) in call.test(t) { $0 != 0 } }
        case .int8: return whole(t, Int8.self, scale, to, isDecimal)
        case .int16: return whole(t, Int16.self, scale, to, isDecimal)
        case .int32: return whole(t, Int32.self, scale, to, isDecimal)
        case .int64: return whole(t, Int64.self, scale, to, isDecimal)
        case .uint8: return whole(t, UInt8.self, scale, to, isDecimal)
        case .uint16: return whole(t, UInt16.self, scale, to, isDecimal)
        case .uint32: return whole(t, UInt32.self, scale, to, isDecimal)
        case .uint64: return whole(t, UInt64.self, scale, to, isDecimal)
        case .decimal64(let precision, let newScale):
            return rescaled(t, Int64.self, scale, precision, newScale, to)
        case .decimal128(let precision, let newScale):
            return rescaled(t, Int128.self, scale, precision, newScale, to)
        case .float32:
            if !isDecimal {
                return { (call) throws(IglooError) in call.map(t, to: to) { Float($0) } }
            }
            return { (call) throws(IglooError) in
                call.map(t, to: to) { Float(toDouble(Int128(truncatingIfNeeded: $0), scale)) }
            }
        case .float64:
            if !isDecimal {
                return { (call) throws(IglooError) in call.map(t, to: to) { Double($0) } }
            }
            return { (call) throws(IglooError) in
                call.map(t, to: to) { toDouble(Int128(truncatingIfNeeded: $0), scale) }
            }
        default: return nil
        }
    }

    private static func whole<T: IntegerValue, R: IntegerValue>(
        _ t: T.Type, _ r: R.Type, _ scale: Int, _ to: DataType, _ isDecimal: Bool
    ) -> Kernel {
        let fault = Faults.outOfRange(to)
        if !isDecimal || scale == 0 {
            return { (call) throws(IglooError) in
                try call.mapChecked(
                    t, to: to,
                    { x -> (R, Bool) in
                        let z = R(truncatingIfNeeded: x)
                        return (z, T(truncatingIfNeeded: z) != x || (z < 0) != (x < 0))
                    }, { _ in fault })
            }
        }
        return { (call) throws(IglooError) in
            try call.mapChecked(
                t, to: to,
                { x -> (R, Bool) in
                    let (value, overflow) = DecimalPower.rescaled(
                        Int128(truncatingIfNeeded: x), scale, 0)
                    return (
                        R(truncatingIfNeeded: value),
                        overflow || value > Int128(R.max) || value < Int128(R.min)
                    )
                }, { _ in fault })
        }
    }

    private static func rescaled<T: IntegerValue, R: IntegerValue>(
        _ t: T.Type, _ r: R.Type, _ scale: Int, _ precision: Int, _ newScale: Int, _ to: DataType
    ) -> Kernel {
        let fault = Faults.outOfRange(to)
        let limit = DecimalPower.ten(precision)
        if newScale >= scale {
            let factor = DecimalPower.ten(newScale - scale)
            return { (call) throws(IglooError) in
                try call.mapChecked(
                    t, to: to,
                    { x -> (R, Bool) in
                        let (z, overflow) = Int128(truncatingIfNeeded: x)
                            .multipliedReportingOverflow(by: factor)
                        return (R(truncatingIfNeeded: z), overflow || z >= limit || z <= 0 &- limit)
                    }, { _ in fault })
            }
        }
        return { (call) throws(IglooError) in
            try call.mapChecked(
                t, to: to,
                { x -> (R, Bool) in
                    let (z, overflow) = DecimalPower.rescaled(
                        Int128(truncatingIfNeeded: x), scale, newScale)
                    return (R(truncatingIfNeeded: z), overflow || z >= limit || z <= 0 &- limit)
                }, { _ in fault })
        }
    }

    /// Exact where both the digits and the power of ten are, else by way of text.
    static func toDouble(_ unscaled: Int128, _ scale: Int) -> Double {
        if scale == 0 { return DecimalPower.double(unscaled) }
        let short = Int64(truncatingIfNeeded: unscaled)
        if Int128(short) == unscaled && short.magnitude <= 1 << 53 && scale > 0 && scale <= 22 {
            return Double(short) / powers[scale]
        }
        return Double("\(unscaled)e\(-scale)") ?? 0
    }

    private static let powers: [Double] = {
        var powers = [1.0]
        for _ in 1...22 { powers.append(powers[powers.count - 1] * 10) }
        return powers
    }()

    // MARK: - From floats

    private static func fromFloat<F: FloatValue & LosslessStringConvertible>(
        _ f: F.Type, _ to: DataType
    ) -> Kernel? {
        switch to {
        case .bool: return { (call) throws(IglooError) in call.test(f) { $0 != 0 } }
        case .int8: return rounded(f, Int8.self, to)
        case .int16: return rounded(f, Int16.self, to)
        case .int32: return rounded(f, Int32.self, to)
        case .int64: return rounded(f, Int64.self, to)
        case .uint8: return rounded(f, UInt8.self, to)
        case .uint16: return rounded(f, UInt16.self, to)
        case .uint32: return rounded(f, UInt32.self, to)
        case .uint64: return rounded(f, UInt64.self, to)
        case .decimal64(let precision, let scale):
            return toDecimal(f, Int64.self, precision, scale, to)
        case .decimal128(let precision, let scale):
            return toDecimal(f, Int128.self, precision, scale, to)
        case .float64: return { (call) throws(IglooError) in call.map(f, to: to) { Double($0) } }
        case .float32:
            let fault = Faults.outOfRange(to)
            return { (call) throws(IglooError) in
                try call.mapChecked(
                    f, to: to, { (Float($0), Float($0).isInfinite && $0.isFinite) },
                    { _ in fault })
            }
        default: return nil
        }
    }

    /// Halves to the even neighbour, as PostgreSQL casts.
    private static func rounded<F: FloatValue, R: IntegerValue>(
        _ f: F.Type, _ r: R.Type, _ to: DataType
    ) -> Kernel {
        let fault = Faults.outOfRange(to)
        return { (call) throws(IglooError) in
            try call.mapChecked(
                f, to: to,
                { x -> (R, Bool) in
                    guard let z = R(exactly: x.rounded(.toNearestOrEven)) else { return (0, true) }
                    return (z, false)
                }, { _ in fault })
        }
    }

    /// Rounds what the number reads as, half away from zero: 2.345 is 2.35, not 2.34.
    private static func toDecimal<F: FloatValue & LosslessStringConvertible, R: IntegerValue>(
        _ f: F.Type, _ r: R.Type, _ precision: Int, _ scale: Int, _ to: DataType
    ) -> Kernel {
        let fault = Faults.outOfRange(to)
        let limit = DecimalPower.ten(precision)
        let isSimple = scale >= 0 && scale <= 15
        let factor = isSimple ? powers[scale] : 1
        return { (call) throws(IglooError) in
            try call.mapChecked(
                f, to: to,
                { x -> (R, Bool) in
                    let scaled = Double(x) * factor
                    let whole = scaled.rounded(.toNearestOrAwayFromZero)
                    let distance = abs(abs(scaled - whole) - 0.5)
                    // Far from a half and exactly representable: no digit can be in doubt.
                    if isSimple && F.self == Double.self && abs(scaled) < 1e15 && distance > 1e-3 {
                        let z = Int128(whole)
                        return (R(truncatingIfNeeded: z), z >= limit || z <= 0 &- limit)
                    }
                    guard let z = NumberText.decimal(x.description, scale: scale) else {
                        return (0, true)
                    }
                    return (R(truncatingIfNeeded: z), z >= limit || z <= 0 &- limit)
                }, { _ in fault })
        }
    }
}
