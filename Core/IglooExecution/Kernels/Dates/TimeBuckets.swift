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
        let type = call.result
        let third = call.parameters.count > 2 ? call.parameters[2] : nil
        return { (call) throws(IglooError) in
            let widths = call.value(0, MonthDayNanoInterval.self)
            let instants = moments(call, 1, type)
            let origins = third == type ? moments(call, 2, type) : nil
            let shifts =
                third == .interval(.monthDayNano) ? call.value(2, MonthDayNanoInterval.self) : nil
            var builder = BufferBuilder(byteCapacity: call.count * 8)
            for row in 0..<call.count {
                var value: Int64 = 0
                if call.isValid(row) {
                    if isBin { try check(widths(row)) }
                    let moment = try instants(row)
                    if let shift = shifts?(row) {
                        value = try moved(
                            bucket(widths(row), moved(moment, shift, true, type), nil), shift,
                            false, type)
                    } else {
                        value = try bucket(widths(row), moment, origins?(row))
                    }
                }
                append(value, type, &builder)
            }
            return call.result(type, [builder.finish()], validity: call.validity)
        }
    }

    /// Microseconds since 1970, of a time of day on its first day.
    private static func moments(
        _ call: KernelCall, _ place: Int, _ type: DataType
    ) -> (Int) throws(IglooError) -> Int64 {
        guard type == .date32 else {
            let times = call.value(place, Int64.self)
            return { (row) throws(IglooError) in times(row) }
        }
        let days = call.value(place, Int32.self)
        return { (row) throws(IglooError) in
            let (midnight, overflow) =
                Int64(days(row)).multipliedReportingOverflow(by: 86_400_000_000)
            if overflow { throw Faults.outOfRange(type) }
            return midnight
        }
    }

    private static func moved(
        _ moment: Int64, _ shift: MonthDayNanoInterval, _ isMinus: Bool, _ type: DataType
    ) throws(IglooError) -> Int64 {
        let (value, overflow) = DateArithmetic.moved(moment, shift, 1_000_000, isMinus)
        if overflow { throw Faults.outOfRange(type) }
        return value
    }

    private static func append(_ value: Int64, _ type: DataType, _ builder: inout BufferBuilder) {
        switch type {
        case .date32:
            builder.append(Int32(truncatingIfNeeded: Floor.divide(value, 86_400_000_000)))
        case .time64: builder.append(Floor.remainder(value, 86_400_000_000))
        default: builder.append(value)
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
