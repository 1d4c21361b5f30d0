// SPDX-License-Identifier: MIT

import Foundation
import Testing

/// Scripts, pipes and exit codes.
@Suite struct CommandLineTests {
    private func withShell(_ body: (ShellProcess) throws -> Void) throws {
        let shell = try ShellProcess()
        defer { shell.remove() }
        try shell.write("people.csv", "name,age\nada,36\n\"\",\n")
        try body(shell)
    }

    @Test func exitCodesTellSuccessErrorsAndUsage() throws {
        try withShell { shell in
            #expect(try shell.run(["-c", "select 1"]).status == 0)
            let failed = try shell.run(["-c", "select nothing"])
            #expect(failed.status == 1 && failed.errors.contains("42703") && failed.output.isEmpty)
            let usage = try shell.run(["--frobnicate"])
            #expect(usage.status == 2 && usage.errors.contains("--frobnicate"))
            #expect(try shell.run(["-c", "select 1"], ["IGLOO_THREADS": "many"]).status == 2)
        }
    }

    @Test func commaSeparatedValuesTellNullFromNothing() throws {
        try withShell { shell in
            let rows = ["-c", "select 'a,b' x, null y, '' z, 'say \"hi\"' w"]
            #expect(
                try shell.run(["--format", "csv"] + rows).text
                    == "x,y,z,w\n\"a,b\",,\"\",\"say \"\"hi\"\"\"\n")
            let null = try shell.run(
                ["--format", "csv", "--null", "nil", "-c", "select null x, 'nil' y, '' z"])
            #expect(null.text == "x,y,z\nnil,\"nil\",\n")
        }
    }

    @Test func nothingIsWrittenOfAStatementThatFailsAtOnce() throws {
        try withShell { shell in
            for format in ["csv", "json", "ndjson", "markdown", "arrow", "parquet", "table"] {
                let outcome = try shell.run(["--format", format, "-c", "select cast('x' as int)"])
                #expect(outcome.status == 1 && outcome.output.isEmpty, "\(format)")
            }
        }
    }

    @Test func jsonHasValuesOfEveryKind() throws {
        try withShell { shell in
            let sql = """
                select 1.50::decimal(9, 2) d, [date '2024-02-29', null] l, {'a': 1.5, 'b': 'x"y'} s,
                    'NaN'::double n, true t, null z, timestamp '2024-01-01 12:00:00' ts
                """
            let text = try shell.run(["--format", "ndjson", "-c", sql]).text
            #expect(
                text == """
                    {"d":1.50,"l":["2024-02-29",null],"s":{"a":1.5,"b":"x\\"y"},"n":"NaN",\
                    "t":true,"z":null,"ts":"2024-01-01 12:00:00"}

                    """, "\(text)")
        }
    }

    @Test func parquetComesBack() throws {
        try withShell { shell in
            let bytes = try shell.run(["--format", "parquet", "-c", "from 'people.csv'"]).output
            try bytes.write(to: shell.folder.appendingPathComponent("copy.parquet"))
            let again = try shell.run(["--format", "csv", "-c", "from 'copy.parquet'"]).text
            #expect(again == "name,age\nada,36\n\"\",\n")
            let two = try shell.run(["--format", "parquet", "-c", "select 1", "-c", "select 2"])
            #expect(two.status == 1 && two.errors.contains("holds one result"))
        }
    }

    @Test func errorsOfScriptsTellFileAndLine() throws {
        try withShell { shell in
            try shell.write("a.sql", "select 1;\n\nselect\n  nmae\nfrom 'people.csv';\nselect 2;\n")
            let outcome = try shell.run(["--format", "csv", "-f", "a.sql"])
            #expect(outcome.status == 1)
            #expect(outcome.errors.hasPrefix("a.sql:4: ERROR: "), "\(outcome.errors)")
            #expect(outcome.errors.contains("did you mean \"name\"?"))
        }
    }

    @Test func statementsOfAPipeRunAsTheyCome() throws {
        try withShell { shell in
            let process = shell.make(["--format", "csv"])
            let (input, output) = (Pipe(), Pipe())
            process.standardInput = input
            process.standardOutput = output
            try process.run()
            func line() -> String {
                var bytes: [UInt8] = []
                while let byte = try? output.fileHandleForReading.read(upToCount: 1)?.first {
                    if byte == 0x0A { break }
                    bytes.append(byte)
                }
                return String(decoding: bytes, as: UTF8.self)
            }
            for number in 1...3 {
                input.fileHandleForWriting.write(
                    Data("select \(number)\n as n;\n\\echo done \(number)\n".utf8))
                #expect(line() == "n")
                #expect(line() == "\(number)")
                #expect(line() == "done \(number)")
            }
            input.fileHandleForWriting.closeFile()
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
        }
    }

    @Test func anInterruptEndsAShellThatWaitsForAPipe() throws {
        try withShell { shell in
            let process = shell.make(["--format", "csv"])
            let (input, output) = (Pipe(), Pipe())
            process.standardInput = input
            process.standardOutput = output
            try process.run()
            input.fileHandleForWriting.write(Data("\\echo ready\n".utf8))
            #expect(try output.fileHandleForReading.read(upToCount: 6) == Data("ready\n".utf8))
            kill(process.processIdentifier, SIGINT)
            process.waitUntilExit()
            #expect(process.terminationReason == .uncaughtSignal)
            #expect(process.terminationStatus == SIGINT)
        }
    }

    @Test func inputThatIsNotUTF8IsAnError() throws {
        try withShell { shell in
            let outcome = try shell.run(
                [], input: Data("select 1;\nselect '\u{FF}".utf8) + [0xFF, 0x27, 0x3B, 0x0A])
            // As psql does, a pipe's statements are each for themselves.
            #expect(outcome.status == 0)
            #expect(outcome.errors.contains("22021"), "\(outcome.errors)")
        }
    }

    @Test func aReaderThatGoesAwayEndsTheShellQuietly() throws {
        try withShell { shell in
            try shell.write("many.csv", "n\n" + (0..<200_000).map { "\($0)\n" }.joined())
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
            process.arguments = [
                "-c", "'\(ShellProcess.program)' --format csv -c \"from 'many.csv'\" | head -1",
            ]
            process.currentDirectoryURL = shell.folder
            process.environment = shell.environment
            let (output, errors) = (Pipe(), Pipe())
            process.standardOutput = output
            process.standardError = errors
            try process.run()
            #expect(output.fileHandleForReading.readDataToEndOfFile() == Data("n\n".utf8))
            #expect(errors.fileHandleForReading.readDataToEndOfFile().isEmpty)
            process.waitUntilExit()
        }
    }

    @Test func aFullDiskIsAnError() throws {
        try withShell { shell in
            let outcome = try shell.run(["-c", "\\o /dev/full", "-c", "select 1"])
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("No space left on device"), "\(outcome.errors)")
        }
    }
}
