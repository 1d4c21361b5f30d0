// SPDX-License-Identifier: MIT

import IglooContracts

/// A regular expression taken apart.
indirect enum RegexNode {
    enum Assertion { case textStart, textEnd, lineStart, lineEnd, wordBoundary, noWordBoundary }
    case empty
    case set(ScalarSet)
    case sequence([RegexNode])
    case alternatives([RegexNode])
    case repeated(RegexNode, min: Int, max: Int?, isGreedy: Bool)
    /// Numbered from 1.
    case group(RegexNode, index: Int)
    case assertion(Assertion)
}

/// What changes how a pattern is read: `i`, `s`, `m` (or `n`), `x`.
struct RegexFlags {
    var ignoresCase = false
    /// Whether `.` leaves newlines out, and [^a] too.
    var excludesNewline = false
    var isMultiline = false
    var isExtended = false
}

/// Reads the syntax that PostgreSQL's advanced regular expressions, RE2 and Perl share.
struct RegexParser {
    /// Groups within groups, at most.
    private static let depthMax = 200
    private static let repeatMax = 1_000

    private let scalars: [Unicode.Scalar]
    private var index = 0
    private var depth = 0
    private var flags: RegexFlags
    private(set) var groupCount = 0

    init(_ pattern: String, _ flags: RegexFlags) {
        scalars = Array(pattern.unicodeScalars)
        self.flags = flags
    }

    mutating func parse() throws(IglooError) -> RegexNode {
        let node = try alternatives()
        guard index == scalars.count else { throw fault("unmatched )") }
        return node
    }

    private func fault(_ reason: String) -> IglooError {
        IglooError(
            .invalidArgument,
            "invalid regular expression: \(reason), at character \(index + 1) of "
                + "\"\(Faults.shortened(String(String.UnicodeScalarView(scalars))))\"",
            sqlState: SQLState(rawValue: "2201B"))
    }

    private var current: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

    private mutating func accept(_ scalar: Unicode.Scalar) -> Bool {
        guard current == scalar else { return false }
        index += 1
        return true
    }

    private func isAt(_ text: String) -> Bool {
        scalars[index...].starts(with: text.unicodeScalars)
    }

    private mutating func alternatives() throws(IglooError) -> RegexNode {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthMax else { throw fault("groups are nested too deeply") }
        let outer = flags
        var list = [try sequence()]
        while accept("|") { list.append(try sequence()) }
        flags = outer
        return list.count == 1 ? list[0] : .alternatives(list)
    }

    private mutating func sequence() throws(IglooError) -> RegexNode {
        var items: [RegexNode] = []
        while let scalar = current, scalar != "|", scalar != ")" {
            if flags.isExtended, scalar.properties.isWhitespace {
                index += 1
                continue
            }
            guard let item = try atom() else { continue }
            items.append(try quantified(item))
        }
        return items.count == 1 ? items[0] : items.isEmpty ? .empty : .sequence(items)
    }

    // MARK: - Quantifiers

    private mutating func quantified(_ atom: RegexNode) throws(IglooError) -> RegexNode {
        var node = atom
        while let (least, most) = try quantifier() {
            if case .assertion = node, least > 0 { _ = accept("?"); continue }
            let isGreedy = !accept("?")
            node = .repeated(node, min: least, max: most, isGreedy: isGreedy)
        }
        return node
    }

    private mutating func quantifier() throws(IglooError) -> (Int, Int?)? {
        if accept("*") { return (0, nil) }
        if accept("+") { return (1, nil) }
        if accept("?") { return (0, 1) }
        guard current == "{", index + 1 < scalars.count,
            ScalarSet.digits.contains(scalars[index + 1].value)
        else { return nil }
        index += 1
        let least = try count()
        var most: Int? = least
        if accept(",") { most = current == "}" ? nil : try count() }
        guard accept("}") else { throw fault("braces {} not balanced") }
        if let most, most < least { throw fault("invalid repetition count(s)") }
        return (least, most)
    }

    private mutating func count() throws(IglooError) -> Int {
        var value = 0
        let start = index
        while let scalar = current, ScalarSet.digits.contains(scalar.value) {
            value = value * 10 + Int(scalar.value - 0x30)
            guard value <= Self.repeatMax else {
                throw fault("more than \(Self.repeatMax) repetitions")
            }
            index += 1
        }
        guard index > start else { throw fault("invalid repetition count(s)") }
        return value
    }

    // MARK: - Atoms

    /// `nil` for what only changes flags.
    private mutating func atom() throws(IglooError) -> RegexNode? {
        guard let scalar = current else { return .empty }
        index += 1
        switch scalar {
        case "(": return try group()
        case "[": return .set(try bracket())
        case ".":
            return .set(flags.excludesNewline ? ScalarSet.newline.inverted : .all)
        case "^": return .assertion(flags.isMultiline ? .lineStart : .textStart)
        case "$": return .assertion(flags.isMultiline ? .lineEnd : .textEnd)
        case "\\": return try escape()
        case "*", "+", "?": throw fault("quantifier operand invalid")
        default: return .set(literal(scalar.value))
        }
    }

    private func literal(_ value: UInt32) -> ScalarSet {
        flags.ignoresCase ? ScalarSet(value).caseFolded : ScalarSet(value)
    }

    private mutating func group() throws(IglooError) -> RegexNode? {
        var number: Int?
        if accept("?") {
            if accept(":") {
            } else if isAt("P<") || current == "<" && !isAt("<=") && !isAt("<!") {
                _ = accept("P")
                while let scalar = current, scalar != ">" { _ = scalar; index += 1 }
                guard accept(">") else { throw fault("the group's name does not end") }
                groupCount += 1
                number = groupCount
            } else if current == "=" || current == "!" || current == "<" {
                throw fault("lookaround is not supported, since matching takes linear time")
            } else if try !flagGroup() {
                return nil
            }
        } else {
            groupCount += 1
            number = groupCount
        }
        let inner = try alternatives()
        guard accept(")") else { throw fault("parentheses () not balanced") }
        return number.map { .group(inner, index: $0) } ?? inner
    }

    /// `(?i)`, after which the flags hold until the group around ends, or `(?i:...)`.
    private mutating func flagGroup() throws(IglooError) -> Bool {
        var isOn = true
        while let scalar = current {
            index += 1
            switch scalar {
            case "i": flags.ignoresCase = isOn
            case "s": flags.excludesNewline = !isOn
            case "m", "n": flags.isMultiline = isOn
            case "x": flags.isExtended = isOn
            case "-": isOn = false
            case ")": return false
            case ":": return true
            default: throw fault("unknown flag \(scalar)")
            }
        }
        throw fault("parentheses () not balanced")
    }

    // MARK: - Escapes

    private mutating func escape() throws(IglooError) -> RegexNode {
        guard let scalar = current else { throw fault("trailing backslash") }
        switch scalar {
        case "A":
            index += 1
            return .assertion(.textStart)
        case "z", "Z":
            index += 1
            return .assertion(.textEnd)
        case "b", "y":
            index += 1
            return .assertion(.wordBoundary)
        case "B", "Y":
            index += 1
            return .assertion(.noWordBoundary)
        case "Q":
            index += 1
            return quotation()
        case "1"..."9":
            throw fault("back references are not supported, since matching takes linear time")
        default: return .set(try escapedSet())
        }
    }

    /// `\Q...\E`
    private mutating func quotation() -> RegexNode {
        var items: [RegexNode] = []
        while let scalar = current, !isAt("\\E") {
            items.append(.set(literal(scalar.value)))
            index += 1
        }
        index = min(index + 2, scalars.count)
        return .sequence(items)
    }

    private mutating func escapedSet() throws(IglooError) -> ScalarSet {
        guard let scalar = current else { throw fault("trailing backslash") }
        index += 1
        switch scalar {
        case "d": return .digits
        case "D": return ScalarSet.digits.inverted
        case "w": return .words
        case "W": return ScalarSet.words.inverted
        case "s": return .spaces
        case "S": return ScalarSet.spaces.inverted
        case "n": return ScalarSet(0x0A)
        case "t": return ScalarSet(0x09)
        case "r": return ScalarSet(0x0D)
        case "f": return ScalarSet(0x0C)
        case "v": return ScalarSet(0x0B)
        case "a": return ScalarSet(0x07)
        case "e": return ScalarSet(0x1B)
        case "x": return literal(try hexadecimal(2))
        case "u": return literal(try hexadecimal(4))
        case "U": return literal(try hexadecimal(8))
        case "p", "P":
            let set = try property()
            return scalar == "p" ? set : set.inverted
        default:
            if scalar.isASCII,
                scalar.properties.isAlphabetic || ScalarSet.digits.contains(scalar.value)
            {
                throw fault("invalid escape \\\(scalar)")
            }
            return literal(scalar.value)
        }
    }

    private mutating func hexadecimal(_ digitCount: Int) throws(IglooError) -> UInt32 {
        let isBraced = accept("{")
        var text = ""
        while let scalar = current, isBraced ? scalar != "}" : text.count < digitCount {
            guard scalar.properties.isASCIIHexDigit, text.count < 8 else { break }
            text.unicodeScalars.append(scalar)
            index += 1
        }
        guard let value = UInt32(text, radix: 16), Unicode.Scalar(value) != nil,
            !isBraced || accept("}")
        else { throw fault("invalid code point") }
        return value
    }

    private mutating func property() throws(IglooError) -> ScalarSet {
        var name = ""
        if accept("{") {
            while let scalar = current, scalar != "}" {
                name.unicodeScalars.append(scalar)
                index += 1
            }
            guard accept("}") else { throw fault("braces {} not balanced") }
        } else if let scalar = current {
            name.unicodeScalars.append(scalar)
            index += 1
        }
        guard let set = ScalarSet.unicode(name) else { throw fault("unknown property \(name)") }
        return set
    }

    // MARK: - Brackets

    private mutating func bracket() throws(IglooError) -> ScalarSet {
        let isNegated = accept("^")
        var set = ScalarSet()
        var isFirst = true
        while let scalar = current, isFirst || scalar != "]" {
            isFirst = false
            let (item, bound) = try bracketItem(scalar)
            guard let bound, current == "-", index + 1 < scalars.count, scalars[index + 1] != "]"
            else {
                set = set.union(item)
                continue
            }
            index += 1
            guard let next = current, let end = try bracketItem(next).bound, end >= bound else {
                throw fault("invalid character range")
            }
            set = set.union(ScalarSet([bound...end]))
        }
        guard accept("]") else { throw fault("brackets [] not balanced") }
        if flags.ignoresCase { set = set.caseFolded }
        guard isNegated else { return set }
        return (flags.excludesNewline ? set.union(.newline) : set).inverted
    }

    /// A member, and the code point when a range may begin with it.
    private mutating func bracketItem(
        _ scalar: Unicode.Scalar
    ) throws(IglooError) -> (set: ScalarSet, bound: UInt32?) {
        if isAt("[:") {
            let start = index + 2
            guard let end = (start..<scalars.count).first(where: { scalars[$0] == ":" }),
                end + 1 < scalars.count, scalars[end + 1] == "]"
            else { throw fault("invalid character class") }
            var name = String(String.UnicodeScalarView(scalars[start..<end]))
            let isNegated = name.hasPrefix("^")
            if isNegated { name.removeFirst() }
            guard let set = ScalarSet.posix(name) else { throw fault("invalid character class") }
            index = end + 2
            return (isNegated ? set.inverted : set, nil)
        }
        index += 1
        guard scalar == "\\" else { return (ScalarSet(scalar.value), scalar.value) }
        if accept("b") { return (ScalarSet(0x08), 0x08) }
        let set = try escapedSet()
        return (set, set.single)
    }
}
