// SPDX-License-Identifier: MIT

public import IglooArrow

/// The engine, as front ends see it.
///
/// - Threads: any, any number of calls at once.
public protocol QueryEngine: Sendable {
    /// - Parameter credentials: what the client shows; empty = nothing.
    /// - Throws: `unauthenticated` when nobody has these.
    func openSession(
        credentials: [UInt8], settings: [String: String], _ context: CallContext
    ) throws(IglooError) -> any QuerySession

    /// Ends the statement that runs under this `CallContext.queryId`.
    ///
    /// - Throws: `notFound` when none does.
    func cancel(queryId: String) throws(IglooError)

    func status() throws(IglooError) -> EngineStatus
}

/// One client's conversation. Letting go of it, after its statements, closes it.
///
/// - Threads: one call at a time.
public protocol QuerySession: AnyObject, Sendable {
    func prepare(
        _ sql: String, _ context: CallContext
    ) throws(IglooError) -> any QueryStatement

    /// The tables and views that the session sees: catalog, schema, name and kind, all text.
    func listTables(_ context: CallContext) throws(IglooError) -> any BatchReader

    /// Takes rows of these columns, told apart by name, into a table, named as in a statement. Text is
    /// cast to the column's type, all else assigned as by INSERT. Runs as a statement does.
    func ingest(
        into table: String, columns: Schema, _ context: CallContext
    ) throws(IglooError) -> any RowIngest

    /// The columns of a result as SQL's text, of type `utf8View`.
    func text(of batch: RecordBatch, _ context: CallContext) throws(IglooError) -> RecordBatch
}

/// Rows on their way into a table: all of them, or, without `finish`, none. Letting go of it ends it.
///
/// - Threads: one call at a time; `cancel` at any time from any thread.
public protocol RowIngest: AnyObject, Sendable {
    /// Waits while the table is slow.
    func write(_ batch: RecordBatch, _ context: CallContext) throws(IglooError)

    /// The rows are there: committed, unless the session is in a transaction.
    ///
    /// - Returns: how many.
    func finish(_ context: CallContext) throws(IglooError) -> Int64

    /// Makes running and later calls fail soon.
    func cancel()
}

extension QuerySession {
    public func ingest(
        into table: String, columns: Schema, _ context: CallContext
    ) throws(IglooError) -> any RowIngest {
        throw IglooError(.unsupported, "this engine takes rows by statements only")
    }
}

/// A statement that was understood. Letting go of it closes it.
///
/// - Threads: one call at a time.
public protocol QueryStatement: AnyObject, Sendable {
    /// A field for each of `$1`, `$2`...; type `null` takes values of any type.
    var parameters: Schema { get }
    /// The result's columns, where they are known before it runs; else none.
    var columns: Schema { get }

    /// Runs it. Only one run of a query id at a time.
    ///
    /// - Parameter parameters: one row; `nil` when there are none.
    func execute(
        _ parameters: RecordBatch?, _ context: CallContext
    ) throws(IglooError) -> QueryOutcome
}

/// What became of a statement.
public enum QueryOutcome: Sendable {
    /// Rows, which are computed while they are read.
    case rows(any BatchReader)
    /// How many rows were written, deleted or changed.
    case done(rowCount: Int64)
}

public struct EngineStatus: Hashable, Sendable {
    public var uptimeNanoseconds: Int64
    public var sessionCount: Int64
    /// Statements that run now.
    public var runningCount: Int64
    /// Statements that have ended, however.
    public var endedCount: Int64

    public init(
        uptimeNanoseconds: Int64, sessionCount: Int64, runningCount: Int64, endedCount: Int64
    ) {
        self.uptimeNanoseconds = uptimeNanoseconds
        self.sessionCount = sessionCount
        self.runningCount = runningCount
        self.endedCount = endedCount
    }
}
