// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Zones, epochs, and intervals in another shape.
enum TimeConversions {
    private typealias Interval = MonthDayNanoInterval

    static func kernel(_ call: FunctionCall) throws(IglooError) -> Kernel? {
        let type = call.result
        switch call.name {
        case "timezone": return try zone(call)
        case "to_timestamp" where call.parameters == [.float64]:
            return { (call) throws(IglooError) in
                try call.mapChecked(
                    Double.self, to: type,
                    { x -> (Int64, Bool) in
                        let value = (x * 1e6).rounded()
                        let isIn = value > -9.2e18 && value < 9.2e18
                        return (isIn ? Int64(value) : 0, !isIn)
                    }, { _ in Faults.outOfRange(type) })
            }
        case "make_timestamp_us", "make_timestamp_ms",
            "epoch_ms" where call.parameters == [.int64]:
            let factor: Int64 = call.name == "make_timestamp_us" ? 1 : 1_000
            return { (call) throws(IglooError) in
                try call.mapChecked(
                    Int64.self, to: type, { $0.multipliedReportingOverflow(by: factor) },
                    { _ in Faults.outOfRange(type) })
            }
        case "epoch_ms", "epoch_us", "epoch_ns": return epoch(call)
        case "make_time":
            return { (call) throws(IglooError) in try times(call, type) }
        case "justify_hours", "justify_days", "justify_interval":
            let (hours, days) = (call.name != "justify_days", call.name != "justify_hours")
            return { (call) throws(IglooError) in
                call.map(Interval.self, to: type) { justified($0, hours: hours, days: days) }
            }
        default: return nil
        }
    }

    /// A time of a zone's clocks as an instant, and back.
    private static func zone(_ call: FunctionCall) throws(IglooError) -> Kernel {
        if call.declared[1] == .logical(.timetz) { return try ZonedTimes.moved(call) }
        guard case .timestamp(let unit, let sourceZone) = call.parameters[1] else {
            throw IglooError(.internalError, "timezone of \(call.parameters[1])")
        }
        let units = unit.unitsPerSecond
        let type = call.result
        let isInstant = sourceZone != nil
        if call.parameters[0] == .interval(.monthDayNano) {
            return try zone(type, units, isInstant)
        }
        if let name = call.constantText(0) {
            let rules = try ZoneRules.named(name)
            return { (call) throws(IglooError) in
                call.single(1).map(Int64.self, to: type) {
                    isInstant ? rules.local($0, units) : rules.instant($0, units)
                }
            }
        }
        return { (call) throws(IglooError) in
            let names = ViewReader(call.arguments[0])
            let values = call.value(1, Int64.self)
            var builder = BufferBuilder(byteCapacity: call.count * 8)
            for row in 0..<call.count {
                guard call.isValid(row) else {
                    builder.append(Int64(0))
                    continue
                }
                let rules = try ZoneRules.named(names[row].text)
                builder.append(
                    isInstant ? rules.local(values(row), units) : rules.instant(values(row), units))
            }
            return call.result(type, [builder.finish()], validity: call.validity)
        }
    }

    /// With an interval as the offset, east of UTC.
    private static func zone(
        _ type: DataType, _ units: Int64, _ isInstant: Bool
    ) throws(IglooError) -> Kernel {
        { (call) throws(IglooError) in
            try call.map2Checked(
                Interval.self, Int64.self, to: type,
                { offset, x -> (Int64, Bool) in
                    let (shift, a) = (offset.nanoseconds / 1_000_000_000)
                        .multipliedReportingOverflow(by: units)
                    let (value, b) =
                        isInstant
                        ? x.addingReportingOverflow(shift) : x.subtractingReportingOverflow(shift)
                    return (value, a || b || offset.months != 0 || offset.days != 0)
                },
                { offset, _ in
                    offset.months != 0 || offset.days != 0
                        ? Faults.invalid(
                            "interval time zone must not include months or days")
                        : Faults.outOfRange(type)
                })
        }
    }

    private static func epoch(_ call: FunctionCall) -> Kernel? {
        let wanted: Int64 =
            call.name == "epoch_ms" ? 1_000 : call.name == "epoch_us" ? 1_000_000 : 1_000_000_000
        let units: Int64
        switch call.parameters[0] {
        case .timestamp(let unit, _), .time64(let unit): units = unit.unitsPerSecond
        case .interval:
            return { (call) throws(IglooError) in
                try call.mapChecked(
                    Interval.self, to: .int64, { length($0, wanted) },
                    { _ in Faults.outOfRange(.int64) })
            }
        default: return nil
        }
        return { (call) throws(IglooError) in
            if wanted <= units {
                return call.map(Int64.self, to: .int64) { Floor.divide($0, units / wanted) }
            }
            return try call.mapChecked(
                Int64.self, to: .int64, { $0.multipliedReportingOverflow(by: wanted / units) },
                { _ in Faults.outOfRange(.int64) })
        }
    }

    /// An interval in units, where a year has 365.25 days and a month 30.
    private static func length(_ value: Interval, _ unitsPerSecond: Int64) -> (Int64, Bool) {
        let days = Int128(value.months % 12) * 30 + Int128(value.days)
        let seconds = Int128(value.months / 12) * 31_557_600 + days * 86_400
        let units =
            seconds * Int128(unitsPerSecond)
            + Int128(value.nanoseconds / (1_000_000_000 / unitsPerSecond))
        return (Int64(truncatingIfNeeded: units), Int64(exactly: units) == nil)
    }

    private static func times(_ call: KernelCall, _ type: DataType) throws(IglooError) -> ArrayData
    {
        let (hours, minutes) = (call.value(0, Int64.self), call.value(1, Int64.self))
        let seconds = call.value(2, Double.self)
        var builder = BufferBuilder(byteCapacity: call.count * 8)
        for row in 0..<call.count {
            guard call.isValid(row) else {
                builder.append(Int64(0))
                continue
            }
            let (hour, minute, second) = (hours(row), minutes(row), seconds(row))
            guard hour >= 0, hour < 24, minute >= 0, minute < 60, second >= 0, second < 60 else {
                throw IglooError(
                    .outOfRange, "time field value out of range: \(hour):\(minute):\(second)",
                    sqlState: .datetimeFieldOverflow)
            }
            builder.append((hour * 60 + minute) * 60_000_000 + Int64((second * 1e6).rounded()))
        }
        return call.result(type, [builder.finish()], validity: call.validity)
    }

    /// 24 hours as a day, 30 days as a month; all parts with one sign.
    private static func justified(_ value: Interval, hours: Bool, days: Bool) -> Interval {
        var (month, day, time) = (Int64(value.months), Int64(value.days), value.nanoseconds)
        let dayLength = IntervalValue.nanosecondsPerDay
        if hours {
            day &+= time / dayLength
            time %= dayLength
        }
        if days {
            month &+= day / 30
            day %= 30
        }
        if days && month > 0 && (day < 0 || day == 0 && time < 0) {
            (month, day) = (month - 1, day + 30)
        } else if days && month < 0 && (day > 0 || day == 0 && time > 0) {
            (month, day) = (month + 1, day - 30)
        }
        if hours && day > 0 && time < 0 {
            (day, time) = (day - 1, time + dayLength)
        } else if hours && day < 0 && time > 0 {
            (day, time) = (day + 1, time - dayLength)
        }
        return Interval(
            months: Int32(clamping: month), days: Int32(clamping: day), nanoseconds: time)
    }
}
