// SPDX-License-Identifier: MIT

import CIgloo
import IglooArrow
import IglooArrowIPC
import IglooContracts
import IglooPlugins

/// Front ends, through clients of their protocol and an engine of the kit's.
enum FrontEndChecks {
    static let all: [Check] = [
        Check("frontend.bind_and_report", bindAndReport),
        Check("frontend.auth_failure_code", authFailure),
        Check("frontend.result_types_round_trip", limit: 120, roundTrip),
        Check("frontend.cancel_from_client", limit: 120, cancel),
        Check("frontend.drain_finishes_inflight", limit: 120, drain),
        Check("frontend.slow_client_backpressure", limit: 120, slowClient),
    ]

    private static func bindAndReport(_ bench: Bench) throws {
        let (first, second) = (try ServedClients(bench), try ServedClients(bench))
        try require(
            first.address != second.address && !first.address.hasSuffix(":0"),
            "two of it report \(first.address) and \(second.address)")
        for (number, clients) in [first, second].enumerated() {
            try clients.requireSuccess(
                try clients.execute("TABLE hostile", id: "bind-\(number)"),
                "a statement at \(clients.address)")
            try clients.requireSuccess(
                try clients.execute("DELETE", id: "delete-\(number)"), "a statement without rows")
            try clients.frontEnd.drain(seconds: 10)
        }
        try require(
            first.engine.record.withLock { $0.sessionCount } == 0, "a session is left open")
    }

    private static func authFailure(_ bench: Bench) throws {
        let settings = bench.configuration.client
        guard let refused = settings.refusedText else {
            throw CheckEnd.skipped("[client] does not say what clients are told that are refused")
        }
        let clients = try ServedClients(bench)
        func requireRefused(_ child: PlatformChild, _ what: String) throws {
            try require(child.end != .exited(0), "\(what) is served")
            try require(
                child.output.contains(refused),
                "\(what) is not told \"\(refused)\": \(child.output)")
        }
        if let stranger = try clients.run(
            settings.strangerCommand, sql: "TABLE hostile", id: "stranger")
        {
            try requireRefused(stranger, "a client with wrong credentials")
            try require(
                clients.engine.record.withLock { $0.batchCount } == 0,
                "a client with wrong credentials reads rows")
        }
        clients.engine.record.withLock { $0.refusesAll = true }
        try requireRefused(
            try clients.execute("TABLE hostile", id: "refused"), "whom the engine does not know")
        clients.engine.record.withLock { $0.refusesAll = false }
        try clients.requireSuccess(
            try clients.execute("TABLE hostile", id: "known"), "a client after one that was refused"
        )
        try clients.frontEnd.drain(seconds: 10)
    }

    private static func roundTrip(_ bench: Bench) throws {
        let clients = try ServedClients(bench)
        for set in [DataSet.core, .hostile, .nested, .empty]
        where bench.configuration.lost[set.name] == nil {
            let id = "types-\(set.name)"
            try clients.requireSuccess(
                try clients.execute("TABLE \(set.name)", id: id), "TABLE \(set.name)")
            try requireSame(clients.resultPath(id), set, bench)
        }
        let unknown = try clients.execute("TABLE nothing", id: "unknown")
        try require(unknown.end != .exited(0), "a statement that fails succeeds")
        try require(
            unknown.output.contains("42P01") || unknown.output.contains("no such statement"),
            "a client is told neither SQLSTATE nor message of an error: \(unknown.output)")
        try clients.frontEnd.drain(seconds: 10)
    }

    /// What a client wrote down is what the engine gave.
    private static func requireSame(_ path: String, _ set: DataSet, _ bench: Bench) throws {
        let file = try FileByteSource(path: path)
        let bytes = try require(
            file.read(offset: 0, count: file.byteCount), "the client wrote no result")
        let reader = try IPCStreamReader(IPCBufferSource(Buffer(copying: bytes)))
        var rows: [Row] = []
        while let batch = try reader.next() { rows += batch.rows }
        var (columns, wanted) = ([Int](), [Int]())
        for (index, field) in set.schema.fields.enumerated() {
            if bench.configuration.lost["\(set.name).\(field.name)"] != nil { continue }
            let found = try require(
                reader.schema.index(of: field.name), "the column \(field.name) does not come")
            let type = reader.schema.fields[found].type
            try require(
                Conversion.isSame(type, field.type),
                "\(set.name).\(field.name) comes as \(type), not \(field.type)")
            columns.append(found)
            wanted.append(index)
        }
        try Closeness(0).requireSame(
            rows.map { row in columns.map { row[$0] } },
            set.rows.map { row in wanted.map { row[$0] } }, "TABLE \(set.name)", isOrdered: true)
    }

    private static func cancel(_ bench: Bench) throws {
        let clients = try ServedClients(bench)
        let command = bench.configuration.client.cancelCommand
        if command != nil {
            let running = HostThread {
                let child = try clients.execute("TABLE endless", id: "cancelled")
                try require(child.end != .timedOut, "a client goes on 30 s after it cancelled")
            }
            try requireRunning(clients, "cancelled")
            if let child = try clients.run(command, id: "cancelled") {
                try clients.requireSuccess(child, "a cancellation")
            }
            try requireEnded(clients, "a client cancelled its statement")
            try running.join()
        }
        // A client that is killed has no use for its rows.
        let killed = HostThread {
            _ = try clients.execute("TABLE endless", id: "killed", seconds: 2)
        }
        try requireRunning(clients, "killed")
        try killed.join()
        try requireEnded(clients, "a client is gone")
        try clients.requireSuccess(
            try clients.execute("TABLE hostile", id: "after"),
            "a statement after one that was cancelled")
        try clients.frontEnd.drain(seconds: 10)
        if command == nil { throw CheckEnd.skipped("[client] names no command that cancels") }
    }

    private static func requireRunning(_ clients: ServedClients, _ id: String) throws {
        try require(
            clients.engine.waits(milliseconds: 15_000) { !$0.running.isEmpty },
            "the statement \(id) does not reach the engine")
    }

    private static func requireEnded(_ clients: ServedClients, _ what: String) throws {
        try require(
            clients.engine.waits(milliseconds: 10_000) {
                $0.readerCount == 0 && $0.sessionCount == 0
            },
            "10 s after \(what), it runs")
    }

    private static func drain(_ bench: Bench) throws {
        let clients = try ServedClients(bench)
        let inflight = HostThread {
            try clients.requireSuccess(
                try clients.execute("TABLE slow", id: "slow"),
                "a statement that ran when it drained")
        }
        try requireRunning(clients, "slow")
        try clients.frontEnd.drain(seconds: 15)
        try inflight.join()
        try requireUnused(clients)
        let late = try clients.execute("TABLE hostile", id: "late", seconds: 10)
        try require(late.end != .exited(0), "after drain a client is served")
        try requireUnused(clients)
        // At the deadline nobody is waited for.
        let others = try ServedClients(bench)
        let endless = HostThread { _ = try others.execute("TABLE endless", id: "endless") }
        try requireRunning(others, "endless")
        let start = MonotonicClock.nanoseconds()
        try others.frontEnd.drain(seconds: 1)
        let milliseconds = (MonotonicClock.nanoseconds() - start) / 1_000_000
        try require(
            milliseconds < 6_000, "drain returned \(milliseconds - 1_000) ms after its deadline")
        try requireUnused(others)
        try endless.join()
        try requireUnused(others)
    }

    private static func requireUnused(_ clients: ServedClients) throws {
        let record = clients.engine.record.withLock { $0 }
        try require(
            record.sessionCount == 0 && record.readerCount == 0,
            "after drain, \(record.sessionCount) sessions and \(record.readerCount) results are open"
        )
        try require(record.lateCallCount == 0, "after drain the engine is used")
    }

    private static func slowClient(_ bench: Bench) throws {
        let settings = bench.configuration.client
        guard let command = settings.slowCommand else {
            throw CheckEnd.skipped("[client] names no client that reads nothing")
        }
        let clients = try ServedClients(bench)
        let before = PlatformResources.residentByteCount()
        let slow = HostThread {
            _ = try clients.run(command, sql: "TABLE endless", id: "slow", seconds: 8)
        }
        try requireRunning(clients, "slow")
        var most = 0
        while !slow.isDone {
            Clock.sleep(milliseconds: 50)
            most = max(most, PlatformResources.residentByteCount() - before)
            let byteCount =
                clients.engine.record.withLock { $0.batchCount }
                * EngineDouble.endlessBatchByteCount
            guard byteCount <= settings.bufferByteCountMax, most <= settings.bufferByteCountMax
            else {
                throw CheckEnd.failed(
                    "a client that reads nothing has \(byteCount >> 20) MiB taken from the engine, "
                        + "and the process grows by \(most >> 20) MiB; "
                        + "\(settings.bufferByteCountMax >> 20) are granted (buffer_max_mib)")
            }
        }
        try slow.join()
        try requireEnded(clients, "a slow client is gone")
        try clients.frontEnd.drain(seconds: 10)
    }
}
