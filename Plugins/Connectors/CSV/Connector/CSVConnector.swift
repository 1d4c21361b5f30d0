// SPDX-License-Identifier: MIT

public import IglooContracts
import IglooArrow
import IglooFiles

let csvFormat = FileFormat(name: "csv", extensions: ["csv", "tsv", "tbl"], isCompressible: true)

/// Files of comma-separated values, and all their relatives.
public let csvConnector = ConnectorKind(
    name: "csv", options: CSVOptions.specifications,
    capabilities: [.isCPUBound, .hasStatistics, .readsFiles],
    create: { values, _ throws(IglooError) in CSVConnector(try CSVOptions(values)) })

/// A catalog of CSV files.
///
/// It takes over the choice of columns, and limits of scans without conditions. Conditions are
/// for the host: a text file has nothing that would make them quicker.
///
/// - Threads: any; it holds no state.
struct CSVConnector: Connector {
    private let options: CSVOptions
    private let catalog: FileCatalog

    init(_ options: CSVOptions) {
        self.options = options
        catalog = FileCatalog(format: csvFormat, path: options.path)
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
        let table = try CSVTableSniffer(options: options, context: context).sniff(files)
        return OpenedTable(handle: try table.encoded(), schema: table.schema)
    }

    func plan(_ request: ScanRequest, _ context: CallContext) throws(IglooError) -> ScanAnswer {
        let table = try CSVTable(handle: request.table)
        for index in request.columns where index < 0 || index >= table.schema.fields.count {
            throw IglooError(.invalidArgument, "the table has no column \(index)")
        }
        let none = request.conjuncts.map { _ in Verdict.unsupported }
        let columns = request.outputColumns(none)
        guard columns.allSatisfy({ $0 >= 0 && $0 < table.schema.fields.count }) else {
            throw IglooError(.invalidArgument, "a condition is about a column that is not there")
        }
        let takesLimit =
            request.conjuncts.isEmpty && request.sort.isEmpty && request.groupBy.isEmpty
            && request.aggregates.isEmpty && request.limit ?? -1 >= 0
        let plan = CSVPlan(
            table: table, columns: columns, limit: takesLimit ? request.limit : nil)
        var answer = ScanAnswer(
            schema: plan.schema, handle: try plan.encoded(),
            conjunctCount: request.conjuncts.count)
        if takesLimit { answer.limit = .inexact }
        answer.reasons = request.conjuncts.map { _ in "text files are read whole" }
        let byteCount = table.files.reduce(0.0) { $0 + Double($1.identity.byteCount) }
        answer.estimatedByteCount = byteCount
        answer.estimatedRowCount = byteCount / max(1, table.averageRowByteCount)
        answer.remoteText = remoteText(table)
        return answer
    }

    private func remoteText(_ table: CSVTable) -> String {
        let delimiter = TextBytes.name(table.dialect.delimiter)
        let header = table.dialect.hasHeader ? "header" : "no header"
        let first = table.files.first?.path ?? ""
        let files = table.files.count == 1 ? first : "\(table.files.count) files, first \(first)"
        return "\(files) (delim \(delimiter), \(header))"
    }

    func splits(
        handle: [UInt8], targetByteCount: Int, _ context: CallContext
    ) throws(IglooError) -> any SplitSource {
        CSVSplitSource(
            try CSVPlan(handle: handle, withFiles: true).table, targetByteCount: targetByteCount)
    }

    func open(
        handle: [UInt8], split: [UInt8], _ context: CallContext
    ) throws(IglooError) -> any BatchReader {
        let plan = try CSVPlan(handle: handle, withFiles: false)
        return try CSVReader(plan, try CSVSplit(payload: split, table: plan.table), context)
    }

    func ping(_ context: CallContext) throws(IglooError) {
        if options.path != nil { _ = try catalog.listTables(prefix: "", context) }
    }

    func statistics(
        handle: [UInt8], columns: [Int], _ context: CallContext
    ) throws(IglooError) -> TableStatistics? {
        let table = try CSVPlan(handle: handle, withFiles: true).table
        let byteCount = table.files.reduce(0.0) { $0 + Double($1.identity.byteCount) }
        return TableStatistics(
            rowCount: byteCount / max(1, table.averageRowByteCount), byteCount: byteCount)
    }
}
