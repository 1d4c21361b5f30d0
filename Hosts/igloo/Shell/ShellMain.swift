// SPDX-License-Identifier: MIT

import IglooContracts
import IglooEngine

/// The program `igloo`.
public enum ShellMain {
    static let version = "0.1.0"

    /// Runs the program; gives its exit status: 0, 1 after an SQL error, 2 for wrong usage.
    public static func run(_ words: [String]) -> Int32 { run(words, manifest: nil) }

    /// As `run`, with a manifest that stands in no file.
    ///
    /// - Parameter folder: where its paths start.
    package static func run(_ words: [String], manifestText: String, _ folder: String) -> Int32 {
        run(words, manifest: .text(manifestText, folder: folder))
    }

    private static func run(_ words: [String], manifest: ManifestSource?) -> Int32 {
        var arguments: Arguments
        do throws(Arguments.UsageError) {
            arguments = try Arguments.parse(words)
            if arguments.threadCount == nil,
                let text = PlatformTerminal.environment("IGLOO_THREADS")
            {
                arguments.threadCount = try Arguments.threads(text, of: "IGLOO_THREADS")
            }
        } catch {
            PlatformTerminal.writeError("igloo: \(error.message)\nigloo --help lists the options\n")
            return 2
        }
        if arguments.wantsHelp || arguments.wantsVersion {
            let text = arguments.wantsHelp ? Arguments.usage : "igloo \(version)"
            try? PlatformTerminal.write(text + "\n")
            return 0
        }
        do throws(IglooError) {
            return try run(arguments, manifest)
        } catch {
            PlatformTerminal.writeError(ErrorReport.text(error))
            return 1
        }
    }

    private static func run(
        _ arguments: Arguments, _ manifest: ManifestSource?
    ) throws(IglooError) -> Int32 {
        let signals = Signals()
        signals.start()
        let engine = try Engine(
            EngineConfiguration(
                manifest: manifest ?? arguments.manifestPath.map { .file($0) },
                pluginDirectories: HostFolders.plugins,
                probeProgram: HostFolders.program, cacheDirectory: HostFolders.cache,
                threadCount: arguments.threadCount, memoryLimit: arguments.memoryLimit,
                temporaryFolder: arguments.temporaryFolder))
        let isConversation =
            arguments.tasks.isEmpty && PlatformTerminal.isTerminal(0)
            && PlatformTerminal.isTerminal(1)
        var display = DisplaySettings()
        display.format = arguments.format ?? .table
        display.nullText = arguments.nullText
        let shell = Shell(
            engine.makeSession(), signals, display, errorPolicy: arguments.errorPolicy,
            isConversation: isConversation)
        if isConversation {
            try Conversation(shell).run()
            return 0
        }
        if arguments.tasks.isEmpty {
            // Whoever drives the shell reads errors from its output, statement by statement.
            let isRead = shell.runInput()
            return !isRead || shell.hasFailed && arguments.errorPolicy == .stop ? 1 : 0
        }
        run(arguments.tasks, shell)
        return shell.hasFailed ? 1 : 0
    }

    private static func run(_ tasks: [Arguments.Task], _ shell: Shell) {
        for task in tasks {
            let policy: ErrorPolicy
            switch task {
            case .command(let text):
                policy = .stop
                shell.run(ScriptText(text), onError: policy)
            case .file(let path):
                policy = .continue
                shell.run(file: path)
            }
            if shell.wasInterrupted { Signals.end() }
            if shell.isOver(policy) { return }
        }
    }
}
