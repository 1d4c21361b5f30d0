// SPDX-License-Identifier: MIT

internal import IglooContracts

// Names of types.
extension Parser {
    mutating func typeName() throws(IglooError) -> TypeName {
        let start = current
        let outer = try enter()
        var type = try baseType()
        while true {
            if accept(.leftBracket) {
                let count = at(.integer) ? try smallInteger() : nil
                try expect(.rightBracket)
                type = .array(type, count: count, range(from: start))
            } else if accept(.array) {
                type = .array(type, count: nil, range(from: start))
            } else {
                break
            }
            try grow()
        }
        leave(outer)
        return type
    }

    private mutating func baseType() throws(IglooError) -> TypeName {
        let start = current
        if let word = start.keyword, [.struct, .row, .map, .array].contains(word),
            isSymbol(token(ahead: 1), "<")
        {
            advance()
            advance()
            return try angledType(word, start)
        }
        guard at(.word) || at(.quotedIdentifier), start.keyword?.category != .reserved else {
            throw syntaxError()
        }
        var name = try label().name
        if at(.dot) {
            // The types that everybody has stand in pg_catalog.
            advance()
            let schema = name
            name = try label().name
            if schema != "pg_catalog" && schema != "information_schema" {
                name = "\(schema).\(name)"
            }
        }
        switch start.keyword {
        case .struct, .row:
            if at(.leftParenthesis) { return try fieldTypes(start, until: .rightParenthesis) }
        case .map:
            if at(.leftParenthesis) { return try mapType(start) }
        default: break
        }
        return try namedType(name, start)
    }

    private mutating func namedType(_ word: String, _ start: Token) throws(IglooError) -> TypeName {
        var name = word
        switch start.keyword {
        case .double:
            if accept(.precision) { name = "double precision" }
        case .character, .nchar:
            if accept(.varying) { name = "varchar" }
        case .interval:
            _ = try intervalQualifier()
        default:
            if name == "bit" || name == "char" || name == "binary", accept(.varying) {
                name += " varying"
            }
        }
        if let unsigned = Self.unsigned[name], at(.word),
            Identifier.folded(text(current)) == "unsigned"
        {
            advance()
            name = unsigned
        }
        let modifiers = at(.leftParenthesis) ? try typeModifiers() : []
        if start.keyword == .timestamp || start.keyword == .time, try zoned() {
            name += " with time zone"
        }
        return .named(name, modifiers: modifiers, range(from: start))
    }

    /// MySQL's and DataFusion's `INT UNSIGNED`.
    private static let unsigned: [String: String] = [
        "tinyint": "utinyint", "smallint": "usmallint", "int": "uinteger", "integer": "uinteger",
        "bigint": "ubigint",
    ]

    /// `WITH TIME ZONE`, `WITHOUT TIME ZONE` or nothing.
    private mutating func zoned() throws(IglooError) -> Bool {
        let isWith = current.keyword == .with
        guard isWith || current.keyword == .without, token(ahead: 1).keyword == .time else {
            return false
        }
        advance()
        advance()
        try expect(.zone)
        return isWith
    }

    private mutating func typeModifiers() throws(IglooError) -> [Int] {
        try expect(.leftParenthesis)
        var modifiers: [Int] = []
        repeat {
            let isNegative = acceptSymbol("-")
            let value = try smallInteger()
            modifiers.append(isNegative ? -value : value)
        } while accept(.comma)
        try expect(.rightParenthesis)
        return modifiers
    }

    private mutating func smallInteger() throws(IglooError) -> Int {
        guard at(.integer), let value = Int32(text(current)) else { throw syntaxError() }
        advance()
        return Int(value)
    }

    /// `(a integer, b text)`, from its parenthesis on.
    mutating func fieldTypes(
        _ start: Token, until close: Token.Kind
    ) throws(IglooError) -> TypeName {
        try expect(.leftParenthesis)
        let fields = try fieldTypes()
        try expect(close)
        return .structure(fields, range(from: start))
    }

    private mutating func fieldTypes() throws(IglooError) -> [TypeName.FieldName] {
        var fields: [TypeName.FieldName] = []
        repeat {
            let name = try label()
            _ = accept(.colon)
            fields.append(.init(name: name, type: try typeName()))
        } while accept(.comma)
        return fields
    }

    /// `struct<a integer>`, `map<text, integer>`, `array<integer>`, behind the opening sign.
    private mutating func angledType(
        _ word: Keyword, _ start: Token
    ) throws(IglooError) -> TypeName {
        let type: TypeName
        switch word {
        case .map:
            let key = try typeName()
            try expect(.comma)
            type = .map(key: key, value: try typeName(), range(from: start))
        case .array: type = .array(try typeName(), count: nil, range(from: start))
        default: type = .structure(try fieldTypes(), range(from: start))
        }
        try closeAngle()
        return type
    }

    /// Takes `>`; of `>>`, which closes two types, the first half.
    private mutating func closeAngle() throws(IglooError) {
        let token = current
        guard token.kind == .symbol, text(token).allSatisfy({ $0 == ">" }) else {
            throw syntaxError()
        }
        if token.end - token.start == 1 {
            advance()
        } else {
            splitSymbol()
        }
    }

    private mutating func mapType(_ start: Token) throws(IglooError) -> TypeName {
        try expect(.leftParenthesis)
        let key = try typeName()
        try expect(.comma)
        let value = try typeName()
        try expect(.rightParenthesis)
        return .map(key: key, value: value, range(from: start))
    }
}
