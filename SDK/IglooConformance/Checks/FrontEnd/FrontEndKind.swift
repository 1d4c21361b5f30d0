// SPDX-License-Identifier: MIT

import CIgloo

extension TestedKind {
    static let frontEnd = TestedKind(
        number: IGLOO_FRONTEND, word: "frontend", plural: "front ends",
        checks: FrontEndChecks.all, make: { try FrontEndInstance($0, $1, $2) },
        use: { instance, _ in
            let frontEnd: FrontEndInstance = try instance.expected()
            try frontEnd.startOnce()
        },
        provoke: { instance, _ in
            let frontEnd: FrontEndInstance = try instance.expected()
            try frontEnd.startOnce()
            // It is started already.
            let count = try TestedKind.countFailures([{ _ = try frontEnd.start() }])
            try frontEnd.drain(seconds: 5)
            return count
        })
}

/// A front end that was started, and clients of it: commands of the configuration.
struct ServedClients {
    let frontEnd: FrontEndInstance
    let address: String
    private let bench: Bench
    private let settings: ClientSettings

    init(_ bench: Bench) throws {
        self.bench = bench
        settings = bench.configuration.client
        guard settings.executeCommand != nil else {
            throw CheckEnd.skipped("conformance.toml names no [client] that executes statements")
        }
        frontEnd = try bench.instance(as: FrontEndInstance.self)
        let addresses = try frontEnd.start()
        address = try require(
            settings.protocolName.map { addresses[$0] } ?? addresses.values.first,
            "start reports \(addresses), without \(settings.protocolName ?? "any")")
    }

    var engine: EngineDouble { frontEnd.engine }

    /// Runs a command of the configuration; gives `nil` when there is none.
    func run(
        _ command: String?, sql: String = "", id: String = "", seconds: Int = 30
    ) throws -> PlatformChild? {
        guard let command else { return nil }
        let child = PlatformChild.run(
            ["/bin/sh", "-c", command],
            environment: [
                "IGLOO_ADDRESS": address, "IGLOO_SQL": sql, "IGLOO_QUERY_ID": id,
                "IGLOO_RESULT": resultPath(id),
            ], folder: bench.configuration.folder, limitSeconds: seconds)
        return try require(child, "a client cannot be started")
    }

    func resultPath(_ id: String) -> String { "\(bench.workspace.path)/result-\(id)" }

    func execute(_ sql: String, id: String, seconds: Int = 30) throws -> PlatformChild {
        try require(
            try run(settings.executeCommand, sql: sql, id: id, seconds: seconds),
            "there is no client")
    }

    /// Fails unless the client succeeded.
    func requireSuccess(_ child: PlatformChild, _ what: String) throws {
        try require(
            child.end == .exited(0), "\(what): the client ended with \(child.end)\n\(child.output)")
    }
}
