// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import Synchronization
import Testing

@testable import IglooPlanner

/// What is offered to a source, and what becomes of its answers.
@Suite struct ScanNegotiationTests {
    private static let schema = Schema([Field("k", .int64), Field("t", .utf8)])
    private static let columns = [
        PlanColumn(id: ColumnId(1), name: "k", type: .int64),
        PlanColumn(id: ColumnId(2), name: "t", type: .utf8View),
    ]
    private static let condition = Expression.call(
        ">", [.column(ColumnId(1), .int64), .literal(.int(5), .int64)], .bool)

    /// A source that answers as it is told, and remembers what it was asked.
    private final class Source: Connector {
        let answer: @Sendable (ScanRequest) -> ScanAnswer
        let asked = Locked<[ScanRequest]>([])

        init(_ answer: @escaping @Sendable (ScanRequest) -> ScanAnswer) { self.answer = answer }

        func plan(_ request: ScanRequest, _ context: CallContext) throws(IglooError) -> ScanAnswer {
            asked.withLock { $0.append(request) }
            return answer(request)
        }

        func openTable(
            schema: String, name: String, _ context: CallContext
        ) throws(IglooError) -> OpenedTable { throw .cancelled() }
        func splits(
            handle: [UInt8], targetByteCount: Int, _ context: CallContext
        ) throws(IglooError) -> any SplitSource { throw .cancelled() }
        func open(
            handle: [UInt8], split: [UInt8], _ context: CallContext
        ) throws(IglooError) -> any BatchReader { throw .cancelled() }
        func listSchemas(_ context: CallContext) throws(IglooError) -> [String] { [] }
        func listTables(
            schema: String, prefix: String, _ context: CallContext
        ) throws(IglooError) -> [TableListing] { [] }
        func ping(_ context: CallContext) throws(IglooError) {}
    }

    /// An answer that takes over what it is told to, with the columns that follow from it.
    private static func answer(
        _ request: ScanRequest, conjuncts: Verdict = .exact, aggregate: Verdict = .unsupported,
        sort: Verdict = .unsupported, limit: Verdict = .unsupported
    ) -> ScanAnswer {
        let verdicts = request.conjuncts.map { _ in conjuncts }
        let isGrouped = aggregate != .unsupported && request.aggregateMode != .none
        let types =
            isGrouped
            ? request.groupBy.map(\.type) + request.aggregates.map(\.type)
            : request.outputColumns(verdicts).map { schema.fields[$0].type }
        var answer = ScanAnswer(
            schema: Schema(types.map { Field("c", $0) }), handle: [],
            conjunctCount: request.conjuncts.count)
        answer.conjuncts = verdicts
        answer.aggregate = isGrouped ? aggregate : .unsupported
        answer.sort = request.sort.isEmpty ? .unsupported : sort
        answer.limit = request.limit == nil ? .unsupported : limit
        return answer
    }

    private func planned(
        _ source: Source, _ plan: (LogicalPlan) -> LogicalPlan
    ) throws -> (text: String, records: [PushdownRecord]) {
        let table = TableSource(
            name: "t", connectorName: "told", connector: source, capabilities: [],
            table: OpenedTable(handle: [], schema: Self.schema))
        let scan = LogicalPlan.scan(
            Scan(table: table, columns: Self.columns, tableColumns: [0, 1]))
        let planner = Planner(context: CallContext()) { _ in .null }
        let physical = try planner.physical(plan(.filter(scan, Self.condition)))
        return (PlanPrinter.physical(physical), Self.records(physical))
    }

    private static func records(_ plan: PhysicalPlan) -> [PushdownRecord] {
        if case .scan(let scan) = plan.operation { return scan.pushdown }
        return plan.inputs.flatMap { records($0) }
    }

    private static let key = SortKey(.column(ColumnId(2), .utf8View))

    private static func grouped(_ input: LogicalPlan) -> LogicalPlan {
        .aggregate(
            input,
            keys: [
                Projection(
                    column: PlanColumn(id: ColumnId(11), name: "t", type: .utf8View),
                    expression: .column(ColumnId(2), .utf8View))
            ],
            calls: [
                AggregateColumn(
                    column: PlanColumn(id: ColumnId(12), name: "n", type: .int64),
                    call: AggregateCall("count", [], type: .int64))
            ])
    }

    @Test func groupsOfTheSourceTakeTheAggregatesPlace() throws {
        let source = Source { Self.answer($0, aggregate: .exact, sort: .exact, limit: .exact) }
        let (text, records) = try planned(source) {
            .limit(
                .sort(Self.grouped($0), [SortKey(.column(ColumnId(12), .int64))]), count: 3,
                offset: 2)
        }
        #expect(text.hasPrefix("Top 3 offset 2 by n"), "\(text)")
        #expect(!text.contains("Aggregate"), "\(text)")
        #expect(records.map(\.outcome) == Array(repeating: .pushed, count: 5))
        let asked = source.asked.withLock { $0 }.first { $0.aggregateMode == .full }
        #expect(asked?.groupBy == [.column(1, .utf8)])
        #expect(asked?.aggregates == [PushdownAggregate(.countRows, [], type: .int64)])
        #expect(asked?.sort.first?.expression == .column(1, .int64))
        #expect(asked?.limit == 5)
    }

    @Test func whatTheSourceDoesNotDoIsDoneHere() throws {
        let source = Source { Self.answer($0, conjuncts: .inexact) }
        let (text, records) = try planned(source) {
            .limit(
                .sort(Self.grouped($0), [SortKey(.column(ColumnId(11), .utf8View))]), count: 3,
                offset: 0)
        }
        #expect(text.contains("Aggregate count(*) by t"), "\(text)")
        #expect(text.contains("Filter k > 5"), "\(text)")
        let outcomes: [PushdownRecord.Outcome] = [.pushed, .residual, .refused, .refused]
        #expect(records.prefix(3).map(\.outcome) == outcomes.prefix(3).map { $0 })
        #expect(records.allSatisfy { !$0.reason.isEmpty })
    }

    /// Answers that would lose rows: the source is asked for columns alone instead.
    @Test(arguments: 0..<5)
    func answersAtOddsWithTheRequestAreNotUsed(number: Int) throws {
        let source = Source { request in
            switch number {
            case 0: return Self.answer(request, conjuncts: .inexact, limit: .exact)
            case 1: return Self.answer(request, limit: .exact)
            case 2: return Self.answer(request, aggregate: .inexact)
            case 3: return Self.answer(request, conjuncts: .inexact, aggregate: .exact)
            default:
                var answer = Self.answer(request, sort: .exact, limit: .exact)
                if request.limit != nil { answer.schema = Schema([Field("x", .bool)]) }
                return answer
            }
        }
        let (text, records) = try planned(source) {
            let input = number == 2 || number == 3 ? Self.grouped($0) : $0
            let isGrouped = number == 2 || number == 3
            let key = isGrouped ? SortKey(.column(ColumnId(11), .utf8View)) : Self.key
            return .limit(number == 0 ? input : .sort(input, [key]), count: 3, offset: 0)
        }
        #expect(text.contains("Filter k > 5"), "\(text)")
        #expect(records.contains { $0.reason.hasPrefix("answer:") }, "\(records)")
    }

    @Test func anOrderOfAllRowsIsMadeHere() throws {
        let source = Source { Self.answer($0, sort: .exact) }
        let (_, records) = try planned(source) { .sort($0, [Self.key]) }
        #expect(records.last?.outcome == .refused)
        #expect(records.last?.reason.hasPrefix("cost:") == true)
        #expect(source.asked.withLock { $0.allSatisfy { $0.sort.isEmpty } })
    }
}
