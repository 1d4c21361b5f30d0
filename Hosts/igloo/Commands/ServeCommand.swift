// SPDX-License-Identifier: MIT

import IglooContracts
import IglooEngine
import IglooShell

/// `igloo serve`
enum ServeCommand {
    /// How long statements that run may go on once the program is asked to end.
    private static let graceSeconds: Int64 = 10

    static let command = Command(
        "serve", options: [.manifest],
        summary: "serve the front ends of a manifest",
        about: """
            Starts every [frontend.NAME] of the manifest over one engine and tells their addresses, a
            line each. Ends after Ctrl-C or SIGTERM: takes no more clients, lets statements that run go
            on for \(graceSeconds) seconds, then cancels them.
            """
    ) { (arguments) throws(IglooError) in
        guard let path = arguments.value("--manifest") else {
            throw IglooError(
                .invalidArgument, "which manifest?", hint: "igloo serve --manifest FILE")
        }
        let ending = EndingSignals()
        let engine = try Engine(
            EngineConfiguration(
                manifest: .file(path), pluginDirectories: HostFolders.plugins,
                probeProgram: HostFolders.program, cacheDirectory: HostFolders.cache))
        let frontEnds = try FrontEnds(engine)
        guard !frontEnds.addresses.isEmpty else {
            throw IglooError(
                .notFound, "\(path) names no front end",
                hint: "write: [frontend.web] use = \"http\"")
        }
        let lines = frontEnds.addresses.map { "\($0.name): \($0.protocolName) at \($0.address)\n" }
        _ = Output.text(lines.joined())
        ending.wait()
        try frontEnds.drain(
            CallContext(deadlineNanoseconds: EndingSignals.time(inSeconds: graceSeconds)))
        return 0
    }
}
