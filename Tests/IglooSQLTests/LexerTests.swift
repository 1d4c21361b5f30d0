// SPDX-License-Identifier: MIT

import Testing

@testable import IglooSQL

struct LexerTests {
    private func kinds(_ text: String) -> [Token.Kind] { Lexer.tokens(of: text).map(\.kind) }

    @Test("tokens and comments for highlighting")
    func tokens() {
        #expect(kinds("a-- x\n/* /* */ */b") == [.word, .comment, .comment, .word])
        #expect(
            kinds("'a''b' E'\\'' $$x$$ \"q\"") == [
                .string, .escapeString, .dollarString, .quotedIdentifier,
            ])
        #expect(
            kinds("a::b:=c=>d:e") == [
                .word, .doubleColon, .word, .assign, .word, .arrow, .word, .colon, .word,
            ])
        #expect(
            kinds("1.5 1e3 .5 7 1..2") == [
                .decimal, .float, .decimal, .integer, .integer, .dot, .decimal,
            ])
        #expect(kinds("$1 ? $x") == [.parameter, .parameter, .parameter])
        #expect(kinds("'abc") == [.unterminatedString])
        #expect(kinds("a\u{0}b \\") == [.word, .invalid, .word, .invalid])
        #expect(kinds("a=-1") == [.word, .symbol, .symbol, .integer])
    }

    @Test("tokens cover the text without overlap")
    func coverage() {
        for text in StatementCorpus.all {
            var end = 0
            for token in Lexer.tokens(of: text) {
                #expect(token.start >= end && token.end > token.start)
                end = token.end
            }
            #expect(end <= text.utf8.count)
        }
    }

    @Test("keywords in any case")
    func keywords() {
        #expect(Lexer.tokens(of: "SeLeCt").first?.keyword == .select)
        #expect(SQLKeywords.keyword("TRY_CAST") == .trycast)
        #expect(SQLKeywords.words.contains("SELECT"))
        #expect(Keyword.select.category == .reserved)
        #expect(Keyword.left.category == .functionName)
        #expect(Keyword.substring.category == .columnName)
        #expect(Keyword.year.category == .unreserved)
    }
}
