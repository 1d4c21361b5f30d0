// SPDX-License-Identifier: MIT

import CIgloo
import IglooArrow
import IglooContracts

/// Tokens, changes and waiting, over the table `fresh`, which grows by a row with each run of the
/// configuration's `change` command.
enum FreshChecks {
    static let all: [Check] = [
        Check("fresh.token_changes_iff_data_changes", limit: 120, tokens),
        Check("fresh.plan_snapshot_is_what_is_read", limit: 120, snapshots),
        Check("changes.replay_equals_diff", limit: 120, replay),
        Check("changes.compacted_reported", limit: 120, compacted),
        Check("wait.wakes_on_commit", limit: 120, waiting),
    ]

    private static func tokens(_ bench: Bench) throws {
        let source = try FreshTable(bench)
        let before = try source.open()
        let token = try source.changes.token(before.handle)
        _ = try source.read(before)
        try require(
            try source.changes.token(try source.open().handle) == token,
            "nothing changed, and the token did")
        let other = try bench.connector()
        try require(
            try Changes(other).token(try bench.open("fresh", other).handle) == token,
            "another instance has another token for the same data")
        let rowCount = try source.read(before).count
        try source.change()
        let after = try source.open()
        try require(
            try source.read(after).count == rowCount + 1, "the change command added no row")
        try require(
            try source.changes.token(after.handle) != token,
            "a row was added, and the token is the same")
    }

    /// A plan reads the state that it names, or says that it is gone.
    private static func snapshots(_ bench: Bench) throws {
        let source = try FreshTable(bench)
        let table = try source.open()
        let answer = try source.plan(table)
        if answer.snapshot.isEmpty { throw CheckEnd.skipped("its plans name no snapshot") }
        try require(
            answer.snapshot == (try source.changes.token(table.handle)),
            "the snapshot of a plan is not the token of its table")
        let rows = try source.instance.read(answer).rows
        try source.change()
        let next = try source.plan(try source.open())
        try require(
            next.snapshot != answer.snapshot, "the data changed, the snapshot of plans did not")
        do {
            try RowComparison.requireSame(
                try source.instance.read(answer).rows, rows, "a plan of before the change")
        } catch let failure as CallFailure {
            try require(
                failure.status == IGLOO_E_STATE,
                "a plan whose snapshot is gone: \(failure), not STATE")
        }
    }

    private static func replay(_ bench: Bench) throws {
        let source = try FreshTable(bench)
        let table = try source.open()
        let (from, rows) = (try source.changes.token(table.handle), try source.read(table))
        try source.change()
        let changed = try source.open()
        let (to, wanted) = (try source.changes.token(changed.handle), try source.read(changed))
        do {
            let reader = try source.changes.changes(changed.handle, from: from, to: to)
            let schema = try reader.schema()
            try require(
                schema.fields.last?.name == "_op"
                    && schema.fields.dropLast().map(\.type) == changed.schema.fields.map(\.type),
                "changes come as \(schema), not as the table's columns and _op")
            var result = rows
            for row in try reader.rows() { try apply(row, to: &result) }
            try RowComparison.requireSame(result, wanted, "the changes, applied to what was there")
        } catch let failure as CallFailure where failure.status == IGLOO_E_COMPACTED {
            throw CheckEnd.skipped("it keeps no history")
        }
    }

    private static func apply(_ change: Row, to rows: inout [Row]) throws {
        let row = Row(change.dropLast())
        guard case .text(let word)? = change.last else {
            throw CheckEnd.failed("a change has no _op")
        }
        switch word {
        case "insert", "update_after": rows.append(row)
        case "delete", "update_before":
            let key = RowComparison.key(row)
            let place = try require(
                rows.firstIndex { RowComparison.key($0) == key },
                "a row is taken away that was not there: \(RowComparison.shown(row))")
            rows.remove(at: place)
        default: throw CheckEnd.failed("\"\(word)\" is no change")
        }
    }

    /// A token that no state has had is as good as one of long ago.
    private static func compacted(_ bench: Bench) throws {
        let source = try FreshTable(bench)
        let table = try source.open()
        let token = try source.changes.token(table.handle)
        do {
            let reader = try source.changes.changes(
                table.handle, from: token + [1, 2, 3], to: token)
            let schema = try reader.schema()
            while try reader.next(schema) != nil {}
        } catch let failure as CallFailure {
            return try require(
                failure.status == IGLOO_E_COMPACTED || failure.status == IGLOO_E_INVALID,
                "changes since a state that is not known: \(failure), not COMPACTED")
        }
        throw CheckEnd.failed("changes since a state that never was are given")
    }

    private static func waiting(_ bench: Bench) throws {
        let source = try FreshTable(bench)
        let handle = try source.open().handle
        let token = try source.changes.token(handle)
        let changes = source.changes
        let late = Call()
        late.deadlineNanoseconds = MonotonicClock.nanoseconds() + 200_000_000
        do {
            _ = try changes.wait(handle, after: token, late)
            throw CheckEnd.failed("nothing changed, and wait returned")
        } catch let failure as CallFailure {
            try require(
                failure.status == IGLOO_E_DEADLINE || failure.status == IGLOO_E_CANCELLED,
                "a wait whose time is over: \(failure), not DEADLINE")
        }
        let cancelled = Call()
        let deaf = HostThread { _ = try? changes.wait(handle, after: token, cancelled) }
        Clock.sleep(milliseconds: 50)
        cancelled.token.cancel()
        try require(
            deaf.waits(milliseconds: max(5_000, bench.cancelMilliseconds)),
            "a wait goes on 5 s after it was cancelled")
        try deaf.join()
        let thread = HostThread {
            try require(
                try changes.wait(handle, after: token) != token,
                "wait returned with the state that it was to leave")
        }
        Clock.sleep(milliseconds: 100)
        try source.change()
        try require(thread.waits(milliseconds: 10_000), "10 s after a change, wait goes on")
        try thread.join()
    }
}

/// The table `fresh` and what is needed to change it.
private struct FreshTable {
    let bench: Bench
    let instance: ConnectorInstance
    let changes: Changes

    /// - Throws: skips the check where the plugin declares no changes, or nothing makes any.
    init(_ bench: Bench) throws {
        self.bench = bench
        instance = try bench.connector()
        guard instance.kind.pointee.caps & UInt64(IGLOO_CAP_CHANGES) != 0 else {
            try require(
                instance.facet(IGLOO_FACET_CHANGES_1) == nil,
                "there is a facet of changes, which the plugin does not declare")
            throw CheckEnd.skipped("it declares no changes")
        }
        changes = try Changes(instance)
        guard bench.configuration.changeCommand != nil else {
            throw CheckEnd.skipped("conformance.toml names no command that changes a table")
        }
        try change()
    }

    func change() throws {
        try bench.workspace.run(bench.configuration.changeCommand ?? "", bench.configuration)
        // Sources that go by files' times cannot tell writes of the same moment apart.
        Clock.sleep(milliseconds: 60)
    }

    func open() throws -> OpenedTable { try bench.open("fresh", instance) }

    func plan(_ table: OpenedTable) throws -> ScanAnswer {
        try instance.plan(
            ScanRequest(table: table.handle, columns: Array(table.schema.fields.indices)))
    }

    func read(_ table: OpenedTable) throws -> [Row] { try instance.read(try plan(table)).rows }
}
