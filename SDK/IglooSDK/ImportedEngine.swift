// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts

/// The host's engine, seen through the contract.
// SAFETY: the host's table is constant and its functions may be called from any thread.
final class ImportedEngine: QueryEngine, @unchecked Sendable {
    fileprivate let table: igloo_engine
    fileprivate let services: igloo_engine_services?
    fileprivate let ingest: igloo_ingest?

    /// - Throws: `invalidArgument` when a function is missing.
    init(_ pointer: UnsafePointer<igloo_engine>?) throws(IglooError) {
        guard let table = pointer?.pointee, table.open_session != nil, table.prepare != nil,
            table.execute != nil, table.cancel != nil, table.close_statement != nil,
            table.close_session != nil
        else { throw IglooError(.invalidArgument, "the host passed no whole engine") }
        self.table = table
        services =
            table.facet?(table.`self`, UInt32(IGLOO_FACET_ENGINE_1))?
            .assumingMemoryBound(to: igloo_engine_services.self).pointee
        ingest =
            table.facet?(table.`self`, UInt32(IGLOO_FACET_INGEST_1))?
            .assumingMemoryBound(to: igloo_ingest.self).pointee
    }

    func openSession(
        credentials: [UInt8], settings: [String: String], _ context: CallContext
    ) throws(IglooError) -> any QuerySession {
        let arena = Arena()
        let bytes = arena.bytes(credentials)
        let values = settings.map { name, text in
            var value = igloo_value()
            value.name = arena.str(name)
            value.type = UInt32(IGLOO_OPT_STRING)
            value.s = arena.str(text)
            return value
        }
        var session: UnsafeMutableRawPointer?
        _ = try HostCall.run(context) { ctx, error in
            table.open_session(
                table.`self`, ctx, bytes, arena.array(values), values.count, &session, error)
        }
        withExtendedLifetime(arena) {}
        return ImportedSession(self, try HostCall.made(session))
    }

    func cancel(queryId: String) throws(IglooError) {
        let arena = Arena()
        let status = table.cancel(table.`self`, arena.str(queryId))
        withExtendedLifetime(arena) {}
        guard status >= 0 else {
            throw IglooError(
                IglooError.Code(rawValue: status), "there is no statement \"\(queryId)\" to cancel")
        }
    }

    func status() throws(IglooError) -> EngineStatus {
        guard let function = services?.status else { throw HostCall.unsupported("status") }
        var status = igloo_engine_status()
        _ = try HostCall.run(CallContext()) { _, error in function(table.`self`, &status, error) }
        return EngineStatus(
            uptimeNanoseconds: status.uptime_ns, sessionCount: status.sessions,
            runningCount: status.running, endedCount: status.ended)
    }
}

// SAFETY: one call at a time, by the protocol's contract.
private final class ImportedSession: QuerySession, @unchecked Sendable {
    fileprivate let engine: ImportedEngine
    private let pointer: UnsafeMutableRawPointer

    init(_ engine: ImportedEngine, _ pointer: UnsafeMutableRawPointer) {
        self.engine = engine
        self.pointer = pointer
    }

    deinit { engine.table.close_session(pointer) }

    func prepare(
        _ sql: String, _ context: CallContext
    ) throws(IglooError) -> any QueryStatement {
        let arena = Arena()
        let text = arena.str(sql)
        var statement: UnsafeMutableRawPointer?
        var parameters = ArrowSchema()
        var columns = ArrowSchema()
        _ = try HostCall.run(context) { ctx, error in
            engine.table.prepare(pointer, ctx, text, &statement, &parameters, &columns, error)
        }
        withExtendedLifetime(arena) {}
        return ImportedStatement(
            self, try HostCall.made(statement), parameters: try HostCall.schema(&parameters),
            columns: try HostCall.schema(&columns))
    }

    func listTables(_ context: CallContext) throws(IglooError) -> any BatchReader {
        guard let function = engine.services?.list else { throw HostCall.unsupported("list") }
        var reader = igloo_reader()
        _ = try HostCall.run(context) { ctx, error in function(pointer, ctx, &reader, error) }
        return try HostReader(reader, keeping: self, context)
    }

    func ingest(
        into table: String, columns: Schema, _ context: CallContext
    ) throws(IglooError) -> any RowIngest {
        guard let function = engine.ingest?.ingest else { throw HostCall.unsupported("ingest") }
        let arena = Arena()
        let name = arena.str(table)
        var schema = ArrowSchema()
        columns.export(to: &schema)
        defer { schema.release?(&schema) }
        var sink = igloo_sink()
        _ = try HostCall.run(context) { ctx, error in
            function(pointer, ctx, name, &schema, &sink, error)
        }
        withExtendedLifetime(arena) {}
        return try HostIngest(sink, keeping: self)
    }

    func text(of batch: RecordBatch, _ context: CallContext) throws(IglooError) -> RecordBatch {
        guard let function = engine.services?.text else { throw HostCall.unsupported("text") }
        var schema = ArrowSchema()
        batch.schema.export(to: &schema)
        defer { schema.release?(&schema) }
        var (moved, out) = (ArrowDeviceArray(), ArrowDeviceArray())
        batch.export(to: &moved)
        _ = try HostCall.run(context) { ctx, error in
            function(pointer, ctx, &schema, &moved, &out, error)
        }
        return try HostCall.batch(
            &out,
            Schema(batch.schema.fields.map { Field($0.name, .utf8View) }))
    }
}

// SAFETY: one call at a time, by the protocol's contract.
private final class ImportedStatement: QueryStatement, @unchecked Sendable {
    let parameters: Schema
    let columns: Schema
    private let session: ImportedSession
    private let pointer: UnsafeMutableRawPointer

    init(
        _ session: ImportedSession, _ pointer: UnsafeMutableRawPointer, parameters: Schema,
        columns: Schema
    ) {
        self.session = session
        self.pointer = pointer
        self.parameters = parameters
        self.columns = columns
    }

    deinit { session.engine.table.close_statement(pointer) }

    func execute(
        _ parameters: RecordBatch?, _ context: CallContext
    ) throws(IglooError) -> QueryOutcome {
        var reader = igloo_reader()
        var rowCount: Int64 = 0
        var row = ArrowDeviceArray()
        var schema = ArrowSchema()
        parameters?.export(to: &row)
        parameters?.schema.export(to: &schema)
        defer { schema.release?(&schema) }
        let isGiven = parameters != nil
        _ = try HostCall.run(context) { ctx, error in
            withUnsafeMutablePointer(to: &row) { row in
                withUnsafePointer(to: &schema) { types in
                    session.engine.table.execute(
                        pointer, ctx, isGiven ? row : nil, isGiven ? types : nil, &reader,
                        &rowCount, error)
                }
            }
        }
        guard rowCount < 0 else { return .done(rowCount: rowCount) }
        return .rows(try HostReader(reader, keeping: self, context))
    }
}

/// Calls from the plugin into the host.
enum HostCall {
    static func run(
        _ context: CallContext,
        _ body: (UnsafePointer<igloo_ctx>, UnsafeMutablePointer<igloo_error>) -> igloo_status
    ) throws(IglooError) -> igloo_status {
        let arena = Arena()
        var ctx = igloo_ctx()
        ctx.cancelled = unsafe context.cancellation.address
        ctx.deadline_ns = context.deadlineNanoseconds.map { max($0, 1) } ?? 0
        ctx.query_id = arena.str(context.queryId)
        ctx.user = arena.str(context.user)
        ctx.trace = context.trace
        var error = igloo_error()
        let status = withExtendedLifetime((arena, context.cancellation)) { body(&ctx, &error) }
        if status < 0 {
            var failure = IglooError(taking: &error, status: status, origin: "")
            failure.origin = nil
            throw failure
        }
        error.release?(&error)
        return status
    }

    static func made(
        _ pointer: UnsafeMutableRawPointer?
    ) throws(IglooError) -> UnsafeMutableRawPointer {
        guard let pointer else {
            throw IglooError(.internalError, "the host made something that is not there")
        }
        return pointer
    }

    static func schema(_ schema: inout ArrowSchema) throws(IglooError) -> Schema {
        do throws(ArrowError) {
            return try Schema(importing: &schema)
        } catch {
            throw IglooError(.internalError, "the host gave columns that cannot be: \(error)")
        }
    }

    static func batch(
        _ array: inout ArrowDeviceArray, _ schema: Schema
    ) throws(IglooError) -> RecordBatch {
        do throws(ArrowError) {
            return try RecordBatch(importing: &array, schema: schema)
        } catch {
            throw IglooError(.internalError, "the host gave a batch that cannot be: \(error)")
        }
    }

    static func unsupported(_ what: String) -> IglooError {
        IglooError(.unsupported, "this host's engine has no \(what)")
    }
}
