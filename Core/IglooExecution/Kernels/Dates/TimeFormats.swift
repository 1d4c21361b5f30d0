// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// `to_char`, `to_date`, `to_timestamp` and `strptime`. A constant template is taken apart once.
enum TimeFormats {
    static func kernel(_ call: FunctionCall) throws(IglooError) -> Kernel? {
        switch call.name {
        case "to_char" where call.parameters[0] == .interval(.monthDayNano):
            return write(call)
        case "to_char":
            guard case .timestamp(let unit, let zone) = call.parameters[0] else { return nil }
            let rules = zone == nil ? nil : try ZoneRules.named(call.context.timeZone)
            return write(call, unit.unitsPerSecond, rules, call.context.timeZone)
        case "to_date", "to_timestamp":
            guard call.parameters.count == 2 else { return nil }
            let rules =
                call.name == "to_timestamp" ? try ZoneRules.named(call.context.timeZone) : nil
            return read(call, rules, isTry: false) { text, template in
                TimeTemplateReader.fields(text, template.template)
            }
        case "strptime", "try_strptime":
            return read(call, nil, isTry: call.name == "try_strptime") { text, template in
                TimeTemplateReader.fields(text, pattern: template.pattern)
            }
        default: return nil
        }
    }

    private struct Pattern {
        var pattern: [UInt8]
        var template: TimeTemplate

        init(_ text: String) {
            pattern = Array(text.utf8)
            template = TimeTemplate(text)
        }
    }

    /// The template of each row, taken apart anew only when it changes.
    private final class Patterns {
        private var last: (text: String, pattern: Pattern)?

        func pattern(_ reader: ViewReader, _ row: Int) -> Pattern {
            let text = reader[row].text
            if let last, last.text == text { return last.pattern }
            let pattern = Pattern(text)
            last = (text, pattern)
            return pattern
        }
    }

    /// Intervals.
    private static func write(_ call: FunctionCall) -> Kernel {
        let constant = call.constantText(1).map { Pattern($0) }
        let patterns = Patterns()
        return { (call) throws(IglooError) in
            let values = call.value(0, MonthDayNanoInterval.self)
            let reader = ViewReader(call.arguments[1])
            var writer = ViewWriter(count: call.count)
            for row in 0..<call.count {
                guard call.isValid(row) else {
                    writer.appendEmpty()
                    continue
                }
                let pattern = constant ?? patterns.pattern(reader, row)
                writer.append(
                    try IntervalTemplateWriter(value: values(row)).text(pattern.template))
            }
            return writer.finish(call)
        }
    }

    private static func write(
        _ call: FunctionCall, _ units: Int64, _ rules: ZoneRules?, _ name: String
    ) -> Kernel {
        let constant = call.constantText(1).map { Pattern($0) }
        let patterns = Patterns()
        return { (call) throws(IglooError) in
            let values = call.value(0, Int64.self)
            let reader = ViewReader(call.arguments[1])
            var writer = ViewWriter(count: call.count)
            for row in 0..<call.count {
                guard call.isValid(row) else {
                    writer.appendEmpty()
                    continue
                }
                let value = values(row)
                let offset = rules?.offset(at: Floor.divide(value, units)) ?? 0
                let local = value &+ offset &* units
                let days = Floor.divide(local, 86_400 &* units)
                let moment = TimeTemplateWriter(
                    days: days,
                    time: Floor.remainder(local, 86_400 &* units) / (units / 1_000_000),
                    zone: rules.map { _ in (offset, name) })
                let pattern = constant ?? patterns.pattern(reader, row)
                writer.append(moment.text(pattern.template))
            }
            return writer.finish(call)
        }
    }

    private static func read(
        _ call: FunctionCall, _ rules: ZoneRules?, isTry: Bool,
        _ parse: @escaping (UnsafeRawBufferPointer, Pattern) -> TimeFields?
    ) -> Kernel {
        let constant = call.constantText(1).map { Pattern($0) }
        let patterns = Patterns()
        let type = call.result
        let isDate = type == .date32
        return { (call) throws(IglooError) in
            let texts = ViewReader(call.arguments[0])
            let reader = ViewReader(call.arguments[1])
            var builder = BufferBuilder(byteCapacity: call.count * 8)
            var isPresent = [Bool](repeating: true, count: call.count)
            for row in 0..<call.count {
                var value: Int64?
                if call.isValid(row) {
                    let fields = parse(texts[row], constant ?? patterns.pattern(reader, row))
                    value = isDate ? fields?.days : fields?.microseconds
                    if let rules, let found = value, fields?.offset == nil {
                        value = rules.instant(found, 1_000_000)
                    }
                    if value == nil && !isTry && !call.isTry {
                        throw IglooError(
                            .outOfRange,
                            "could not parse \"\(Faults.shortened(texts[row].text))\" according "
                                + "to \"\(Faults.shortened(reader[row].text))\"",
                            sqlState: fields == nil
                                ? .invalidDatetimeFormat : .datetimeFieldOverflow)
                    }
                    isPresent[row] = value != nil
                }
                if isDate {
                    builder.append(Int32(truncatingIfNeeded: value ?? 0))
                } else {
                    builder.append(value ?? 0)
                }
            }
            let present = Bits.make(call.count) { isPresent[$0] }
            return call.result(
                type, [builder.finish()],
                validity: Bits.and(call.validity, present, count: call.count))
        }
    }
}
