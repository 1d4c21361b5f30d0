// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// `+`, `-`, `*`, `/` and `negate` of dates, times and intervals.
enum DateArithmetic {
    private typealias Interval = MonthDayNanoInterval

    static func kernel(_ call: FunctionCall) throws(IglooError) -> Kernel? {
        guard ["+", "-", "*", "/", "negate"].contains(call.name) else { return nil }
        let fault = Faults.outOfRange(call.result)
        let type = call.result
        let isMinus = call.name == "-"
        if call.name == "negate", call.parameters == [.interval(.monthDayNano)] {
            return { (call) throws(IglooError) in
                try call.mapChecked(Interval.self, to: type, { negated($0) }, { _ in fault })
            }
        }
        guard call.parameters.count == 2 else { return nil }
        switch (call.parameters[0], call.parameters[1]) {
        case (.date32, .int32):
            return { (call) throws(IglooError) in
                try call.map2Checked(
                    Int32.self, Int32.self, to: type,
                    { x, y -> (Int32, Bool) in
                        let z = isMinus ? Int64(x) &- Int64(y) : Int64(x) &+ Int64(y)
                        return (
                            Int32(truncatingIfNeeded: z), z != Int64(Int32(truncatingIfNeeded: z))
                        )
                    }, { _, _ in fault })
            }
        case (.date32, .date32):
            return { (call) throws(IglooError) in
                call.map2(Int32.self, Int32.self, to: type) { Int64($0) &- Int64($1) }
            }
        case (.date32, .time64):
            return { (call) throws(IglooError) in
                try call.map2Checked(
                    Int32.self, Int64.self, to: type,
                    { x, y -> (Int64, Bool) in
                        let (start, a) = Int64(x).multipliedReportingOverflow(by: 86_400_000_000)
                        let (z, b) = start.addingReportingOverflow(y)
                        return (z, a || b)
                    }, { _, _ in fault })
            }
        case (.date32, .interval):
            return { (call) throws(IglooError) in
                try call.map2Checked(
                    Int32.self, Interval.self, to: type,
                    { x, y -> (Int64, Bool) in
                        let (start, a) = Int64(x).multipliedReportingOverflow(by: 86_400_000_000)
                        let (z, b) = moved(start, y, 1_000_000, isMinus)
                        return (z, a || b)
                    }, { _, _ in fault })
            }
        case (.timestamp(let unit, let zone), .interval):
            let units = unit.unitsPerSecond
            let rules = try DateParts.zoneRules(zone, call.context)
            return { (call) throws(IglooError) in
                try call.map2Checked(
                    Int64.self, Interval.self, to: type,
                    {
                        moved($0, $1, units, isMinus, rules)
                    }, { _, _ in fault })
            }
        case (.timestamp(let unit, _), .timestamp):
            return difference(unit.unitsPerSecond, type)
        case (.time64, .interval):
            return { (call) throws(IglooError) in
                call.map2(Int64.self, Interval.self, to: type) { x, y -> Int64 in
                    let step = y.nanoseconds / 1_000 % 86_400_000_000
                    return Floor.remainder(isMinus ? x &- step : x &+ step, 86_400_000_000)
                }
            }
        case (.time64, .time64):
            return { (call) throws(IglooError) in
                call.map2(Int64.self, Int64.self, to: type) {
                    Interval(months: 0, days: 0, nanoseconds: ($0 &- $1) &* 1_000)
                }
            }
        case (.interval, .interval):
            return { (call) throws(IglooError) in
                try call.map2Checked(
                    Interval.self, Interval.self, to: type,
                    {
                        sum($0, $1, isMinus)
                    }, { _, _ in fault })
            }
        case (.interval, .float64): return scaling(call.name == "/", type)
        case (.float64, .interval), (.interval, .date32), (.interval, .timestamp),
            (.int32, .date32), (.interval, .time64):
            // The other way round.
            let swapped = FunctionCall(
                name: call.name, parameters: call.parameters.reversed(),
                declared: call.declared.reversed(),
                constants: call.constants.reversed(), result: type, context: call.context)
            guard call.name != "-", let kernel = try kernel(swapped) else { return nil }
            return { (call) throws(IglooError) in
                try kernel(
                    KernelCall(call.arguments.reversed(), count: call.count, isTry: call.isTry))
            }
        default: return nil
        }
    }

    private static func negated(_ x: Interval) -> (Interval, Bool) {
        (
            Interval(
                months: 0 &- x.months, days: 0 &- x.days, nanoseconds: 0 &- x.nanoseconds),
            x.months == .min || x.days == .min || x.nanoseconds == .min
        )
    }

    private static func sum(_ x: Interval, _ y: Interval, _ isMinus: Bool) -> (Interval, Bool) {
        let (y, a) = isMinus ? negated(y) : (y, false)
        let (months, b) = x.months.addingReportingOverflow(y.months)
        let (days, c) = x.days.addingReportingOverflow(y.days)
        let (nanoseconds, d) = x.nanoseconds.addingReportingOverflow(y.nanoseconds)
        return (
            Interval(months: months, days: days, nanoseconds: nanoseconds), a || b || c || d
        )
    }

    /// Months first, the day clamped to the month's last; then days; then time.
    static func moved(
        _ start: Int64, _ by: MonthDayNanoInterval, _ units: Int64, _ isMinus: Bool
    ) -> (Int64, Bool) {
        let sign: Int64 = isMinus ? -1 : 1
        let unitsPerDay = 86_400 &* units
        var days = Floor.divide(start, unitsPerDay)
        let time = start &- days &* unitsPerDay
        if by.months != 0 {
            days = CivilDate(days: days).adding(months: Int64(by.months) &* sign).days
        }
        days = days &+ Int64(by.days) &* sign
        let (midnight, a) = days.multipliedReportingOverflow(by: unitsPerDay)
        let (sum, b) = midnight.addingReportingOverflow(time)
        let step = by.nanoseconds / (1_000_000_000 / units)
        let (z, c) =
            isMinus
            ? sum.subtractingReportingOverflow(step) : sum.addingReportingOverflow(step)
        return (z, a || b || c)
    }

    /// As a zone's clocks show it: months and days first, then the time that passes.
    static func moved(
        _ start: Int64, _ by: MonthDayNanoInterval, _ units: Int64, _ isMinus: Bool,
        _ rules: ZoneRules?
    ) -> (Int64, Bool) {
        guard let rules, by.months != 0 || by.days != 0 else {
            return moved(start, by, units, isMinus)
        }
        let whole = MonthDayNanoInterval(months: by.months, days: by.days, nanoseconds: 0)
        let rest = MonthDayNanoInterval(months: 0, days: 0, nanoseconds: by.nanoseconds)
        let (local, a) = moved(rules.local(start, units), whole, units, isMinus)
        let (end, b) = moved(a ? start : rules.instant(local, units), rest, units, isMinus)
        return (end, a || b)
    }

    /// Days and time, no months, as PostgreSQL subtracts timestamps.
    private static func difference(_ units: Int64, _ type: DataType) -> Kernel {
        let fault = Faults.outOfRange(type)
        return { (call) throws(IglooError) in
            try call.map2Checked(
                Int64.self, Int64.self, to: type,
                { x, y -> (Interval, Bool) in
                    let (all, a) = x.subtractingReportingOverflow(y)
                    let unitsPerDay = 86_400 &* units
                    let days = all / unitsPerDay
                    let rest = (all % unitsPerDay) &* (1_000_000_000 / units)
                    return (
                        Interval(
                            months: 0, days: Int32(truncatingIfNeeded: days), nanoseconds: rest),
                        a || days != Int64(Int32(truncatingIfNeeded: days))
                    )
                }, { _, _ in fault })
        }
    }

    /// Fractions of months become days, those of days time.
    private static func scaling(_ isDivision: Bool, _ type: DataType) -> Kernel {
        let fault = Faults.outOfRange(type)
        return { (call) throws(IglooError) in
            try call.map2Checked(
                Interval.self, Double.self, to: type,
                { x, factor in
                    if isDivision && factor == 0 { return (x, true) }
                    return scaled(x, isDivision ? 1 / factor : factor, isDivision ? factor : nil)
                }, { _, y in isDivision && y == 0 ? Faults.divisionByZero : fault })
        }
    }

    private static func scaled(
        _ x: Interval, _ factor: Double, _ divisor: Double?
    ) -> (Interval, Bool) {
        func product(_ value: Double) -> Double { divisor.map { value / $0 } ?? value * factor }
        let months = product(Double(x.months))
        let wholeMonths = months.rounded(.towardZero)
        let monthDays = settled((months - wholeMonths) * 30)
        let days = product(Double(x.days))
        var wholeDays = days.rounded(.towardZero) + monthDays.rounded(.towardZero)
        var dayRest =
            settled(days - days.rounded(.towardZero))
            + settled(monthDays - monthDays.rounded(.towardZero))
        // Two parts of days may make a whole one.
        wholeDays += dayRest.rounded(.towardZero)
        dayRest -= dayRest.rounded(.towardZero)
        let nanoseconds = product(Double(x.nanoseconds)) + (dayRest * 86_400e6).rounded() * 1_000
        guard let m = Int32(exactly: wholeMonths), let d = Int32(exactly: wholeDays),
            let n = Int64(exactly: nanoseconds.rounded())
        else { return (x, true) }
        return (Interval(months: m, days: d, nanoseconds: n), false)
    }

    /// Without the noise behind the microseconds.
    private static func settled(_ days: Double) -> Double {
        let rounded = days.rounded()
        return abs(days - rounded) < 1e-9 ? rounded : days
    }
}
