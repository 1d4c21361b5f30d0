// SPDX-License-Identifier: MIT

internal import IglooContracts

/// The state of a recursive-descent parser: tokens, a place among them, and how deep it is.
///
/// The grammar stands in extensions, one subject each.
struct Parser {
    /// Parentheses, subqueries and operators within each other, at most. It keeps the recursion of
    /// the parser, and of all that walks the tree later, within a thread's stack.
    static let depthMax = 200
    /// Levels of a tree, at most: chains such as `1 + 1 + ...` make deep trees without nesting.
    static let heightMax = 400

    let bytes: [UInt8]
    private(set) var tokens: [Token]
    private(set) var index = 0
    /// How many `?` have been read.
    var parameterCount = 0

    private var depth = 0
    /// An upper bound of the height of the tree parsed since the last `enter`.
    private var height = 0
    private var expected = KeywordSet()
    private var expectedIndex = 0
    /// The last word taken for an alias: it may have been meant as a keyword.
    var lastBareAlias: Int?

    init(_ text: String) throws(IglooError) {
        bytes = Array(text.utf8)
        guard bytes.count < Int(Int32.max) else {
            throw IglooError(
                .resourceExhausted, "statement text is larger than 2 GB",
                sqlState: .statementTooComplex)
        }
        var lexer = Lexer(bytes)
        var tokens: [Token] = []
        tokens.reserveCapacity(bytes.count / 5 + 4)
        repeat { tokens.append(lexer.next()) } while tokens[tokens.count - 1].kind != .end
        self.tokens = tokens
    }

    // MARK: - Looking and taking

    var current: Token { tokens[index] }

    func token(ahead distance: Int) -> Token { tokens[min(index + distance, tokens.count - 1)] }

    /// Takes the first sign of several that were read as one.
    mutating func splitSymbol() {
        tokens[index] = Token(.symbol, current.start + 1, current.end)
    }

    mutating func advance() { if index < tokens.count - 1 { index += 1 } }

    mutating func at(_ keyword: Keyword) -> Bool {
        if current.keyword == keyword { return true }
        note(keyword)
        return false
    }

    func at(_ kind: Token.Kind) -> Bool { current.kind == kind }

    func atSymbol(_ symbol: StaticString) -> Bool { isSymbol(current, symbol) }

    func isSymbol(_ token: Token, _ symbol: StaticString) -> Bool {
        guard token.kind == .symbol, token.end - token.start == symbol.utf8CodeUnitCount else {
            return false
        }
        return bytes[token.start..<token.end].elementsEqual(symbol.description.utf8)
    }

    mutating func accept(_ keyword: Keyword) -> Bool {
        guard at(keyword) else { return false }
        advance()
        return true
    }

    /// Takes both words or neither.
    mutating func accept(_ first: Keyword, _ second: Keyword) -> Bool {
        guard at(first), token(ahead: 1).keyword == second else { return false }
        advance()
        advance()
        return true
    }

    mutating func accept(_ kind: Token.Kind) -> Bool {
        guard at(kind) else { return false }
        advance()
        return true
    }

    mutating func acceptSymbol(_ symbol: StaticString) -> Bool {
        guard atSymbol(symbol) else { return false }
        advance()
        return true
    }

    mutating func expect(_ keyword: Keyword) throws(IglooError) {
        guard accept(keyword) else { throw syntaxError() }
    }

    mutating func expect(_ kind: Token.Kind) throws(IglooError) {
        guard accept(kind) else { throw syntaxError() }
    }

    mutating func expectEnd() throws(IglooError) { try expect(Token.Kind.end) }

    /// The range from a token that began something to the last one taken.
    func range(from start: Token) -> SourceRange {
        SourceRange(start.start, index > 0 ? tokens[index - 1].end : start.end)
    }

    func text(_ token: Token) -> String {
        String(decoding: bytes[token.start..<token.end], as: UTF8.self)
    }

    // MARK: - Depth

    /// Call where the grammar recurses; pass what it returns to `leave`.
    mutating func enter() throws(IglooError) -> Int {
        depth += 1
        guard depth <= Self.depthMax else { throw tooComplex() }
        defer { height = 0 }
        return height
    }

    mutating func leave(_ outer: Int) {
        depth -= 1
        height = max(outer, height + 1)
    }

    /// Call where what was parsed becomes the child of a new node without recursion.
    mutating func grow() throws(IglooError) {
        height += 1
        guard height <= Self.heightMax else { throw tooComplex() }
    }

    private func tooComplex() -> IglooError {
        IglooError(
            .resourceExhausted, "statement too complex: nested too deeply",
            hint: "simplify it, or use lists (IN, AND, OR) in place of nested operators",
            sqlState: .statementTooComplex, position: current.start)
    }

    // MARK: - Errors

    private mutating func note(_ keyword: Keyword) {
        if expectedIndex != index {
            expectedIndex = index
            expected = KeywordSet()
        }
        expected.insert(keyword)
    }

    /// What is wrong at the current token, in PostgreSQL's words.
    func syntaxError() -> IglooError {
        if let mistaken = mistakenAlias() { return mistaken }
        let token = current
        switch token.kind {
        case .end: return syntaxError("syntax error at end of input", at: token)
        case .unterminatedString:
            return syntaxError("unterminated quoted string", at: token)
        case .unterminatedIdentifier:
            return syntaxError("unterminated quoted identifier", at: token)
        case .unterminatedComment: return syntaxError("unterminated /* comment", at: token)
        case .invalid where Lexer.isDigit(bytes[token.start]):
            return syntaxError(
                "trailing junk after numeric literal at or near \"\(shown(token))\"", at: token)
        default:
            return syntaxError(
                "syntax error at or near \"\(shown(token))\"", at: token, hint: hint(for: token))
        }
    }

    func syntaxError(_ message: String, at token: Token, hint: String? = nil) -> IglooError {
        IglooError(
            .invalidArgument, message, hint: hint, sqlState: .syntaxError, position: token.start)
    }

    /// `SELECT a FORM t`: the error shows at `t`, but `FORM` was meant as a keyword.
    private func mistakenAlias() -> IglooError? {
        guard let alias = lastBareAlias, alias == index - 1,
            let word = NearestName.among(Self.clauseWords, to: text(tokens[alias]))
        else { return nil }
        return syntaxError(
            "syntax error at or near \"\(shown(tokens[alias]))\"", at: tokens[alias],
            hint: "did you mean \(word)?")
    }

    private static let clauseWords = SQLKeywords.clauses.map { $0.text.uppercased() }

    private func hint(for token: Token) -> String? {
        guard token.kind == .word, expectedIndex == index else { return nil }
        let words = expected.keywords.map { $0.text.uppercased() }
        return NearestName.among(words, to: text(token)).map { "did you mean \($0)?" }
    }

    /// A token's text, cut to what fits a message.
    func shown(_ token: Token) -> String {
        let text = text(token)
        return text.utf8.count <= 60 ? text : String(text.prefix(40)) + "..."
    }
}

/// A set of keywords as bits, cheap enough to be kept at every step.
private struct KeywordSet {
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    mutating func insert(_ keyword: Keyword) {
        let bit: UInt64 = 1 << UInt64(keyword.rawValue & 63)
        switch keyword.rawValue >> 6 {
        case 0: words.0 |= bit
        case 1: words.1 |= bit
        case 2: words.2 |= bit
        default: words.3 |= bit
        }
    }

    var keywords: [Keyword] {
        Keyword.allCases.filter { keyword in
            let bit: UInt64 = 1 << UInt64(keyword.rawValue & 63)
            let word =
                switch keyword.rawValue >> 6 {
                case 0: words.0
                case 1: words.1
                case 2: words.2
                default: words.3
                }
            return word & bit != 0
        }
    }
}
