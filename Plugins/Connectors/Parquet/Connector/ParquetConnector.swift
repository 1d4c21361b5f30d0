// SPDX-License-Identifier: MIT

public import IglooContracts
import IglooArrow
import IglooFiles
import IglooParquet

let parquetFormat = FileFormat(
    name: "parquet", extensions: ["parquet", "pq"], isCompressible: false)

/// Files of Apache Parquet.
public let parquetConnector = ConnectorKind(
    name: "parquet", options: ParquetTableOptions.specifications,
    capabilities: [.isCPUBound, .hasStatistics, .readsFiles],
    create: { values, _ throws(IglooError) in ParquetConnector(ParquetTableOptions(values)) })

/// A catalog of Parquet files.
///
/// It takes over the choice of columns, the conditions that `RowFilter` can decide, exactly, and
/// limits where nothing stands between them and the rows. Row groups and pages are left out by
/// their statistics, Bloom filters and page index.
///
/// - Threads: any; what it remembers, footers and the last plan, can be had again.
struct ParquetConnector: Connector {
    private let options: ParquetTableOptions
    private let catalog: FileCatalog
    private let footers = FooterCache()
    private let plans = PreparedPlanCache()

    init(_ options: ParquetTableOptions) {
        self.options = options
        catalog = FileCatalog(format: parquetFormat, path: options.path)
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
        let definition = ParquetTableDefinition(files: files, options: options)
        let table = try ParquetTable(definition, footers, context)
        try table.checkFiles(footers, context)
        return OpenedTable(handle: definition.encoded(), schema: table.schema)
    }

    func plan(_ request: ScanRequest, _ context: CallContext) throws(IglooError) -> ScanAnswer {
        let definition = try ParquetTableDefinition(handle: request.table)
        let table = try ParquetTable(definition, footers, context)
        var verdicts: [Verdict] = []
        var reasons: [String] = []
        var pushed: [PushdownExpression] = []
        for conjunct in request.conjuncts {
            let canDecide = table.filter(conjunct) != nil
            verdicts.append(canDecide ? .exact : .unsupported)
            reasons.append(canDecide ? "" : "no comparison of a column with literals")
            if canDecide { pushed.append(conjunct) }
        }
        let columns = request.outputColumns(verdicts)
        guard columns.allSatisfy(table.schema.fields.indices.contains) else {
            throw IglooError(.invalidArgument, "a column is asked for that the table has not")
        }
        let takesLimit =
            !verdicts.contains(.unsupported) && request.sort.isEmpty && request.groupBy.isEmpty
            && request.aggregates.isEmpty && request.limit ?? -1 >= 0
        let plan = ParquetPlan(
            definition: definition, columns: columns, conjuncts: pushed,
            limit: takesLimit ? request.limit : nil)
        var answer = ScanAnswer(
            schema: table.schema.projected(columns), handle: plan.encoded(),
            conjunctCount: request.conjuncts.count)
        answer.conjuncts = verdicts
        answer.reasons = reasons
        if takesLimit { answer.limit = .inexact }
        answer.snapshot = definition.snapshot
        let survey = try ScanSurvey(table, plan, footers, context)
        answer.estimatedRowCount = Double(survey.rowCount)
        answer.estimatedByteCount = Double(survey.byteCount)
        answer.remoteText = survey.text
        return answer
    }

    func splits(
        handle: [UInt8], targetByteCount: Int, _ context: CallContext
    ) throws(IglooError) -> any SplitSource {
        let prepared = try plans.prepared(handle, footers, context)
        return ParquetSplitSource(
            prepared.table, prepared.plan, footers, targetByteCount: targetByteCount)
    }

    func open(
        handle: [UInt8], split: [UInt8], _ context: CallContext
    ) throws(IglooError) -> any BatchReader {
        let prepared = try plans.prepared(handle, footers, context)
        return try ParquetSplitReader(
            prepared.table, prepared.plan, try ParquetSplit(payload: split), footers)
    }

    func ping(_ context: CallContext) throws(IglooError) {
        if options.path != nil { _ = try catalog.listTables(prefix: "", context) }
    }

    func statistics(
        handle: [UInt8], columns: [Int], _ context: CallContext
    ) throws(IglooError) -> TableStatistics? {
        let prepared = try plans.prepared(handle, footers, context)
        let survey = try ScanSurvey(prepared.table, prepared.plan, footers, context)
        return try survey.statistics(columns, footers, context)
    }
}
