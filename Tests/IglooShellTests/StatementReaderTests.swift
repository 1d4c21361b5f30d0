// SPDX-License-Identifier: MIT

import Glibc
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

    /// Of this thread: what else the machine does is no part of it.
    private static var processorNanoseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Eight times the lines take about eight times the time, not sixty-four times.
    @Test(arguments: [(",", 1), (";", 8_000)])
    func longScriptsAreReadInLinearTime(end: String, statementCount: Int) {
        func nanoseconds(_ lineCount: Int) -> Int64 {
            let start = Self.processorNanoseconds
            var reader = StatementReader()
            var count = 0
            for _ in 1..<lineCount {
                count +=
                    reader.add("insert into t values (1, 'some text, quoted', 2.5)" + end).count
            }
            count += reader.add("(1, 'x', 2);").count
            #expect(count == min(statementCount, lineCount))
            return Self.processorNanoseconds - start
        }
        _ = nanoseconds(100)
        #expect(nanoseconds(8_000) < 24 * nanoseconds(1_000) + 50_000_000)
    }

    /// Ten megabytes on one line, as dumps have them.
    @Test func aLongLineHoldsManyStatements() {
        var reader = StatementReader()
        let line = String(repeating: "select 'x;';", count: 20_000)
        #expect(reader.add(line).count == 20_000)
        let text = "select '" + String(repeating: "x", count: 10_000_000) + "';"
        #expect(reader.add(text) == [statement(text, line: 2)])
    }
}
