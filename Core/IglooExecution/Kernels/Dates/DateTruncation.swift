// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// `date_trunc`.
enum DateTruncation {
    static func kernel(_ call: FunctionCall) throws(IglooError) -> Kernel {
        let (type, context) = (call.parameters[1], call.context)
        if let name = call.constantText(0) { return try kernel(.named(name), type, context) }
        return { (call) throws(IglooError) in
            try DateFunctions.byName(call) { (name) throws(IglooError) in
                try kernel(.named(name), type, context)
            }
        }
    }

    private static func kernel(
        _ field: DateField, _ type: DataType, _ context: EvaluationContext
    ) throws(IglooError) -> Kernel {
        switch field {
        case .era, .timezone, .timezoneHour, .timezoneMinute:
            throw IglooError(.unsupported, "date_trunc to \(field) is not supported")
        default: break
        }
        switch type {
        case .date32:
            let result = DataType.timestamp(.microsecond, timeZone: nil)
            let fault = Faults.outOfRange(result)
            return { (call) throws(IglooError) in
                try call.single(1).mapChecked(
                    Int32.self, to: result,
                    { x -> (Int64, Bool) in
                        let (z, overflow) = day(field, Int64(x))
                            .multipliedReportingOverflow(by: 86_400_000_000)
                        return (z, overflow)
                    }, { _ in fault })
            }
        case .timestamp(let unit, let zone):
            let rules = try DateParts.zoneRules(zone, context)
            let units = unit.unitsPerSecond
            let fault = Faults.outOfRange(type)
            return { (call) throws(IglooError) in
                try call.single(1).mapChecked(
                    Int64.self, to: type,
                    { x -> (Int64, Bool) in
                        guard let rules else { return timestamp(field, x, units) }
                        let local = rules.local(x, units)
                        let (start, failed) = timestamp(field, local, units)
                        // What the clocks show twice stays in its own hour.
                        if field.isOfTime { return (x &- (local &- start), failed) }
                        return (rules.instant(start, units), failed)
                    }, { _ in fault })
            }
        default:
            return { (call) throws(IglooError) in
                call.single(1).map(MonthDayNanoInterval.self, to: type) { interval(field, $0) }
            }
        }
    }

    private static func timestamp(
        _ field: DateField, _ x: Int64, _ units: Int64
    ) -> (Int64, Bool) {
        let unit: Int64
        switch field {
        case .nanosecond: unit = 1
        case .microsecond: unit = units / 1_000_000
        case .millisecond: unit = units / 1_000
        case .second, .epoch: unit = units
        case .minute: unit = 60 &* units
        case .hour: unit = 3_600 &* units
        default:
            let days = day(field, Floor.divide(x, 86_400 &* units))
            let (z, overflow) = days.multipliedReportingOverflow(by: 86_400 &* units)
            return (z, overflow)
        }
        let (z, overflow) = Floor.divide(x, unit).multipliedReportingOverflow(by: unit)
        return (z, overflow)
    }

    /// The first day of the period that a day lies in.
    static func day(_ field: DateField, _ days: Int64) -> Int64 {
        let date = CivilDate(days: days)
        func start(_ year: Int64) -> Int64 { CivilDate(year: year, month: 1, day: 1).days }
        switch field {
        case .week, .yearweek: return days &- CivilDate.isoWeekday(days) &+ 1
        case .isoyear:
            let week = CivilDate.isoWeek(days).week
            return days &- CivilDate.isoWeekday(days) &+ 1 &- (week &- 1) &* 7
        case .month: return CivilDate(year: date.year, month: date.month, day: 1).days
        case .quarter:
            return CivilDate(year: date.year, month: (date.month &- 1) / 3 &* 3 &+ 1, day: 1).days
        case .year: return start(date.year)
        case .decade: return start(Floor.divide(date.year, 10) &* 10)
        case .century: return start(Floor.divide(date.year &- 1, 100) &* 100 &+ 1)
        case .millennium: return start(Floor.divide(date.year &- 1, 1_000) &* 1_000 &+ 1)
        default: return days
        }
    }

    private static func interval(
        _ field: DateField, _ value: MonthDayNanoInterval
    ) -> MonthDayNanoInterval {
        func make(_ months: Int32, _ days: Int32, _ nanoseconds: Int64) -> MonthDayNanoInterval {
            MonthDayNanoInterval(months: months, days: days, nanoseconds: nanoseconds)
        }
        func time(_ unit: Int64) -> MonthDayNanoInterval {
            make(value.months, value.days, value.nanoseconds / unit &* unit)
        }
        switch field {
        case .nanosecond: return value
        case .microsecond: return time(1_000)
        case .millisecond: return time(1_000_000)
        case .second, .epoch: return time(1_000_000_000)
        case .minute: return time(60_000_000_000)
        case .hour: return time(3_600_000_000_000)
        case .day, .dow, .isodow, .doy, .julian: return make(value.months, value.days, 0)
        case .week, .yearweek: return make(value.months, value.days / 7 &* 7, 0)
        case .month: return make(value.months, 0, 0)
        case .quarter: return make(value.months / 3 &* 3, 0, 0)
        case .year, .isoyear: return make(value.months / 12 &* 12, 0, 0)
        case .decade: return make(value.months / 120 &* 120, 0, 0)
        case .century: return make(value.months / 1_200 &* 1_200, 0, 0)
        default: return make(value.months / 12_000 &* 12_000, 0, 0)
        }
    }
}
