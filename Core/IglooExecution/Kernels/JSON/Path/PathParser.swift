// SPDX-License-Identifier: MIT

import IglooContracts

/// Reads a JSON path by recursive descent.
struct PathParser {
    private static let depthMax = 200

    private let tokens: [PathLexer.Token]
    private var index = 0
    private var depth = 0
    /// Within the brackets of how many subscripts, and of filters, the place is.
    private var subscripts = 0
    private var filters = 0

    static func parse(_ text: UnsafeRawBufferPointer) throws(IglooError) -> PathProgram {
        var parser = PathParser(tokens: try PathLexer(text).tokens)
        var isStrict = false
        if case .word(let mode) = parser.token, ["strict", "lax"].contains(mode.lowercased()) {
            isStrict = mode.lowercased() == "strict"
            parser.index += 1
        }
        let root = try parser.or()
        guard parser.token == .end else { throw parser.fault() }
        return PathProgram(isStrict: isStrict, root: root)
    }

    private init(tokens: [PathLexer.Token]) { self.tokens = tokens }

    private var token: PathLexer.Token { tokens[min(index, tokens.count - 1)] }

    private func token(ahead count: Int) -> PathLexer.Token {
        tokens[min(index + count, tokens.count - 1)]
    }

    private func fault() -> IglooError {
        switch token {
        case .end: PathLexer.fault("at end")
        case .word(let word): PathLexer.fault("at or near \"\(word)\"")
        case .sign(let sign): PathLexer.fault("at or near \"\(sign)\"")
        case .string(let text), .variable(let text), .number(let text):
            PathLexer.fault("at or near \"\(String(decoding: text, as: UTF8.self))\"")
        }
    }

    private mutating func take(_ sign: String) -> Bool {
        guard token == .sign(sign) else { return false }
        index += 1
        return true
    }

    private mutating func expect(_ sign: String) throws(IglooError) {
        guard take(sign) else { throw fault() }
    }

    private mutating func takeWord(_ word: String) -> Bool {
        guard case .word(let found) = token, found.lowercased() == word else { return false }
        index += 1
        return true
    }

    // MARK: - Predicates

    private func predicate(_ node: PathNode) throws(IglooError) -> PathPredicate {
        guard case .predicate(let predicate) = node else { throw fault() }
        return predicate
    }

    private mutating func or() throws(IglooError) -> PathNode {
        var left = try and()
        while take("||") {
            let right = try and()
            left = .predicate(.or(try predicate(left), try predicate(right)))
        }
        return left
    }

    private mutating func and() throws(IglooError) -> PathNode {
        var left = try comparison()
        while take("&&") {
            let right = try comparison()
            left = .predicate(.and(try predicate(left), try predicate(right)))
        }
        return left
    }

    private mutating func comparison() throws(IglooError) -> PathNode {
        if take("!") {
            // Only what stands in brackets can be negated.
            guard token == .sign("(") || isExists else { throw fault() }
            return .predicate(.not(try predicate(try primary())))
        }
        let left = try sum()
        if case .sign(let sign) = token, let comparison = PathComparison(rawValue: sign) {
            index += 1
            guard !left.isPredicate else { throw fault() }
            let right = try sum()
            guard !right.isPredicate else { throw fault() }
            return .predicate(.compare(comparison, left, right))
        }
        if left.isPredicate { return left }
        if takeWord("starts") {
            guard takeWord("with") else { throw fault() }
            switch token {
            case .string(let text):
                index += 1
                return .predicate(.startsWith(left, .string(text)))
            case .variable(let name):
                index += 1
                return .predicate(.startsWith(left, .variable(name)))
            default: throw fault()
            }
        }
        if takeWord("like_regex") { return .predicate(.matches(left, try regex())) }
        return left
    }

    private mutating func regex() throws(IglooError) -> Regex {
        guard case .string(let pattern) = token else { throw fault() }
        index += 1
        var options = ""
        if takeWord("flag") {
            guard case .string(let flags) = token else { throw fault() }
            index += 1
            // The standard's flags, in the words of regular expressions here.
            var (isDotAll, isMultiline) = (false, false)
            for flag in flags {
                switch flag {
                case UInt8(ascii: "i"): options += "i"
                case UInt8(ascii: "q"): options += "q"
                case UInt8(ascii: "s"): isDotAll = true
                case UInt8(ascii: "m"): isMultiline = true
                default:
                    throw IglooError(
                        .invalidArgument,
                        "unrecognized flag character "
                            + "\"\(String(decoding: [flag], as: UTF8.self))\" in LIKE_REGEX "
                            + "predicate", sqlState: .syntaxError)
                }
            }
            if !isDotAll { options += "p" }
            if isMultiline { options += "w" }
        } else {
            options = "p"
        }
        return try Regex(String(decoding: pattern, as: UTF8.self), options: options)
    }

    private var isExists: Bool {
        if case .word(let word) = token, word.lowercased() == "exists" {
            return token(ahead: 1) == .sign("(")
        }
        return false
    }

    // MARK: - Expressions

    private func operand(_ node: PathNode) throws(IglooError) -> PathNode {
        if node.isPredicate { throw fault() }
        return node
    }

    private mutating func sum() throws(IglooError) -> PathNode {
        var left = try product()
        while case .sign(let sign) = token, sign == "+" || sign == "-",
            let operation = JSONNumber.Sign(rawValue: sign)
        {
            index += 1
            let right = try operand(try product())
            left = .arithmetic(operation, try operand(left), right)
        }
        return left
    }

    private mutating func product() throws(IglooError) -> PathNode {
        var left = try signed()
        while case .sign(let sign) = token, ["*", "/", "%"].contains(sign),
            let operation = JSONNumber.Sign(rawValue: sign)
        {
            index += 1
            let right = try operand(try signed())
            left = .arithmetic(operation, try operand(left), right)
        }
        return left
    }

    private mutating func signed() throws(IglooError) -> PathNode {
        var signs: [Bool] = []
        while true {
            if take("-") {
                signs.append(true)
            } else if take("+") {
                signs.append(false)
            } else {
                break
            }
            guard signs.count <= Self.depthMax else { throw fault() }
        }
        var node = try primary()
        for isNegative in signs.reversed() {
            node = .sign(isNegative: isNegative, try operand(node))
        }
        return node
    }

    private mutating func primary() throws(IglooError) -> PathNode {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthMax else {
            throw IglooError(
                .resourceExhausted, "the jsonpath is nested too deeply",
                sqlState: .statementTooComplex)
        }
        let node = try atom()
        if node.isPredicate, takeWord("is") {
            guard takeWord("unknown") else { throw fault() }
            return .predicate(.isUnknown(try predicate(node)))
        }
        var steps: [PathStep] = []
        while let step = try step() { steps.append(step) }
        return steps.isEmpty ? node : .steps(node, steps)
    }

    private mutating func atom() throws(IglooError) -> PathNode {
        let first = token
        index += 1
        switch first {
        case .sign("$"): return .root
        case .sign("@"):
            guard filters > 0 else {
                throw IglooError(
                    .invalidArgument, "@ is not allowed in root expressions",
                    sqlState: .syntaxError)
            }
            return .current
        case .sign("("):
            let inner = try or()
            try expect(")")
            return inner
        case .string(let text): return .string(text)
        case .variable(let name): return .variable(name)
        case .number(let digits): return .number(digits.withUnsafeBytes { JSONNumber($0) })
        case .word(let word):
            switch word.lowercased() {
            case "null": return .null
            case "true": return .bool(true)
            case "false": return .bool(false)
            case "last":
                guard subscripts > 0 else {
                    throw IglooError(
                        .invalidArgument, "LAST is allowed only in array subscripts",
                        sqlState: .syntaxError)
                }
                return .last
            case "exists":
                try expect("(")
                let inner = try operand(try or())
                try expect(")")
                return .predicate(.exists(inner))
            default: break
            }
        default: break
        }
        index -= 1
        throw fault()
    }

    // MARK: - Steps

    private mutating func step() throws(IglooError) -> PathStep? {
        if take("[") { return try places() }
        if take("?") {
            try expect("(")
            filters += 1
            defer { filters -= 1 }
            let condition = try predicate(try or())
            try expect(")")
            return .filter(condition)
        }
        guard take(".") else { return nil }
        if take("*") { return .anyKey }
        if take("**") { return try depths() }
        switch token {
        case .string(let name):
            index += 1
            return .key(name)
        case .word(let word):
            index += 1
            guard token == .sign("("), token(ahead: 1) == .sign(")") || word == "datetime" else {
                return .key(Array(word.utf8))
            }
            guard let method = PathMethod(rawValue: word) else {
                throw IglooError(
                    .unsupported, "jsonpath item method .\(word)() is not supported",
                    hint: "methods are type, size, double, ceiling, floor, abs and keyvalue")
            }
            index += 2
            return .method(method)
        default: throw fault()
        }
    }

    private mutating func places() throws(IglooError) -> PathStep {
        if take("*") {
            try expect("]")
            return .anyItem
        }
        subscripts += 1
        defer { subscripts -= 1 }
        var places: [(from: PathNode, to: PathNode?)] = []
        repeat {
            let from = try operand(try sum())
            places.append((from, takeWord("to") ? try operand(try sum()) : nil))
        } while take(",")
        try expect("]")
        return .subscripts(places)
    }

    private mutating func depths() throws(IglooError) -> PathStep {
        guard take("{") else { return .anyDepth(low: 0, high: nil) }
        let low = try level()
        let high = takeWord("to") ? try level() : low
        try expect("}")
        return .anyDepth(low: low, high: high)
    }

    /// `nil` is `last`.
    private mutating func level() throws(IglooError) -> Int? {
        if takeWord("last") { return nil }
        guard case .number(let digits) = token,
            let level = Int32(String(decoding: digits, as: UTF8.self)), level >= 0
        else { throw fault() }
        index += 1
        return Int(level)
    }
}
