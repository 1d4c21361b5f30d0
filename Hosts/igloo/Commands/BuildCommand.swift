// SPDX-License-Identifier: MIT

import IglooContracts
import IglooPlugins

extension Command {
    static let build = Command(
        "build", of: "plugin", operands: ["[FOLDER]"],
        options: [
            CommandOption("--debug", "swift: unoptimised, and sooner done"),
            CommandOption(
                "--scratch-path", "FOLDER", "swift: where to build; .build, if not given"),
        ],
        summary: "build the plugin of a folder as igloo-NAME.so, linked as plugins must be",
        about: """
            Runs swift build (with the flags that a plugin is linked with) or make, whichever the folder
            is made for, and checks the result like igloo plugin lint.
            """
    ) { (arguments) throws(IglooError) in
        let folder = arguments.names.first ?? "."
        let build = PluginBuild(
            folder: folder, isDebug: arguments.has("--debug"),
            scratchPath: arguments.value("--scratch-path"))
        let file = try build.run()
        let findings = try PluginLint.findings(ofFile: file)
        let lines = findings.map { finding in
            "\(finding.isError ? "error" : "warning"): \(finding.text)"
                + (finding.advice.map { " (\($0))" } ?? "") + "\n"
        }
        let status = Output.text(lines.joined() + "\(file) is ready\n")
        return findings.contains { $0.isError } ? 1 : status
    }
}

/// Builds the plugin whose sources stand in a folder.
struct PluginBuild {
    var folder: String
    var isDebug: Bool
    var scratchPath: String?

    /// - Returns: the path of the plugin.
    func run() throws(IglooError) -> String {
        if PlatformFolders.isThere("\(folder)/Package.swift") { return try buildWithSwift() }
        guard PlatformFolders.isThere("\(folder)/Makefile") else {
            throw IglooError(
                .notFound, "\(folder) has neither a Package.swift nor a Makefile",
                hint: "igloo plugin new connector NAME writes a plugin to begin with")
        }
        try PlatformFolders.run(["make", "-C", folder])
        let plugins = PlatformFolders.plugins(in: folder)
        guard plugins.count == 1 else {
            throw IglooError(
                .notFound, "make left \(plugins.count) files igloo-NAME.so in \(folder), not one")
        }
        return "\(folder)/\(plugins[0])"
    }

    /// Everything that makes a shared object a plugin: the Swift runtime inside, all symbols bound when
    /// it is loaded, one exported, never unloaded.
    private func buildWithSwift() throws(IglooError) -> String {
        let scratch = scratchPath ?? "\(folder)/.build"
        let script = "\(scratch)/igloo.map"
        try PlatformFolders.write("{ global: igloo_plugin_*; local: *; };\n", to: script)
        let linker =
            ["--version-script=\(try PlatformFolders.absolute(script))"]
            + ["now", "defs", "nodelete"].flatMap { ["-z", $0] }
        let configuration = isDebug ? "debug" : "release"
        try PlatformFolders.run(
            [
                "swift", "build", "--package-path", folder, "--scratch-path", scratch,
                "--configuration", configuration, "--product", try product(),
                "-Xswiftc", "-static-stdlib",
            ] + linker.flatMap { ["-Xlinker", $0] })
        let name = try product()
        let plugin = "\(folder)/\(name).so"
        try PlatformFolders.copy("\(scratch)/\(configuration)/lib\(name).so", to: plugin)
        return plugin
    }

    /// The library's name, which the package states.
    private func product() throws(IglooError) -> String {
        let text = try PlatformFolders.read("\(folder)/Package.swift")
        for part in text.split(separator: "\"") where part.hasPrefix("igloo-") {
            return String(part)
        }
        throw IglooError(
            .notFound, "\(folder)/Package.swift names no product \"igloo-NAME\"",
            hint: ".library(name: \"igloo-NAME\", type: .dynamic, targets: [...])")
    }
}
