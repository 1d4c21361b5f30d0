// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// An engine for front ends under test: it knows a few statements, and writes down what it is asked.
///
/// | statement | result |
/// |---|---|
/// | `TABLE core`, `hostile`, `nested`, `empty` | the rows of the data set |
/// | `TABLE slow` | a row after a second and a half |
/// | `TABLE endless` | batches of 64 KiB, until it is cancelled |
/// | `DELETE` | 5 rows are done with |
/// | anything else | NOT_FOUND, 42P01 |
final class EngineDouble: QueryEngine {
    struct Record {
        /// What is open now.
        var sessionCount = 0
        var readerCount = 0
        /// Query ids of statements that run, and of those that were cancelled.
        var running: Set<String> = []
        var cancelled: Set<String> = []
        var batchCount = 0
        /// Everybody is a stranger to it.
        var refusesAll = false
        /// It is not to be used any more, and how often it was.
        var isOver = false
        var lateCallCount = 0
    }

    static let endlessBatchByteCount = 64 << 10

    let record = Locked(Record())

    func openSession(
        credentials: [UInt8], settings: [String: String], _ context: CallContext
    ) throws(IglooError) -> any QuerySession {
        if record.withLock({ $0.refusesAll }) {
            throw IglooError(.unauthenticated, "nobody has these credentials")
        }
        return SessionDouble(self)
    }

    func cancel(queryId: String) throws(IglooError) {
        let isFound = record.withLock { record in
            guard record.running.contains(queryId) else { return false }
            record.cancelled.insert(queryId)
            return true
        }
        if !isFound { throw IglooError(.notFound, "no statement \(queryId) runs") }
    }

    func status() throws(IglooError) -> EngineStatus {
        EngineStatus(uptimeNanoseconds: 1, sessionCount: 0, runningCount: 0, endedCount: 0)
    }

    func note(_ change: (inout Record) -> Void) {
        record.withLock { record in
            if record.isOver { record.lateCallCount += 1 }
            change(&record)
        }
    }

    /// Waits until something is so.
    func waits(milliseconds: Int, _ condition: (Record) -> Bool) -> Bool {
        let deadline = MonotonicClock.nanoseconds() + Int64(milliseconds) * 1_000_000
        while !record.withLock({ condition($0) }) {
            if MonotonicClock.nanoseconds() > deadline { return false }
            Clock.sleep(milliseconds: 5)
        }
        return true
    }
}

private final class SessionDouble: QuerySession {
    private let engine: EngineDouble

    init(_ engine: EngineDouble) {
        self.engine = engine
        engine.note { $0.sessionCount += 1 }
    }

    deinit { engine.record.withLock { $0.sessionCount -= 1 } }

    func prepare(
        _ sql: String, _ context: CallContext
    ) throws(IglooError) -> any QueryStatement {
        let words = sql.split(whereSeparator: \.isWhitespace).map { String($0) }
        if words == ["DELETE"] { return StatementDouble(engine, nil) }
        guard words.count == 2, words[0] == "TABLE",
            ["slow", "endless"].contains(words[1]) || DataSet.served(words[1]) != nil
        else {
            throw IglooError(
                .notFound, "the engine of the kit knows no such statement",
                sqlState: .undefinedTable)
        }
        return StatementDouble(engine, words[1])
    }

    func listTables(_ context: CallContext) throws(IglooError) -> any BatchReader {
        throw IglooError(.unsupported, "the engine of the kit lists nothing")
    }

    func text(of batch: RecordBatch, _ context: CallContext) throws(IglooError) -> RecordBatch {
        let rows = batch.rows.map { row in
            row.map { $0.isNull ? Scalar.null : .text(RowComparison.shown($0)) }
        }
        do {
            return try Rows.batch(
                rows, Schema(batch.schema.fields.map { Field($0.name, .utf8View) }))
        } catch {
            throw IglooError(.internalError, "\(error)")
        }
    }
}

extension DataSet {
    /// A data set as statements name it.
    static func served(_ name: String) -> DataSet? {
        [DataSet.core, .hostile, .nested, .empty].first { $0.name == name }
    }
}

private final class StatementDouble: QueryStatement {
    let parameters = Schema([])
    let columns: Schema
    private let engine: EngineDouble
    /// `nil`: rows are done with.
    private let table: String?

    init(_ engine: EngineDouble, _ table: String?) {
        self.engine = engine
        self.table = table
        columns =
            table.map { DataSet.served($0)?.schema ?? Schema([Field("n", .int64)]) } ?? Schema([])
    }

    func execute(
        _ parameters: RecordBatch?, _ context: CallContext
    ) throws(IglooError) -> QueryOutcome {
        guard let table else { return .done(rowCount: 5) }
        return .rows(ReaderDouble(engine, table, columns, context.queryId))
    }
}

/// The rows of a statement that runs.
// SAFETY: `next` is called by one thread at a time, by the protocol's contract.
private final class ReaderDouble: BatchReader, @unchecked Sendable {
    let schema: Schema
    private let engine: EngineDouble
    private let table: String
    private let queryId: String
    private let token = CancellationToken()
    private var isDone = false

    init(_ engine: EngineDouble, _ table: String, _ schema: Schema, _ queryId: String) {
        self.engine = engine
        self.table = table
        self.schema = schema
        self.queryId = queryId
        engine.note {
            $0.readerCount += 1
            $0.running.insert(queryId)
        }
    }

    deinit {
        engine.record.withLock {
            $0.readerCount -= 1
            $0.running.remove(queryId)
        }
    }

    func cancel() { token.cancel() }

    private func checkCancelled(_ context: CallContext) throws(IglooError) {
        try context.checkCancelled()
        let isCancelled = engine.record.withLock { $0.cancelled.contains(queryId) }
        if isCancelled || token.isCancelled { throw .cancelled() }
    }

    func next(_ context: CallContext) throws(IglooError) -> RecordBatch? {
        try checkCancelled(context)
        if isDone { return nil }
        engine.note { $0.batchCount += 1 }
        isDone = table != "endless"
        for _ in 0..<(table == "slow" ? 150 : 0) {
            try checkCancelled(context)
            Clock.sleep(milliseconds: 10)
        }
        if let set = DataSet.served(table) {
            do {
                return try Rows.batch(set.rows, set.schema)
            } catch {
                throw IglooError(.internalError, "\(error)")
            }
        }
        let count = isDone ? 1 : EngineDouble.endlessBatchByteCount / 8
        let values = (0..<count).map { Int64($0) }
        return RecordBatch(
            schema: schema,
            columns: [ArrayData(type: .int64, count: count, buffers: [Buffer(copying: values)])],
            rowCount: count)
    }
}
