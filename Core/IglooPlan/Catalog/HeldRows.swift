// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooContracts

/// A table of batches that come to be known only after the plan that reads them was made.
///
/// - Threads: any; `set` before the first scan.
public final class HeldRows: Connector {
    public let schema: Schema
    private let batches = Locked<[RecordBatch]>([])

    public init(_ schema: Schema) { self.schema = schema }

    /// The table as plans name it.
    public func source(named name: String) -> TableSource {
        TableSource(
            name: name, connectorName: "rows", connector: self, capabilities: [.isCPUBound],
            table: OpenedTable(handle: [], schema: schema))
    }

    public func set(_ rows: [RecordBatch]) { batches.withLock { $0 = rows } }

    public func listSchemas(_ context: CallContext) throws(IglooError) -> [String] { [] }

    public func listTables(
        schema: String, prefix: String, _ context: CallContext
    ) throws(IglooError) -> [TableListing] { [] }

    public func openTable(
        schema: String, name: String, _ context: CallContext
    ) throws(IglooError) -> OpenedTable { OpenedTable(handle: [], schema: self.schema) }

    public func plan(
        _ request: ScanRequest, _ context: CallContext
    ) throws(IglooError) -> ScanAnswer {
        var answer = ScanAnswer(
            schema: Schema([]), handle: [], conjunctCount: request.conjuncts.count)
        let columns = try ColumnPicks.checked(
            request.outputColumns(answer.conjuncts), of: schema.fields.count)
        answer.schema = schema.projected(columns)
        answer.handle = ColumnPicks.handle(columns)
        answer.estimatedRowCount = batches.withLock { Double($0.reduce(0) { $0 + $1.rowCount }) }
        return answer
    }

    public func splits(
        handle: [UInt8], targetByteCount: Int, _ context: CallContext
    ) throws(IglooError) -> any SplitSource { ArraySplitSource([Split(payload: [])]) }

    public func open(
        handle: [UInt8], split: [UInt8], _ context: CallContext
    ) throws(IglooError) -> any BatchReader {
        let columns = try ColumnPicks.columns(handle, of: schema.fields.count)
        return ArrayBatchReader(
            schema: schema.projected(columns),
            batches: batches.withLock { $0 }.map { $0.projected(columns) })
    }

    public func ping(_ context: CallContext) throws(IglooError) {}
}
