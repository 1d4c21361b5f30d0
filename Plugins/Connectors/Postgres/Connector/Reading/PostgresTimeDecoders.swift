// SPDX-License-Identifier: MIT

import IglooArrow

/// PostgreSQL counts from 2000-01-01, Arrow from 1970-01-01.
private let epochDays: Int32 = 10_957
private let epochMicroseconds: Int64 = 10_957 * 86_400_000_000

/// Dates; the greatest and the least stand for infinity, here as there.
final class PostgresDateDecoder: PostgresColumnDecoder {
    private var builder = PrimitiveBuilder<Int32>(.date32, zero: 0)

    override func append(_ bytes: UnsafeRawBufferPointer) throws(PostgresValueError) {
        guard bytes.count == 4 else { throw .length(bytes.count, "date") }
        let days = PostgresBytes.integer(bytes, as: Int32.self)
        if days == .max || days == .min { return builder.append(days) }
        let (sum, overflow) = days.addingReportingOverflow(epochDays)
        guard !overflow, sum != .max else { throw .beyond("date") }
        builder.append(sum)
    }

    override func appendNull() { builder.appendNull() }
    override func finish() -> ArrayData { builder.finish() }
}

final class PostgresTimeDecoder: PostgresColumnDecoder {
    private var builder = PrimitiveBuilder<Int64>(.time64(.microsecond), zero: 0)

    override func append(_ bytes: UnsafeRawBufferPointer) throws(PostgresValueError) {
        guard bytes.count == 8 else { throw .length(bytes.count, "time") }
        builder.append(PostgresBytes.integer(bytes))
    }

    override func appendNull() { builder.appendNull() }
    override func finish() -> ArrayData { builder.finish() }
}

/// Timestamps with and without a zone; the greatest and the least stand for infinity, here as there.
final class PostgresInstantDecoder: PostgresColumnDecoder {
    private var builder: PrimitiveBuilder<Int64>

    init(timeZone: String?) {
        builder = PrimitiveBuilder(.timestamp(.microsecond, timeZone: timeZone), zero: 0)
    }

    override func append(_ bytes: UnsafeRawBufferPointer) throws(PostgresValueError) {
        guard bytes.count == 8 else { throw .length(bytes.count, "timestamp") }
        let microseconds = PostgresBytes.integer(bytes, as: Int64.self)
        if microseconds == .max || microseconds == .min { return builder.append(microseconds) }
        let (sum, overflow) = microseconds.addingReportingOverflow(epochMicroseconds)
        guard !overflow, sum != .max else { throw .beyond("timestamp") }
        builder.append(sum)
    }

    override func appendNull() { builder.appendNull() }
    override func finish() -> ArrayData { builder.finish() }
}

/// Intervals: microseconds, days, months.
final class PostgresIntervalDecoder: PostgresColumnDecoder {
    private var builder = PrimitiveBuilder<MonthDayNanoInterval>(
        .interval(.monthDayNano), zero: MonthDayNanoInterval(months: 0, days: 0, nanoseconds: 0))

    override func append(_ bytes: UnsafeRawBufferPointer) throws(PostgresValueError) {
        guard bytes.count == 16 else { throw .length(bytes.count, "interval") }
        let microseconds = PostgresBytes.integer(bytes, as: Int64.self)
        let (nanoseconds, overflow) = microseconds.multipliedReportingOverflow(by: 1_000)
        guard !overflow else {
            throw PostgresValueError(
                "an interval of \(microseconds) microseconds is longer than 292 years of time",
                hint: "cast it to text in a view")
        }
        builder.append(
            MonthDayNanoInterval(
                months: PostgresBytes.integer(bytes, at: 12),
                days: PostgresBytes.integer(bytes, at: 8), nanoseconds: nanoseconds))
    }

    override func appendNull() { builder.appendNull() }
    override func finish() -> ArrayData { builder.finish() }
}

extension PostgresValueError {
    fileprivate static func beyond(_ type: String) -> PostgresValueError {
        PostgresValueError("a \(type) beyond the range here", hint: "cast it to text in a view")
    }
}
