// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Times of day with a zone, shown by another zone's clocks.
enum ZonedTimes {
    private static let microsecondsPerDay: Int64 = 86_400_000_000

    /// `timezone(zone, time)`, where the zone is a name, as of the statement's time, or an offset.
    static func moved(_ call: FunctionCall) throws(IglooError) -> Kernel {
        let now = Floor.divide(call.context.statementTimeMicroseconds, 1_000_000)
        if call.parameters[0] == .interval(.monthDayNano) {
            return { (call) throws(IglooError) in
                try call.map2Checked(
                    MonthDayNanoInterval.self, Int64.self, to: .int64,
                    { offset, time -> (Int64, Bool) in
                        let seconds = offset.nanoseconds / 1_000_000_000
                        let isZone =
                            offset.months == 0 && offset.days == 0 && abs(seconds) < 57_600
                        return (isZone ? moved(time, seconds) : 0, !isZone)
                    },
                    { _, _ in
                        Faults.invalid("an interval time zone must be less than 16 hours")
                    })
            }
        }
        return { (call) throws(IglooError) in
            let names = ViewReader(call.arguments[0])
            let times = call.value(1, Int64.self)
            var builder = BufferBuilder(byteCapacity: call.count * 8)
            for row in 0..<call.count {
                guard call.isValid(row) else {
                    builder.append(Int64(0))
                    continue
                }
                let offset = try ZoneRules.named(names[row].text).offset(at: now)
                builder.append(moved(times(row), offset))
            }
            return call.result(.int64, [builder.finish()], validity: call.validity)
        }
    }

    private static func moved(_ stored: Int64, _ offset: Int64) -> Int64 {
        var time = ZonedTime(stored: stored)
        let local = time.microseconds &+ (offset &- time.offset) &* 1_000_000
        time.microseconds = Floor.remainder(local, microsecondsPerDay)
        time.offset = offset
        return time.stored
    }
}
