// SPDX-License-Identifier: MIT

public import IglooContracts
import IglooArrow
import IglooFiles

let jsonFormat = FileFormat(
    name: "json", extensions: ["json", "ndjson", "jsonl"], isCompressible: true)

/// Files of JSON: a value a line, an array of values, or values one after the other.
public let jsonConnector = ConnectorKind(
    name: "json", options: JSONOptions.specifications,
    capabilities: [.isCPUBound, .hasStatistics, .readsFiles],
    create: { values, _ throws(IglooError) in JSONConnector(try JSONOptions(values)) })

/// A catalog of JSON files.
///
/// It takes over the choice of columns, and limits of scans without conditions.
///
/// - Threads: any; it holds no state.
struct JSONConnector: Connector {
    private let options: JSONOptions
    private let catalog: FileCatalog

    init(_ options: JSONOptions) {
        self.options = options
        catalog = FileCatalog(format: jsonFormat, path: options.path)
    }

    func listSchemas(_ context: CallContext) throws(IglooError) -> [String] {
        [FileCatalog.schemaName]
    }

    func listTables(
        schema: String, prefix: String, _ context: CallContext
    ) throws(IglooError) -> [TableListing] {
        guard schema.isEmpty || schema == FileCatalog.schemaName else { return [] }
        return try catalog.listTables(prefix: prefix, context)
    }

    func openTable(
        schema: String, name: String, _ context: CallContext
    ) throws(IglooError) -> OpenedTable {
        let files = try catalog.files(schema: schema, name: name, context)
        let table = try JSONSniffer(options: options, context: context).sniff(files)
        return OpenedTable(handle: try table.encoded(), schema: table.schema)
    }

    func plan(_ request: ScanRequest, _ context: CallContext) throws(IglooError) -> ScanAnswer {
        let table = try JSONTable(handle: request.table)
        let columns = request.outputColumns(request.conjuncts.map { _ in .unsupported })
        guard columns.allSatisfy({ $0 >= 0 && $0 < table.schema.fields.count }) else {
            throw IglooError(.invalidArgument, "a column is asked for that the table has not")
        }
        let takesLimit =
            request.conjuncts.isEmpty && request.sort.isEmpty && request.groupBy.isEmpty
            && request.aggregates.isEmpty && request.limit ?? -1 >= 0
        let plan = JSONPlan(
            table: table, columns: columns, limit: takesLimit ? request.limit : nil)
        var answer = ScanAnswer(
            schema: plan.schema, handle: try plan.encoded(),
            conjunctCount: request.conjuncts.count)
        if takesLimit { answer.limit = .inexact }
        answer.reasons = request.conjuncts.map { _ in "text files are read whole" }
        let byteCount = table.files.reduce(0.0) { $0 + Double($1.identity.byteCount) }
        answer.estimatedByteCount = byteCount
        answer.estimatedRowCount = byteCount / max(1, table.averageRowByteCount)
        let first = table.files.first?.path ?? ""
        answer.remoteText =
            table.files.count == 1 ? first : "\(table.files.count) files, first \(first)"
        return answer
    }

    func splits(
        handle: [UInt8], targetByteCount: Int, _ context: CallContext
    ) throws(IglooError) -> any SplitSource {
        JSONSplitSource(
            try JSONPlan(handle: handle, withFiles: true).table, targetByteCount: targetByteCount)
    }

    func open(
        handle: [UInt8], split: [UInt8], _ context: CallContext
    ) throws(IglooError) -> any BatchReader {
        try JSONReader(
            try JSONPlan(handle: handle, withFiles: false), try JSONSplit(payload: split))
    }

    func ping(_ context: CallContext) throws(IglooError) {
        if options.path != nil { _ = try catalog.listTables(prefix: "", context) }
    }

    func statistics(
        handle: [UInt8], columns: [Int], _ context: CallContext
    ) throws(IglooError) -> TableStatistics? {
        let table = try JSONPlan(handle: handle, withFiles: true).table
        let byteCount = table.files.reduce(0.0) { $0 + Double($1.identity.byteCount) }
        return TableStatistics(
            rowCount: byteCount / max(1, table.averageRowByteCount), byteCount: byteCount)
    }
}
