// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// `date_diff`, `date_sub` and `age`.
enum DateDifference {
    static func kernel(_ call: FunctionCall) throws(IglooError) -> Kernel {
        let isDate = call.parameters[1] == .date32
        let units: Int64 = 1_000_000
        let isWhole = call.name == "date_sub"
        let constant: DateField?
        if let name = call.constantText(0) { constant = try .named(name) } else { constant = nil }
        return { (call) throws(IglooError) in
            let names = ViewReader(call.arguments[0])
            var builder = BufferBuilder(byteCapacity: call.count * 8)
            let dates = (call.value(1, Int32.self), call.value(2, Int32.self))
            let instants = (call.value(1, Int64.self), call.value(2, Int64.self))
            for row in 0..<call.count {
                guard call.isValid(row) else {
                    builder.append(Int64(0))
                    continue
                }
                let field: DateField
                if let constant { field = constant } else { field = try .named(names[row].text) }
                let value: Int64?
                if isWhole {
                    value =
                        isDate
                        ? whole(field, days: Int64(dates.0(row)), Int64(dates.1(row)))
                        : whole(field, instants.0(row), instants.1(row))
                } else if isDate {
                    value = borders(
                        field, Int64(dates.0(row)), 0, Int64(dates.1(row)), 0, units)
                } else {
                    let (x, y) = (instants.0(row), instants.1(row))
                    let (a, b) = (
                        Floor.divide(x, 86_400 * units), Floor.divide(y, 86_400 * units)
                    )
                    value = borders(
                        field, a, Floor.remainder(x, 86_400 * units), b,
                        Floor.remainder(y, 86_400 * units), units)
                }
                guard let value else { throw Faults.outOfRange(.int64) }
                builder.append(value)
            }
            return call.result(.int64, [builder.finish()], validity: call.validity)
        }
    }

    /// How many borders of the field lie between two points, each a day and a time of day.
    private static func borders(
        _ field: DateField, _ fromDay: Int64, _ fromTime: Int64, _ toDay: Int64, _ toTime: Int64,
        _ units: Int64
    ) -> Int64? {
        let (x, y) = (CivilDate(days: fromDay), CivilDate(days: toDay))
        func clock(_ unit: Int64) -> Int64? {
            let perDay = 86_400 * units / unit
            let (days, overflow) = (toDay - fromDay).multipliedReportingOverflow(by: perDay)
            let (sum, beyond) = days.addingReportingOverflow(toTime / unit - fromTime / unit)
            return overflow || beyond ? nil : sum
        }
        switch field {
        case .nanosecond: return clock(units / 1_000_000).flatMap(thousandfold)
        case .microsecond: return clock(units / 1_000_000)
        case .millisecond: return clock(units / 1_000)
        case .second, .epoch: return clock(units)
        case .minute: return clock(60 * units)
        case .hour: return clock(3_600 * units)
        case .week, .yearweek:
            // Whole weeks of distance, as in DuckDB: no day begins them.
            var days = toDay - fromDay
            if days > 0 && toTime < fromTime { days -= 1 }
            if days < 0 && toTime > fromTime { days += 1 }
            return days / 7
        case .month: return (y.year - x.year) * 12 + y.month - x.month
        case .quarter: return (y.year - x.year) * 4 + (y.month - 1) / 3 - (x.month - 1) / 3
        case .year: return y.year - x.year
        case .decade: return Floor.divide(y.year, 10) - Floor.divide(x.year, 10)
        case .century: return Floor.divide(y.year - 1, 100) - Floor.divide(x.year - 1, 100)
        case .millennium: return Floor.divide(y.year - 1, 1_000) - Floor.divide(x.year - 1, 1_000)
        case .isoyear: return CivilDate.isoWeek(toDay).year - CivilDate.isoWeek(fromDay).year
        case .era: return (y.year > 0 ? 1 : 0) - (x.year > 0 ? 1 : 0)
        default: return toDay - fromDay
        }
    }

    private static func thousandfold(_ count: Int64) -> Int64? {
        let (product, overflow) = count.multipliedReportingOverflow(by: 1_000)
        return overflow ? nil : product
    }

    private static func whole(_ field: DateField, days from: Int64, _ to: Int64) -> Int64? {
        let (x, a) = from.multipliedReportingOverflow(by: 86_400_000_000)
        let (y, b) = to.multipliedReportingOverflow(by: 86_400_000_000)
        return a || b ? nil : whole(field, x, y)
    }

    /// How many whole fields lie between two points.
    private static func whole(_ field: DateField, _ from: Int64, _ to: Int64) -> Int64? {
        let months: Int64?
        switch field {
        case .month: months = 1
        case .quarter: months = 3
        case .year, .isoyear: months = 12
        case .decade: months = 120
        case .century: months = 1_200
        case .millennium: months = 12_000
        default: months = nil
        }
        if let months { return wholeMonths(from, to).map { $0 / months } }
        let (distance, overflow) = to.subtractingReportingOverflow(from)
        if overflow { return nil }
        switch field {
        case .nanosecond: return thousandfold(distance)
        case .microsecond: return distance
        case .millisecond: return distance / 1_000
        case .second, .epoch: return distance / 1_000_000
        case .minute: return distance / 60_000_000
        case .hour: return distance / 3_600_000_000
        case .week, .yearweek: return distance / 604_800_000_000
        case .era:
            func era(_ moment: Int64) -> Int64 {
                DateField.era.ofDay(Floor.divide(moment, 86_400_000_000))
            }
            return era(to) - era(from)
        default: return distance / 86_400_000_000
        }
    }

    /// Months that have passed; of a shorter month at the end, its last day completes one.
    private static func wholeMonths(_ from: Int64, _ to: Int64) -> Int64? {
        if from > to { return wholeMonths(to, from).map { 0 - $0 } }
        let perDay: Int64 = 86_400_000_000
        var start = from
        let (startDay, endDay) = (Floor.divide(from, perDay), Floor.divide(to, perDay))
        let (first, last) = (CivilDate(days: startDay), CivilDate(days: endDay))
        let startTime = from - startDay * perDay
        if last.day == CivilDate.dayCount(last.year, last.month),
            first.day > last.day || first.day == last.day && startTime < to - endDay * perDay
        {
            let moved = CivilDate(
                year: first.year, month: first.month,
                day: min(last.day, CivilDate.dayCount(first.year, first.month)))
            start = moved.days * perDay + startTime
        }
        let (value, failed) = age(to, start)
        return failed ? nil : Int64(value.months)
    }

    static func age() -> Kernel {
        { (call) throws(IglooError) in
            try call.map2Checked(
                Int64.self, Int64.self, to: .interval(.monthDayNano),
                { age($0, $1) }, { _, _ in Faults.outOfRange(.interval(.monthDayNano)) })
        }
    }

    /// Years, months, days and time from `y` to `x`; borrowed days are those of the earlier month.
    private static func age(_ x: Int64, _ y: Int64) -> (MonthDayNanoInterval, Bool) {
        if x < y {
            let (value, failed) = age(y, x)
            return (
                MonthDayNanoInterval(
                    months: 0 &- value.months, days: 0 &- value.days,
                    nanoseconds: 0 &- value.nanoseconds), failed
            )
        }
        let perDay: Int64 = 86_400_000_000
        let (laterDay, earlierDay) = (Floor.divide(x, perDay), Floor.divide(y, perDay))
        let (later, earlier) = (CivilDate(days: laterDay), CivilDate(days: earlierDay))
        var time = (x &- laterDay &* perDay) &- (y &- earlierDay &* perDay)
        var days = later.day &- earlier.day
        var months = (later.year &- earlier.year) &* 12 &+ later.month &- earlier.month
        if time < 0 {
            time = time &+ perDay
            days = days &- 1
        }
        if days < 0 {
            days = days &+ CivilDate.dayCount(earlier.year, earlier.month)
            months = months &- 1
        }
        return (
            MonthDayNanoInterval(
                months: Int32(truncatingIfNeeded: months), days: Int32(truncatingIfNeeded: days),
                nanoseconds: time &* 1_000), months > Int64(Int32.max)
        )
    }
}
