// SPDX-License-Identifier: MIT

internal import IglooArrow

extension FunctionTable {
    private static let text = DataType.utf8View
    private static let timestamp = DataType.timestamp(.microsecond, timeZone: nil)
    private static let interval = DataType.interval(.monthDayNano)

    static let datesAndTimes: [FunctionEntry] =
        [
            FunctionEntry(
                "date_part",
                [
                    .of([text, .date32], .int64),
                    timestamps("(text, timestamp) -> bigint", leading: [text]) { _ in .int64 },
                    .of([text, .time64(.microsecond)], .int64), .of([text, interval], .int64),
                    .of([text, .logical(.timetz)], .int64),
                ], canFail: true,
                "A field of a date or time: year, month, day, hour, minute, second, millisecond, "
                    + "microsecond, quarter, week, dow, isodow, doy, isoyear, decade, century. "
                    + "EXTRACT is the same; `epoch` is a double there.",
                example: ("date_part('year', date '2026-03-01')", "2026")),
            FunctionEntry(
                "epoch",
                [
                    .of([.date32], .float64),
                    timestamps("(timestamp) -> double", leading: []) { _ in .float64 },
                    .of([interval], .float64), .of([.time64(.microsecond)], .float64),
                    .of([.logical(.timetz)], .float64),
                ], "Seconds since 1970-01-01.", example: ("epoch(date '1970-01-02')", "86400")),
            FunctionEntry(
                "date_trunc",
                [
                    timestamps("(text, timestamp) -> timestamp", leading: [text]) { $0 },
                    .of([text, .date32], timestamp), .of([text, interval], interval),
                ], canFail: true, "The beginning of the field's period.",
                example: ("date_trunc('month', date '2026-03-15')", "2026-03-01 00:00:00")),
            FunctionEntry(
                "date_diff",
                [
                    .of([text, .date32, .date32], .int64),
                    .of([text, timestamp, timestamp], .int64), instants(leading: [text], .int64),
                ],
                canFail: true, "How many borders of the field lie between the two.",
                example: ("date_diff('day', date '2026-01-01', date '2026-01-31')", "30")),
            FunctionEntry(
                "age", [.of([timestamp, timestamp], interval), instants(leading: [], interval)],
                canFail: true,
                "The difference in years, months, days and time.",
                example: ("age(timestamp '2026-03-01', timestamp '2026-01-31')", "1 mon 1 day")),
            FunctionEntry(
                "make_date", [.of([.int64, .int64, .int64], .date32)], canFail: true,
                "A date of year, month and day.", example: ("make_date(2026, 3, 1)", "2026-03-01")),
            FunctionEntry(
                "make_timestamp",
                [.of([.int64, .int64, .int64, .int64, .int64, .float64], timestamp)], canFail: true,
                "A timestamp of year, month, day, hour, minute and second."),
            FunctionEntry(
                "last_day", [.of([.date32], .date32), dayOfMoment], canFail: true,
                "The last day of the month.", example: ("last_day(date '2026-02-01')", "2026-02-28")
            ),
            FunctionEntry(
                "strftime", [.of([timestamp, text], text)], canFail: true,
                "The timestamp written after a pattern: %Y-%m-%d %H:%M:%S, %j, %a, %b ...",
                example: ("strftime(date '2026-03-01', '%d.%m.%Y')", "01.03.2026")),
            FunctionEntry(
                "now", [.of([], .timestamp(.microsecond, timeZone: "UTC"))], volatility: .stable,
                "When the statement began."),
            FunctionEntry(
                "current_date", [.of([], .date32)], volatility: .stable,
                "The day the statement began, in UTC."),
        ]
        + [
            "year", "month", "day", "hour", "minute", "second", "quarter", "week",
        ].map { field in
            let isOfTime = ["hour", "minute", "second"].contains(field)
            return FunctionEntry(
                field,
                [
                    .of([.date32], .int64),
                    timestamps("(timestamp) -> bigint", leading: []) { _ in .int64 },
                    .of([interval], .int64),
                ]
                    + (isOfTime
                        ? [
                            .of([.time64(.microsecond)], .int64),
                            .of([.logical(.timetz)], .int64),
                        ] : []),
                "The \(field) of a date, \(isOfTime ? "time, " : "")timestamp or interval.")
        }

    /// Some leading arguments, then two instants, compared as the session's clocks show them.
    static func instants(leading: [DataType], _ result: DataType) -> Overload {
        let names = (leading.map(\.sqlName) + ["timestamptz", "timestamptz"])
        return Overload("(\(names.joined(separator: ", "))) -> \(result.sqlName)") { arguments in
            guard arguments.count == leading.count + 2,
                arguments.suffix(2).contains(where: \.isTimestamp),
                arguments.suffix(2).allSatisfy({ $0.isTimestamp || $0 == .date32 || $0 == .null }),
                zip(arguments, leading).allSatisfy({ Coercion.isImplicit(from: $0, to: $1) })
            else { return nil }
            return Overload.Resolution(leading + [timestamp, timestamp], result)
        }
    }

    private static let dayOfMoment = Overload("(timestamp) -> date") { arguments in
        guard arguments.count == 1, arguments[0].isTimestamp else { return nil }
        return Overload.Resolution([.date32], .date32)
    }

    /// Some leading arguments, then a timestamp of any unit and zone, taken as it is.
    private static func timestamps(
        _ signature: String, leading: [DataType],
        _ result: @escaping @Sendable (DataType) -> DataType
    ) -> Overload {
        Overload(signature) { arguments in
            guard arguments.count == leading.count + 1, let last = arguments.last,
                last.isTimestamp,
                zip(arguments, leading).allSatisfy({ Coercion.isImplicit(from: $0, to: $1) })
            else { return nil }
            return Overload.Resolution(leading + [last], result(last))
        }
    }
}
