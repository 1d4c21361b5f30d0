// SPDX-License-Identifier: MIT

import Foundation
import Testing

/// The terminal itself: its size, who has it, how it is left.
@Suite(.serialized) struct TerminalControlTests {
    private func withShell(_ body: (ShellProcess) throws -> Void) throws {
        let shell = try ShellProcess()
        defer { shell.remove() }
        try shell.write("people.csv", "name,age\nada,36\ngrace,85\n")
        try shell.write("many.csv", "n\n" + (0..<500).map { "\($0)\n" }.joined())
        try body(shell)
    }

    @Test func aNewSizeIsTakenAtThePrompt() throws {
        try withShell { shell in
            let session = try TerminalSession(shell, columns: 120)
            try session.prompt()
            let columns = (0..<8).map { "'value \($0)' AS column\($0)" }.joined(separator: ", ")
            #expect(try session.enter("SELECT \(columns);").contains("column4"))
            session.send("SELECT 'half typed' AS it")
            try session.expect("AS it")
            session.resize(columns: 50, rows: 24)
            // The line is drawn anew from its beginning.
            try session.expect("\u{1B}[J")
            try session.expect("igloo> SELECT 'half typed' AS it")
            #expect(try session.enter(";").contains("│ half typed │"))
            let shown = try session.enter("SELECT \(columns);")
            #expect(shown.contains("columns shown: \\x shows all"), "\(shown)")
            session.send("\u{4}")
            #expect(session.status() == 0)
        }
    }

    /// As after Ctrl-Z and `fg`, between which another program had the terminal.
    @Test func aShellThatWasStoppedTakesTheTerminalBack() throws {
        try withShell { shell in
            let session = try TerminalSession(shell)
            try session.prompt()
            session.send("1 AS n;")
            try session.expect("n;")
            session.signal(SIGSTOP)
            session.modes.c_lflag |= tcflag_t(ICANON | ECHO)
            #expect(!session.takesKeys)
            session.signal(SIGCONT)
            try session.expect("igloo> 1 AS n;")
            #expect(session.takesKeys)
            // Ctrl-A: to the beginning of the line.
            #expect(try session.enter("\u{1}SELECT 4").contains("│      41 │"))
            session.send("\u{4}")
            #expect(session.status() == 0)
        }
    }

    @Test(arguments: [SIGTERM, SIGHUP])
    func whoEndsTheShellFindsTheTerminalAsItWas(number: Int32) throws {
        try withShell { shell in
            let session = try TerminalSession(shell)
            try session.prompt()
            #expect(session.takesKeys)
            session.signal(number)
            _ = session.status()
            #expect(!session.takesKeys)
        }
    }

    /// A pager that tells of Ctrl-C, and ends when there is a file `enough`.
    private static let pager = """
        trap 'echo pager heard' INT
        cat
        while [ ! -e enough ]; do sleep 0.05; done
        """

    @Test func controlCIsThePagersWhileItShows() throws {
        try withShell { shell in
            try shell.write("pager.sh", Self.pager)
            let session = try TerminalSession(shell, environment: ["PAGER": "sh pager.sh"])
            try session.prompt()
            session.send("FROM 'many.csv';\n")
            try session.expect("(500 rows)")
            for _ in 0..<2 {
                session.send("\u{3}")
                try session.expect("pager heard")
            }
            try shell.write("enough", "")
            let end = try session.expect("igloo> ")
            #expect(!end.contains("ERROR") && !end.contains("^C\r\n^C\r\n"), "\(end)")
            #expect(try session.enter("SELECT 41 + 1 AS n;").contains("│      42 │"))
            session.send("\u{4}")
            #expect(session.status() == 0)
        }
    }

    @Test func controlCInThePagerOfACommandDoesNotEndTheShell() throws {
        try withShell { shell in
            try shell.write("pager.sh", Self.pager)
            let session = try TerminalSession(
                shell, ["-c", "FROM 'many.csv'; SELECT 'the end' AS it"],
                environment: ["PAGER": "sh pager.sh"])
            try session.expect("(500 rows)")
            for _ in 0..<2 {
                session.send("\u{3}")
                try session.expect("pager heard")
            }
            try shell.write("enough", "")
            try session.expect("│ the end │")
            #expect(session.status() == 0)
        }
    }

    @Test func aPagerThatIsNotThereIsAnError() throws {
        try withShell { shell in
            let session = try TerminalSession(shell, environment: ["PAGER": "/nowhere/pager"])
            try session.prompt()
            #expect(try session.enter("FROM 'many.csv';").contains("not found"))
            try session.enter("\\pset pager off")
            #expect(try session.enter("FROM 'many.csv';").contains("500 rows; 40 shown"))
            session.send("\u{4}")
            #expect(session.status() == 0)
        }
    }

    @Test func stylesAreForTerminalsThatWantThem() throws {
        try withShell { shell in
            for (environment, isStyled) in [
                ([:], true), (["NO_COLOR": "1"], false), (["TERM": "dumb"], false),
            ] {
                let session = try TerminalSession(
                    shell, ["-c", "SELECT NULL AS nothing"], environment: environment)
                try session.expect("(1 row)")
                #expect(session.transcript.contains("\u{1B}[2mNULL") == isStyled, "\(environment)")
                #expect(session.status() == 0)
            }
        }
    }
}
