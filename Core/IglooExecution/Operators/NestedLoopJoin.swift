// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import Synchronization

/// Keeps all rows of an input: the right side of a nested loop join.
final class MaterializeSink: Sink, @unchecked Sendable {
    // SAFETY: `parts` is guarded by its mutex; `batches` is set at the end of all producers.
    private let query: QueryExecution
    private let metrics: OperatorMetrics
    private let parts = Locked<[Batch]>([])
    private(set) var batches: [Batch] = []
    /// For right and full joins: one mark a row of `batches`, by the first row of each batch.
    private(set) var firstRows: [Int] = []
    let marks = Locked<[Bool]>([])
    private let reserved = Atomic<Int>(0)

    init(_ query: QueryExecution, _ metrics: OperatorMetrics) {
        self.query = query
        self.metrics = metrics
        super.init(timing: metrics)
    }

    deinit { query.memory.release(reserved.load(ordering: .relaxed)) }

    override func makeLocal() throws(IglooError) -> PushOperator { Local(self) }

    override func nextPhase() throws(IglooError) -> ParallelPhase? {
        batches = try Batch.merged(parts.withLock { $0 })
        parts.withLock { $0 = [] }
        var row = 0
        for batch in batches {
            firstRows.append(row)
            row += batch.rowCount
        }
        marks.withLock { $0 = Array(repeating: false, count: row) }
        return nil
    }

    private final class Local: PushOperator {
        private let sink: MaterializeSink
        init(_ sink: MaterializeSink) { self.sink = sink }

        override func push(_ batch: Batch) throws(IglooError) -> Demand {
            let sink = sink
            sink.metrics.rowsIn.wrappingAdd(Int64(batch.rowCount), ordering: .relaxed)
            let byteCount = batch.byteCount
            try sink.query.memory.reserve(byteCount, for: "nested loop join")
            let held = sink.reserved.wrappingAdd(byteCount, ordering: .relaxed).newValue
            sink.metrics.memoryByteCount.max(Int64(held), ordering: .relaxed)
            sink.parts.withLock { $0.append(batch) }
            return .more
        }
    }
}

/// Joins each left row with every batch of the right side, by any condition.
final class NestedLoopOperator: MiddleOperator {
    private let kind: Join.Kind
    private let right: MaterializeSink
    private let rightTypes: [DataType]
    private let condition: ExpressionProgram
    private let query: QueryExecution

    init(
        _ next: PushOperator, _ metrics: OperatorMetrics, kind: Join.Kind,
        right: MaterializeSink, rightTypes: [DataType], condition: Expression,
        _ query: QueryExecution
    ) throws(IglooError) {
        self.kind = kind
        self.right = right
        self.rightTypes = rightTypes
        self.query = query
        self.condition = try ExpressionProgram(condition, query.evaluation)
        super.init(next, metrics)
    }

    override func process(_ batch: Batch) throws(IglooError) -> Demand {
        let rightRowCount = right.batches.reduce(0) { $0 + $1.rowCount }
        if rightRowCount < batch.rowCount { return try processByRightRows(batch) }
        var found: [Outcome] = []
        for row in 0..<batch.rowCount {
            try query.poll()
            let (outcome, demand) = try join(batch.slice(row, count: 1))
            if demand == .enough { return .enough }
            found.append(outcome)
        }
        return try emitRest(batch, found)
    }

    /// What one left row's conditions came to.
    private struct Outcome {
        var matchCount = 0
        var isUnknown = false
    }

    /// With few rows on the right, each of them meets the whole batch at once.
    private func processByRightRows(_ batch: Batch) throws(IglooError) -> Demand {
        var found = [Outcome](repeating: Outcome(), count: batch.rowCount)
        for (index, rightBatch) in right.batches.enumerated() {
            for row in 0..<rightBatch.rowCount {
                try query.poll()
                let repeated = [UInt32](repeating: UInt32(row), count: batch.rowCount)
                let columns = try Vectors.gather(rightBatch.columns, repeated[...])
                let pairs = Batch(columns: batch.columns + columns, rowCount: batch.rowCount)
                let mask = try condition.evaluate(pairs)
                let kept = Vectors.selectedIndexes(of: mask)
                for matched in kept { found[Int(matched)].matchCount += 1 }
                if mask.nullCount > 0 {
                    for place in 0..<batch.rowCount where mask.isNull(place) {
                        found[place].isUnknown = true
                    }
                }
                if kept.isEmpty { continue }
                switch kind {
                case .right, .full: mark(index, [UInt32(row)])
                case .single: try checkSingle(found)
                default: break
                }
                guard emitsPairs else { continue }
                let all = kept.count == batch.rowCount
                if try emit(all ? pairs : try pairs.gathered(kept)) == .enough { return .enough }
            }
        }
        return try emitRest(batch, found)
    }

    private var emitsPairs: Bool {
        switch kind {
        case .inner, .left, .right, .full, .single: true
        case .semi, .anti, .nullAwareAnti, .mark: false
        }
    }

    private func checkSingle(_ found: [Outcome]) throws(IglooError) {
        if found.contains(where: { $0.matchCount > 1 }) { throw Self.severalRows() }
    }

    private static func severalRows() -> IglooError {
        IglooError(
            .invalidArgument, "more than one row returned by a subquery used as an expression",
            sqlState: .cardinalityViolation)
    }

    private func join(_ left: Batch) throws(IglooError) -> (Outcome, Demand) {
        var outcome = Outcome()
        for (index, batch) in right.batches.enumerated() {
            let repeated = [UInt32](repeating: 0, count: batch.rowCount)
            let columns = try Vectors.gather(left.columns, repeated[...])
            let pairs = Batch(columns: columns + batch.columns, rowCount: batch.rowCount)
            let mask = try condition.evaluate(pairs)
            let kept = Vectors.selectedIndexes(of: mask)
            outcome.matchCount += kept.count
            if mask.nullCount > 0 { outcome.isUnknown = true }
            switch kind {
            case .inner, .left, .right, .full, .single:
                if kind == .right || kind == .full { mark(index, kept) }
                if kind == .single && outcome.matchCount > 1 { throw Self.severalRows() }
                if kept.isEmpty { continue }
                let all = kept.count == batch.rowCount
                if try emit(all ? pairs : try pairs.gathered(kept)) == .enough {
                    return (outcome, .enough)
                }
            case .semi, .anti, .mark:
                if outcome.matchCount > 0 { return (outcome, .more) }
            case .nullAwareAnti:
                if outcome.matchCount > 0 || outcome.isUnknown { return (outcome, .more) }
            }
        }
        return (outcome, .more)
    }

    private func mark(_ batchIndex: Int, _ rows: [UInt32]) {
        let first = right.firstRows[batchIndex]
        right.marks.withLock { marks in for row in rows { marks[first + Int(row)] = true } }
    }

    private func emitRest(_ batch: Batch, _ found: [Outcome]) throws(IglooError) -> Demand {
        func rows(_ isWanted: (Outcome) -> Bool) -> [UInt32] {
            found.indices.filter { isWanted(found[$0]) }.map { UInt32($0) }
        }
        switch kind {
        case .inner, .right: return .more
        case .left, .full, .single:
            let unmatched = rows { $0.matchCount == 0 }
            if unmatched.isEmpty { return .more }
            let left = try Vectors.gather(batch.columns, unmatched[...])
            let right = try Vectors.nulls(rightTypes, count: unmatched.count)
            return try emit(Batch(columns: left + right, rowCount: unmatched.count))
        case .semi: return try emit(try batch.gathered(rows { $0.matchCount > 0 }))
        case .anti: return try emit(try batch.gathered(rows { $0.matchCount == 0 }))
        case .nullAwareAnti:
            return try emit(
                try batch.gathered(rows { $0.matchCount == 0 && !$0.isUnknown }))
        case .mark:
            var builder = BoolBuilder()
            for outcome in found {
                if outcome.matchCount == 0 && outcome.isUnknown {
                    builder.appendNull()
                } else {
                    builder.append(outcome.matchCount > 0)
                }
            }
            return try emit(
                Batch(columns: batch.columns + [builder.finish()], rowCount: batch.rowCount))
        }
    }
}

extension MaterializeSink {
    /// The rows that no left row matched.
    func unmatched(leftTypes: [DataType]) -> SequenceSource.Next {
        var index = 0
        return { [self] () throws(IglooError) in
            guard index < batches.count else { return nil }
            let batch = batches[index]
            let first = firstRows[index]
            index += 1
            let rows = marks.withLock { marks in
                (0..<batch.rowCount).filter { !marks[first + $0] }.map { UInt32($0) }
            }
            let left = try Vectors.nulls(leftTypes, count: rows.count)
            let right = try Vectors.gather(batch.columns, rows[...])
            return Batch(columns: left + right, rowCount: rows.count)
        }
    }
}
