// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Parts of texts: what matches, or what stands between matches.
enum RegexExtraction {
    static func kernel(_ call: FunctionCall) throws(IglooError) -> Kernel? {
        let type = call.result
        switch call.name {
        case "substring" where call.parameters.count > 1 && call.parameters[1] == .utf8View:
            guard let patterns = try substringPatterns(call) else { return wantsEscape }
            return { (call) throws(IglooError) in
                try extract(call, patterns, isNullWithout: true, firstGroup: true)
            }
        case "regexp_extract", "regexp_substr":
            let isNullWithout = call.name == "regexp_substr"
            let patterns = try PatternArgument(
                call, pattern: 1, options: isNullWithout ? 2 : 3)
            return { (call) throws(IglooError) in
                try extract(call, patterns, isNullWithout: isNullWithout)
            }
        case "regexp_extract_all":
            let patterns = try PatternArgument(call, pattern: 1, options: 3)
            return { (call) throws(IglooError) in try extractAll(call, patterns, type) }
        case "regexp_match":
            let patterns = try PatternArgument(call, pattern: 1, options: 2)
            return { (call) throws(IglooError) in try groups(call, patterns, type) }
        case "regexp_match_all":
            let patterns = try PatternArgument(call, pattern: 1, options: 2)
            return { (call) throws(IglooError) in try allGroups(call, patterns, type) }
        case "regexp_split_to_array":
            let patterns = try PatternArgument(call, pattern: 1, options: 2)
            return { (call) throws(IglooError) in try split(call, patterns, type) }
        default: return nil
        }
    }

    private static func checked(_ group: Int64, _ regex: Regex) throws(IglooError) -> Int {
        guard group >= 0, group <= Int64(regex.groupCount) else {
            throw Faults.invalid(
                "the pattern has \(regex.groupCount) groups, not a group \(group)")
        }
        return Int(group)
    }

    private static func wantsEscape(_ call: KernelCall) throws(IglooError) -> ArrayData {
        for row in 0..<call.count where call.isValid(row) {
            throw IglooError(
                .invalidArgument, "invalid escape string",
                hint: "the escape of substring must be one character, as a constant",
                sqlState: SQLState(rawValue: "22025"))
        }
        return try .nulls(.utf8View, count: call.count)
    }

    /// `substring(text FROM pattern)`, or `substring(text SIMILAR pattern ESCAPE escape)`.
    private static func substringPatterns(
        _ call: FunctionCall
    ) throws(IglooError) -> PatternArgument? {
        guard call.parameters.count == 3 else {
            return try PatternArgument(call, pattern: 1, options: nil)
        }
        guard let escape = call.constantText(2)?.unicodeScalars, escape.count == 1,
            let first = escape.first
        else { return nil }
        return try PatternArgument(call, pattern: 1, options: nil) { (text) throws(IglooError) in
            try PatternTranslation.substring(text, escape: first)
        }
    }

    private static func extract(
        _ call: KernelCall, _ patterns: PatternArgument, isNullWithout: Bool,
        firstGroup: Bool = false
    ) throws(IglooError) -> ArrayData {
        let texts = ViewReader(call.arguments[0])
        let hasGroup = !isNullWithout && call.arguments.count > 2
        let numbers = hasGroup ? call.value(2, Int64.self) : { _ in 0 }
        var writer = ViewWriter(count: call.count)
        var isFound = [Bool](repeating: !isNullWithout, count: call.count)
        for row in 0..<call.count {
            guard call.isValid(row) else {
                writer.appendEmpty()
                continue
            }
            let text = texts[row]
            let regex = try patterns.regex(call, row)
            let group =
                try firstGroup ? min(regex.groupCount, 1) : checked(numbers(row), regex)
            guard let match = regex.find(text, from: 0), match[2 * group] >= 0 else {
                writer.appendEmpty()
                continue
            }
            isFound[row] = true
            writer.append(
                UnsafeRawBufferPointer(rebasing: text[match[2 * group]..<match[2 * group + 1]]))
        }
        let found = isNullWithout ? Bits.make(call.count) { isFound[$0] } : nil
        return writer.finish(
            .utf8View, count: call.count,
            validity: Bits.and(call.validity, found, count: call.count))
    }

    private static func extractAll(
        _ call: KernelCall, _ patterns: PatternArgument, _ type: DataType
    ) throws(IglooError) -> ArrayData {
        let texts = ViewReader(call.arguments[0])
        let numbers = call.arguments.count > 2 ? call.value(2, Int64.self) : { _ in 0 }
        var lists = TextLists()
        for row in 0..<call.count {
            var count = 0
            if call.isValid(row) {
                let text = texts[row]
                let regex = try patterns.regex(call, row)
                let group = try checked(numbers(row), regex)
                var matches: [[Int]] = []
                regex.eachMatch(text) { match in
                    matches.append(match)
                    return true
                }
                for match in matches {
                    let (start, end) = (match[2 * group], match[2 * group + 1])
                    lists.append(
                        UnsafeRawBufferPointer(rebasing: text[max(start, 0)..<max(end, 0)]))
                }
                count = matches.count
            }
            lists.counts.append(count)
        }
        return try lists.finish(type, validity: call.validity)
    }

    /// The groups of the first match, or all of it; NULL without one.
    private static func groups(
        _ call: KernelCall, _ patterns: PatternArgument, _ type: DataType
    ) throws(IglooError) -> ArrayData {
        let texts = ViewReader(call.arguments[0])
        var lists = TextLists()
        var isFound = [Bool](repeating: false, count: call.count)
        for row in 0..<call.count {
            guard call.isValid(row) else {
                lists.counts.append(0)
                continue
            }
            let text = texts[row]
            let regex = try patterns.regex(call, row)
            guard let match = regex.find(text, from: 0) else {
                lists.counts.append(0)
                continue
            }
            isFound[row] = true
            append(match, regex, text, &lists)
        }
        return try lists.finish(type, validity: Bits.make(call.count) { isFound[$0] })
    }

    /// As `groups`, a list of them; of every match if the options say so.
    private static func allGroups(
        _ call: KernelCall, _ patterns: PatternArgument, _ type: DataType
    ) throws(IglooError) -> ArrayData {
        let texts = ViewReader(call.arguments[0])
        var lists = TextLists()
        var counts: [Int] = []
        for row in 0..<call.count {
            var matches: [[Int]] = []
            if call.isValid(row) {
                let text = texts[row]
                let regex = try patterns.regex(call, row)
                regex.eachMatch(text) { match in
                    matches.append(match)
                    return regex.isGlobal
                }
                for match in matches { append(match, regex, text, &lists) }
            }
            counts.append(matches.count)
        }
        guard let inner = type.listElement else {
            throw IglooError(.internalError, "\(type) is no list")
        }
        return try ListLayout.list(
            type, counts: counts, validity: call.validity,
            items: try lists.finish(inner, validity: nil))
    }

    private static func append(
        _ match: [Int], _ regex: Regex, _ text: UnsafeRawBufferPointer, _ lists: inout TextLists
    ) {
        let groups = regex.groupCount == 0 ? 0...0 : 1...regex.groupCount
        for group in groups {
            if 2 * group < match.count, match[2 * group] >= 0 {
                lists.append(
                    UnsafeRawBufferPointer(
                        rebasing: text[match[2 * group]..<match[2 * group + 1]]))
            } else {
                lists.appendNull()
            }
        }
        lists.counts.append(groups.count)
    }

    private static func split(
        _ call: KernelCall, _ patterns: PatternArgument, _ type: DataType
    ) throws(IglooError) -> ArrayData {
        let texts = ViewReader(call.arguments[0])
        var lists = TextLists()
        for row in 0..<call.count {
            var count = 0
            if call.isValid(row) {
                let text = texts[row]
                var cuts: [Range<Int>] = []
                try patterns.regex(call, row).eachMatch(text) { match in
                    // An empty match cuts between characters, not at the ends.
                    if match[1] > match[0] || match[0] > 0 && match[0] < text.count {
                        cuts.append(match[0]..<match[1])
                    }
                    return true
                }
                var start = 0
                for cut in cuts {
                    lists.append(UnsafeRawBufferPointer(rebasing: text[start..<cut.lowerBound]))
                    start = cut.upperBound
                }
                lists.append(UnsafeRawBufferPointer(rebasing: text[start...]))
                count = cuts.count + 1
            }
            lists.counts.append(count)
        }
        return try lists.finish(type, validity: call.validity)
    }
}
