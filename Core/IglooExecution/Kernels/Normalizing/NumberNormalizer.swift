// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Numbers, dates and times of other widths and units.
enum NumberNormalizer {
    static func canonical(_ array: ArrayData, _ type: DataType) throws(IglooError) -> ArrayData {
        let call = KernelCall([Vector(array)], count: array.count)
        let fault = Faults.outOfRange(type)
        switch array.type {
        case .float16: return call.map(Float16.self, to: type) { Float($0) }
        case .decimal32: return call.map(Int32.self, to: type) { Int64($0) }
        case .decimal64: return call.map(Int64.self, to: type) { Int128($0) }
        case .decimal128: return try narrowed(call, Int128.self, type) { $0 }
        case .decimal256: return try wide(call, type)
        case .date64:
            return try call.mapChecked(
                Int64.self, to: type,
                { x -> (Int32, Bool) in
                    let days = Floor.divide(x, 86_400_000)
                    let z = Int32(truncatingIfNeeded: days)
                    return (z, Int64(z) != days)
                }, { _ in fault })
        case .time32(let unit):
            let factor = 1_000_000 / unit.unitsPerSecond
            return call.map(Int32.self, to: type) { Int64($0) &* factor }
        case .time64(.nanosecond): return call.map(Int64.self, to: type) { $0 / 1_000 }
        case .timestamp(let unit, _):
            let factor = 1_000_000 / unit.unitsPerSecond
            return try call.mapChecked(
                Int64.self, to: type,
                { x -> (Int64, Bool) in
                    let (z, overflow) = x.multipliedReportingOverflow(by: factor)
                    return (z, overflow)
                }, { _ in fault })
        case .duration(let unit):
            let factor = 1_000_000_000 / unit.unitsPerSecond
            return try call.mapChecked(
                Int64.self, to: type,
                { x in
                    let (z, overflow) = x.multipliedReportingOverflow(by: factor)
                    return (MonthDayNanoInterval(months: 0, days: 0, nanoseconds: z), overflow)
                }, { _ in fault })
        case .interval(.yearMonth):
            return call.map(Int32.self, to: type) {
                MonthDayNanoInterval(months: $0, days: 0, nanoseconds: 0)
            }
        case .interval(.dayTime):
            return call.map(DayTimeInterval.self, to: type) {
                MonthDayNanoInterval(
                    months: 0, days: $0.days, nanoseconds: Int64($0.milliseconds) &* 1_000_000)
            }
        default:
            throw IglooError(.unsupported, "columns of type \(array.type) are not supported")
        }
    }

    private static func narrowed<T: BitwiseCopyable>(
        _ call: KernelCall, _ t: T.Type, _ type: DataType, _ value: (T) -> Int128?
    ) throws(IglooError) -> ArrayData {
        let fault = Faults.outOfRange(type)
        let limit = DecimalPower.ten(type.decimalShape?.precision ?? 38)
        func isBeyond(_ x: Int128?) -> Bool {
            guard let x else { return true }
            return x >= limit || x <= 0 - limit
        }
        if case .decimal64 = type {
            return try call.mapChecked(
                t, to: type, { (Int64(truncatingIfNeeded: value($0) ?? 0), isBeyond(value($0))) },
                { _ in fault })
        }
        return try call.mapChecked(
            t, to: type, { (value($0) ?? 0, isBeyond(value($0))) }, { _ in fault })
    }

    private static func wide(_ call: KernelCall, _ type: DataType) throws(IglooError) -> ArrayData {
        try narrowed(call, Int256.self, type) { $0.narrowed }
    }
}
