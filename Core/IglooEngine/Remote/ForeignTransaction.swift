// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// A transaction with the source of a catalog, in which one statement or a whole transaction of the
/// session writes to its tables.
///
/// Letting go of it undoes what was not committed.
///
/// A source without transactions undoes what did not commit by itself: one write is all there is.
///
/// - Threads: any; statements come one after another.
final class ForeignTransaction: Sendable {
    let instance: CatalogInstance
    let writing: any ConnectorWriting
    private let opened: CatalogInstance.Opened
    private let transactions: (any ConnectorTransactions)?
    /// Empty where the source has no transactions.
    private let name: [UInt8]
    private let hasEnded = Locked(false)

    /// - Throws: `unsupported` when the catalog only gives rows; what the source says to BEGIN.
    init(_ instance: CatalogInstance, _ context: CallContext) throws(IglooError) {
        let base = try instance.open(context)
        guard let writing = base.connector.writing else { throw .readOnly(instance.name) }
        self.instance = instance
        self.writing = writing
        transactions = base.connector.transactions
        name =
            try transactions?.begin(.repeatableRead, isReadOnly: false, context) ?? []
        opened = CatalogInstance.Opened(
            kind: base.kind,
            connector: name.isEmpty
                ? base.connector : TransactionConnector(base.connector, name))
    }

    /// Whether several statements can be undone together.
    var isRepeatable: Bool { transactions != nil }

    /// The context of a call that is part of the transaction.
    func context(_ context: CallContext) -> CallContext {
        var inside = context
        inside.transaction = name
        return inside
    }

    func table(
        schema: String, name: String, shownAs shown: String, _ context: CallContext
    ) throws(IglooError) -> TableSource {
        try opened.table(schema: schema, name: name, shownAs: shown, context)
    }

    /// How a table is written to that was found in this transaction.
    func writing(of source: TableSource) -> (any ConnectorWriting)? {
        source.capabilities == opened.kind.capabilities && source.connectorName == opened.kind.name
            ? writing : nil
    }

    deinit { rollback() }

    func commit() throws(IglooError) {
        if end() { try transactions?.commit(name, CallContext()) }
    }

    func rollback() {
        if end() { try? transactions?.rollback(name, CallContext()) }
    }

    /// - Returns: whether it is the caller who ends it.
    private func end() -> Bool {
        hasEnded.withLock { hasEnded in
            defer { hasEnded = true }
            return !hasEnded
        }
    }
}

/// A connector whose calls are all part of one transaction.
final class TransactionConnector: Connector {
    private let base: any Connector
    private let transaction: [UInt8]

    init(_ base: any Connector, _ transaction: [UInt8]) {
        self.base = base
        self.transaction = transaction
    }

    private func inside(_ context: CallContext) -> CallContext {
        var inside = context
        inside.transaction = transaction
        return inside
    }

    func listSchemas(_ context: CallContext) throws(IglooError) -> [String] {
        try base.listSchemas(inside(context))
    }

    func listTables(
        schema: String, prefix: String, _ context: CallContext
    ) throws(IglooError) -> [TableListing] {
        try base.listTables(schema: schema, prefix: prefix, inside(context))
    }

    func openTable(
        schema: String, name: String, _ context: CallContext
    ) throws(IglooError) -> OpenedTable {
        try base.openTable(schema: schema, name: name, inside(context))
    }

    func plan(_ request: ScanRequest, _ context: CallContext) throws(IglooError) -> ScanAnswer {
        try base.plan(request, inside(context))
    }

    func splits(
        handle: [UInt8], targetByteCount: Int, _ context: CallContext
    ) throws(IglooError) -> any SplitSource {
        try base.splits(handle: handle, targetByteCount: targetByteCount, inside(context))
    }

    func open(
        handle: [UInt8], split: [UInt8], _ context: CallContext
    ) throws(IglooError) -> any BatchReader {
        TransactionReader(
            try base.open(handle: handle, split: split, inside(context)), transaction)
    }

    func ping(_ context: CallContext) throws(IglooError) { try base.ping(inside(context)) }

    func statistics(
        handle: [UInt8], columns: [Int], _ context: CallContext
    ) throws(IglooError) -> TableStatistics? {
        try base.statistics(handle: handle, columns: columns, inside(context))
    }
}

/// A reader whose calls are all part of one transaction.
private final class TransactionReader: BatchReader {
    private let base: any BatchReader
    private let transaction: [UInt8]

    init(_ base: any BatchReader, _ transaction: [UInt8]) {
        self.base = base
        self.transaction = transaction
    }

    var schema: Schema { base.schema }

    func next(_ context: CallContext) throws(IglooError) -> RecordBatch? {
        var inside = context
        inside.transaction = transaction
        return try base.next(inside)
    }

    func cancel() { base.cancel() }
}

extension IglooError {
    static func readOnly(_ name: String) -> IglooError {
        IglooError(
            .unsupported, "\(name) cannot be written to: its connector only reads",
            hint: "tables in memory can: CREATE TABLE ... AS SELECT * FROM ...")
    }
}

extension WriteTarget {
    /// A table of a connector.
    init(
        _ source: TableSource, _ writing: any ConnectorWriting, _ context: CallContext
    ) throws(IglooError) {
        var columns: [TableDefinition.Column] = []
        /// Where the source's columns stand among those that have a type here.
        var places: [Int: Int] = [:]
        for (index, field) in source.schema.fields.enumerated() {
            guard let type = EngineType.canonical(field) else { continue }
            places[index] = columns.count
            var column = TableDefinition.Column(field.name, type, isNullable: field.isNullable)
            column.isDefaultForeign = true
            columns.append(column)
        }
        let keys = try writing.keys(table: source.table.handle, context) ?? []
        let known = keys.compactMap { places[$0] }
        let isKnown = !keys.isEmpty && known.count == keys.count
        self.init(
            name: source.name, table: source,
            definition: TableDefinition(
                columns: columns,
                keys: isKnown ? [.init("primary key", columns: known, kind: .primary)] : []),
            identity: isKnown ? .keys(known) : .none)
    }
}
