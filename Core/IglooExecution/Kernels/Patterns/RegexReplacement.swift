// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// `regexp_replace`: the first match, or with option `g` each.
enum RegexReplacement {
    static func kernel(_ call: FunctionCall) throws(IglooError) -> Kernel? {
        guard call.name == "regexp_replace" else { return nil }
        let patterns = try PatternArgument(call, pattern: 1, options: 3)
        return { (call) throws(IglooError) in
            let (texts, news) = (ViewReader(call.arguments[0]), ViewReader(call.arguments[2]))
            var writer = ViewWriter(count: call.count)
            for row in 0..<call.count {
                guard call.isValid(row) else {
                    writer.appendEmpty()
                    continue
                }
                let (text, new) = (texts[row], news[row])
                let regex = try patterns.regex(call, row)
                var matches: [[Int]] = []
                regex.eachMatch(text) { match in
                    matches.append(match)
                    return regex.isGlobal
                }
                if matches.isEmpty {
                    writer.append(text)
                } else {
                    try write(text, new, matches, &writer)
                }
            }
            return writer.finish(call)
        }
    }

    static func write(
        _ text: UnsafeRawBufferPointer, _ new: UnsafeRawBufferPointer, _ matches: [[Int]],
        _ writer: inout ViewWriter
    ) throws(IglooError) {
        var start = 0
        for match in matches {
            writer.write(UnsafeRawBufferPointer(rebasing: text[start..<match[0]]))
            try writer.plan(new.count + match[1] - match[0])
            try write(replacement: new, text, match, &writer)
            start = match[1]
        }
        writer.write(UnsafeRawBufferPointer(rebasing: text[start...]))
        writer.close()
    }

    /// `\1` ... `\9` are groups, `\0` and `\&` the whole match.
    private static func write(
        replacement new: UnsafeRawBufferPointer, _ text: UnsafeRawBufferPointer, _ match: [Int],
        _ writer: inout ViewWriter
    ) throws(IglooError) {
        var index = 0
        while index < new.count {
            let byte = new[index]
            index += 1
            guard byte == UInt8(ascii: "\\"), index < new.count else {
                writer.write(byte)
                continue
            }
            let next = new[index]
            index += 1
            let group =
                next == UInt8(ascii: "&")
                ? 0 : next &- 0x30 < 10 ? Int(next &- 0x30) : -1
            guard group >= 0 else {
                if next != UInt8(ascii: "\\") { writer.write(byte) }
                writer.write(next)
                continue
            }
            if 2 * group < match.count, match[2 * group] >= 0 {
                let part = text[match[2 * group]..<match[2 * group + 1]]
                try writer.plan(part.count)
                writer.write(UnsafeRawBufferPointer(rebasing: part))
            }
        }
    }
}
