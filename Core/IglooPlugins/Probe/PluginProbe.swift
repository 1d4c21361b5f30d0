// SPDX-License-Identifier: MIT

import IglooContracts

/// Tries plugins out in a process of their own before they may enter this one, so that a plugin that
/// crashes while it is loaded takes nobody down.
///
/// What came of it is kept by the hash of the file's content: a plugin is tried once, and one that
/// crashed or hung stays in quarantine until it is cleared or its file changes.
public struct PluginProbe: Sendable {
    /// A program that hands its arguments to `runChild` when the first is `childArgument`.
    public var program: String
    public var quarantine: Quarantine
    public var timeoutMilliseconds = 10_000

    public static let childArgument = "--probe-plugin"

    public init(program: String, quarantine: Quarantine) {
        self.program = program
        self.quarantine = quarantine
    }

    /// What became of the child, other than that it ended well.
    private enum Failure {
        case crashed(String)
        case cannotStart(IglooError)
    }

    /// - Throws: when the plugin is in quarantine, or gets there now.
    func check(_ file: PluginFile) throws(IglooError) {
        let hash = try file.hash()
        if let verdict = quarantine.verdict(of: hash) {
            guard let reason = verdict.reason else { return }
            throw refusal(file, reason)
        }
        switch run(file) {
        case nil:
            quarantine.keep(Quarantine.Verdict(hash: hash, plugin: file.id, path: file.path))
        case .crashed(let reason):
            quarantine.keep(
                Quarantine.Verdict(hash: hash, plugin: file.id, path: file.path, reason: reason))
            throw refusal(file, reason)
        case .cannotStart(let error): throw error
        }
    }

    private func refusal(_ file: PluginFile, _ reason: String) -> IglooError {
        Refusal(
            "probe", found: "that it \(reason) when it was tried out in a process of its own",
            wanted: "a plugin that loads and describes itself",
            advice: "mend it, or have it tried again: igloo plugin clear \(file.id)"
        ).error(plugin: file.id, path: file.path)
    }

    /// A plugin that is refused with an error, rather than crashing, is no danger: the host will
    /// meet the same error, with all its details.
    private func run(_ file: PluginFile) -> Failure? {
        do throws(IglooError) {
            let end = try ChildProcess.run(
                program, [Self.childArgument, file.id], passing: file.source.descriptor,
                loadPath: file.loadPath == file.path ? file.path : nil,
                timeoutMilliseconds: timeoutMilliseconds)
            switch end.how {
            case .exit(let status) where status == ProbeChild.refused: return nil
            case .exit(0) where end.output.hasSuffix(ProbeChild.lastWords): return nil
            case .exit(let status): return .crashed("ended the process with status \(status)")
            case .signal(let name): return .crashed("crashed with \(name)" + end.said)
            case .timeout:
                return .crashed("did not answer within \(timeoutMilliseconds) ms" + end.said)
            }
        } catch {
            return .cannotStart(error)
        }
    }

    /// What the child does: loads the plugin and ends the process.
    ///
    /// - Parameter arguments: those of the process, from `childArgument` on.
    public static func runChild(_ arguments: [String]) -> Never { ProbeChild.run(arguments) }
}
