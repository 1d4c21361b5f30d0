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
    capabilities: [
        .isCPUBound, .hasStatistics, .readsFiles, .tellsChanges, .takesRuntimeFilters,
    ],
    create: { values, _ throws(IglooError) in ParquetConnector(try ParquetTableOptions(values)) })

/// A catalog of Parquet files.
///
/// It takes over the choice of columns, the conditions that `RowFilter` or the files' paths can
/// decide, exactly, limits where nothing stands between them and the rows, and counts and bounds of
/// whole columns that the footers know. Row groups and pages are left out by
/// their statistics, Bloom filters and page index, also by what a running query has learnt of its joins.
///
/// - Threads: any; what it remembers, footers and the last plan, can be had again.
struct ParquetConnector: FileConnector {
    private let options: ParquetTableOptions
    let catalog: FileCatalog
    private let footers = FooterCache()
    private let plans = PreparedPlanCache()

    init(_ options: ParquetTableOptions) {
        self.options = options
        catalog = FileCatalog(format: parquetFormat, path: options.files.path)
    }

    func openTable(
        schema: String, name: String, _ context: CallContext
    ) throws(IglooError) -> OpenedTable {
        let files = try catalog.files(schema: schema, name: name, context)
        let definition = ParquetTableDefinition(files: files, options: options)
        let table = try ParquetTable(definition, footers, context)
        try table.checkFiles(footers, context)
        return OpenedTable(handle: try definition.encoded(), schema: table.schema)
    }

    var changes: (any ConnectorChanges)? {
        FileChanges { (table) throws(IglooError) in
            try ParquetTableDefinition(handle: table).files.map(\.path)
        }
    }

    func plan(_ request: ScanRequest, _ context: CallContext) throws(IglooError) -> ScanAnswer {
        let definition = try ParquetTableDefinition(handle: request.table)
        let table = try ParquetTable(definition, footers, context)
        if let answer = try planAggregates(request, table, context) { return answer }
        var verdicts: [Verdict] = []
        var reasons: [String] = []
        var pushed: [PushdownExpression] = []
        for conjunct in request.conjuncts {
            let canDecide =
                table.filter(conjunct) != nil || PathCondition(conjunct, table.paths) != nil
            verdicts.append(canDecide ? .exact : .unsupported)
            reasons.append(canDecide ? "" : "no comparison of a column with literals")
            if canDecide { pushed.append(conjunct) }
        }
        let columns = try request.checkedColumns(verdicts, table.schema)
        let plan = ParquetPlan(
            definition: definition, columns: columns, conjuncts: pushed,
            limit: request.takenLimit(verdicts))
        var answer = ScanAnswer(
            schema: table.schema.projected(columns), handle: try plan.encoded(),
            conjunctCount: request.conjuncts.count)
        answer.conjuncts = verdicts
        answer.reasons = reasons
        if plan.limit != nil { answer.limit = .inexact }
        answer.snapshot = definition.files.fingerprint
        let survey = try ScanSurvey(try PreparedPlan(plan, table), footers, context)
        answer.estimatedRowCount = Double(survey.rowCount)
        answer.estimatedByteCount = Double(survey.byteCount)
        answer.remoteText = survey.text
        return answer
    }

    /// Aggregates over whole tables that the footers answer; `nil` = the rows have to be read.
    private func planAggregates(
        _ request: ScanRequest, _ table: ParquetTable, _ context: CallContext
    ) throws(IglooError) -> ScanAnswer? {
        guard request.aggregateMode == .full, !request.aggregates.isEmpty, request.groupBy.isEmpty,
            request.conjuncts.isEmpty
        else { return nil }
        let aggregates = request.aggregates.compactMap { FooterAggregate($0, table) }
        guard aggregates.count == request.aggregates.count else { return nil }
        let plan = ParquetPlan(
            definition: table.definition, columns: [], conjuncts: [], limit: nil,
            aggregates: aggregates)
        let prepared = try PreparedPlan(plan, table)
        for aggregate in aggregates {
            guard try aggregate.value(prepared, footers, context) != nil else { return nil }
        }
        var answer = ScanAnswer(
            schema: FooterReader.schema(aggregates, table), handle: try plan.encoded(),
            conjunctCount: 0)
        answer.aggregate = .exact
        answer.snapshot = table.definition.files.fingerprint
        answer.estimatedRowCount = 1
        answer.remoteText = "\(prepared.files.summary) (footers)"
        return answer
    }

    func splits(
        handle: [UInt8], targetByteCount: Int, _ context: CallContext
    ) throws(IglooError) -> any SplitSource {
        let prepared = try plans.prepared(handle, footers, context)
        if !prepared.plan.aggregates.isEmpty {
            let file = prepared.plan.definition.files[0]
            return ArraySplitSource([
                Split(payload: ParquetSplit(file: file, rowGroups: []).encoded(), rowCount: 1)
            ])
        }
        return ParquetSplitSource(
            prepared, footers, targetByteCount: targetByteCount)
    }

    func open(
        handle: [UInt8], split: [UInt8], _ context: CallContext
    ) throws(IglooError) -> any BatchReader {
        let prepared = try plans.prepared(handle, footers, context)
        if !prepared.plan.aggregates.isEmpty {
            return try FooterReader(prepared, footers, context)
        }
        return try ParquetSplitReader(
            prepared, try ParquetSplit(payload: split), footers)
    }

    func statistics(
        handle: [UInt8], columns: [Int], _ context: CallContext
    ) throws(IglooError) -> TableStatistics? {
        let prepared = try plans.prepared(handle, footers, context)
        let survey = try ScanSurvey(prepared, footers, context)
        return try survey.statistics(columns, footers, context)
    }
}
