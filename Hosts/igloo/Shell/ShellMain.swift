// SPDX-License-Identifier: MIT

import IglooContracts
import IglooEngine

/// The program `igloo`.
public enum ShellMain {
    static let version = "0.1.0"

    /// Runs the program; gives its exit status: 0, 1 after an SQL error, 2 for wrong usage.
    public static func run(_ words: [String]) -> Int32 {
        let arguments: Arguments
        do throws(Arguments.UsageError) {
            arguments = try Arguments.parse(words)
        } catch {
            PlatformTerminal.writeError("igloo: \(error.message)\n\(Arguments.usage)\n")
            return 2
        }
        if arguments.wantsHelp || arguments.wantsVersion {
            PlatformTerminal.writeError(
                arguments.wantsHelp ? Arguments.usage + "\n" : "igloo \(version)\n", to: 1)
            return 0
        }
        return run(arguments)
    }

    private static func run(_ arguments: Arguments) -> Int32 {
        let interrupts = Interrupts()
        interrupts.start()
        let session: Session
        do throws(IglooError) {
            session = try Engine(
                EngineConfiguration(
                    manifestPath: arguments.manifestPath, pluginDirectories: pluginDirectories,
                    threadCount: arguments.threadCount, memoryLimit: arguments.memoryLimit)
            ).makeSession()
        } catch {
            PlatformTerminal.writeError(ErrorReport.text(error, in: ""))
            return 1
        }
        let isConversation =
            arguments.tasks.isEmpty && PlatformTerminal.isTerminal(0)
            && PlatformTerminal.isTerminal(1)
        let shell = Shell(
            session, interrupts, format: arguments.format ?? .table,
            nullText: arguments.nullText)
        var isUnreadable = false
        for task in arguments.tasks where !shell.wantsToQuit {
            switch task {
            case .command(let text): shell.run(script: text)
            case .file(let path):
                do throws(IglooError) {
                    shell.run(script: try ScriptFile.text(path))
                } catch {
                    PlatformTerminal.writeError(ErrorReport.text(error, in: ""))
                    isUnreadable = true
                }
            }
        }
        if isConversation {
            Conversation(shell).run()
            return 0
        }
        if arguments.tasks.isEmpty {
            readInput(shell)
            // Whoever drives the shell reads errors from its output, statement by statement.
            return 0
        }
        return shell.hasFailed || isUnreadable ? 1 : 0
    }

    /// Statements from standard input, each run as soon as its line is there.
    private static func readInput(_ shell: Shell) {
        var reader = StatementReader()
        var pending: [UInt8] = []
        while !shell.wantsToQuit {
            guard
                let bytes = try? PlatformFiles.read(
                    0, byteCountMax: 1 << 16, name: "standard input"), !bytes.isEmpty
            else { break }
            pending += bytes
            while let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: pending[..<end], as: UTF8.self)
                pending.removeSubrange(...end)
                for piece in reader.add(line) { shell.run(piece) }
            }
        }
        for piece in reader.add(String(decoding: pending, as: UTF8.self)) { shell.run(piece) }
        if let rest = reader.rest { shell.run(.statement(rest)) }
    }

    /// Beside the program, in the build folder, or where packages put libraries.
    private static var pluginDirectories: [String] {
        guard let path = PlatformTerminal.executablePath,
            let slash = path.lastIndex(of: "/")
        else { return [] }
        let folder = String(path[..<slash])
        return [folder + "/plugins", folder, folder + "/../lib/igloo/plugins"]
    }
}
