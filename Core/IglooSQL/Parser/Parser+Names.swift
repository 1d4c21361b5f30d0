// SPDX-License-Identifier: MIT

internal import IglooContracts

// Identifiers, aliases and string texts.
extension Parser {
    /// The current token may name a column, table or alias.
    var atName: Bool { isName(current) }

    func isName(_ token: Token) -> Bool {
        token.kind == .quotedIdentifier
            || token.kind == .word && (token.keyword?.isName ?? true)
    }

    /// A name of a column, table, catalog or alias.
    mutating func identifier() throws(IglooError) -> Identifier {
        guard atName else { throw syntaxError() }
        return try takeIdentifier()
    }

    /// Any word, reserved or not: behind AS, behind a dot.
    mutating func label() throws(IglooError) -> Identifier {
        guard at(.word) || at(.quotedIdentifier) else { throw syntaxError() }
        return try takeIdentifier()
    }

    private mutating func takeIdentifier() throws(IglooError) -> Identifier {
        let token = current
        guard token.kind == .quotedIdentifier else {
            advance()
            return Identifier(text(token), range: token.range)
        }
        let written = undoubled(token.start + 1, token.end - 1, quote: UInt8(ascii: "\""))
        guard !written.isEmpty else {
            throw syntaxError("zero-length delimited identifier", at: token)
        }
        advance()
        return Identifier(written, isQuoted: true, range: token.range)
    }

    mutating func qualifiedName() throws(IglooError) -> QualifiedName {
        let start = current
        var parts = [try identifier()]
        while accept(.dot) { parts.append(try label()) }
        return QualifiedName(parts, range: range(from: start))
    }

    /// `(a, b, c)`
    mutating func identifierList() throws(IglooError) -> [Identifier] {
        try expect(.leftParenthesis)
        var names: [Identifier] = []
        repeat { names.append(try identifier()) } while accept(.comma)
        try expect(.rightParenthesis)
        return names
    }

    /// `[AS] name [(columns)]`
    mutating func tableAlias() throws(IglooError) -> TableAlias? {
        let name: Identifier
        if accept(.as) {
            name = try identifier()
        } else if atName, !atPivotOperator, !atPositionalJoin {
            lastBareAlias = index
            name = try identifier()
        } else {
            return nil
        }
        var alias = TableAlias(name: name)
        guard accept(.leftParenthesis) else { return alias }
        repeat {
            alias.columns.append(try identifier())
            if alias.types.count == alias.columns.count - 1, !at(.comma), !at(.rightParenthesis) {
                alias.types.append(try typeName())
            }
        } while accept(.comma)
        guard alias.types.isEmpty || alias.types.count == alias.columns.count else {
            throw syntaxError()
        }
        try expect(.rightParenthesis)
        return alias
    }

    // MARK: - Texts

    var atString: Bool {
        switch current.kind {
        case .string, .escapeString, .dollarString, .unicodeString: true
        default: false
        }
    }

    /// The value of a string literal of any form.
    mutating func stringText() throws(IglooError) -> String {
        let token = current
        switch token.kind {
        case .string:
            advance()
            return undoubled(token.start + 1, token.end - 1, quote: UInt8(ascii: "'"))
        case .escapeString:
            let text = try unescaped(token)
            advance()
            return text
        case .unicodeString: return try unicodeText()
        case .dollarString:
            advance()
            let tag = tagByteCount(token)
            return String(decoding: bytes[token.start + tag..<token.end - tag], as: UTF8.self)
        default: throw syntaxError()
        }
    }

    private func tagByteCount(_ token: Token) -> Int {
        var position = token.start + 1
        while bytes[position] != UInt8(ascii: "$") { position += 1 }
        return position + 1 - token.start
    }

    private func undoubled(_ start: Int, _ end: Int, quote: UInt8) -> String {
        let slice = bytes[start..<end]
        guard slice.contains(quote) else { return String(decoding: slice, as: UTF8.self) }
        var result: [UInt8] = []
        var position = start
        while position < end {
            result.append(bytes[position])
            // The lexer has made sure that quotes inside come in pairs.
            position += bytes[position] == quote ? 2 : 1
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// `E'...'`: C's escapes.
    private func unescaped(_ token: Token) throws(IglooError) -> String {
        var result: [UInt8] = []
        var position = token.start + 2
        let end = token.end - 1
        while position < end {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "'") {
                result.append(byte)
                position += 1
            } else if byte == UInt8(ascii: "\\"), position < end {
                try escape(&position, end, token, into: &result)
            } else {
                result.append(byte)
            }
        }
        guard !result.contains(0), let text = String(validating: result, as: UTF8.self) else {
            throw IglooError(
                .invalidArgument, "the escapes of the string do not make valid UTF-8 without NUL",
                hint: "bytes are written as '\\x00ff'::bytea",
                sqlState: SQLState(rawValue: "22021"), position: token.start)
        }
        return text
    }

    /// The escape sequence behind a backslash.
    private func escape(
        _ position: inout Int, _ end: Int, _ token: Token, into result: inout [UInt8]
    ) throws(IglooError) {
        let letter = bytes[position]
        position += 1
        switch letter {
        case UInt8(ascii: "b"): result.append(8)
        case UInt8(ascii: "f"): result.append(12)
        case UInt8(ascii: "n"): result.append(10)
        case UInt8(ascii: "r"): result.append(13)
        case UInt8(ascii: "t"): result.append(9)
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            position -= 1
            result.append(UInt8(truncatingIfNeeded: digits(&position, end, base: 8, countMax: 3)))
        case UInt8(ascii: "x"):
            result.append(UInt8(truncatingIfNeeded: digits(&position, end, base: 16, countMax: 2)))
        case UInt8(ascii: "u"), UInt8(ascii: "U"):
            let count = letter == UInt8(ascii: "u") ? 4 : 8
            let start = position
            let value = digits(&position, end, base: 16, countMax: count)
            guard position - start == count, let scalar = Unicode.Scalar(UInt32(value)) else {
                throw IglooError(
                    .invalidArgument, "invalid Unicode escape value",
                    hint: "Unicode escapes must be \\uXXXX or \\UXXXXXXXX",
                    sqlState: .invalidEscapeSequence, position: token.start)
            }
            result.append(contentsOf: Array(String(Character(scalar)).utf8))
        default: result.append(letter)
        }
    }

    private func digits(_ position: inout Int, _ end: Int, base: UInt8, countMax: Int) -> UInt64 {
        var value: UInt64 = 0
        var count = 0
        while position < end, count < countMax, let digit = Lexer.digitValue(bytes[position]),
            digit < base
        {
            value = value * UInt64(base) + UInt64(digit)
            position += 1
            count += 1
        }
        return value
    }
}
