// SPDX-License-Identifier: MIT

public import IglooContracts

/// The options of a connector of one format of text files, checked; knows how to open a table.
public protocol TextFormatOptions: Sendable {
    associatedtype Table: TextFormatTable

    init(_ values: OptionValues) throws(IglooError)
    var files: FileOptions { get }
    /// Finds out what is needed to read the files as one table.
    func table(of files: [FileReference], _ context: CallContext) throws(IglooError) -> Table
}

/// A catalog of text files of one format.
///
/// It takes over the choice of columns, conditions that paths decide, and limits of scans without
/// other conditions. Those are for the host: a text file has nothing that would make them quicker.
///
/// - Threads: any; it holds no state.
public struct TextConnector<Options: TextFormatOptions>: FileConnector {
    private typealias Plan = TextPlan<Options.Table>

    private let options: Options
    public let catalog: FileCatalog

    public init(_ options: Options) {
        self.options = options
        catalog = FileCatalog(format: Options.Table.format, path: options.files.path)
    }

    public func openTable(
        schema: String, name: String, _ context: CallContext
    ) throws(IglooError) -> OpenedTable {
        let files = try catalog.files(schema: schema, name: name, context)
        let table = try options.table(of: files, context)
        return OpenedTable(handle: try table.encoded(), schema: table.text.schema)
    }

    public var changes: (any ConnectorChanges)? {
        FileChanges { (table) throws(IglooError) in
            try Options.Table(handle: table).text.files.map(\.path)
        }
    }

    public func plan(
        _ request: ScanRequest, _ context: CallContext
    ) throws(IglooError) -> ScanAnswer {
        var table = try Options.Table(handle: request.table)
        let conditions = request.conjuncts.map { PathCondition($0, table.text.paths) }
        let verdicts = conditions.map { $0 == nil ? Verdict.unsupported : .exact }
        let snapshot = table.text.files.fingerprint
        table.text.files = try table.text.files.matching(conditions.compactMap { $0 })
        let plan = Plan(
            table: table, columns: try request.checkedColumns(verdicts, table.text.schema),
            limit: request.takenLimit(verdicts))
        var answer = ScanAnswer(
            schema: plan.schema, handle: try plan.encoded(),
            conjunctCount: request.conjuncts.count)
        answer.conjuncts = verdicts
        answer.snapshot = snapshot
        answer.reasons = conditions.map { $0 == nil ? "text files are read whole" : "" }
        if plan.limit != nil { answer.limit = .inexact }
        answer.estimatedByteCount = table.text.files.byteCount
        answer.estimatedRowCount = table.text.rowCount(table.text.files.byteCount)
        answer.remoteText = table.text.files.summary + table.details
        return answer
    }

    public func splits(
        handle: [UInt8], targetByteCount: Int, _ context: CallContext
    ) throws(IglooError) -> any SplitSource {
        try Plan(handle: handle, withFiles: true).table.splits(targetByteCount: targetByteCount)
    }

    public func open(
        handle: [UInt8], split: [UInt8], _ context: CallContext
    ) throws(IglooError) -> any BatchReader {
        try Options.Table.reader(Plan(handle: handle, withFiles: false), split: split, context)
    }

    public func statistics(
        handle: [UInt8], columns: [Int], _ context: CallContext
    ) throws(IglooError) -> TableStatistics? {
        let text = try Plan(handle: handle, withFiles: true).table.text
        return TableStatistics(
            rowCount: text.rowCount(text.files.byteCount), byteCount: text.files.byteCount)
    }
}
