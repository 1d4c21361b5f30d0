// SPDX-License-Identifier: MIT

import CIgloo
import IglooContracts

extension TestedKind {
    static let connector = TestedKind(
        number: IGLOO_CONNECTOR, word: "connector", plural: "connectors",
        checks: ConnectorErrorChecks.all + MemoryChecks.all + ThreadChecks.all + ListChecks.all
            + ScanChecks.all + PlanChecks.all + FilterChecks.all + StepChecks.all + JoinChecks.all
            + SplitChecks.all + StatisticsChecks.all + WriteChecks.all + FreshChecks.all
            + EnduranceChecks.all,
        facets: DeclaredFacet.ofConnectors,
        capabilities: UInt64(IGLOO_CAP_CPU_BOUND | IGLOO_CAP_READS_FILES),
        make: { try ConnectorInstance($0, $1, $2) },
        use: { try ConnectorUse.use(try $0.expected(), $1) },
        provoke: { try ConnectorUse.provoke(try $0.expected(), $1) })
}

/// What checks of every kind do with a connector.
enum ConnectorUse {
    /// Opens, plans and reads a table, as far as there is one.
    static func use(_ instance: ConnectorInstance, _ bench: Bench) throws {
        guard bench.request.configuration != nil, bench.configuration.lost["hostile"] == nil else {
            return try instance.ping()
        }
        let fixture = try bench.hostile(instance)
        let answer = try instance.plan(
            ScanRequest(table: fixture.table.handle, columns: fixture.allColumns))
        bench.shown? += [answer.remoteText ?? ""] + answer.reasons
        bench.shown? += [answer.handle, fixture.table.handle].map {
            String(decoding: $0, as: UTF8.self)
        }
        let rows = try instance.read(answer).rows
        try require(
            rows.count == fixture.rows.count,
            "\(rows.count) rows were read of \(fixture.rows.count)")
    }

    /// Calls that cannot succeed, of every function.
    static func provoke(_ instance: ConnectorInstance, _ bench: Bench) throws -> Int {
        let schema = bench.configuration.schema
        var errorCount = 0
        func attempt(_ body: () throws -> Void) throws {
            do {
                try body()
            } catch is CallFailure {
                errorCount += 1
            }
        }
        for name in ["no such table", "", "'\"", "\0", String(repeating: "x", count: 70_000)] {
            try attempt { _ = try instance.openTable(name, schema: schema) }
            try attempt { _ = try instance.openTable(name, schema: "no such schema") }
        }
        try attempt { _ = try instance.openTable("'\"", schema: "'\"") }
        for what in [0, 3, 99] { try attempt { _ = try instance.list(what).rows() } }
        try attempt { _ = try instance.list(IGLOO_LIST_TABLES, schema: "no such schema").rows() }
        for bytes in ErrorChecks.garbage {
            try attempt { _ = try instance.plan(ScanRequest(table: bytes, columns: [0])) }
            try attempt { _ = try instance.splits(bytes).all() }
            try attempt { _ = try instance.open(bytes, bytes).rows() }
        }
        if let bad = bench.configuration.badEndpoint {
            try attempt { try bench.connector(bad).ping() }
        }
        if bench.request.configuration != nil, bench.configuration.lost["hostile"] == nil {
            let fixture = try bench.hostile(instance)
            let handle = fixture.table.handle
            try attempt { _ = try instance.plan(ScanRequest(table: handle, columns: [9_999])) }
            let answer = try instance.plan(ScanRequest(table: handle, columns: [0]))
            for bytes in ErrorChecks.garbage {
                try attempt { _ = try instance.open(answer.handle, bytes).rows() }
            }
            let call = Call()
            call.token.cancel()
            try attempt { _ = try instance.read(answer, call) }
        }
        try require(errorCount > 3, "tables, handles and splits that are not there are accepted")
        return errorCount
    }
}
