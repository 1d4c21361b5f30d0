// SPDX-License-Identifier: MIT

import IglooEngine

/// What stands around the cursor in a statement.
struct CompletionContext {
    enum Place: Equatable {
        /// Within a comment or a number.
        case nothing
        /// Within a text, which can name a file.
        case file(path: String)
        /// Behind FROM or JOIN.
        case relation(typed: String)
        /// Anywhere else; the typed name may have a qualifier.
        case name(typed: String)
    }

    /// A table of the statement.
    struct Relation: Equatable {
        /// As it is written: `shop.orders`, `'events.parquet'`.
        var reference: String
        var alias: String?

        func isCalled(_ name: String) -> Bool {
            let last = reference.split(separator: ".").last.map(String.init) ?? reference
            return name == alias || name == reference || name == last
        }
    }

    let place: Place
    let relations: [Relation]

    init(before: String, after: String) {
        let tokens = Self.tokens(before)
        let end = before.utf8.count
        relations = Self.relations(Self.tokens(before + after))
        if let last = tokens.last, last.range.upperBound == end {
            switch last.kind {
            case .unterminated:
                place =
                    last.text.hasPrefix("'")
                    ? .file(path: String(last.text.dropFirst())) : .nothing
                return
            case .number, .comment, .string:
                place = .nothing
                return
            default: break
            }
        }
        let run = Self.run(tokens, end)
        let typed = tokens[run...].map(\.text).joined()
        let isRelation = Self.expectsRelation(tokens[..<run])
        place = isRelation ? .relation(typed: typed) : .name(typed: typed)
    }

    // MARK: - Tokens

    private struct Token {
        var kind: SQLWord.Kind
        var range: Range<Int>
        var text: String
        var word: String { text.lowercased() }
    }

    private static func tokens(_ text: String) -> [Token] {
        let bytes = Array(text.utf8)
        return SQLWord.words(of: text).map { word in
            Token(
                kind: word.kind, range: word.range,
                text: String(decoding: bytes[word.range], as: UTF8.self))
        }
    }

    /// Where the name begins that ends at the cursor: words and dots without a blank.
    private static func run(_ tokens: [Token], _ end: Int) -> Int {
        var (index, place) = (tokens.count, end)
        while index > 0, tokens[index - 1].range.upperBound == place,
            tokens[index - 1].text == "."
                || [.name, .keyword].contains(tokens[index - 1].kind)
        {
            index -= 1
            place = tokens[index].range.lowerBound
        }
        return index
    }

    private static let relationWords: Set = [
        "from", "join", "into", "update", "table", "describe", "view",
    ]
    private static let clauseWords: Set = [
        "select", "from", "join", "where", "group", "order", "having", "on", "using", "limit",
        "set", "values", "returning", "qualify", "window",
    ]

    private static func expectsRelation(_ tokens: ArraySlice<Token>) -> Bool {
        guard let last = tokens.last(where: { $0.kind != .comment }) else { return false }
        if relationWords.contains(last.word) { return true }
        let clause = tokens.last { clauseWords.contains($0.word) }
        return last.text == "," && clause.map { relationWords.contains($0.word) } ?? false
    }

    // MARK: - The statement's tables

    private static func relations(_ tokens: [Token]) -> [Relation] {
        let tokens = tokens.filter { $0.kind != .comment }
        var relations: [Relation] = []
        var isInFrom = false
        var index = 0
        while index < tokens.count {
            let word = tokens[index].word
            let begins = relationWords.contains(word) || isInFrom && word == ","
            if clauseWords.contains(word) { isInFrom = word == "from" || word == "join" }
            index += 1
            if begins, let relation = relation(tokens, &index) { relations.append(relation) }
        }
        return relations
    }

    private static func relation(_ tokens: [Token], _ index: inout Int) -> Relation? {
        guard index < tokens.count, [.name, .string].contains(tokens[index].kind) else {
            return nil
        }
        var reference = tokens[index].text
        index += 1
        while index + 1 < tokens.count, tokens[index].text == ".", tokens[index + 1].kind == .name {
            reference += "." + tokens[index + 1].text
            index += 2
        }
        if index < tokens.count, tokens[index].word == "as" { index += 1 }
        guard index < tokens.count, tokens[index].kind == .name else {
            return Relation(reference: reference, alias: nil)
        }
        index += 1
        return Relation(reference: reference, alias: tokens[index - 1].text)
    }
}
