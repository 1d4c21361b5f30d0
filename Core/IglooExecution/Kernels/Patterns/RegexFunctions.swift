// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Functions of regular expressions. A constant pattern is compiled once.
enum RegexFunctions {
    static func kernel(_ call: FunctionCall) throws(IglooError) -> Kernel? {
        if let kernel = try RegexPositions.kernel(call) { return kernel }
        switch call.name {
        case "regexp_like": return try test(call, optionsAt: 2) { $0 }
        case "regexp_full_match":
            return try test(call, optionsAt: 2) { "\\A(?:" + $0 + ")\\z" }
        case "similar_to":
            let escape = call.parameters.count > 2 ? call.constantText(2) : "\\"
            guard let escape, escape.unicodeScalars.count <= 1 else {
                throw IglooError(
                    .invalidArgument, "the escape of SIMILAR TO must be one character, or empty",
                    sqlState: SQLState(rawValue: "22025"))
            }
            return try test(call, optionsAt: nil) { (text) throws(IglooError) in
                try PatternTranslation.similar(text, escape: escape.unicodeScalars.first)
            }
        case "glob": return try test(call, optionsAt: nil) { PatternTranslation.glob($0) }
        case "regexp_count", "regexp_instr": return try count(call)
        case "regexp_escape":
            return { (call) throws(IglooError) in
                let texts = ViewReader(call.arguments[0])
                var writer = ViewWriter(count: call.count)
                for row in 0..<call.count {
                    writer.append(call.isValid(row) ? Regex.escaped(texts[row].text) : "")
                }
                return writer.finish(call)
            }
        default:
            if let kernel = try RegexExtraction.kernel(call) { return kernel }
            return try RegexReplacement.kernel(call)
        }
    }

    private static func test(
        _ call: FunctionCall, optionsAt: Int?,
        _ translate: @escaping (String) throws(IglooError) -> String
    ) throws(IglooError) -> Kernel {
        let patterns = try PatternArgument(call, pattern: 1, options: optionsAt, translate)
        return { (call) throws(IglooError) in
            let texts = ViewReader(call.arguments[0])
            if let regex = patterns.constant {
                return call.bits(
                    Bits.make(call.count) { call.isValid($0) && regex.matches(texts[$0]) })
            }
            var builder = BufferBuilder(zeroed: Bitmap.byteCount(forBits: call.count))
            for row in 0..<call.count where call.isValid(row) {
                if try patterns.regex(call, row).matches(texts[row]) {
                    Bitmap.set(builder.pointer(), row)
                }
            }
            return call.bits(builder.finish())
        }
    }

    private static func count(_ call: FunctionCall) throws(IglooError) -> Kernel {
        let patterns = try PatternArgument(call, pattern: 1, options: 2)
        let isPlace = call.name == "regexp_instr"
        return { (call) throws(IglooError) in
            let texts = ViewReader(call.arguments[0])
            var builder = PrimitiveBuilder<Int64>(.int64, zero: 0)
            for row in 0..<call.count {
                guard call.isValid(row) else {
                    builder.appendNull()
                    continue
                }
                let text = texts[row]
                var found: Int64 = 0
                try patterns.regex(call, row).eachMatch(text) { match in
                    if isPlace {
                        let before = UnsafeRawBufferPointer(rebasing: text[..<match[0]])
                        found = Int64(UTF8Bytes.characterCount(before) + 1)
                        return false
                    }
                    found += 1
                    return true
                }
                builder.append(found)
            }
            return builder.finish()
        }
    }
}

/// The pattern of a call, with its options: compiled beforehand where both are constants.
final class PatternArgument {
    private(set) var constant: Regex?
    private let pattern: Int
    private let options: Int?
    private let translate: (String) throws(IglooError) -> String
    private let fixedOptions: String
    private var last: (pattern: String, options: String, regex: Regex)?

    /// - Parameter fixedOptions: those that hold beside the given ones.
    init(
        _ call: FunctionCall, pattern: Int, options: Int?, fixedOptions: String = "",
        _ translate: @escaping (String) throws(IglooError) -> String = { $0 }
    ) throws(IglooError) {
        self.pattern = pattern
        self.options = options.flatMap { $0 < call.parameters.count ? $0 : nil }
        self.translate = translate
        self.fixedOptions = fixedOptions
        guard let text = call.constantText(pattern) else { return }
        var given = ""
        if let place = self.options {
            guard let constant = call.constantText(place) else { return }
            given = constant
        }
        constant = try Regex(try translate(text), options: fixedOptions + given)
    }

    func regex(_ call: KernelCall, _ row: Int) throws(IglooError) -> Regex {
        if let constant { return constant }
        let text = ViewReader(call.arguments[pattern])[row].text
        let given = options.map { ViewReader(call.arguments[$0])[row].text } ?? ""
        if let last, last.pattern == text, last.options == given { return last.regex }
        let regex = try Regex(try translate(text), options: fixedOptions + given)
        last = (text, given, regex)
        return regex
    }
}
