// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Fields of timetz: times of day with their distance from UTC.
enum TimeOfDayFunctions {
    static func kernel(_ call: FunctionCall) -> Kernel? {
        guard call.declared.last == .logical(.timetz) else { return nil }
        switch call.name {
        case "date_part": return part
        case "hour": return map { $0.microseconds / 3_600_000_000 }
        case "minute": return map { $0.microseconds / 60_000_000 % 60 }
        case "second": return map { $0.microseconds / 1_000_000 % 60 }
        case "epoch":
            return { (call) throws(IglooError) in
                call.map(Int64.self, to: .float64) { stored -> Double in
                    let time = ZonedTime(stored: stored)
                    return Double(time.microseconds - time.offset * 1_000_000) / 1e6
                }
            }
        default: return nil
        }
    }

    private static func map(_ body: @escaping (ZonedTime) -> Int64) -> Kernel {
        { (call) throws(IglooError) in
            call.map(Int64.self, to: .int64) { body(ZonedTime(stored: $0)) }
        }
    }

    private static func part(_ call: KernelCall) throws(IglooError) -> ArrayData {
        let fields = ViewReader(call.arguments[0])
        let times = call.value(1, Int64.self)
        var builder = BufferBuilder(byteCapacity: call.count * 8)
        for row in 0..<call.count {
            builder.append(
                call.isValid(row)
                    ? try part(fields[row].text, ZonedTime(stored: times(row))) : Int64(0))
        }
        return call.result(.int64, [builder.finish()], validity: call.validity)
    }

    private static func part(_ field: String, _ time: ZonedTime) throws(IglooError) -> Int64 {
        let micros = time.microseconds
        switch field.lowercased() {
        case "hour", "hours", "h": return micros / 3_600_000_000
        case "minute", "minutes", "min", "m": return micros / 60_000_000 % 60
        case "second", "seconds", "sec", "s": return micros / 1_000_000 % 60
        case "millisecond", "milliseconds", "ms": return micros / 1_000 % 60_000
        case "microsecond", "microseconds", "us": return micros % 60_000_000
        case "timezone": return time.offset
        case "timezone_hour": return time.offset / 3_600
        case "timezone_minute": return time.offset % 3_600 / 60
        default:
            throw IglooError(
                .unsupported,
                "unit \"\(Faults.shortened(field))\" not supported for type time with time zone",
                hint: "there are hour, minute, second, millisecond, microsecond, timezone, "
                    + "timezone_hour and timezone_minute")
        }
    }
}
