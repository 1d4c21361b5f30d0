// SPDX-License-Identifier: MIT

import Foundation
import Testing

/// What a user at a terminal sees: keys -> screen.
@Suite(.serialized) struct TerminalTests {
    private func withSession(
        columns: UInt16 = 80, _ body: (ShellProcess, TerminalSession) throws -> Void
    ) throws {
        let shell = try ShellProcess()
        defer { shell.remove() }
        try shell.write("people.csv", "name,age\nada,36\ngrace,85\n")
        let session = try TerminalSession(shell, columns: columns)
        try session.prompt()
        try body(shell, session)
        session.send("\\q\n")
        #expect(session.status() == 0)
    }

    @Test func rowsAreShownWithTypesAndTheirNumber() throws {
        try withSession { _, session in
            let shown = try session.enter("SELECT name, age, NULL AS nothing FROM 'people.csv';")
            #expect(shown.contains("│ ada   │"))
            #expect(shown.contains("bigint"))
            #expect(shown.contains("NULL"))
            #expect(shown.contains("(2 rows)"))
        }
    }

    @Test func controlCDropsWhatWasTyped() throws {
        try withSession { _, session in
            session.send("\u{3}")
            try session.prompt()
            session.send("select 12")
            try session.expect("12")
            session.send("\u{3}")
            try session.prompt()
            session.send("select\n")
            try session.expect("...> ")
            session.send("13,\n")
            try session.expect("...> ")
            session.send("\u{3}")
            try session.prompt()
            let shown = try session.enter("select 'still here' as it;")
            #expect(shown.contains("│ still here │"))
            #expect(!shown.contains("ERROR"))
        }
    }

    @Test func controlCCancelsTheStatementAndNotTheShell() throws {
        try withSession { shell, session in
            try shell.write(
                "many.csv", "n\n" + (0..<40_000).map { "\($0)\n" }.joined())
            session.send(
                "SELECT count(*) FROM 'many.csv' a, 'many.csv' b WHERE sqrt(a.n * b.n) < 2.5 + b.n % 3;\n"
            )
            // After a second there is a line on how far it is.
            try session.expect(" rows, ")
            session.send("\u{3}")
            let shown = try session.expect("igloo> ")
            #expect(shown.contains("\r\u{1B}[KERROR: canceling statement due to user request"))
            #expect(shown.contains("57014"))
            #expect(try session.enter("select 41 + 1 as n;").contains("│      42 │"))
        }
    }

    @Test func tabulatorsCompleteWordsTablesColumnsAndFiles() throws {
        try withSession { _, session in
            session.send("SELECT name FROM 'peo\t")
            try session.expect("ple.csv'")
            #expect(try session.enter(";").contains("(2 rows)"))
            try session.enter("CREATE VIEW residents AS FROM 'people.csv';")
            session.send("SEL\t")
            try session.expect("ECT ")
            session.send("name FROM resid\t")
            try session.expect("ents")
            #expect(try session.enter(";").contains("(2 rows)"))
            session.send("SELECT 1 FROM residents r WHERE r.na\t")
            try session.expect("me")
            #expect(try session.enter("= 'ada';").contains("(1 row)"))
        }
    }

    @Test func historyKeepsStatementsOfSeveralLines() throws {
        let shell = try ShellProcess()
        defer { shell.remove() }
        let first = try TerminalSession(shell)
        try first.prompt()
        first.send("select 1 as one,\n")
        try first.expect("...> ")
        try first.enter("2 as two;")
        first.send("\u{4}")
        #expect(first.status() == 0)
        let path = shell.folder.appendingPathComponent(".igloo_history").path
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
        #expect(mode as? Int == 0o600)
        let second = try TerminalSession(shell)
        try second.prompt()
        second.send("\u{1B}[A")
        try second.expect("2 as two;")
        let shown = try second.enter("")
        #expect(shown.contains("│ one") || shown.contains("│   one"), "\(shown)")
        #expect(shown.contains("(1 row)"))
    }

    @Test func narrowTerminalsGetTablesThatFit() throws {
        try withSession(columns: 50) { _, session in
            let columns = (0..<20).map { "'value \($0)' AS column\($0)" }.joined(separator: ", ")
            let shown = try session.enter("SELECT \(columns);")
            let lines = shown.split(separator: "\r\n").filter { $0.hasPrefix("│") }
            #expect(!lines.isEmpty)
            let plain = lines.map {
                $0.replacing(#/\u{1B}\[[0-9;]*m/#, with: "")
            }
            #expect(plain.allSatisfy { $0.count <= 50 }, "\(plain)")
            #expect(plain.contains { $0.contains("column0") && $0.contains("column19") })
        }
    }

    @Test func binaryFormatsAreKeptFromTheTerminal() throws {
        try withSession { shell, session in
            try session.enter("\\format parquet")
            #expect(try session.enter("select 1 as n;").contains("is binary, not for a terminal"))
            try session.enter("\\o numbers.parquet")
            try session.enter("select 7 as n;")
            try session.enter("\\o")
            try session.enter("\\format table")
            #expect(try session.enter("from 'numbers.parquet';").contains("│       7 │"))
        }
    }

    @Test func longResultsGoThroughThePager() throws {
        let shell = try ShellProcess()
        defer { shell.remove() }
        try shell.write("many.csv", "n\n" + (0..<500).map { "\($0)\n" }.joined())
        let session = try TerminalSession(
            shell, environment: ["PAGER": "sed s/^/paged:/"])
        try session.prompt()
        let shown = try session.enter("FROM 'many.csv';")
        #expect(shown.contains("paged:"))
        #expect(shown.contains("499"))
    }

    @Test func controlCStandsBehindTheLineWhereverTheCursorIs() throws {
        try withSession { _, session in
            session.send("select 'abc'\u{1}")
            // The cursor has gone to the column behind the prompt: Ctrl-C drops keys not yet read.
            try session.expect("\u{1B}[8G")
            session.send("\u{3}")
            // Column 20 is that behind the line.
            try session.expect("\u{1B}[20G^C")
            try session.prompt()
        }
    }

    @Test func wordsOfNewcomersAreUnderstood() throws {
        try withSession { _, session in
            #expect(try session.enter("help").contains("\\timing"))
            #expect(try session.enter(".tables").contains("commands begin with a backslash"))
            #expect(try session.enter("select 1 as n;").contains("(1 row)"))
            session.send("select\n")
            try session.expect("...> ")
            #expect(try session.enter("2 as exit;").contains("│       2 │"))
        }
        for word in ["exit", "quit;"] {
            let shell = try ShellProcess()
            defer { shell.remove() }
            let session = try TerminalSession(shell)
            try session.prompt()
            session.send(word + "\n")
            #expect(session.status() == 0)
        }
    }

    @Test func tabulatorsListWhatThereIs() throws {
        try withSession { shell, session in
            session.send(
                "SELECT p. FROM 'people.csv' p\u{1}\u{1B}[C\u{1B}[C\u{1B}[C\u{1B}[C\u{1B}[C")
            session.send("\u{1B}[C\u{1B}[C\u{1B}[C\u{1B}[C\t")
            try session.expect("p.age   p.name")
            // The prompt is shown again below the list.
            try session.prompt()
            #expect(try session.enter("ag\t\u{5};").contains("(2 rows)"))
            try session.enter("CREATE VIEW residents AS FROM 'people.csv';")
            session.send("\\d resi\t")
            try session.expect("dents")
            #expect(try session.enter("").contains("│ bigint │"))
            session.send("\\tim\t")
            try session.expect("ing ")
            #expect(try session.enter("of\t").contains("timing is off"))
        }
    }

    @Test func tabulatorsCompleteFilesOfCommandsAndNamesWithQuotes() throws {
        try withSession { shell, session in
            try shell.write("report.sql", "SELECT 'from the report' AS it;\n")
            session.send("\\i repo\t")
            try session.expect("rt.sql")
            #expect(try session.enter("").contains("from the report"))
            try shell.write("ada's.csv", "n\n7\n")
            session.send("FROM 'ada\t")
            try session.expect("''s.csv'")
            #expect(try session.enter(";").contains("│      7 │"))
        }
    }

    @Test func historyIsSearched() throws {
        try withSession { _, session in
            try session.enter("select 'needle' as it;")
            try session.enter("select 'hay' as it;")
            session.send("\u{12}needl")
            try session.expect("select 'needle' as it;")
            session.send("\n")
            #expect(try session.expect("(1 row)").contains("│ needle │"))
            try session.prompt()
        }
    }

    @Test func scriptsAreLeftByControlC() throws {
        try withSession { shell, session in
            try shell.write("many.csv", "n\n" + (0..<40_000).map { "\($0)\n" }.joined())
            try shell.write(
                "slow.sql",
                """
                SELECT count(*) FROM 'many.csv' a, 'many.csv' b WHERE sqrt(a.n * b.n) < 2.5 + b.n % 3;
                SELECT 'never' || ' reached' AS it;
                """)
            session.send("\\i slow.sql\n")
            try session.expect(" rows, ")
            session.send("\u{3}")
            let shown = try session.expect("igloo> ")
            #expect(shown.contains("slow.sql:1: ERROR: canceling statement"), "\(shown)")
            #expect(!shown.contains("never reached"))
        }
    }
}
