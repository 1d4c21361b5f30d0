// SPDX-License-Identifier: MIT

import CIgloo
import IglooArrow
import IglooContracts

/// Writes: nothing is seen before its commit, all of it after, and that once.
enum WriteChecks {
    static let all: [Check] = [
        Check("write.append_visible_only_after_commit", appendVisibleAfterCommit),
        Check("write.failed_attempt_leaves_nothing", failedAttempt),
        Check("write.commit_idempotent") { bench in
            let written = try Written(bench, "idempotent")
            let (write, fragment) = try written.prepare(written.rows(10..<20))
            for _ in 0..<3 { try written.writing.commit(write, [fragment]) }
            try written.requireRows(0..<20, "a write that was committed three times")
        },
        Check("write.unknown_outcome_resolves") { bench in
            // The host never learnt of the commit, and repeats it from elsewhere.
            let written = try Written(bench, "outcome")
            let (write, fragment) = try written.prepare(written.rows(10..<20))
            try written.writing.commit(write, [fragment])
            try Writing(bench.connector()).commit(write, [fragment])
            try written.requireRows(0..<20, "a write that was committed again by another instance")
        },
        Check("write.schema_mismatch_rejected", schemaMismatch),
        Check("write.upsert_delete_by_key", byKey),
        Check("txn.isolation_and_rollback", transactions),
    ]

    private static func appendVisibleAfterCommit(_ bench: Bench) throws {
        let written = try Written(bench, "append")
        try written.requireRows(0..<10, "a table that was just made")
        let (write, fragment) = try written.prepare(written.rows(10..<30))
        try written.requireRows(0..<10, "before the commit")
        let count = try written.writing.commit(write, [fragment])
        try require(count == 20 || count == -1, "the commit counts \(count) rows of 20")
        try written.requireRows(0..<30, "after the commit")
        let (empty, none) = try written.prepare([])
        try written.writing.commit(empty, [none])
        try written.requireRows(0..<30, "after a commit of no rows")
    }

    private static func failedAttempt(_ bench: Bench) throws {
        let written = try Written(bench, "attempts")
        let columns = Written.columns
        let write = try written.begin()
        let failed = try written.writing.openSink(write, attempt: "first", columns: columns)
        try failed.write(try written.batch(written.rows(10..<20)))
        failed.release()
        let dropped = try written.writing.openSink(write, attempt: "dropped", columns: columns)
        try dropped.write(try written.batch(written.rows(20..<30)))
        _ = try dropped.finish()
        dropped.release()
        let right = try written.writing.openSink(write, attempt: "second", columns: columns)
        try right.write(try written.batch(written.rows(30..<40)))
        let fragment = try right.finish()
        right.release()
        try written.writing.commit(write, [fragment])
        try written.requireRows(
            Array(0..<10) + Array(30..<40), "one fragment of three attempts was committed")
        let (aborted, _) = try written.prepare(written.rows(40..<50))
        try written.writing.abort(aborted)
        try written.writing.abort(aborted)
        try written.requireRows(Array(0..<10) + Array(30..<40), "a write was aborted")
    }

    private static func schemaMismatch(_ bench: Bench) throws {
        let written = try Written(bench, "mismatch")
        let wrong: [(Schema, String)] = [
            (Schema([Field("id", .int64), Field("no such column", .utf8)]), "a column too many"),
            (Schema([Field("id", .utf8), Field("t", .utf8)]), "text in a column of numbers"),
        ]
        for (columns, what) in wrong {
            do {
                let write = try written.begin(columns: columns)
                let sink = try written.writing.openSink(write, attempt: "a", columns: columns)
                let builders = columns.fields.map { ArrayBuilder($0.type) }
                for (builder, field) in zip(builders, columns.fields) {
                    try builder.append(field.type == .int64 ? .int(1) : .text("not a number"))
                }
                try sink.write(
                    RecordBatch(
                        schema: columns, columns: builders.map { $0.finish() }, rowCount: 1))
                try written.writing.commit(write, [try sink.finish()])
            } catch let failure as CallFailure {
                try require(!failure.message.isEmpty, "\(what) is refused without saying why")
                continue
            }
            throw CheckEnd.failed("\(what) is written")
        }
        try written.requireRows(0..<10, "after writes that were refused")
    }

    /// The kit's table has no key of its own: a source may refuse, but then leaves all as it was.
    private static func byKey(_ bench: Bench) throws {
        let written = try Written(bench, "keys")
        let isUpserted = try unlessRefused(written) {
            let write = try written.begin(mode: Int(IGLOO_WRITE_UPSERT), keys: [0])
            let fragment = try written.fill(write, [written.row(3, "new")] + written.rows(10..<12))
            try written.writing.commit(write, [fragment])
            let wanted = written.rows(0..<12).map { $0[0] == .int(3) ? written.row(3, "new") : $0 }
            try RowComparison.requireSame(try written.read(), wanted, "after an upsert")
        }
        let isDeleted = try unlessRefused(written) {
            let columns = Schema([Field("id", .int64)])
            let write = try written.begin(
                mode: Int(IGLOO_WRITE_DELETE), keys: [0], columns: columns)
            let before = try written.read()
            let gone: [Scalar] = [.int(1), .int(2), .int(999)]
            let sink = try written.writing.openSink(write, attempt: "a", columns: columns)
            let builder = ArrayBuilder(.int64)
            for value in gone { try builder.append(value) }
            try sink.write(
                RecordBatch(schema: columns, columns: [builder.finish()], rowCount: gone.count))
            try written.writing.commit(write, [try sink.finish()])
            try RowComparison.requireSame(
                try written.read(), before.filter { !gone.contains($0[0]) }, "after a deletion")
        }
        if !isUpserted && !isDeleted {
            throw CheckEnd.skipped("a table without a key takes neither upserts nor deletions")
        }
    }

    /// - Returns: whether the plugin did it; what it refuses must leave the table as it was.
    private static func unlessRefused(
        _ written: Written, _ body: () throws -> Void
    ) throws -> Bool {
        let before = try written.read()
        do {
            try body()
            return true
        } catch let failure as CallFailure {
            try RowComparison.requireSame(
                try written.read(), before, "after \(failure.function) was refused")
            return false
        }
    }

    private static func transactions(_ bench: Bench) throws {
        guard try bench.kind().pointee.caps & UInt64(IGLOO_CAP_TXN) != 0 else {
            try require(
                try bench.connector().facet(IGLOO_FACET_TXN_1) == nil,
                "the facet of transactions is there and not declared")
            throw CheckEnd.skipped("the plugin declares no transactions")
        }
        let written = try Written(bench, "txn")
        let transactions = try Transactions(written.instance)
        for isKept in [false, true] {
            let call = try transactions.begin(IGLOO_READ_COMMITTED)
            let write = try written.begin(call)
            let fragment = try written.fill(write, written.rows(10..<20), call)
            try written.writing.commit(write, [fragment], call)
            try RowComparison.requireSame(
                try written.read(call), written.rows(0..<20), "within the transaction")
            try written.requireRows(0..<10, "outside of the transaction, before its end")
            if isKept {
                try transactions.commit(call)
                try written.requireRows(0..<20, "after the transaction's commit")
            } else {
                try transactions.rollback(call)
                try written.requireRows(0..<10, "after the transaction was rolled back")
            }
        }
    }
}

/// A table that the kit makes through the plugin: numbers and words, ten rows to begin with.
struct Written {
    static let columns = Schema([Field("id", .int64), Field("t", .utf8)])

    let instance: ConnectorInstance
    let writing: Writing
    private let bench: Bench
    private let name: String

    /// - Throws: skips the check when the plugin declares no writes.
    init(_ bench: Bench, _ purpose: String) throws {
        self.bench = bench
        instance = try bench.connector()
        guard instance.kind.pointee.caps & UInt64(IGLOO_CAP_WRITE) != 0 else {
            try require(
                instance.facet(IGLOO_FACET_WRITE_1) == nil,
                "the facet of writes is there and not declared")
            throw CheckEnd.skipped("the plugin declares no writes")
        }
        guard bench.request.configuration != nil else {
            throw CheckEnd.skipped("no data: --config says how it gets into the source")
        }
        writing = try Writing(instance)
        name = "kit_\(purpose)_\(MonotonicClock.nanoseconds())"
        let write = try writing.begin(
            IGLOO_WRITE_CREATE, schema: bench.configuration.schema, name: name,
            columns: Self.columns)
        try writing.commit(write, [try fill(write, rows(0..<10))])
    }

    func row(_ number: Int, _ word: String? = nil) -> Row {
        [.int(Int64(number)), number % 5 == 0 ? .null : .text(word ?? "word '\(number)\" ä")]
    }

    func rows(_ numbers: some Sequence<Int>) -> [Row] { numbers.map { row($0) } }

    func batch(_ rows: [Row]) throws -> RecordBatch {
        let builders = Self.columns.fields.map { ArrayBuilder($0.type) }
        for row in rows {
            for (builder, value) in zip(builders, row) { try builder.append(value) }
        }
        return RecordBatch(
            schema: Self.columns, columns: builders.map { $0.finish() }, rowCount: rows.count)
    }

    func begin(
        mode: Int = Int(IGLOO_WRITE_APPEND), keys: [UInt32] = [], columns: Schema = Written.columns,
        _ call: Call = Call()
    ) throws -> [UInt8] {
        let table = try instance.openTable(name, schema: bench.configuration.schema, call)
        return try writing.begin(mode, table: table.handle, keys: keys, columns: columns, call)
    }

    /// - Returns: the fragment of these rows, written in two batches.
    func fill(_ write: [UInt8], _ rows: [Row], _ call: Call = Call()) throws -> [UInt8] {
        let sink = try writing.openSink(write, attempt: "only", columns: Self.columns, call)
        let half = rows.count / 2
        try sink.write(try batch(Array(rows[..<half])), call)
        try sink.write(try batch(Array(rows[half...])), call)
        return try sink.finish(call)
    }

    /// An append that only lacks its commit.
    func prepare(_ rows: [Row]) throws -> (write: [UInt8], fragment: [UInt8]) {
        let write = try begin()
        return (write, try fill(write, rows))
    }

    func read(_ call: Call = Call(), by other: ConnectorInstance? = nil) throws -> [Row] {
        let reader = other ?? instance
        let table = try reader.openTable(name, schema: bench.configuration.schema, call)
        let columns = try Self.columns.fields.map {
            try require(table.schema.index(of: $0.name), "the table made has no column \($0.name)")
        }
        return try reader.scan(ScanRequest(table: table.handle, columns: columns), call).rows
    }

    /// What everybody sees.
    func requireRows(_ numbers: some Sequence<Int>, _ what: String) throws {
        let wanted = rows(numbers)
        try RowComparison.requireSame(try read(), wanted, what)
        try RowComparison.requireSame(
            try read(by: bench.connector()), wanted, "\(what), seen by another instance")
    }
}
