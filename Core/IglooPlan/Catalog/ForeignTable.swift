// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooContracts

/// The rows of a function that gives rows, as a table: nothing is pushed down.
///
/// - Threads: any.
public final class ForeignTable: Connector {
    private let function: any TableValuedFunction
    private let arguments: RecordBatch
    /// A NULL among the arguments of a function that sees none: there are no rows.
    private let isEmpty: Bool

    /// - Parameter arguments: one row, in the layouts that the call wants.
    init(_ function: any TableValuedFunction, _ arguments: RecordBatch, isEmpty: Bool) {
        self.function = function
        self.arguments = arguments
        self.isEmpty = isEmpty
    }

    /// The call as a table.
    ///
    /// - Parameter values: one an argument, of the call's engine types.
    public static func source(
        _ call: ForeignCall, _ values: [Scalar], shownAs name: String
    ) throws(IglooError) -> TableSource {
        guard case .table(let function) = call.function else {
            throw IglooError(.internalError, "\(call.name) gives no rows")
        }
        var columns: [ArrayData] = []
        do throws(ArrowError) {
            for (value, type) in zip(values, call.passed) {
                let builder = ArrayBuilder(type)
                try builder.append(value)
                columns.append(builder.finish())
            }
        } catch {
            throw IglooError(error)
        }
        let fields = call.passed.enumerated().map { Field("\($0)", $1) }
        let table = ForeignTable(
            function, RecordBatch(schema: Schema(fields), columns: columns, rowCount: 1),
            isEmpty: call.isStrict && values.contains(where: \.isNull))
        return TableSource(
            name: name, connectorName: call.library, connector: table, capabilities: [],
            table: OpenedTable(handle: [], schema: function.schema))
    }

    public func listSchemas(_ context: CallContext) throws(IglooError) -> [String] { [] }

    public func listTables(
        schema: String, prefix: String, _ context: CallContext
    ) throws(IglooError) -> [TableListing] { [] }

    public func openTable(
        schema: String, name: String, _ context: CallContext
    ) throws(IglooError) -> OpenedTable { OpenedTable(handle: [], schema: function.schema) }

    public func plan(
        _ request: ScanRequest, _ context: CallContext
    ) throws(IglooError) -> ScanAnswer {
        var answer = ScanAnswer(
            schema: Schema([]), handle: [], conjunctCount: request.conjuncts.count)
        let columns = try ColumnPicks.checked(
            request.outputColumns(answer.conjuncts), of: function.schema.fields.count)
        answer.schema = function.schema.projected(columns)
        answer.handle = ColumnPicks.handle(columns)
        return answer
    }

    public func splits(
        handle: [UInt8], targetByteCount: Int, _ context: CallContext
    ) throws(IglooError) -> any SplitSource { ArraySplitSource([Split(payload: [])]) }

    public func open(
        handle: [UInt8], split: [UInt8], _ context: CallContext
    ) throws(IglooError) -> any BatchReader {
        let columns = try ColumnPicks.columns(handle, of: function.schema.fields.count)
        if isEmpty {
            return ArrayBatchReader(schema: function.schema.projected(columns), batches: [])
        }
        return PickingReader(try function.open(arguments, context), columns)
    }

    public func ping(_ context: CallContext) throws(IglooError) {}
}

/// Some columns of a reader's.
private final class PickingReader: BatchReader {
    let schema: Schema
    private let reader: any BatchReader
    private let columns: [Int]

    init(_ reader: any BatchReader, _ columns: [Int]) {
        self.reader = reader
        self.columns = columns
        schema = reader.schema.projected(columns)
    }

    func next(_ context: CallContext) throws(IglooError) -> RecordBatch? {
        try reader.next(context)?.projected(columns)
    }

    func cancel() { reader.cancel() }
}
