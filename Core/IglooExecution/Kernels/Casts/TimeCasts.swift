// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Casts among dates, times, timestamps and intervals.
enum TimeCasts {
    static func kernel(
        _ from: DataType, _ to: DataType, _ context: EvaluationContext
    ) throws(IglooError) -> Kernel? {
        switch (from, to) {
        case (.date32, .timestamp(let unit, let zone)):
            let rules = try DateParts.zoneRules(zone, context)
            return fromDate(unit.unitsPerSecond, rules, to)
        case (.timestamp(let unit, let zone), .date32):
            let rules = try DateParts.zoneRules(zone, context)
            let units = unit.unitsPerSecond
            let fault = Faults.outOfRange(to)
            return { (call) throws(IglooError) in
                try call.mapChecked(
                    Int64.self, to: to,
                    { x -> (Int32, Bool) in
                        let days = Floor.divide(rules?.local(x, units) ?? x, 86_400 &* units)
                        return (
                            Int32(truncatingIfNeeded: days),
                            days != Int64(Int32(truncatingIfNeeded: days))
                        )
                    }, { _ in fault })
            }
        case (.timestamp(let unit, let zone), .time64):
            let rules = try DateParts.zoneRules(zone, context)
            let units = unit.unitsPerSecond
            return { (call) throws(IglooError) in
                call.map(Int64.self, to: to) {
                    Floor.remainder(rules?.local($0, units) ?? $0, 86_400 &* units)
                        / (units / 1_000_000)
                }
            }
        case (.timestamp(let fromUnit, let fromZone), .timestamp(let toUnit, let toZone)):
            return try timestamps(fromUnit, fromZone, toUnit, toZone, to, context)
        case (.time64, .interval):
            return { (call) throws(IglooError) in
                call.map(Int64.self, to: to) {
                    MonthDayNanoInterval(months: 0, days: 0, nanoseconds: $0 &* 1_000)
                }
            }
        case (.interval, .time64):
            return { (call) throws(IglooError) in
                call.map(MonthDayNanoInterval.self, to: to) {
                    Floor.remainder($0.nanoseconds, IntervalValue.nanosecondsPerDay) / 1_000
                }
            }
        default: return nil
        }
    }

    private static func fromDate(
        _ units: Int64, _ rules: ZoneRules?, _ to: DataType
    ) -> Kernel {
        let fault = Faults.outOfRange(to)
        return { (call) throws(IglooError) in
            try call.mapChecked(
                Int32.self, to: to,
                { x -> (Int64, Bool) in
                    let (local, overflow) = Int64(x).multipliedReportingOverflow(
                        by: 86_400 &* units)
                    return (rules?.instant(local, units) ?? local, overflow)
                }, { _ in fault })
        }
    }

    private static func timestamps(
        _ fromUnit: TimeUnit, _ fromZone: String?, _ toUnit: TimeUnit, _ toZone: String?,
        _ to: DataType, _ context: EvaluationContext
    ) throws(IglooError) -> Kernel {
        // Between two kinds of instants nothing moves; between instants and clocks the zone does.
        let isMoved = (fromZone == nil) != (toZone == nil)
        let rules = isMoved ? try DateParts.zoneRules(fromZone ?? toZone, context) : nil
        let toLocal = fromZone != nil
        let (a, b) = (fromUnit.unitsPerSecond, toUnit.unitsPerSecond)
        let fault = Faults.outOfRange(to)
        return { (call) throws(IglooError) in
            try call.mapChecked(
                Int64.self, to: to,
                { x -> (Int64, Bool) in
                    let moved = rules.map { toLocal ? $0.local(x, a) : $0.instant(x, a) } ?? x
                    if b < a { return (Floor.divide(moved, a / b), false) }
                    let (z, overflow) = moved.multipliedReportingOverflow(by: b / a)
                    return (z, overflow)
                }, { _ in fault })
        }
    }
}
