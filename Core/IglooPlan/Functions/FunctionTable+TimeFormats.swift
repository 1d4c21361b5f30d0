// SPDX-License-Identifier: MIT

internal import IglooArrow

extension FunctionTable {
    private static let text = DataType.utf8View
    private static let timestamp = DataType.timestamp(.microsecond, timeZone: nil)
    private static let instant = DataType.timestamp(.microsecond, timeZone: "UTC")
    private static let interval = DataType.interval(.monthDayNano)
    private static let time = DataType.time64(.microsecond)
    private static let timetz = DataType.logical(.timetz)

    /// Formats, zones, epochs and buckets of times.
    static let timeFormats: [FunctionEntry] =
        [
            FunctionEntry(
                "to_char",
                [
                    .of([timestamp, text], text), .of([instant, text], text),
                    .of([interval, text], text), numberWithTemplate,
                ], canFail: true,
                "The time or number written after a template: YYYY-MM-DD HH24:MI:SS, 999,990.00 ...",
                example: ("to_char(date '2026-03-01', 'DD Mon YYYY')", "01 Mar 2026")),
            FunctionEntry(
                "to_date", [.of([text, text], .date32)], canFail: true,
                "The date of a text after a template.",
                example: ("to_date('01.03.2026', 'DD.MM.YYYY')", "2026-03-01")),
            FunctionEntry(
                "to_timestamp", [.of([.float64], instant), .of([text, text], instant)],
                canFail: true,
                "The instant so many seconds after 1970, or of a text after a template.",
                example: ("to_timestamp(0)", "1970-01-01 00:00:00+00")),
            FunctionEntry(
                "strptime", [.of([text, text], timestamp)], canFail: true,
                "The timestamp of a text after a pattern as of strftime; in UTC where it has %z.",
                example: ("strptime('01.03.2026', '%d.%m.%Y')", "2026-03-01 00:00:00")),
            FunctionEntry(
                "try_strptime", [.of([text, text], timestamp)],
                "As strptime, with NULL in place of an error.",
                example: ("try_strptime('x', '%Y')", "")),
            FunctionEntry(
                "timezone",
                [
                    .of([text, timestamp], instant), .of([text, instant], timestamp),
                    .of([interval, timestamp], instant), .of([interval, instant], timestamp),
                    .of([text, timetz], timetz), .of([interval, timetz], timetz),
                ],
                canFail: true,
                "A time of a zone as an instant, or an instant in a zone; x AT TIME ZONE zone is the "
                    + "same.",
                example: (
                    "timezone('Europe/Berlin', timestamp '2026-07-01 12:00:00')",
                    "2026-07-01 10:00:00+00"
                )),
            FunctionEntry(
                "time_bucket",
                [
                    .of([interval, .date32], .date32), .of([interval, timestamp], timestamp),
                    .of([interval, instant], instant),
                    .of([interval, time], time), .of([interval, .date32, .date32], .date32),
                    .of([interval, timestamp, timestamp], timestamp),
                    .of([interval, instant, instant], instant),
                    .of([interval, time, time], time),
                    .of([interval, .date32, interval], .date32),
                    .of([interval, timestamp, interval], timestamp),
                    .of([interval, instant, interval], instant),
                    .of([interval, time, interval], time),
                ], canFail: true,
                "The beginning of the stretch of a width in which the time lies, counted from an "
                    + "origin, or moved by an interval.",
                example: (
                    "time_bucket(interval '15 minutes', timestamp '2026-01-01 10:22:00')",
                    "2026-01-01 10:15:00"
                )),
            FunctionEntry(
                "date_bin",
                [
                    .of([interval, timestamp, timestamp], timestamp),
                    .of([interval, instant, instant], instant),
                ], canFail: true,
                "The beginning of the stretch of so many days or hours in which the time lies, "
                    + "counted from an origin.",
                example: (
                    "date_bin('15 minutes', timestamp '2001-02-16 20:38:40', timestamp '2001-02-16')",
                    "2001-02-16 20:30:00"
                )),
            FunctionEntry(
                "julian",
                [.of([.date32], .float64), .of([timestamp], .float64), .of([instant], .float64)],
                "Days since 4714-11-24 BC, with the part of the day.",
                example: ("julian(timestamp '2001-02-16 12:00:00')", "2451957.5")),
            FunctionEntry(
                "overlaps",
                [
                    Overload("(any, any, any, any) -> boolean") { arguments in
                        guard arguments.count == 4, let type = Overload.commonType(arguments),
                            type.isTimestamp || type == .date32 || type == .time64(.microsecond)
                        else { return nil }
                        return Overload.Resolution(Array(repeating: type, count: 4), .bool)
                    }
                ], propagatesNull: false,
                "Whether two periods, each from a start to an end, have a moment in common; "
                    + "(a, b) OVERLAPS (c, d) is the same, where b and d may be intervals.",
                example: (
                    "(date '2001-02-16', date '2001-12-21') overlaps "
                        + "(date '2001-10-30', interval '1 year')", "true"
                )),
            FunctionEntry(
                "to_number", [.of([text, text], .float64)], canFail: true,
                "The number of a text after a template, such as 99G999D9S.",
                example: ("to_number('12,454.8-', '99G999D9S')", "-12454.8")),
            FunctionEntry(
                "date_sub",
                [
                    .of([text, .date32, .date32], .int64),
                    .of([text, timestamp, timestamp], .int64), instants(leading: [text], .int64),
                ],
                canFail: true, "How many whole fields lie between the two.",
                example: ("date_sub('month', date '2026-01-31', date '2026-03-01')", "1")),
        ] + epochs + shapes

    private static let numberWithTemplate = Overload("(number, text) -> text") { arguments in
        guard arguments.count == 2, arguments[0].isNumeric,
            Coercion.isImplicit(from: arguments[1], to: text)
        else { return nil }
        let type: DataType = arguments[0].isFloat ? .float64 : arguments[0]
        return Overload.Resolution([type, text], text)
    }

    private static let epochs: [FunctionEntry] =
        [
            ("epoch_ms", "Milliseconds"), ("epoch_us", "Microseconds"),
            ("epoch_ns", "Nanoseconds"),
        ].map { name, unit in
            FunctionEntry(
                name,
                [
                    .of([timestamp], .int64), .of([instant], .int64), .of([interval], .int64),
                    .of([time], .int64),
                ]
                    + (name == "epoch_ms" ? [.of([.int64], timestamp)] : []), canFail: true,
                "\(unit) since 1970-01-01"
                    + (name == "epoch_ms" ? "; a timestamp out of a number of them." : "."))
        } + [
            FunctionEntry(
                "make_timestamp_us", [.of([.int64], timestamp)], canFail: true,
                "The timestamp so many microseconds after 1970.",
                example: ("make_timestamp_us(1000000)", "1970-01-01 00:00:01")),
            FunctionEntry(
                "make_timestamp_ms", [.of([.int64], timestamp)], canFail: true,
                "The timestamp so many milliseconds after 1970.",
                example: ("make_timestamp_ms(1000)", "1970-01-01 00:00:01")),
            FunctionEntry(
                "make_time", [.of([.int64, .int64, .float64], .time64(.microsecond))],
                canFail: true, "A time of hour, minute and second.",
                example: ("make_time(12, 30, 1.5)", "12:30:01.5")),
        ]

    private static let shapes: [FunctionEntry] = [
        FunctionEntry(
            "justify_hours", [.of([interval], interval)], "24 hours become a day.",
            example: ("justify_hours(interval '27 hours')", "1 day 03:00:00")),
        FunctionEntry(
            "justify_days", [.of([interval], interval)], "30 days become a month.",
            example: ("justify_days(interval '35 days')", "1 mon 5 days")),
        FunctionEntry(
            "justify_interval", [.of([interval], interval)],
            "As justify_hours and justify_days, all parts with one sign.",
            example: ("justify_interval(interval '1 mon -1 hour')", "29 days 23:00:00")),
    ]
}
