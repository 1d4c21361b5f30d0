// SPDX-License-Identifier: MIT

import IglooEngine
import Testing

@testable import IglooShell

@Suite struct StatementReaderTests {
    private func statement(_ text: String, line: Int) -> StatementReader.Piece {
        .statement(StatementReader.Statement(bytes: Array(text.utf8), line: line))
    }

    @Test func statementsEndWithTheirSemicolon() {
        var reader = StatementReader()
        #expect(reader.add("select 1,") == [])
        #expect(reader.isInStatement)
        #expect(
            reader.add("';' ; select 2; select")
                == [statement("select 1,\n';' ;", line: 1), statement("select 2;", line: 2)])
        #expect(reader.add("  4 ; ;;") == [statement("select\n  4 ;", line: 2)])
        #expect(!reader.isInStatement)
        #expect(reader.finish() == nil)
    }

    @Test func statementsKnowTheirLine() {
        var reader = StatementReader()
        _ = reader.add("-- a report")
        _ = reader.add("")
        #expect(reader.add("select 1;") == [statement("select 1;", line: 3)])
        #expect(reader.add("/* x") == [])
        #expect(reader.add("*/ select") == [])
        #expect(reader.finish().map { ($0.line, $0.bytes) }! == (5, Array("select".utf8)))
    }

    @Test func commandsStandAtTheBeginningOfALineOrBehindAStatement() {
        var reader = StatementReader()
        #expect(reader.add("\\echo hi") == [.command("\\echo hi", line: 1)])
        #expect(
            reader.add("select 1; \\echo it's") == [
                statement("select 1;", line: 2), .command("\\echo it's", line: 2),
            ])
        #expect(reader.add("select") == [])
        #expect(reader.add(" \\?") == [.command("\\?", line: 4)])
        #expect(reader.add("2;") == [statement("select\n2;", line: 3)])
    }

    @Test func commentsHideNoCommand() {
        var reader = StatementReader()
        #expect(reader.add("-- nothing") == [])
        #expect(reader.add("/* nor this */") == [])
        #expect(reader.add("\\d") == [.command("\\d", line: 3)])
        #expect(reader.finish() == nil)
    }

    @Test func backslashesWithinStringsAndCommentsAreNoCommands() {
        var reader = StatementReader()
        _ = reader.add("select '")
        #expect(reader.open == .string(escapes: false))
        #expect(reader.add("\\d") == [])
        #expect(reader.add("';") == [statement("select '\n\\d\n';", line: 1)])
        _ = reader.add("/*")
        #expect(reader.add("\\q") == [])
        #expect(reader.open == .comment(depth: 1))
    }

    @Test func aStatementCanBeForgottenOrEndedByACommand() {
        var reader = StatementReader()
        _ = reader.add("select oops")
        #expect(reader.add("\\r") == [.command("\\r", line: 2)])
        #expect(!reader.isInStatement)
        _ = reader.add("select 1")
        #expect(reader.add("\\g") == [statement("select 1\n;", line: 3)])
    }

    @Test func whatIsNeverEndedIsHandedOverForItsError() {
        var reader = StatementReader()
        _ = reader.add("select 'a")
        #expect(reader.finish()?.bytes == Array("select 'a".utf8))
        _ = reader.add("/* x")
        #expect(reader.finish()?.bytes == Array("/* x".utf8))
    }

    /// Twice the lines take about twice the time, not four times.
    @Test func longStatementsAreReadInLinearTime() {
        func nanoseconds(_ lineCount: Int) -> Int64 {
            let start = PlatformTerminal.nanoseconds
            var reader = StatementReader()
            _ = reader.add("insert into t values")
            for _ in 0..<lineCount { _ = reader.add("  (1, 'some text, quoted', 2.5),") }
            #expect(reader.add("(1, 'x', 2);").count == 1)
            return PlatformTerminal.nanoseconds - start
        }
        _ = nanoseconds(100)
        #expect(nanoseconds(8_000) < 24 * nanoseconds(1_000) + 50_000_000)
    }
}
