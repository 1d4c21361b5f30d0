// SPDX-License-Identifier: MIT

public import IglooArrow

/// A source of tables: one configured instance of a connector plugin, a catalog to SQL.
///
/// The way of a scan: `openTable` finds the table and its schema; `plan` says which steps of the
/// query the source takes over; `splits` cuts the planned scan into pieces; `open` reads one piece.
/// All state between the calls is in opaque bytes, so that another process with the same plugin
/// can go on from any of them.
///
/// - Threads: fully concurrent; any method from any thread.
/// - Cancellation: calls poll `context.cancellation` and throw `cancelled`.
public protocol Connector: Sendable {
    /// The schemas, one text column `name`.
    func listSchemas(_ context: CallContext) throws(IglooError) -> [String]

    /// The tables of a schema whose names begin with `prefix`, sorted by name.
    func listTables(
        schema: String, prefix: String, _ context: CallContext
    ) throws(IglooError) -> [TableListing]

    /// Finds a table. `schema` is empty when the query names none.
    ///
    /// File connectors also take a path or a glob as `name`.
    ///
    /// - Throws: `notFound` when there is no such table.
    func openTable(
        schema: String, name: String, _ context: CallContext
    ) throws(IglooError) -> OpenedTable

    /// Says what of a scan this source takes over. See `ScanRequest` and `ScanAnswer`.
    ///
    /// Pure: the same request over the same data gets the same answer, and a plan that is never
    /// read costs nothing. An operation the source does not know is answered `unsupported`, never
    /// thrown.
    ///
    /// - Throws: `invalidState` when the table is no longer what `openTable` saw; the host then
    ///   opens it once more.
    func plan(_ request: ScanRequest, _ context: CallContext) throws(IglooError) -> ScanAnswer

    /// Cuts a planned scan into splits of about `targetByteCount`.
    ///
    /// Every row stands in exactly one split. Splits may be opened in any order, several times,
    /// by any process.
    func splits(
        handle: [UInt8], targetByteCount: Int, _ context: CallContext
    ) throws(IglooError) -> any SplitSource

    /// Reads one split of a planned scan, in the schema of the answer.
    func open(
        handle: [UInt8], split: [UInt8], _ context: CallContext
    ) throws(IglooError) -> any BatchReader

    /// Throws when the source cannot be reached.
    func ping(_ context: CallContext) throws(IglooError)

    /// What is known of the rows of a planned scan, of the given columns of the table's schema;
    /// `nil` when this source keeps no statistics (facet STATS).
    func statistics(
        handle: [UInt8], columns: [Int], _ context: CallContext
    ) throws(IglooError) -> TableStatistics?

    /// How its tables are written to; `nil` when they only give rows (facet WRITE).
    var writing: (any ConnectorWriting)? { get }

    /// Of no more use: another instance is to be made.
    var isPoisoned: Bool { get }

    /// Its transactions; `nil` when it has none (facet TXN).
    var transactions: (any ConnectorTransactions)? { get }

    /// How its tables are joined; `nil` when they are not (facet JOIN).
    var joining: (any ConnectorJoining)? { get }

    /// How fresh its tables are; `nil` when it cannot tell (facet CHANGES).
    var changes: (any ConnectorChanges)? { get }
}

extension Connector {
    public var writing: (any ConnectorWriting)? { nil }
    public var transactions: (any ConnectorTransactions)? { nil }
    public var joining: (any ConnectorJoining)? { nil }
    public var changes: (any ConnectorChanges)? { nil }
    public var isPoisoned: Bool { false }

    public func statistics(
        handle: [UInt8], columns: [Int], _ context: CallContext
    ) throws(IglooError) -> TableStatistics? { nil }
}

/// A table as `listTables` shows it.
public struct TableListing: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable {
        case table, view
    }

    public var name: String
    public var kind: Kind
    public var comment: String?
    public var estimatedRowCount: Int64?

    public init(
        name: String, kind: Kind = .table, comment: String? = nil, estimatedRowCount: Int64? = nil
    ) {
        self.name = name
        self.kind = kind
        self.comment = comment
        self.estimatedRowCount = estimatedRowCount
    }
}

/// A table that was found: its opaque handle and its columns.
public struct OpenedTable: Sendable {
    public var handle: [UInt8]
    public var schema: Schema

    public init(handle: [UInt8], schema: Schema) {
        self.handle = handle
        self.schema = schema
    }
}

/// A piece of a planned scan.
public struct Split: Sendable {
    public var payload: [UInt8]
    /// Estimates; `nil` = unknown.
    public var rowCount: Int64?
    public var byteCount: Int64?

    public init(payload: [UInt8], rowCount: Int64? = nil, byteCount: Int64? = nil) {
        self.payload = payload
        self.rowCount = rowCount
        self.byteCount = byteCount
    }
}

/// The splits of a planned scan, made as they are asked for.
///
/// - Threads: one call at a time; `cancel` at any time.
public protocol SplitSource: AnyObject, Sendable {
    /// Up to `countMax` splits; an empty answer means "none right now", `nil` the end.
    func next(countMax: Int, _ context: CallContext) throws(IglooError) -> [Split]?
    func cancel()
}

extension SplitSource {
    public func cancel() {}
}

/// Splits that are already known.
public final class ArraySplitSource: SplitSource, @unchecked Sendable {
    // SAFETY: `next` is called by one thread at a time, by the protocol's contract.
    private var remaining: ArraySlice<Split>

    public init(_ splits: [Split]) { remaining = splits[...] }

    public func next(countMax: Int, _ context: CallContext) throws(IglooError) -> [Split]? {
        if remaining.isEmpty { return nil }
        let page = remaining.prefix(countMax)
        remaining = remaining.dropFirst(countMax)
        return Array(page)
    }
}
