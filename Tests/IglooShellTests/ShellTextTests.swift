// SPDX-License-Identifier: MIT

import IglooContracts
import Testing

@testable import IglooShell

@Suite struct ShellTextTests {
    @Test func argumentsAreReadInOrder() throws {
        let arguments = try Arguments.parse([
            "-c", "select 1", "--format=csv", "-f", "x.sql", "--memory-limit", "512MiB",
            "--threads", "3", "--null", "NULL",
        ])
        #expect(arguments.tasks == [.command("select 1"), .file("x.sql")])
        #expect(arguments.format == .csv)
        #expect(arguments.memoryLimit == 512 << 20)
        #expect(arguments.threadCount == 3)
        #expect(arguments.nullText == "NULL")
    }

    @Test(arguments: [
        ["--frobnicate"], ["-c"], ["--format", "xml"], ["--threads", "0"],
        ["--memory-limit", "9999999999TiB"], ["stray"],
    ])
    func wrongUsageIsRefused(words: [String]) {
        #expect(throws: Arguments.UsageError.self) { try Arguments.parse(words) }
    }

    @Test func statementsEndWithTheirSemicolon() {
        var reader = StatementReader()
        #expect(reader.add("select 1,") == [])
        #expect(reader.isInStatement)
        #expect(
            reader.add("';' ; select 2; select") == [
                .statement("select 1,\n';' ;"), .statement(" select 2;"),
            ])
        #expect(reader.rest == "select")
    }

    @Test func commandsStandOutsideOfStatements() {
        var reader = StatementReader()
        #expect(reader.add("\\echo hi") == [.command("\\echo hi")])
        #expect(
            reader.add("select 1; \\echo hi") == [
                .statement("select 1;"), .command("\\echo hi"),
            ])
        #expect(reader.add("select") == [])
        #expect(reader.add("\\q") == [])
        #expect(reader.rest == "select\n\\q")
    }

    @Test func commentsAloneAreNoStatement() {
        var reader = StatementReader()
        #expect(reader.add("-- nothing") == [])
        #expect(reader.rest == nil)
    }

    @Test func theCaretStandsUnderThePlace() {
        let sql = "select 1,\n  'äö', nmae from t"
        let position = sql.utf8.count - "nmae from t".utf8.count
        let error = IglooError(
            .invalidArgument, "column \"nmae\" does not exist", hint: "did you mean \"name\"?",
            sqlState: .undefinedColumn, position: position)
        #expect(
            ErrorReport.text(error, in: sql) == """
                ERROR:  column "nmae" does not exist
                LINE 2:   'äö', nmae from t
                                ^
                HINT:  did you mean "name"?
                SQLSTATE:  42703

                """)
    }

    @Test func positionsOutsideOfTheTextShowNoLine() {
        let error = IglooError(.invalidArgument, "x", position: 99)
        #expect(!ErrorReport.text(error, in: "select 1").contains("LINE"))
    }

    @Test func jsonTextsAreEscaped() {
        #expect(JSONText.quoted("a\"b\\c\n\u{1}") == "\"a\\\"b\\\\c\\n\\u0001\"")
    }

    @Test func cellsAreMeasuredAsTheyAreSeen() {
        #expect(DisplayWidth.of("abc") == 3)
        #expect(DisplayWidth.of("日本") == 4)
        #expect(DisplayWidth.of("e\u{301}") == 1)
        #expect(CellText.escaped("a\u{1B}[31m\n") == "a\\x1b[31m\\n")
        #expect(CellText.shortened("日本語", to: 5) == "日本…")
        #expect(1_234_567.grouped == "1,234,567")
    }
}
