// SPDX-License-Identifier: MIT

import Testing

@testable import IglooSQLLogic

/// The runner itself, with an engine that knows a few answers by heart.
@Suite struct LogicTests {
    private struct Fake: LogicSession {
        var answers: [String: LogicOutcome]
        func run(_ sql: String) -> LogicOutcome {
            answers[sql] ?? .failure(state: "42601", message: "syntax error at \"\(sql)\"")
        }
    }

    private static let session = Fake(answers: [
        "none": .rows([], columnCount: 2),
        "pairs": .rows([["2", "b"], ["1", nil], ["10", ""]], columnCount: 2),
        "one": .rows([["0.1"]], columnCount: 1), "truth": .rows([["true"]], columnCount: 1),
        "whole": .rows([["1"], ["2"], ["3"]], columnCount: 1), "define": .done,
        "a\nb": .done,
    ])

    private func reasons(
        _ text: String, _ comparison: ResultComparison = .strict
    ) -> [String] {
        let runner = LogicRunner(Self.session, engine: "igloo", comparison)
        return runner.run(LogicFile(path: "x.slt", text: text)).map(\.reason)
    }

    @Test(arguments: [
        "statement ok\ndefine;\n", "# a comment\nstatement ok\na\nb\n",
        "query IT\npairs\n----\n2\tb\n1\tNULL\n10\t(empty)\n",
        "query IT\r\npairs\r\n----\r\n2\tb\r\n1\tNULL\r\n10\t(empty)\r\n",
        "query IT rowsort\npairs\n----\n1\tNULL\n10\t(empty)\n2\tb",
        "query IT\npairs\n----\n2\nb\n1\nNULL\n10\n(empty)\n",
        "query IT valuesort\npairs\n----\n(empty)\n1\n10\n2\nNULL\nb",
        "query IT\nnone\n----\n", "query R\none\n----\n0.10000000000000001",
        "query T\none\n----\n<REGEX>:0\\..*", "query T\none\n----\n<!REGEX>:1\\..*",
        "statement error\nnonsense\n", "statement error 42601\nnonsense\n----\nat \"nonsense\"",
        "query error\nnonsense", "halt\n\nstatement ok\nnonsense", "require x\n\nquery I\nnonsense",
        "skipif igloo\nstatement ok\nnonsense", "onlyif duckdb\nstatement ok\nnonsense",
        "query I nosort x\nwhole\n----\n1\n2\n3\n\nquery I nosort x\nwhole\n----\n",
        "query I\nwhole\n----\n3 values hashing to c0710d6b4f15dfa88f600b0e6b624077",
    ])
    func agrees(text: String) {
        #expect(reasons(text).filter { !$0.isEmpty } == [])
    }

    @Test(arguments: [
        ("statement ok\nnonsense", "42601 syntax error"),
        ("statement error\ndefine", "an error was expected"),
        ("statement error 22012\nnonsense", "SQLSTATE 42601, not 22012"),
        ("statement error\nnonsense\n----\nother", "another message"),
        ("query IT\npairs\n----\n2\tb\n1\tNULL\n10\tx", "row 3, column 2: '(empty)', not 'x'"),
        ("query IT\npairs\n----\n2\tb", "3 rows, not 1"),
        ("query I\npairs\n----\n2", "2 columns, not 1"),
        ("query I\ntruth\n----\n1", "'true', not '1'"),
        ("query T\none\n----\n0.10", "'0.1', not '0.10'"),
        ("query IT\ndefine\n----\n1", "rows were expected"),
        ("query I\nwhole\n----\n3 values hashing to c0710d6b4f15dfa88f600b0e6b624078", "hash"),
        ("query I nosort x\nwhole\n----\n1\n2\n3\n\nquery R nosort x\none\n----\n", "labelled x"),
    ])
    func disagrees(text: String, reason: String) {
        let found = reasons(text).last ?? ""
        #expect(found.contains(reason), "\(found)")
    }

    @Test func othersShowValuesTheirWay() {
        #expect(reasons("query I\ntruth\n----\n1", .lenient) == [""])
        #expect(reasons("query R\none\n----\n0.100", .lenient) == [""])
        #expect(reasons("query IT\npairs\n----\n2 b\n1 NULL\n10 (empty)", .lenient) == [""])
        #expect(reasons("query R\none\n----\n0.11", .lenient) != [""])
        #expect(!ResultComparison.areClose("7", "8"))
        #expect(ResultComparison.areClose("1e+20", "100000000000000000000"))
    }

    @Test func loopsAreExpanded() {
        let text = """
            loop i 0 2

            foreach x a b

            query T
            ${i}{x}
            ----
            ${x}

            endloop

            endloop

            statement ok
            define
            """
        let records = LogicFile(path: "x", text: text).records
        #expect(records.map(\.sql) == ["0a", "0b", "1a", "1b", "define"])
        #expect(records.map(\.iteration) == ["0/a", "0/b", "1/a", "1/b", ""])
        #expect(records.map(\.line) == [5, 5, 5, 5, 14])
    }

    @Test func completionWritesWhatTheEngineGives() {
        let text = """
            # kept
            query IT rowsort
            pairs
            ----
            old

            statement error 42601
            nonsense

            query I
            whole

            skipif igloo
            query I
            whole
            ----
            7

            """
        let file = LogicFile(path: "x", text: text)
        let completed = file.completed(by: Self.session, engine: "igloo")
        #expect(
            completed == """
                # kept
                query IT rowsort
                pairs
                ----
                1\tNULL
                10\t(empty)
                2\tb

                statement error 42601
                nonsense
                ----
                syntax error at "nonsense"

                query I
                whole
                ----
                1
                2
                3

                skipif igloo
                query I
                whole
                ----
                7

                """)
    }

    @Test func digestsAreThoseOfTheStandard() {
        #expect(MD5.hexDigits([]) == "d41d8cd98f00b204e9800998ecf8427e")
        #expect(MD5.hexDigits(Array("abc".utf8)) == "900150983cd24fb0d6963f7d28e17f72")
        #expect(
            MD5.hexDigits(Array(String(repeating: "1234567890", count: 8).utf8))
                == "57edf4a22be3c955ac49da2e2107b67a")
    }
}
