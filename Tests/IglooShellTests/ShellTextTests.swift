// SPDX-License-Identifier: MIT

import IglooContracts
import Testing
@testable import IglooFormats

@testable import IglooShell

@Suite struct ShellTextTests {
    @Test func argumentsAreReadInOrder() throws {
        let arguments = try Arguments.parse([
            "-c", "select 1", "--format=csv", "-f", "x.sql", "--memory-limit", "512MiB",
            "--threads", "3", "--null", "NULL", "--temp-directory=/scratch",
        ])
        #expect(arguments.tasks == [.command("select 1"), .file("x.sql")])
        #expect(arguments.format == .csv)
        #expect(arguments.memoryLimit == 512 << 20)
        #expect(arguments.threadCount == 3)
        #expect(arguments.temporaryFolder == "/scratch")
        #expect(arguments.nullText == "NULL")
    }

    @Test(arguments: [
        ["--frobnicate"], ["-c"], ["--format", "xml"], ["--threads", "0"],
        ["--memory-limit", "9999999999TiB"], ["stray"], ["--on-error", "retry"],
    ])
    func wrongUsageIsRefused(words: [String]) {
        #expect(throws: Arguments.UsageError.self) { try Arguments.parse(words) }
    }

    @Test func theCaretStandsUnderThePlace() {
        let sql = "select 1,\n  'äö', nmae from t"
        let position = sql.utf8.count - "nmae from t".utf8.count
        let error = IglooError(
            .invalidArgument, "column \"nmae\" does not exist", hint: "did you mean \"name\"?",
            sqlState: .undefinedColumn, position: position)
        let bytes = Array(sql.utf8)
        #expect(
            ErrorReport.text(error, in: bytes) == """
                ERROR: column "nmae" does not exist
                LINE 2:   'äö', nmae from t
                                ^
                HINT: did you mean "name"?
                SQLSTATE: 42703

                """)
        let place = ErrorReport.Place(file: "a.sql", line: 7)
        let text = ErrorReport.text(error, in: bytes, at: place)
        #expect(text.hasPrefix("a.sql:8: ERROR: column"))
        #expect(text.contains("LINE 8:   'äö', nmae"))
    }

    private func excerpt(_ sql: String, _ position: Int) -> [String] {
        let error = IglooError(.invalidArgument, "x", position: position)
        return ErrorReport.text(error, in: Array(sql.utf8))
            .split(separator: "\n").map(String.init)
    }

    @Test func theEndOfATextIsWhereItsLastWordEnds() {
        #expect(excerpt("select\n", 7)[1...2] == ["LINE 1: select", "              ^"])
        #expect(
            excerpt("select 1 +\n\n ", 13)[1...2] == ["LINE 1: select 1 +", "                  ^"])
        #expect(excerpt("", 0)[1...2] == ["LINE 1: ", "        ^"])
    }

    @Test func excerptsAreCutByColumnsAndShowControlCharacters() {
        let before = String(repeating: "日", count: 100)
        let lines = excerpt("'\(before)' x \u{1B}[2J", 304)
        #expect(lines[1] == "LINE 1: …" + String(repeating: "日", count: 28) + "' x \\x1b[2J")
        #expect(lines[2].count == 8 + 1 + 56 + 3 + 1)
    }

    @Test func positionsOutsideOfTheTextShowNoLine() {
        let error = IglooError(.invalidArgument, "x", position: 99)
        #expect(!ErrorReport.text(error, in: Array("select 1".utf8)).contains("LINE"))
    }

    @Test func theCursorIsFollowedOverTheRowsOfATerminal() {
        func row(_ text: String) -> Int { DisplayWidth.position(behind: text, width: 10).row }
        #expect(row("") == 0)
        #expect(row("123456789") == 0)
        #expect(row("1234567890") == 1)
        #expect(row("123456789日") == 1)
        #expect(row("1\n2\n3") == 2)
        #expect(row("12345678901\n2") == 2)
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
        #expect(CellText.lastPart("日本語", of: 5) == "…本語")
        #expect(1_234_567.grouped == "1,234,567")
        #expect(DisplayWidth.of("👩‍👩‍👧🇳🇴") == 4)
        #expect(DisplayWidth.of("1\u{FE0F}\u{20E3}👍🏽") == 4)
        #expect(DisplayWidth.of("🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}") == 2)
        // Not assigned, hence not wide, outside of the blocks of wide characters.
        #expect(DisplayWidth.of("\u{378}") == 1)
        #expect(DisplayWidth.of("\u{1FA6F}") == 1)
        #expect(DisplayWidth.of("\u{1FAFF}") == 2)
    }
}
