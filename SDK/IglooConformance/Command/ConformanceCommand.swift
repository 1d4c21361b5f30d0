// SPDX-License-Identifier: MIT

import CIgloo
import IglooContracts
import IglooPlugins

/// The command `igloo plugin test`.
public enum ConformanceCommand {
    /// Runs the kit as the words ask; gives the exit status.
    ///
    /// - Parameter words: what follows `plugin test` on the command line.
    public static func run(_ words: [String]) -> Int32 {
        let request: ConformanceRequest
        do throws(ConformanceRequest.UsageError) {
            request = try ConformanceRequest.parse(words)
        } catch {
            PlatformIO.write("igloo plugin test: \(error.message)\n", to: 2)
            return 2
        }
        if request.wantsHelp || request.wantsList {
            let names = CheckCatalog.all.map(\.name).joined(separator: "\n")
            PlatformIO.write((request.wantsHelp ? ConformanceRequest.usage : names) + "\n", to: 1)
            return 0
        }
        do throws(IglooError) {
            if let check = request.check { return try runCheck(check, request) }
            if let path = request.continuation { return try goOn(path, request) }
            return try runAll(request)
        } catch {
            PlatformIO.write("igloo plugin test: \(error.message)\n", to: 2)
            if let hint = error.hint { PlatformIO.write("hint: \(hint)\n", to: 2) }
            return 1
        }
    }

    /// The child: one check, whose outcome goes to the parent.
    private static func runCheck(
        _ name: String, _ request: ConformanceRequest
    ) throws(IglooError) -> Int32 {
        guard let check = CheckCatalog.all.first(where: { $0.name == name }) else {
            throw IglooError(.notFound, "there is no check \"\(name)\"")
        }
        let workspace = Workspace(path: request.workspace ?? "")
        let bench = Bench(
            request: request, workspace: workspace,
            configuration: try configuration(request, workspace))
        let outcome = check.run(on: bench)
        PlatformIO.write(outcome.message, to: PlatformChild.resultDescriptor)
        // What the plugin left running ends with the process.
        PlatformIO.end(0)
    }

    /// A process that goes on with what another began.
    private static func goOn(
        _ path: String, _ request: ConformanceRequest
    ) throws(IglooError) -> Int32 {
        let workspace = Workspace(path: request.workspace ?? "")
        let bench = Bench(
            request: request, workspace: workspace,
            configuration: try configuration(request, workspace))
        do {
            try Continuation.run(path, bench)
        } catch {
            PlatformIO.write("\(error)\n", to: 2)
            PlatformIO.end(1)
        }
        PlatformIO.end(0)
    }

    private static func configuration(
        _ request: ConformanceRequest, _ workspace: Workspace
    ) throws(IglooError) -> Configuration {
        guard let path = request.configuration else { return Configuration() }
        return try Configuration.read(path: path, target: workspace.target)
    }

    /// The parent: loads the data sets, runs the checks, reports.
    private static func runAll(_ request: ConformanceRequest) throws(IglooError) -> Int32 {
        var request = request
        request.plugin = Folders.resolved(request.plugin)
        request.configuration = request.configuration.map { Folders.resolved($0) }
        let file = try FileByteSource(path: request.plugin)
        let hash = try ContentHash(of: file)
        let workspace = Workspace(path: try PlatformIO.makeTemporaryFolder())
        defer { PlatformIO.remove(workspace.path) }
        let configuration = try configuration(request, workspace)
        let checks = try selected(request, configuration)
        let kind = TestedKind.chosen(configuration, plugin: request.plugin)
        try workspace.load(
            configuration, hasConfiguration: request.configuration != nil,
            withData: kind.number == IGLOO_CONNECTOR)
        defer { workspace.unload(configuration) }
        let runner = CheckRunner(
            request: request, configuration: configuration, workspace: workspace)
        var report = ConformanceReport(request: request, sha256: "\(hash)")
        for check in checks {
            let result = runner.run(check)
            report.results.append(result)
            PlatformIO.write(TextReport.line(result), to: 1)
        }
        PlatformIO.write(TextReport.summary(report), to: 1)
        if let path = request.jsonPath {
            try PlatformIO.writeFile(path, Array(JSONReport.text(report).utf8))
        }
        if let path = request.junitPath {
            try PlatformIO.writeFile(path, Array(JUnitReport.text(report).utf8))
        }
        return report.isGood ? 0 : 1
    }

    /// The checks of the kind that is tested, as far as they are asked for.
    private static func selected(
        _ request: ConformanceRequest, _ configuration: Configuration
    ) throws(IglooError) -> [Check] {
        let kind = TestedKind.chosen(configuration, plugin: request.plugin)
        let only = CheckSelection(request.only ?? "")
        let checks = CheckCatalog.checks(of: kind).filter { only.contains($0.name) }
        guard !checks.isEmpty else {
            throw IglooError(
                .invalidArgument, "no check of \(kind.plural) is named \(request.only ?? "")",
                hint: "igloo plugin test --list names them")
        }
        return checks
    }
}
