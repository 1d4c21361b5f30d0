// SPDX-License-Identifier: MIT

import IglooContracts
import Testing

@testable import IglooSQL

struct ParserErrorTests {
    static func error(_ text: String) throws -> IglooError {
        do throws(IglooError) {
            _ = try SQLParser.statement(text)
        } catch { return error }
        throw Failure("no error for \(text)")
    }

    @Test(
        "message, place and hint of syntax errors",
        arguments: [
            ("select * form t", "syntax error at or near \"form\"", 9, "did you mean FROM?"),
            ("select a FORM t", "syntax error at or near \"FORM\"", 9, "did you mean FROM?"),
            ("SELCT 1", "syntax error at or near \"SELCT\"", 0, "did you mean SELECT?"),
            (
                "select a from t wher x = 1", "syntax error at or near \"wher\"", 16,
                "did you mean WHERE?"
            ),
            (
                "select a from t gruop by a", "syntax error at or near \"gruop\"", 16,
                "did you mean GROUP?"
            ),
            (
                "select a from t where a = 1 adn b", "syntax error at or near \"adn\"", 28,
                "did you mean AND?"
            ),
            ("select a from t order yb a", "syntax error at or near \"order\"", 16, nil),
            ("select 1 +", "syntax error at end of input", 10, nil),
            ("select (1", "syntax error at end of input", 9, nil),
            ("select 1)", "syntax error at or near \")\"", 8, nil),
            ("select 'abc", "unterminated quoted string", 7, nil),
            ("select \"abc", "unterminated quoted identifier", 7, nil),
            ("select /* abc", "unterminated /* comment", 7, nil),
            ("select $$abc", "unterminated quoted string", 7, nil),
            ("select \"\"", "zero-length delimited identifier", 7, nil),
            ("select 12abc", "trailing junk after numeric literal at or near \"12abc\"", 7, nil),
            ("select 1 < 2 < 3", "syntax error at or near \"<\"", 13, nil),
            ("select * from t join u", "syntax error at end of input", 22, nil),
            ("select case when 1 then 2", "syntax error at end of input", 25, nil),
            ("drop veiw x", "syntax error at or near \"veiw\"", 5, "did you mean VIEW?"),
            ("select 1; select 2", "syntax error at or near \"select\"", 10, nil),
            ("select a from select", "syntax error at or near \"select\"", 14, nil),
            ("", "syntax error at end of input", 0, nil),
        ] as [(String, String, Int, String?)])
    func syntax(_ text: String, _ message: String, _ position: Int, _ hint: String?) throws {
        let error = try Self.error(text)
        #expect(error.message == message)
        #expect(error.position == position)
        #expect(error.sqlState == .syntaxError)
        #expect(error.code == .invalidArgument)
        #expect(error.hint == hint)
    }

    @Test(
        "known statements that Igloo does not have are called unsupported",
        arguments: [
            "grant select on t to u", "create function f() returns int", "vacuum t",
        ])
    func unsupported(_ text: String) throws {
        #expect(try Self.error(text).sqlState == .featureNotSupported)
    }

    static let openings: [(String, String, String)] = [
        ("select ", "(", ""), ("select ", "not ", "1"), ("select ", "- ", "1"),
        ("select ", "[", ""),
        ("select ", "case when ", ""), ("select ", "(select ", "1"), ("select ", "f(", ""),
        ("select * from ", "(", "t"), ("select * from ", "(select * from ", "t"),
        ("", "(", "select 1"), ("select 1 + ", "1 + ", "1"),
        ("select 1", "::int", ""), ("select a", "[1]", ""), ("select 1::int", "[]", ""),
        ("select * from t", " join t on true", ""), ("select * from t ", "join t ", ""),
        ("select 1::", "struct(a ", "int"), ("select a ", "between 1 and 2 and a ", ""),
        ("select ", "{'a': ", "1"), ("select ", "~ ", "1"), ("select ", "exists (select ", "1"),
        ("select 1 ", "union select 1 union all select 1 ", ""), ("", "with a as (", "select 1"),
        ("select 1 from t group by ", "grouping sets (", "a"), ("select a", " is null", ""),
        ("select ", "a in (", ""), ("select ", "cast(", ""), ("select ", "((select 1) union ", ""),
    ]

    @Test("10,000 levels are an error, not a stack overflow", arguments: openings)
    func deepNesting(_ before: String, _ piece: String, _ after: String) {
        let text = before + String(repeating: piece, count: 10_000) + after
        do throws(IglooError) {
            _ = try SQLParser.statement(text)
            // Chains that stay flat may parse; then they must print and be freed as well.
        } catch {
            #expect([.statementTooComplex, .syntaxError].contains(error.sqlState))
            if after.isEmpty == false { #expect(error.sqlState == .statementTooComplex) }
        }
    }

    @Test("what is just shallow enough parses and prints")
    func allowedNesting() throws {
        let depth = Parser.depthMax - 10
        for text in [
            String(repeating: "(", count: depth) + "1" + String(repeating: ")", count: depth),
            "1" + String(repeating: " + 1", count: Parser.heightMax - 10),
        ] {
            let tree = try SQLParser.expression(text)
            #expect(try SQLParser.expression(SQLPrinter.text(of: tree)) == tree)
        }
    }

    @Test("long flat statements are linear")
    func longStatements() throws {
        let list = (0..<200_000).map { String($0) }.joined(separator: ", ")
        let clock = ContinuousClock()
        let time = try clock.measure {
            _ = try SQLParser.statement("select a from t where a in (\(list))")
        }
        #expect(time < .seconds(20))
        let ors = Array(repeating: "a = 1", count: 100_000).joined(separator: " or ")
        _ = try SQLParser.statement("select \(ors)")
        let values = Array(repeating: "(1, 'x')", count: 100_000).joined(separator: ", ")
        _ = try SQLParser.statement("values \(values)")
        let unions = Array(repeating: "select 1", count: 50_000).joined(separator: " union all ")
        _ = try SQLParser.statement(unions)
    }
}
