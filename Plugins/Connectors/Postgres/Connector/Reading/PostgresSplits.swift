// SPDX-License-Identifier: MIT

import IglooContracts

/// Transactions that see one state of the database.
enum PostgresSnapshot {
    /// Begins a transaction that sees what the one that exported `snapshot` sees; without one,
    /// a statement is a transaction of its own.
    static func begin(
        _ snapshot: String?, _ connection: PostgresConnection, _ context: CallContext
    ) throws(IglooError) {
        guard let snapshot else { return }
        _ = try connection.rows(
            "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY", [], context)
        _ = try connection.rows(
            "SET TRANSACTION SNAPSHOT \(PostgresText.literal(snapshot))", [], context)
    }
}

/// Ranges of a table's pages, all of one snapshot, which lives as long as this object.
final class PostgresSplits: SplitSource, @unchecked Sendable {
    // SAFETY: `next` is called by one thread at a time, by the protocol's contract.
    private static let splitCountMax: Int64 = 4_096

    private let pool: PostgresPool
    private let holder: PostgresConnection
    private var remaining: ArraySlice<Split>

    /// The connection becomes the one that keeps the snapshot.
    init(
        _ holder: PostgresConnection, _ pool: PostgresPool, pageCount: Int64, pagesPerSplit: Int64,
        pageByteCount: Int64, _ context: CallContext
    ) throws(IglooError) {
        self.holder = holder
        self.pool = pool
        remaining = []
        _ = try holder.rows(
            "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY", [], context)
        let snapshot = try holder.rows("SELECT pg_catalog.pg_export_snapshot()", [], context)
            .first?[0]
        guard let snapshot else { throw IglooError(.unavailable, "the server gave no snapshot") }
        let step = max(pagesPerSplit, (pageCount + Self.splitCountMax - 1) / Self.splitCountMax)
        var splits: [Split] = []
        var from: Int64 = 0
        while from < pageCount {
            // The last has no end: pages that came since hold no row of the snapshot, but the
            // table may have been longer when the snapshot was made.
            let isLast = pageCount - from <= step
            let split = PostgresSplit(
                snapshot: snapshot, fromPage: from, toPage: isLast ? nil : from + step)
            splits.append(
                Split(
                    payload: split.encoded(), byteCount: min(step, pageCount - from) * pageByteCount
                ))
            if isLast { break }
            from += step
        }
        remaining = splits[...]
    }

    deinit { pool.giveBack(holder) }

    func next(countMax: Int, _ context: CallContext) throws(IglooError) -> [Split]? {
        if remaining.isEmpty { return nil }
        let page = remaining.prefix(max(1, countMax))
        remaining = remaining.dropFirst(page.count)
        return Array(page)
    }
}
