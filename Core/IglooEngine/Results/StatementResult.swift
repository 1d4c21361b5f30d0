// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooContracts
public import IglooFormats

/// What became of a statement.
public enum StatementResult: Sendable {
    /// A query's rows, which are computed while they are read.
    case rows(ResultStream)
    /// A statement without rows, and its command tag: `CREATE VIEW`.
    case done(tag: String)
}

/// The rows of a running query.
///
/// - Threads: one `next` at a time; `cancel` and `progress` any time, from any thread.
public final class ResultStream: BatchReader {
    public let schema: Schema
    /// The command tag of a statement that wrote, and then gave rows: `INSERT 0 5` with RETURNING.
    public let tag: String?
    /// How COPY TO STDOUT wants its rows written; `nil` for the rows of queries.
    public internal(set) var copyWriter: (@Sendable (OutputChannel) -> any ResultWriter)? {
        get { writing.withLock { $0 } }
        set { writing.withLock { $0 = newValue } }
    }
    private let writing = Locked<(@Sendable (OutputChannel) -> any ResultWriter)?>(nil)
    private let reader: any BatchReader
    private let context: CallContext
    private let onFailure: @Sendable () -> Void
    private let readProgress: @Sendable () -> QueryProgress

    init(
        reader: any BatchReader, context: CallContext, tag: String? = nil,
        onFailure: @escaping @Sendable () -> Void = {},
        progress: @escaping @Sendable () -> QueryProgress
    ) {
        schema = reader.schema
        self.reader = reader
        self.context = context
        self.tag = tag
        self.onFailure = onFailure
        readProgress = progress
    }

    /// The next batch, in engine types; `nil` at the end.
    public func next() throws(IglooError) -> RecordBatch? { try next(context) }

    public func next(_ context: CallContext) throws(IglooError) -> RecordBatch? {
        do throws(IglooError) {
            return try reader.next(context)
        } catch {
            onFailure()
            throw error
        }
    }

    public func cancel() {
        context.cancellation.cancel()
        reader.cancel()
    }

    public var progress: QueryProgress { readProgress() }
}

/// How far a query is.
public struct QueryProgress: Sendable {
    /// Rows read from the sources so far.
    public var rowCount: Int64
    /// Share of the sources' splits that is done, 0 ... 1; `nil` while their number is unknown.
    public var fraction: Double?

    public init(rowCount: Int64, fraction: Double?) {
        self.rowCount = rowCount
        self.fraction = fraction
    }
}
