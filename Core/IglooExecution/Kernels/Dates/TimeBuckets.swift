// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// `time_bucket`: the beginning of the interval of a width in which a moment lies.
enum TimeBuckets {
    /// Monday, 3 January 2000: where days and weeks are counted from; months from the first.
    private static let originOfDays: Int64 = 946_857_600_000_000
    private static let originOfMonths: Int64 = 946_684_800_000_000

    static func kernel(_ call: FunctionCall) -> Kernel? {
        guard call.name == "time_bucket" || call.name == "date_bin" else { return nil }
        let isBin = call.name == "date_bin"
        let isDate = call.result == .date32
        let type = call.result
        return { (call) throws(IglooError) in
            let widths = call.value(0, MonthDayNanoInterval.self)
            let days = call.value(1, Int32.self)
            let times = call.value(1, Int64.self)
            let origins = call.arguments.count > 2 ? call.value(2, Int64.self) : nil
            var builder = BufferBuilder(byteCapacity: call.count * 8)
            for row in 0..<call.count {
                var value: Int64 = 0
                if call.isValid(row) {
                    let (midnight, overflow) =
                        isDate
                        ? Int64(days(row)).multipliedReportingOverflow(by: 86_400_000_000)
                        : (times(row), false)
                    if overflow { throw Faults.outOfRange(type) }
                    if isBin { try check(widths(row)) }
                    value = try bucket(widths(row), midnight, origins?(row))
                }
                if isDate {
                    builder.append(
                        Int32(truncatingIfNeeded: Floor.divide(value, 86_400_000_000)))
                } else {
                    builder.append(value)
                }
            }
            return call.result(type, [builder.finish()], validity: call.validity)
        }
    }

    /// `date_bin` counts days and time only.
    private static func check(_ stride: MonthDayNanoInterval) throws(IglooError) {
        guard stride.months == 0 else {
            throw IglooError(
                .unsupported,
                "timestamps cannot be binned into intervals containing months or years",
                hint: "time_bucket takes months")
        }
        guard IntervalValue.length(stride) > 0 else {
            throw IglooError(
                .outOfRange, "stride must be greater than zero", sqlState: .datetimeFieldOverflow)
        }
    }

    private static func bucket(
        _ width: MonthDayNanoInterval, _ moment: Int64, _ origin: Int64?
    ) throws(IglooError) -> Int64 {
        if width.months != 0 {
            guard width.days == 0, width.nanoseconds == 0, width.months > 0 else {
                throw Faults.invalid("a bucket's width is months, or days and time, above zero")
            }
            let start = CivilDate(days: Floor.divide(origin ?? originOfMonths, 86_400_000_000))
            let date = CivilDate(days: Floor.divide(moment, 86_400_000_000))
            let months = (date.year - start.year) * 12 + date.month - start.month
            let whole = Floor.divide(months, Int64(width.months)) * Int64(width.months)
            let first = CivilDate(year: start.year, month: start.month, day: 1)
            return first.adding(months: whole).days &* 86_400_000_000
        }
        let (daily, a) = Int64(width.days).multipliedReportingOverflow(by: 86_400_000_000)
        let (size, b) = daily.addingReportingOverflow(width.nanoseconds / 1_000)
        guard !a, !b, size > 0 else {
            throw Faults.invalid("a bucket's width is months, or days and time, above zero")
        }
        let start = origin ?? originOfDays
        let (distance, c) = moment.subtractingReportingOverflow(start)
        if c { throw Faults.outOfRange(.timestamp(.microsecond, timeZone: nil)) }
        let (shift, d) = Floor.divide(distance, size).multipliedReportingOverflow(by: size)
        let (value, e) = start.addingReportingOverflow(shift)
        if d || e { throw Faults.outOfRange(.timestamp(.microsecond, timeZone: nil)) }
        return value
    }
}
