// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// `regexp_count`, `regexp_instr`, `regexp_substr` and `regexp_replace` with a place to begin at,
/// and which match is meant.
///
/// - Source: PostgreSQL 16, section 9.7.3.
enum RegexPositions {
    /// Where the arguments behind the pattern stand.
    private struct Places {
        var start: Int
        var number: Int?
        var end: Int?
        var flags: Int?
        var group: Int?
    }

    private static func places(_ call: FunctionCall) -> Places? {
        let count = call.parameters.count
        let places: Places
        switch call.name {
        case "regexp_count": places = Places(start: 2, flags: 3)
        case "regexp_instr": places = Places(start: 2, number: 3, end: 4, flags: 5, group: 6)
        case "regexp_substr": places = Places(start: 2, number: 3, flags: 4, group: 5)
        case "regexp_replace": places = Places(start: 3, number: 4, flags: 5)
        default: return nil
        }
        guard count > places.start, call.parameters[places.start] == .int64 else { return nil }
        func present(_ place: Int?) -> Int? { place.flatMap { $0 < count ? $0 : nil } }
        return Places(
            start: places.start, number: present(places.number), end: present(places.end),
            flags: present(places.flags), group: present(places.group))
    }

    static func kernel(_ call: FunctionCall) throws(IglooError) -> Kernel? {
        guard let places = Self.places(call) else { return nil }
        let patterns = try PatternArgument(call, pattern: 1, options: places.flags)
        switch call.name {
        case "regexp_count", "regexp_instr":
            let isPlace = call.name == "regexp_instr"
            return { (call) throws(IglooError) in
                let reader = ViewReader(call.arguments[0])
                var builder = BufferBuilder(byteCapacity: call.count * 8)
                for row in 0..<call.count {
                    guard call.isValid(row) else {
                        builder.append(Int64(0))
                        continue
                    }
                    let text = reader[row]
                    let regex = try patterns.regex(call, row)
                    builder.append(
                        try isPlace
                            ? place(call, row, places, text, regex)
                            : count(call, row, places, text, regex))
                }
                return call.result(.int64, [builder.finish()], validity: call.validity)
            }
        case "regexp_substr":
            return { (call) throws(IglooError) in try substring(call, places, patterns) }
        default: return { (call) throws(IglooError) in try replace(call, places, patterns) }
        }
    }

    // MARK: - Arguments

    private static func positive(
        _ call: KernelCall, _ place: Int?, _ row: Int, _ name: String, least: Int64 = 1
    ) throws(IglooError) -> Int64 {
        guard let place else { return 1 }
        let value = call.value(place, Int64.self)(row)
        guard value >= least else {
            throw Faults.invalid("invalid value for parameter \"\(name)\": \(value)")
        }
        return value
    }

    /// Where to begin, in bytes.
    private static func start(
        _ call: KernelCall, _ row: Int, _ places: Places, _ text: UnsafeRawBufferPointer
    ) throws(IglooError) -> Int {
        let start = try positive(call, places.start, row, "start")
        if start - 1 > Int64(text.count) { return text.count + 1 }
        let skipped = Int(start - 1)
        return skipped > UTF8Bytes.characterCount(text)
            ? text.count + 1 : UTF8Bytes.offset(text, from: 0, by: skipped)
    }

    /// The match that is meant, and the group of it.
    private static func match(
        _ call: KernelCall, _ row: Int, _ places: Places, _ text: UnsafeRawBufferPointer,
        _ regex: Regex
    ) throws(IglooError) -> Range<Int>? {
        try refuseGlobal(regex, places.end == nil ? "regexp_substr" : "regexp_instr")
        let wanted = try positive(call, places.number, row, "n")
        let group =
            try places.group == nil
            ? 0 : positive(call, places.group, row, "subexpr", least: 0)
        guard group <= Int64(regex.groupCount) else { return nil }
        var left = wanted
        var found: [Int]?
        regex.eachMatch(text, from: try start(call, row, places, text)) { match in
            left -= 1
            if left == 0 { found = match }
            return left > 0
        }
        guard let found, found[2 * Int(group)] >= 0 else { return nil }
        return found[2 * Int(group)]..<found[2 * Int(group) + 1]
    }

    private static func refuseGlobal(_ regex: Regex, _ name: String) throws(IglooError) {
        if regex.isGlobal {
            throw Faults.invalid("\(name)() does not support the \"global\" option")
        }
    }

    // MARK: - Rows

    private static func count(
        _ call: KernelCall, _ row: Int, _ places: Places, _ text: UnsafeRawBufferPointer,
        _ regex: Regex
    ) throws(IglooError) -> Int64 {
        try refuseGlobal(regex, "regexp_count")
        var count: Int64 = 0
        regex.eachMatch(text, from: try start(call, row, places, text)) { _ in
            count += 1
            return true
        }
        return count
    }

    private static func place(
        _ call: KernelCall, _ row: Int, _ places: Places, _ text: UnsafeRawBufferPointer,
        _ regex: Regex
    ) throws(IglooError) -> Int64 {
        let end = places.end.map { call.value($0, Int64.self)(row) } ?? 0
        guard end == 0 || end == 1 else {
            throw Faults.invalid("invalid value for parameter \"endoption\": \(end)")
        }
        guard let found = try match(call, row, places, text, regex) else { return 0 }
        let before = text[..<(end == 1 ? found.upperBound : found.lowerBound)]
        return Int64(UTF8Bytes.characterCount(UnsafeRawBufferPointer(rebasing: before)) + 1)
    }

    private static func substring(
        _ call: KernelCall, _ places: Places, _ patterns: PatternArgument
    ) throws(IglooError) -> ArrayData {
        let reader = ViewReader(call.arguments[0])
        var writer = ViewWriter(count: call.count)
        var known = [Bool](repeating: false, count: call.count)
        for row in 0..<call.count {
            if call.isValid(row),
                let found = try match(
                    call, row, places, reader[row], try patterns.regex(call, row))
            {
                known[row] = true
                writer.append(UnsafeRawBufferPointer(rebasing: reader[row][found]))
            } else {
                writer.appendEmpty()
            }
        }
        return writer.finish(
            .utf8View, count: call.count, validity: Bits.make(call.count) { known[$0] })
    }

    /// The match that is meant, or all where its number is 0.
    private static func replace(
        _ call: KernelCall, _ places: Places, _ patterns: PatternArgument
    ) throws(IglooError) -> ArrayData {
        let (reader, news) = (ViewReader(call.arguments[0]), ViewReader(call.arguments[2]))
        var writer = ViewWriter(count: call.count)
        for row in 0..<call.count {
            guard call.isValid(row) else {
                writer.appendEmpty()
                continue
            }
            let text = reader[row]
            let regex = try patterns.regex(call, row)
            let isAll = places.number == nil && regex.isGlobal
            let wanted =
                try isAll ? 0 : positive(call, places.number, row, "n", least: 0)
            var matches: [[Int]] = []
            var number: Int64 = 0
            regex.eachMatch(text, from: try start(call, row, places, text)) { match in
                number += 1
                if wanted == 0 || number == wanted { matches.append(match) }
                return wanted == 0 || number < wanted
            }
            if matches.isEmpty {
                writer.append(text)
            } else {
                try RegexReplacement.write(text, news[row], matches, &writer)
            }
        }
        return writer.finish(call)
    }
}
