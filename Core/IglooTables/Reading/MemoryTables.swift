// SPDX-License-Identifier: MIT

import IglooArrow
public import IglooContracts
import IglooPlan

/// The tables of one `Database` as a connector shows them: what a statement reads.
///
/// Each table has, behind its own columns, one named `rowid` that numbers its rows.
public final class MemoryTables: Connector {
    public static let capabilities: ConnectorCapabilities = [.isCPUBound, .hasStatistics]
    /// The name of the column behind a table's own.
    public static let rowIdName = "rowid"

    private let database: Database
    /// The scans that were planned; their places are the handles.
    private let scans = Locked<[PlannedScan]>([])

    struct PlannedScan: Sendable {
        var table: Table
        var columns: [Int]
        var conjuncts: [PushdownExpression]
    }

    public init(_ database: Database) { self.database = database }

    public func listSchemas(_ context: CallContext) throws(IglooError) -> [String] {
        database.schemaNames
    }

    public func listTables(
        schema: String, prefix: String, _ context: CallContext
    ) throws(IglooError) -> [TableListing] {
        database.names(in: schema).filter { $0.hasPrefix(prefix) }.compactMap { name in
            switch database.relations[RelationName(schema, name)]?.entry {
            case .table(let id)?:
                TableListing(
                    name: name, estimatedRowCount: database.table(id: id).map { Int64($0.rowCount) }
                )
            case .view?: TableListing(name: name, kind: .view)
            case .sequence?, .type?, .macro?, nil: nil
            }
        }
    }

    public func openTable(
        schema: String, name: String, _ context: CallContext
    ) throws(IglooError) -> OpenedTable {
        let schema = schema.isEmpty ? Database.mainSchema : schema
        guard let table = database.table(RelationName(schema, name)) else {
            throw IglooError(
                .notFound, "relation \"\(name)\" does not exist", sqlState: .undefinedTable)
        }
        return Self.opened(table)
    }

    /// The table's number, by which a transaction writes to it.
    public static func id(of table: OpenedTable) -> Int? { Handle.number(table.handle) }

    static func opened(_ table: Table) -> OpenedTable {
        var schema = table.definition.schema
        schema.fields.append(Field(rowIdName, .int64, isNullable: false))
        return OpenedTable(handle: Handle.bytes(table.id), schema: schema)
    }

    public func plan(
        _ request: ScanRequest, _ context: CallContext
    ) throws(IglooError) -> ScanAnswer {
        guard let id = Handle.number(request.table), let table = database.table(id: id) else {
            throw Transaction.gone()
        }
        var answer = ScanAnswer(
            schema: Schema([]), handle: [], conjunctCount: request.conjuncts.count)
        for (index, conjunct) in request.conjuncts.enumerated() {
            let helps = ZoneFilter.canUse(conjunct)
            if helps { answer.conjuncts[index] = .inexact }
            answer.reasons.append(helps ? "zones: chunks without such values are skipped" : "")
        }
        let columns = request.outputColumns(answer.conjuncts)
        let schema = Self.opened(table).schema
        guard columns.allSatisfy(schema.fields.indices.contains) else {
            throw IglooError(.invalidArgument, "a column is beyond the table's")
        }
        answer.schema = schema.projected(columns)
        let useful = request.conjuncts.filter { ZoneFilter.canUse($0) }
        let scan = PlannedScan(table: table, columns: columns, conjuncts: useful)
        answer.handle = scans.withLock { scans in
            scans.append(scan)
            return Handle.bytes(scans.count - 1)
        }
        answer.estimatedRowCount = Double(table.rowCount)
        answer.estimatedByteCount = Double(table.byteCount)
        return answer
    }

    private func scan(_ handle: [UInt8]) throws(IglooError) -> PlannedScan {
        let found = scans.withLock { scans in
            Handle.number(handle).flatMap { scans.indices.contains($0) ? scans[$0] : nil }
        }
        guard let found else {
            throw IglooError(.invalidArgument, "this scan was planned by another statement")
        }
        return found
    }

    public func splits(
        handle: [UInt8], targetByteCount: Int, _ context: CallContext
    ) throws(IglooError) -> any SplitSource {
        let scan = try scan(handle)
        var splits: [Split] = []
        for (index, chunk) in scan.table.data.chunks.enumerated()
        where ZoneFilter.mayMatch(chunk, scan.conjuncts) {
            splits.append(Split(payload: Handle.bytes(index), rowCount: Int64(chunk.rowCount)))
        }
        return ArraySplitSource(splits)
    }

    public func open(
        handle: [UInt8], split: [UInt8], _ context: CallContext
    ) throws(IglooError) -> any BatchReader {
        let scan = try scan(handle)
        let chunks = scan.table.data.chunks
        guard let index = Handle.number(split), chunks.indices.contains(index) else {
            throw IglooError(.invalidArgument, "no such split")
        }
        return ChunkReader(
            chunks[index], scan.table.data.deleted, columns: scan.columns,
            Self.opened(scan.table).schema.projected(scan.columns))
    }

    public func ping(_ context: CallContext) throws(IglooError) {}

    public func statistics(
        handle: [UInt8], columns: [Int], _ context: CallContext
    ) throws(IglooError) -> TableStatistics? {
        TableSummary.statistics(try scan(handle).table, columns)
    }
}

/// Numbers as the opaque bytes that travel between a connector's calls.
enum Handle {
    static func bytes(_ number: Int) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }

    static func number(_ bytes: [UInt8]) -> Int? {
        guard bytes.count == 8 else { return nil }
        return bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}
