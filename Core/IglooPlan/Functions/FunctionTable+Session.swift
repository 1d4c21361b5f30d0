// SPDX-License-Identifier: MIT

internal import IglooArrow

extension FunctionTable {
    private static let text = DataType.utf8View

    /// Functions that ask the session and its machine, or wait.
    static let session: [FunctionEntry] = [
        FunctionEntry(
            "current_setting", [.of([text], text), .of([text, .bool], text)], volatility: .stable,
            canFail: true,
            "The value of a setting; NULL for one that is not known, if the second argument says so.",
            example: ("current_setting('timezone')", "UTC")),
        FunctionEntry(
            "set_config", [.of([text, text, .bool], text)], volatility: .volatile, canFail: true,
            "Changes a setting for the session, and says its value; the third argument must be false.",
            example: ("set_config('timezone', 'UTC', false)", "UTC")),
        FunctionEntry(
            "pg_sleep", [.of([.float64], text)], volatility: .volatile, canFail: true,
            "Waits so many seconds.", example: ("pg_sleep(0.01)", "")),
        FunctionEntry(
            "pg_sleep_for", [.of([.interval(.monthDayNano)], text)], volatility: .volatile,
            canFail: true, "Waits so long.", example: ("pg_sleep_for('10 milliseconds')", "")),
        FunctionEntry(
            "clock_timestamp", [.of([], .timestamp(.microsecond, timeZone: "UTC"))],
            volatility: .volatile, "The time of the call.",
            example: ("clock_timestamp() >= now()", "true")),
        FunctionEntry(
            "timeofday", [.of([], text)], volatility: .volatile, canFail: true,
            "The time of the call, as text: Sat Nov 21 11:35:57.123456 2026 UTC."),
        FunctionEntry(
            "pg_backend_pid", [.of([], .int32)], volatility: .stable,
            "The number of the process.", example: ("pg_backend_pid() > 0", "true")),
        FunctionEntry(
            "pg_size_pretty", [wholeNumber], "A number of bytes with a unit.",
            example: ("pg_size_pretty(123456)", "121 kB")),
        FunctionEntry(
            "pg_size_bytes", [.of([text], .int64)], canFail: true,
            "The number of bytes of a size with a unit.",
            example: ("pg_size_bytes('1.5 kB')", "1536")),
    ]

    private static let wholeNumber = Overload("(bigint) -> text") { arguments in
        guard arguments.count == 1, arguments[0].isInteger || arguments[0] == EngineType.hugeInt
        else { return nil }
        return Overload.Resolution(arguments, text)
    }
}
