// SPDX-License-Identifier: MIT

import Glibc
import IglooArrow
import IglooContracts
import IglooPlan
import Synchronization

@testable import IglooExecution

/// A table of one column that counts up, and behaves as the script says.
///
/// Split `s` holds the numbers `s * batches * rows ..< (s + 1) * batches * rows`.
final class ScriptedConnector: Connector {
    struct Script: Sendable {
        var splitCount = 4
        var batchCount = 8
        var rowCount = 1_000
        /// Splits given at once; between them an empty page: none right now.
        var pageCount = 3
        var failsListing = false
        /// The split that cannot be opened.
        var unopenable: Int?
        /// The number at whose batch the reader throws.
        var failingNumber: Int?
        /// The split whose reader never gives a row, until it is cancelled.
        var blockedSplit: Int?
    }

    let script: Script
    let opened = Atomic<Int>(0)
    let batchesRead = Atomic<Int>(0)
    /// Readers that someone still holds.
    let alive = Atomic<Int>(0)

    init(_ script: Script) { self.script = script }

    static let schema = Schema([Field("n", .int64)])

    var count: Int { script.splitCount * script.batchCount * script.rowCount }
    var sum: Int { count * (count - 1) / 2 }

    func splits(
        handle: [UInt8], targetByteCount: Int, _ context: CallContext
    ) throws(IglooError) -> any SplitSource {
        Splits(script)
    }

    func open(
        handle: [UInt8], split: [UInt8], _ context: CallContext
    ) throws(IglooError) -> any BatchReader {
        let index = Int(split[0]) << 8 | Int(split[1])
        if index == script.unopenable { throw IglooError(.unavailable, "split \(index) is gone") }
        opened.wrappingAdd(1, ordering: .relaxed)
        return Reader(self, index)
    }

    func openTable(
        schema: String, name: String, _ context: CallContext
    ) throws(IglooError) -> OpenedTable {
        OpenedTable(handle: [], schema: Self.schema)
    }

    func plan(_ request: ScanRequest, _ context: CallContext) throws(IglooError) -> ScanAnswer {
        ScanAnswer(schema: Self.schema, handle: [], conjunctCount: request.conjuncts.count)
    }

    func listSchemas(_ context: CallContext) throws(IglooError) -> [String] { [] }
    func listTables(
        schema: String, prefix: String, _ context: CallContext
    ) throws(IglooError) -> [TableListing] { [] }
    func ping(_ context: CallContext) throws(IglooError) {}

    private final class Splits: SplitSource, @unchecked Sendable {
        // SAFETY: one call at a time, by the protocol's contract.
        private let script: Script
        private var next = 0
        private var isPaused = true

        init(_ script: Script) { self.script = script }

        func next(countMax: Int, _ context: CallContext) throws(IglooError) -> [Split]? {
            if script.failsListing && next > 0 {
                throw IglooError(.unavailable, "the list is torn")
            }
            if next == script.splitCount { return nil }
            isPaused.toggle()
            if isPaused { return [] }
            let end = min(script.splitCount, next + min(script.pageCount, countMax))
            defer { next = end }
            return (next..<end).map {
                Split(payload: [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)])
            }
        }
    }

    private final class Reader: BatchReader, @unchecked Sendable {
        // SAFETY: one call at a time, by the protocol's contract; `isCancelled` is atomic.
        let schema = ScriptedConnector.schema
        private let connector: ScriptedConnector
        private let index: Int
        private var batch = 0
        private let isCancelled = Atomic<Bool>(false)

        init(_ connector: ScriptedConnector, _ index: Int) {
            self.connector = connector
            self.index = index
            connector.alive.wrappingAdd(1, ordering: .relaxed)
        }

        deinit { connector.alive.wrappingSubtract(1, ordering: .relaxed) }

        func cancel() { isCancelled.store(true, ordering: .relaxed) }

        func next(_ context: CallContext) throws(IglooError) -> RecordBatch? {
            try context.checkCancelled()
            let script = connector.script
            while script.blockedSplit == index {
                if isCancelled.load(ordering: .relaxed) { throw .cancelled() }
                try context.checkCancelled()
                usleep(1_000)
            }
            if batch == script.batchCount { return nil }
            let start = (index * script.batchCount + batch) * script.rowCount
            let numbers = start..<start + script.rowCount
            if let failing = script.failingNumber, numbers.contains(failing) {
                throw IglooError(.unavailable, "row \(failing) is torn")
            }
            batch += 1
            connector.batchesRead.wrappingAdd(1, ordering: .relaxed)
            var builder = PrimitiveBuilder<Int64>(.int64, zero: 0)
            for number in numbers { builder.append(Int64(number)) }
            return RecordBatch(
                schema: schema, columns: [builder.finish()], rowCount: script.rowCount)
        }
    }
}

/// Plans over scripted tables, built by hand.
enum Plans {
    static func column(_ name: String, _ type: DataType = .int64) -> PlanColumn {
        PlanColumn(id: ColumnId(0), name: name, type: type)
    }

    static func scan(
        _ connector: ScriptedConnector, id: Int = 1, isComputing: Bool
    ) -> PhysicalPlan {
        let table = TableSource(
            name: "scripted", connectorName: "scripted", connector: connector,
            capabilities: isComputing ? .isCPUBound : [],
            table: OpenedTable(handle: [], schema: ScriptedConnector.schema))
        let scan = PhysicalScan(
            table: table, request: ScanRequest(table: [], columns: [0]),
            answer: ScanAnswer(
                schema: ScriptedConnector.schema, handle: [], conjunctCount: 0),
            pushdown: [])
        return PhysicalPlan(id: id, .scan(scan), columns: [column("n")])
    }

    static func countAndSum(_ input: PhysicalPlan, id: Int = 9) -> PhysicalPlan {
        let calls = [
            AggregateCall("count", [], type: .int64),
            AggregateCall("max", [.input(0, .int64)], type: .int64),
        ]
        return PhysicalPlan(
            id: id, .aggregate(input, keys: [], calls: calls),
            columns: [column("count"), column("max")])
    }
}
