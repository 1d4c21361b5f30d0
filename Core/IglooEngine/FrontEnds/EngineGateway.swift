// SPDX-License-Identifier: MIT

import IglooArrow
public import IglooContracts
import IglooExecution
import IglooPlan
import IglooSQL

/// The engine as front ends see it: sessions, and the statements that run, by their query ids.
///
/// - Threads: any.
public final class EngineGateway: QueryEngine {
    private let engine: Engine
    private let started = MonotonicClock.nanoseconds()
    private let state = Locked(State())

    private struct State {
        var sessionCount: Int64 = 0
        var endedCount: Int64 = 0
        var running: [Int64: Running] = [:]
        var lastNumber: Int64 = 0
    }

    private struct Running {
        var queryId: String
        var cancellation: CancellationToken
        /// Between its preparation and its execution, where it can be cancelled, too.
        var isPrepared = false
    }

    public init(_ engine: Engine) { self.engine = engine }

    /// This engine knows no users: it takes clients without credentials, and front ends decide
    /// whom they let in.
    public func openSession(
        credentials: [UInt8], settings: [String: String], _ context: CallContext
    ) throws(IglooError) -> any QuerySession {
        guard credentials.isEmpty else {
            throw IglooError(.unauthenticated, "this engine knows no users")
        }
        let session = engine.makeSession()
        for (name, value) in settings.sorted(by: { $0.key < $1.key }) {
            try session.settings.withLock { (known) throws(IglooError) in
                try known.set(name, value)
            }
        }
        state.withLock { $0.sessionCount += 1 }
        return GatewaySession(self, session)
    }

    public func cancel(queryId: String) throws(IglooError) {
        let isThere = state.withLock { state in
            let running = state.running.values.filter {
                !queryId.isEmpty && $0.queryId == queryId
            }
            for statement in running { statement.cancellation.cancel() }
            return !running.isEmpty
        }
        guard isThere else {
            throw IglooError(.notFound, "there is no statement \"\(queryId)\" that runs")
        }
    }

    public func status() throws(IglooError) -> EngineStatus {
        state.withLock { state in
            EngineStatus(
                uptimeNanoseconds: MonotonicClock.nanoseconds() - started,
                sessionCount: state.sessionCount,
                runningCount: Int64(state.running.values.count { !$0.isPrepared }),
                endedCount: state.endedCount)
        }
    }

    // MARK: - For sessions and statements

    func begin(
        _ id: String, _ cancellation: CancellationToken
    ) throws(IglooError) -> Int64 {
        try state.withLock { (state) throws(IglooError) in
            let isTaken = state.running.values.contains { $0.queryId == id && !$0.isPrepared }
            guard id.isEmpty || !isTaken else {
                throw IglooError(.alreadyExists, "a statement \"\(id)\" runs already")
            }
            state.lastNumber += 1
            state.running[state.lastNumber] = Running(
                queryId: id, cancellation: cancellation)
            return state.lastNumber
        }
    }

    /// A statement that was prepared does not run until it is executed.
    ///
    /// - Throws: `cancelled` when it was cancelled before: then it has not ended yet.
    func suspend(_ number: Int64) throws(IglooError) {
        try state.withLock { (state) throws(IglooError) in
            if state.running[number]?.cancellation.isCancelled == true { throw .cancelled() }
            state.running[number]?.isPrepared = true
        }
    }

    /// The execution of a statement begins that was prepared, or it never will.
    ///
    /// - Throws: `cancelled` when it was cancelled since.
    func leave(_ prepared: Int64) throws(IglooError) {
        let statement = state.withLock { $0.running.removeValue(forKey: prepared) }
        if statement?.cancellation.isCancelled == true { throw .cancelled() }
    }

    func end(_ number: Int64) {
        state.withLock { state in
            if state.running.removeValue(forKey: number) != nil { state.endedCount += 1 }
        }
    }

    func closeSession() { state.withLock { $0.sessionCount -= 1 } }
}

final class GatewaySession: QuerySession {
    let gateway: EngineGateway
    let session: Session

    init(_ gateway: EngineGateway, _ session: Session) {
        self.gateway = gateway
        self.session = session
    }

    deinit { gateway.closeSession() }

    func prepare(
        _ sql: String, _ context: CallContext
    ) throws(IglooError) -> any QueryStatement {
        // It asks plugins already: it can be cancelled, and a plugin that hangs does not hold it up.
        let token = CancellationToken()
        let number = try gateway.begin(context.queryId, token)
        do throws(IglooError) {
            let statement = try AbandonableWork.run(token, following: context) {
                [self] () throws(IglooError) in try understand(sql, token, context)
            }
            try gateway.suspend(number)
            statement.prepared.withLock { $0 = number }
            return statement
        } catch {
            gateway.end(number)
            throw error.withShortMessage
        }
    }

    private func understand(
        _ sql: String, _ token: CancellationToken, _ context: CallContext
    ) throws(IglooError) -> GatewayStatement {
        let statement = try SQLParser.statement(sql)
        let count = SQLParser.parameterCount(of: statement)
        var columns = Schema([])
        if case .query(let query) = statement, count == 0 {
            let runner = StatementRunner(session, token, for: context)
            columns = GatewayReader.shown(try runner.schema(of: query))
        }
        return GatewayStatement(self, sql, parameterCount: count, columns: columns)
    }

    func listTables(_ context: CallContext) throws(IglooError) -> any BatchReader {
        var own = context
        own.cancellation = CancellationToken()
        return try AbandonableWork.run(own.cancellation, following: context) {
            [self, own] () throws(IglooError) in try tables(own)
        }
    }

    private func tables(_ context: CallContext) throws(IglooError) -> ArrayBatchReader {
        var table = ValueTable([
            ("catalog", .utf8View), ("schema", .utf8View), ("name", .utf8View),
            ("kind", .utf8View),
        ])
        for entry in try session.listTables(context) {
            table.append([
                .text(entry.catalog), .text(entry.schema), .text(entry.name), .text(entry.kind),
            ])
        }
        return ArrayBatchReader(schema: table.schema, batches: [try table.batch()])
    }

    func ingest(
        into table: String, columns: Schema, _ context: CallContext
    ) throws(IglooError) -> any RowIngest {
        try GatewayIngest(self, into: table, columns: columns, context)
    }

    func text(of batch: RecordBatch, _ context: CallContext) throws(IglooError) -> RecordBatch {
        var columns: [ArrayData] = []
        for column in batch.columns { columns.append(try session.text(of: column)) }
        return RecordBatch(
            schema: Schema(batch.schema.fields.map { Field($0.name, .utf8View) }),
            columns: columns, rowCount: batch.rowCount)
    }
}

private final class GatewayStatement: QueryStatement {
    let parameters: Schema
    let columns: Schema
    /// Under which number it waits for its execution.
    let prepared = Locked<Int64?>(nil)
    private let owner: GatewaySession
    private let sql: String

    init(_ owner: GatewaySession, _ sql: String, parameterCount: Int, columns: Schema) {
        self.owner = owner
        self.sql = sql
        self.columns = columns
        parameters = Schema((0..<parameterCount).map { Field("$\($0 + 1)", .null) })
    }

    deinit { try? leavePreparation() }

    private func leavePreparation() throws(IglooError) {
        let number = prepared.withLock { number in
            defer { number = nil }
            return number
        }
        if let number { try owner.gateway.leave(number) }
    }

    func execute(
        _ row: RecordBatch?, _ context: CallContext
    ) throws(IglooError) -> QueryOutcome {
        let given = row?.columns.count ?? 0
        guard given == parameters.fields.count, row?.rowCount ?? 1 == 1 else {
            throw IglooError(
                .invalidArgument,
                "the statement takes one row of \(parameters.fields.count) parameters, not "
                    + "\(row?.rowCount ?? 0) of \(given)")
        }
        try context.checkCancelled()
        // Threads of the engine may poll it when the caller's flag is gone already.
        let token = CancellationToken()
        let number = try owner.gateway.begin(context.queryId, token)
        do throws(IglooError) {
            // In this order, so that whoever cancels it finds it at any time.
            try leavePreparation()
            let result = try owner.session.execute(
                sql, parameters: row, cancellation: token, for: context)
            switch result {
            case .rows(let stream):
                return .rows(GatewayReader(stream, owner, number, context.cancellation))
            case .done(let tag):
                owner.gateway.end(number)
                return .done(rowCount: Int64(tag.split(separator: " ").last ?? "") ?? 0)
            }
        } catch {
            owner.gateway.end(number)
            throw error
        }
    }
}

/// The rows of a statement, which runs until they are read or let go.
private final class GatewayReader: BatchReader {
    let schema: Schema
    private let stream: ResultStream
    private let owner: GatewaySession
    private let number: Int64
    /// Of the caller who executed it; lives as long as the reader.
    private let cancellation: CancellationToken

    init(
        _ stream: ResultStream, _ owner: GatewaySession, _ number: Int64,
        _ cancellation: CancellationToken
    ) {
        self.stream = stream
        self.owner = owner
        self.number = number
        self.cancellation = cancellation
        schema = Self.shown(stream.schema)
    }

    /// Logical types are text here: front ends show it without knowing them.
    static func shown(_ schema: Schema) -> Schema {
        Schema(schema.fields.map { EngineType.exported($0, asText: true) })
    }

    deinit {
        stream.cancel()
        owner.gateway.end(number)
    }

    func next(_ context: CallContext) throws(IglooError) -> RecordBatch? {
        var context = context
        if context.cancellation !== cancellation {
            context.cancellation = CancellationToken(
                following: [cancellation, context.cancellation])
        }
        do throws(IglooError) {
            if let batch = try stream.next(context) {
                return try LogicalExport.batch(batch, as: schema)
            }
        } catch {
            owner.gateway.end(number)
            throw error
        }
        owner.gateway.end(number)
        return nil
    }

    func cancel() { stream.cancel() }
}
