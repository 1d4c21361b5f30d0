// SPDX-License-Identifier: MIT

public import IglooArrow
import IglooArrowTesting
public import IglooContracts

/// A connector whose tables are made up, to exercise everything that crosses the border.
///
/// Tables: `types` (every Arrow type), `context` (its schema tells what the call brought along),
/// `endless` (until cancelled), `stuck` (blocks until `cancel`), `hungry` (reserves memory),
/// `torn` (fails in its second batch), `short` (answers a conjunct too few), `noisy` (leaves
/// notices), `written` (its schema tells the calls of writing).
public let memoryConnector = ConnectorKind(
    name: "memory",
    options: [
        OptionSpecification("text", .string, defaultText: "hello", documentation: "Any text."),
        OptionSpecification("flag", .bool, defaultText: "true", documentation: "A truth."),
        OptionSpecification("count", .integer, defaultText: "-7", documentation: "A number."),
        OptionSpecification("ratio", .double, documentation: "A share."),
        OptionSpecification("wait", .duration, defaultText: "1500ms", documentation: "A time."),
        OptionSpecification("budget", .byteCount, documentation: "A size."),
        OptionSpecification(
            "mode", .choice, defaultText: "fast", allowed: ["fast", "slow"],
            documentation: "How to go about it."),
        OptionSpecification("names", .list, documentation: "Several texts."),
        OptionSpecification("path", .path, documentation: "Where it is."),
        OptionSpecification("token", .secret, documentation: "What must not be shown."),
    ],
    capabilities: [.isCPUBound, .hasStatistics, .readsFiles, .canWrite, .hasTransactions]
) { (options, context) throws(IglooError) in
    if options.string("text") == "refuse" {
        throw IglooError(
            .unauthenticated, "the source refused the token", hint: "ask for another one",
            sqlState: SQLState(rawValue: "28P01"), isRetryable: true)
    }
    return MemoryConnector(options: options)
}

public final class MemoryConnector: Connector {
    private let options: OptionValues
    private let written = MemoryWrites()

    public init(options: OptionValues) { self.options = options }

    public var writing: (any ConnectorWriting)? {
        options.string("mode") == "slow" ? nil : written
    }

    public var transactions: (any ConnectorTransactions)? {
        options.string("mode") == "slow" ? nil : written
    }

    /// The rows of `types`, the same in every process.
    public static func typesBatch() throws(IglooError) -> RecordBatch {
        var generator = SeededGenerator(seed: 42)
        do {
            return try ArrowSamples.batch(rowCount: 100, using: &generator)
        } catch {
            throw IglooError(.internalError, "\(error)")
        }
    }

    /// The options, one schema each.
    public func listSchemas(_ context: CallContext) throws(IglooError) -> [String] {
        options.names.map { "\($0)=\(options[$0].map { "\($0)" } ?? "")" }
    }

    public func listTables(
        schema: String, prefix: String, _ context: CallContext
    ) throws(IglooError) -> [TableListing] {
        if schema == "missing" {
            throw IglooError(.notFound, "no schema \"missing\"", sqlState: .undefinedSchema)
        }
        return [
            TableListing(name: "context", kind: .view, comment: "ä \"comment\""),
            TableListing(name: "types", estimatedRowCount: 100),
        ].filter { $0.name.hasPrefix(prefix) }
    }

    public func openTable(
        schema: String, name: String, _ context: CallContext
    ) throws(IglooError) -> OpenedTable {
        var columns = Schema([Field("number", .int64)])
        switch name {
        case "types": columns = try Self.typesBatch().schema
        case "context":
            columns.metadata = [
                "query": context.queryId, "user": context.user, "schema": schema,
                "deadline": context.deadlineNanoseconds.map { "\($0)" } ?? "none",
                "cancelled": "\(context.cancellation.isCancelled)",
            ]
        case "written": columns.metadata = ["calls": written.calls.joined(separator: "\n")]
        case "endless", "stuck", "hungry", "torn", "short", "noisy": break
        default:
            throw IglooError(
                .notFound, "no table \"\(name)\"", hint: "did you mean \"types\"?",
                sqlState: .undefinedTable)
        }
        return OpenedTable(handle: Array("\0table:\(name)".utf8), schema: columns)
    }

    /// Equality is exact, the other comparisons inexact; the request comes back as text.
    public func plan(
        _ request: ScanRequest, _ context: CallContext
    ) throws(IglooError) -> ScanAnswer {
        let name = String(decoding: request.table.dropFirst("\0table:".utf8.count), as: UTF8.self)
        let table = try openTable(schema: "", name: name, context)
        var answer = ScanAnswer(
            schema: Schema([]), handle: Array(name.utf8), conjunctCount: request.conjuncts.count)
        for (index, conjunct) in request.conjuncts.enumerated() {
            answer.conjuncts[index] = Self.verdict(conjunct)
            answer.reasons.append(answer.conjuncts[index] == .exact ? "" : "only = is exact")
        }
        var columns = request.outputColumns(answer.conjuncts)
        if !request.aggregates.isEmpty && answer.conjuncts.allSatisfy({ $0 == .exact }) {
            answer.aggregate = request.aggregateMode == .full ? .exact : .inexact
            answer.schema = Schema(
                request.groupBy.enumerated().map { Field("key\($0.offset)", $0.element.type) }
                    + request.aggregates.enumerated().map {
                        Field("value\($0.offset)", $0.element.type)
                    })
        } else {
            guard columns.allSatisfy(table.schema.fields.indices.contains) else {
                throw IglooError(.invalidArgument, "a column is beyond the table's")
            }
            if name == "short" {
                columns = Array(columns.dropFirst())
            }
            answer.schema = table.schema.projected(columns)
        }
        answer.sort = request.sort.isEmpty ? .unsupported : .inexact
        answer.limit = request.limit == nil ? .unsupported : .inexact
        answer.snapshot = [1, 2, 3]
        answer.estimatedRowCount = 100
        answer.remoteText = "\(request)"
        return answer
    }

    private static func verdict(_ conjunct: PushdownExpression) -> Verdict {
        guard case .call(let operation, _, _) = conjunct else { return .unsupported }
        switch operation {
        case .equal: return .exact
        case .less, .lessOrEqual, .greater, .greaterOrEqual: return .inexact
        default: return .unsupported
        }
    }

    /// Ten splits, after an empty page.
    public func splits(
        handle: [UInt8], targetByteCount: Int, _ context: CallContext
    ) throws(IglooError) -> any SplitSource {
        MemorySplits(
            (0..<10).map {
                Split(payload: [UInt8($0), 0], rowCount: 10, byteCount: $0 == 0 ? nil : 80)
            })
    }

    public func open(
        handle: [UInt8], split: [UInt8], _ context: CallContext
    ) throws(IglooError) -> any BatchReader {
        let name = String(decoding: handle, as: UTF8.self)
        guard name == "types" else { return NumberReader(name) }
        guard let number = split.first.map({ Int($0) }), number < 10 else {
            throw IglooError(.invalidArgument, "no such split")
        }
        let batch = try Self.typesBatch().slice(number * 10, count: 10)
        return ArrayBatchReader(schema: batch.schema, batches: [batch, batch.slice(3, count: 0)])
    }

    public func ping(_ context: CallContext) throws(IglooError) {
        if options.bool("flag") == false {
            throw IglooError(.unavailable, "the source is gone", isRetryable: true)
        }
    }

    /// Bounds of every form.
    public func statistics(
        handle: [UInt8], columns: [Int], _ context: CallContext
    ) throws(IglooError) -> TableStatistics? {
        if handle == Array("endless".utf8) { return nil }
        return Self.statistics(columns: columns)
    }

    public static func statistics(columns: [Int]) -> TableStatistics {
        let bounds: [(Scalar?, Scalar?)] = [
            (nil, nil), (.int(-5), .int(7)), (.uint(.max), nil), (.float(-0.0), .float(.infinity)),
            (.decimal(-12), .decimal(.init(1) << 100)), (.text("ä"), .text("")),
            (.binary([0, 255]), .binary([])), (.bool(false), .bool(true)),
            (.wideDecimal(high: 5, low: 1), nil),
            (.interval(months: -1, days: 2, nanoseconds: -3), nil),
        ]
        return TableStatistics(
            rowCount: 100, byteCount: nil, isExact: true,
            columns: columns.map { column in
                ColumnStatistics(
                    column: column, nullFraction: 0.25, distinctCount: nil, averageByteCount: 8,
                    minimum: bounds[column % bounds.count].0,
                    maximum: bounds[column % bounds.count].1, isExact: column % 2 == 0)
            })
    }
}
