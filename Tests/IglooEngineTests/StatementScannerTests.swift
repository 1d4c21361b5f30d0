// SPDX-License-Identifier: MIT

import IglooEngine
import IglooSQL
import Testing

@Suite struct StatementScannerTests {
    private func statements(_ text: String) -> [String] {
        var scanner = StatementScanner()
        let bytes = Array(text.utf8)
        var result: [String] = []
        while let range = scanner.next(in: bytes) {
            result.append(String(decoding: bytes[range], as: UTF8.self))
        }
        return result
    }

    @Test(arguments: [
        ("select 1; select 2", ["select 1;"]), ("select ';' ; x", ["select ';' ;"]),
        ("select $a$;$a$;", ["select $a$;$a$;"]),
        ("select /* ; /* ; */ */ 1;", ["select /* ; /* ; */ */ 1;"]), ("-- ;\n;", []),
        ("select E'\\';' ;", ["select E'\\';' ;"]), ("select \";\";", ["select \";\";"]),
        ("select 1; -- x\n;; select ';';\n", ["select 1;", "select ';';"]), ("", []),
    ])
    func semicolonsOutsideOfStringsAndCommentsEndStatements(text: String, expected: [String]) {
        #expect(statements(text) == expected)
    }

    @Test func whatIsOpenIsTold() {
        let cases: [(String, StatementScanner.Open?)] = [
            ("select 'a;\n", .string(escapes: false)), ("select E'a\\';\n", .string(escapes: true)),
            ("select \"a\n", .identifier), ("/* x /* y */ ;\n", .comment(depth: 1)),
            ("select $x$ ; $y$\n", .dollarString(tag: Array("$x$".utf8))), ("select 1\n", nil),
        ]
        for (text, open) in cases {
            var scanner = StatementScanner()
            #expect(scanner.next(in: Array(text.utf8)) == nil)
            #expect(scanner.open == open, "\(text)")
        }
    }

    /// Line by line it finds what the lexer finds in the whole.
    @Test func linesAreScannedAsTheWholeIs() {
        let parts = [
            "'", "''", "E'", "\"", "$$", "$t$", "/*", "*/", "--", "\n", "\n", ";", ";", "x", " ",
            "\\", "1", "x'", "-", "$1",
        ]
        var random = SystemRandomNumberGenerator()
        for _ in 0..<3_000 {
            let text =
                (0..<Int.random(in: 1...24, using: &random)).map { _ in
                    parts.randomElement(using: &random)!
                }.joined() + "\n"
            #expect(ends(byLinesOf: text) == ends(ofWhole: text), "\(text.debugDescription)")
        }
    }

    private func ends(byLinesOf text: String) -> [Int] {
        var scanner = StatementScanner()
        var bytes: [UInt8] = []
        var ends: [Int] = []
        for byte in text.utf8 {
            bytes.append(byte)
            if byte != UInt8(ascii: "\n") { continue }
            while let range = scanner.next(in: bytes) { ends.append(range.upperBound) }
        }
        return ends
    }

    private func ends(ofWhole text: String) -> [Int] {
        var ends: [Int] = []
        var isBlank = true
        for token in Lexer.tokens(of: text) where token.kind != .comment {
            if token.kind == .semicolon {
                if !isBlank { ends.append(token.end) }
                isBlank = true
            } else {
                isBlank = false
            }
        }
        return ends
    }
}
