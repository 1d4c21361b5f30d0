// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// `make_date`, `make_timestamp`, `last_day`.
enum DateBuilding {
    static func kernel(_ call: FunctionCall) -> Kernel? {
        switch call.name {
        case "make_date":
            return { (call) throws(IglooError) in
                let (years, months, days) = parts(call)
                var builder = BufferBuilder(byteCapacity: call.count * 4)
                for row in 0..<call.count {
                    var value: Int32 = 0
                    if call.isValid(row) {
                        value = try date(years(row), months(row), days(row))
                    }
                    builder.append(value)
                }
                return call.result(.date32, [builder.finish()], validity: call.validity)
            }
        case "make_timestamp":
            let type = call.result
            return { (call) throws(IglooError) in try timestamps(call, type) }
        case "last_day":
            return { (call) throws(IglooError) in
                call.map(Int32.self, to: .date32) { x -> Int32 in
                    let date = CivilDate(days: Int64(x))
                    let last = CivilDate.dayCount(date.year, date.month)
                    return Int32(truncatingIfNeeded: Int64(x) &+ last &- date.day)
                }
            }
        default: return nil
        }
    }

    private static func parts(
        _ call: KernelCall
    ) -> ((Int) -> Int64, (Int) -> Int64, (Int) -> Int64) {
        (call.value(0, Int64.self), call.value(1, Int64.self), call.value(2, Int64.self))
    }

    /// Negative years are BC; there is no year 0.
    private static func date(
        _ year: Int64, _ month: Int64, _ day: Int64
    ) throws(IglooError) -> Int32 {
        let astronomical = year < 0 ? year &+ 1 : year
        guard year != 0, year > -6_000_000, year < 6_000_000, month >= 1, month <= 12, day >= 1,
            day <= CivilDate.dayCount(astronomical, month),
            let days = Int32(
                exactly: CivilDate(year: astronomical, month: month, day: day).days)
        else {
            throw IglooError(
                .outOfRange, "date field value out of range: \(year)-\(month)-\(day)",
                sqlState: .datetimeFieldOverflow)
        }
        return days
    }

    private static func timestamps(
        _ call: KernelCall, _ type: DataType
    ) throws(IglooError) -> ArrayData {
        let (years, months, days) = parts(call)
        let (hours, minutes) = (call.value(3, Int64.self), call.value(4, Int64.self))
        let seconds = call.value(5, Double.self)
        var builder = BufferBuilder(byteCapacity: call.count * 8)
        for row in 0..<call.count {
            guard call.isValid(row) else {
                builder.append(Int64(0))
                continue
            }
            let day = Int64(try date(years(row), months(row), days(row)))
            let (hour, minute, second) = (hours(row), minutes(row), seconds(row))
            guard hour >= 0, hour < 24, minute >= 0, minute < 60, second >= 0, second <= 60 else {
                throw IglooError(
                    .outOfRange, "time field value out of range: \(hour):\(minute):\(second)",
                    sqlState: .datetimeFieldOverflow)
            }
            let (start, a) = day.multipliedReportingOverflow(by: 86_400_000_000)
            let time = (hour * 60 + minute) * 60_000_000 + Int64((second * 1e6).rounded())
            let (value, b) = start.addingReportingOverflow(time)
            if a || b { throw Faults.outOfRange(type) }
            builder.append(value)
        }
        return call.result(type, [builder.finish()], validity: call.validity)
    }
}
