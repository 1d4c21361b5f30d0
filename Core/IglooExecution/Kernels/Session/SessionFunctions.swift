// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Functions that ask the session and its machine, or wait.
///
/// - Source: PostgreSQL 16, sections 9.9.5, 9.26 and 9.27.
enum SessionFunctions {
    static func kernel(_ call: FunctionCall) throws(IglooError) -> Kernel? {
        let session = call.context.session
        switch call.name {
        case "setseed":
            return { (call) throws(IglooError) in
                let seeds = call.value(0, Double.self)
                return try texts(call) { (row) throws(IglooError) in
                    let seed = seeds(row)
                    guard seed >= -1, seed <= 1 else {
                        throw Faults.invalid(
                            "setseed parameter \(seed) is out of allowed range [-1,1]")
                    }
                    session.random.setSeed(seed.bitPattern)
                    return ""
                }
            }
        case "current_setting": return currentSetting(session)
        case "set_config": return setConfig(session)
        case "pg_sleep", "pg_sleep_for": return sleep(call.parameters[0], session)
        case "clock_timestamp":
            return { (call) throws(IglooError) in
                TextFunctions.numbers(call, .timestamp(.microsecond, timeZone: "UTC")) {
                    _ -> Int64 in PlatformSession.nowMicroseconds()
                }
            }
        case "timeofday":
            let zone = call.context.timeZone
            let rules = try ZoneRules.named(zone)
            let template = TimeTemplate("Dy Mon DD HH24:MI:SS.US YYYY TZ")
            return { (call) throws(IglooError) in
                try texts(call) { (_) throws(IglooError) in
                    let now = PlatformSession.nowMicroseconds()
                    let offset = rules.offset(at: Floor.divide(now, 1_000_000))
                    let local = now + offset * 1_000_000
                    return TimeTemplateWriter(
                        days: Floor.divide(local, 86_400_000_000),
                        time: Floor.remainder(local, 86_400_000_000), zone: (offset, zone)
                    ).text(template)
                }
            }
        case "pg_backend_pid":
            let own = PlatformSession.processId
            return { (call) throws(IglooError) in
                TextFunctions.numbers(call, .int32) { _ -> Int32 in own }
            }
        case "nextval", "currval", "lastval", "setval":
            return sequence(call.name, session)
        case "pg_size_pretty": return sizes()
        case "pg_size_bytes": return sizeBytes()
        default: return nil
        }
    }

    /// A text, or NULL, a row without nulls.
    private static func texts(
        _ call: KernelCall, _ body: (Int) throws(IglooError) -> String?
    ) throws(IglooError) -> ArrayData {
        var writer = ViewWriter(count: call.count)
        var present = [Bool](repeating: false, count: call.count)
        for row in 0..<call.count {
            if call.isValid(row), let text = try body(row) {
                writer.append(text)
                present[row] = true
            } else {
                writer.appendEmpty()
            }
        }
        return writer.finish(
            .utf8View, count: call.count, validity: Bits.make(call.count) { present[$0] })
    }

    // MARK: - Settings

    private static func currentSetting(_ session: SessionAccess) -> Kernel {
        { (call) throws(IglooError) in
            let names = ViewReader(call.arguments[0])
            return try texts(call) { (row) throws(IglooError) in
                let name = names[row].text
                if let value = session.setting(name) { return value }
                if call.arguments.count > 1, call.flag(1, row) { return nil }
                throw IglooError(
                    .notFound,
                    "unrecognized configuration parameter \"\(Faults.shortened(name))\"",
                    hint: "SHOW ALL lists them", sqlState: SQLState(rawValue: "42704"))
            }
        }
    }

    private static func setConfig(_ session: SessionAccess) -> Kernel {
        { (call) throws(IglooError) in
            let (names, values) = (ViewReader(call.arguments[0]), ViewReader(call.arguments[1]))
            return try texts(call) { (row) throws(IglooError) in
                let (name, value) = (names[row].text, values[row].text)
                try session.change(name, value, call.flag(2, row))
                return value
            }
        }
    }

    // MARK: - Sequences

    private static func sequence(_ name: String, _ session: SessionAccess) -> Kernel {
        { (call) throws(IglooError) in
            let names = name == "lastval" ? nil : ViewReader(call.arguments[0])
            let values = name == "setval" ? call.value(1, Int64.self) : { _ in 0 }
            var builder = BufferBuilder(byteCapacity: call.count * 8)
            for row in 0..<call.count {
                guard call.isValid(row) else {
                    builder.append(Int64(0))
                    continue
                }
                let text = names?[row].text ?? ""
                let request: SequenceRequest =
                    switch name {
                    case "nextval": .next(text)
                    case "currval": .current(text)
                    case "lastval": .current(nil)
                    default: .set(text, values(row), isGiven: call.flag(2, row))
                    }
                builder.append(try session.sequence(request))
            }
            return call.result(.int64, [builder.finish()], validity: call.validity)
        }
    }

    // MARK: - Waiting

    private static func sleep(_ type: DataType, _ session: SessionAccess) -> Kernel {
        { (call) throws(IglooError) in
            let seconds = type == .float64 ? call.value(0, Double.self) : { _ in 0 }
            let spans =
                type == .float64
                ? { _ in MonthDayNanoInterval(months: 0, days: 0, nanoseconds: 0) }
                : call.value(0, MonthDayNanoInterval.self)
            return try texts(call) { (row) throws(IglooError) in
                let length = Double(IntervalValue.length(spans(row))) / 1e9 + seconds(row)
                try wait(length, session.cancellation)
                return ""
            }
        }
    }

    /// In small steps, between which somebody may cancel.
    private static func wait(
        _ seconds: Double, _ cancellation: CancellationToken
    ) throws(IglooError) {
        let start = MonotonicClock.nanoseconds()
        while true {
            if cancellation.isCancelled { throw .cancelled() }
            let left = seconds - Double(MonotonicClock.nanoseconds() - start) / 1e9
            guard left > 0 else { return }
            PlatformSession.sleep(seconds: min(left, 0.02))
        }
    }

    // MARK: - Sizes

    private static let units = ["bytes", "kB", "MB", "GB", "TB", "PB"]

    private static func sizes() -> Kernel {
        { (call) throws(IglooError) in
            let values = WideReader(call.arguments[0].array)
            let step = call.arguments[0].step
            return try texts(call) { (row) throws(IglooError) in
                var size = values.wide(row * step)
                if size.magnitude < 10 * 1_024 { return "\(size) bytes" }
                // Halves are rounded at the end: one bit more than shown until then.
                size /= 512
                var unit = 1
                while size.magnitude >= 20 * 1_024 - 1 && unit < units.count - 1 {
                    size /= 1_024
                    unit += 1
                }
                let rounded = (size + (size < 0 ? -1 : 1)) / 2
                return "\(rounded) \(units[unit])"
            }
        }
    }

    private static func sizeBytes() -> Kernel {
        { (call) throws(IglooError) in
            let reader = ViewReader(call.arguments[0])
            var builder = BufferBuilder(byteCapacity: call.count * 8)
            for row in 0..<call.count {
                builder.append(call.isValid(row) ? try byteCount(reader[row].text) : 0)
            }
            return call.result(.int64, [builder.finish()], validity: call.validity)
        }
    }

    private static func byteCount(_ text: String) throws(IglooError) -> Int64 {
        let scalars = text.filter { $0 != " " }
        let number = scalars.prefix { $0.isNumber || "+-.eE".contains($0) }
        let word = scalars.dropFirst(number.count).lowercased()
        guard let value = Double(number) else {
            throw Faults.invalid("invalid size: \"\(Faults.shortened(text))\"")
        }
        let known =
            ["", "b", "bytes"].contains(word)
            ? 0
            : units.firstIndex {
                $0.lowercased() == word
            }
        guard let power = known else {
            throw IglooError(
                .invalidArgument, "invalid size: \"\(Faults.shortened(text))\"",
                hint: "valid units are " + (["B"] + units).joined(separator: ", "),
                sqlState: .invalidParameterValue)
        }
        var scaled = value
        for _ in 0..<power { scaled *= 1_024 }
        guard let result = Int64(exactly: scaled.rounded()) else { throw Faults.outOfRange(.int64) }
        return result
    }
}
