// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts

/// A connector of a plugin, seen through the contract.
final class ImportedConnector: Connector {
    private let instance: PluginInstance
    private let functions: ConnectorFunctions
    private let statisticsTable: igloo_stats?
    let writing: (any ConnectorWriting)?
    let transactions: (any ConnectorTransactions)?
    let joining: (any ConnectorJoining)?
    let changes: (any ConnectorChanges)?

    /// - Throws: `internalError` when a facet lacks functions.
    init(_ instance: PluginInstance, _ functions: ConnectorFunctions) throws(IglooError) {
        self.instance = instance
        self.functions = functions
        statisticsTable = instance.facet(UInt32(IGLOO_FACET_STATS_1), igloo_stats.self)
        writing = try Self.facet(instance, IGLOO_FACET_WRITE_1, ImportedWriting.init)
        transactions = try Self.facet(instance, IGLOO_FACET_TXN_1, ImportedTransactions.init)
        joining = try Self.facet(instance, IGLOO_FACET_JOIN_1, ImportedJoining.init)
        changes = try Self.facet(instance, IGLOO_FACET_CHANGES_1, ImportedChanges.init)
        guard statisticsTable.map({ $0.stats != nil }) ?? true else {
            throw Self.hasHoles(instance)
        }
    }

    /// An optional ability; `nil` when the instance has it not.
    private static func facet<Functions: BitwiseCopyable, Facet>(
        _ instance: PluginInstance, _ id: some BinaryInteger,
        _ make: (PluginInstance, Functions) -> Facet?
    ) throws(IglooError) -> Facet? {
        guard let functions = instance.facet(UInt32(id), Functions.self) else { return nil }
        guard let facet = make(instance, functions) else { throw hasHoles(instance) }
        return facet
    }

    private static func hasHoles(_ instance: PluginInstance) -> IglooError {
        instance.call.broken("offers a facet whose table of functions has holes")
    }

    var isPoisoned: Bool { instance.health.isPoisoned }

    // MARK: - Lists

    func listSchemas(_ context: CallContext) throws(IglooError) -> [String] {
        let rows = try list(UInt32(IGLOO_LIST_SCHEMAS), schema: "", prefix: "", context)
        return try rows.texts("name").map { $0 ?? "" }
    }

    func listTables(
        schema: String, prefix: String, _ context: CallContext
    ) throws(IglooError) -> [TableListing] {
        let rows = try list(
            UInt32(IGLOO_LIST_TABLES), schema: schema, prefix: prefix, context)
        let names = try rows.texts("name")
        let kinds = try rows.texts("kind")
        let comments = try rows.texts("comment")
        let counts = try rows.integers("est_rows")
        return names.indices.map { row in
            TableListing(
                name: names[row] ?? "",
                kind: kinds[row].flatMap { TableListing.Kind(rawValue: $0) } ?? .table,
                comment: comments[row], estimatedRowCount: counts[row])
        }
    }

    private func list(
        _ what: UInt32, schema: String, prefix: String, _ context: CallContext
    ) throws(IglooError) -> ListedRows {
        let arena = Arena()
        let schema = arena.str(schema)
        let prefix = arena.str(prefix)
        let reader = try instance.openReader(context) { ctx, out, error in
            functions.list(instance.pointer, ctx, what, schema, prefix, out, error)
        }
        withExtendedLifetime(arena) {}
        var batches: [RecordBatch] = []
        while let batch = try reader.next(context) { batches.append(batch) }
        return ListedRows(schema: reader.schema, batches: batches, call: instance.call)
    }

    // MARK: - Tables

    func openTable(
        schema: String, name: String, _ context: CallContext
    ) throws(IglooError) -> OpenedTable {
        let arena = Arena()
        let schemaName = arena.str(schema)
        let tableName = arena.str(name)
        var handle = igloo_blob()
        var columns = ArrowSchema()
        _ = try instance.call.run(context) { ctx, error in
            functions.openTable(
                instance.pointer, ctx, schemaName, tableName, &handle, &columns, error)
        }
        withExtendedLifetime(arena) {}
        let bytes = Array(taking: &handle)
        return OpenedTable(
            handle: bytes, schema: try instance.imported(&columns, "a table's schema"))
    }

    func ping(_ context: CallContext) throws(IglooError) {
        _ = try instance.call.run(context) { ctx, error in
            functions.ping(instance.pointer, ctx, error)
        }
    }

    // MARK: - Scans

    func plan(_ request: ScanRequest, _ context: CallContext) throws(IglooError) -> ScanAnswer {
        let encoded = EncodedScan(request)
        var verdicts = [UInt8](repeating: 0, count: request.conjuncts.count)
        var columns = ArrowSchema()
        var answer = igloo_scan_answer()
        answer.est_rows = .nan
        answer.est_bytes = .nan
        defer { answer.release?(&answer) }
        _ = try verdicts.withUnsafeMutableBufferPointer { (buffer) throws(IglooError) in
            answer.conjuncts = buffer.baseAddress
            return try instance.call.run(context) { ctx, error in
                var wire = encoded.request
                return functions.plan(
                    instance.pointer, ctx, &wire, &columns, &answer, error)
            }
        }
        withExtendedLifetime(encoded) {}
        answer.conjuncts = nil
        let schema = try instance.imported(&columns, "a plan's schema")
        return try ScanAnswer(
            answer, schema: schema, verdicts: verdicts, request: request, instance.call)
    }

    func splits(
        handle: [UInt8], targetByteCount: Int, _ context: CallContext
    ) throws(IglooError) -> any SplitSource {
        let arena = Arena()
        let handle = arena.bytes(handle)
        var source = igloo_split_source()
        let account = MemoryAccounts.open(context.memory)
        do throws(IglooError) {
            var call = instance.call
            call.account = account
            _ = try call.run(context) { ctx, error in
                functions.splits(
                    instance.pointer, ctx, handle, Int64(targetByteCount), &source, error)
            }
            withExtendedLifetime(arena) {}
            return try ImportedSplitSource(source, instance, account: account, context)
        } catch {
            MemoryAccounts.close(account)
            throw error
        }
    }

    func open(
        handle: [UInt8], split: [UInt8], _ context: CallContext
    ) throws(IglooError) -> any BatchReader {
        let arena = Arena()
        let handle = arena.bytes(handle)
        let split = arena.bytes(split)
        let reader = try instance.openReader(context) { ctx, out, error in
            functions.open(instance.pointer, ctx, handle, split, out, error)
        }
        withExtendedLifetime(arena) {}
        return reader
    }

    // MARK: - Statistics

    func statistics(
        handle: [UInt8], columns: [Int], _ context: CallContext
    ) throws(IglooError) -> TableStatistics? {
        guard let function = statisticsTable?.stats else { return nil }
        let arena = Arena()
        let handle = arena.bytes(handle)
        let indexes = columns.compactMap { UInt32(exactly: $0) }
        let pointer = arena.array(indexes)
        var statistics = igloo_table_stats()
        let answer = try instance.call.run(context) { ctx, error in
            function(instance.pointer, ctx, handle, pointer, indexes.count, &statistics, error)
        }
        withExtendedLifetime(arena) {}
        guard answer == .ok else { return nil }
        defer { statistics.release?(&statistics) }
        do throws(IglooError) {
            return try TableStatistics(statistics)
        } catch {
            throw instance.call.broken("gave statistics that cannot be read: \(error.message)")
        }
    }
}
