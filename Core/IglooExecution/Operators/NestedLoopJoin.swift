// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// The right side of a nested loop join: its rows, and which of them left rows matched.
final class NestedLoopSink: SharedTableSink, @unchecked Sendable {
    // SAFETY: `marks` is guarded by its lock.
    private let query: QueryExecution
    private let marksRows: Bool
    /// One a row, for joins that keep right rows without a partner.
    private let marks = Locked<[Bool]>([])

    init(types: [DataType], marksRows: Bool, _ query: QueryExecution, _ metrics: OperatorMetrics) {
        self.query = query
        self.marksRows = marksRows
        super.init(
            types: types, query, metrics,
            OperatorMemory(query.memory, metrics, name: "nested loop join"))
    }

    deinit { query.memory.release(marks.withLock { $0.count }) }

    override func nextPhase() throws(IglooError) -> ParallelPhase? {
        _ = try super.nextPhase()
        guard marksRows, let rows else { return nil }
        try query.memory.reserve(rows.rowCount, for: "nested loop join")
        marks.withLock { $0 = Array(repeating: false, count: rows.rowCount) }
        return nil
    }

    func mark(_ rows: [UInt32], from first: Int) {
        guard marksRows else { return }
        marks.withLock { marks in for row in rows { marks[first + Int(row)] = true } }
    }

    /// The rows that no left row matched.
    func unmatched(leftTypes: [DataType]) -> SequenceSource.Next {
        var index = 0
        return { [self] () throws(IglooError) in
            guard let rows, index < rows.batchCount else { return nil }
            let (batch, first) = (try rows.batch(index), rows.firstRows[index])
            index += 1
            let found = marks.withLock { marks in
                (0..<batch.rowCount).filter { !marks[first + $0] }.map { UInt32($0) }
            }
            let left = try Vectors.nulls(leftTypes, count: found.count)
            let right = try Vectors.gather(batch.columns, found[...])
            return Batch(columns: left + right, rowCount: found.count)
        }
    }
}

/// Joins left rows with every batch of the right side, by any condition.
///
/// Where the right side stands in a file, left rows are collected, so that many of them meet it each
/// time it is read.
final class NestedLoopOperator: MiddleOperator {
    private let kind: Join.Kind
    private let right: NestedLoopSink
    private let rightTypes: [DataType]
    private let condition: ExpressionProgram
    private let query: QueryExecution
    /// Left rows that wait, and what is reserved for them.
    private var waiting: [LeftRows] = []
    private var reserved = 0

    /// Left rows, and what their conditions came to.
    private struct LeftRows {
        let batch: Batch
        var found: [Outcome]

        init(_ batch: Batch) {
            self.batch = batch
            found = Array(repeating: Outcome(), count: batch.rowCount)
        }
    }

    private struct Outcome {
        var matchCount = 0
        var isUnknown = false
    }

    init(
        _ next: PushOperator, _ metrics: OperatorMetrics, kind: Join.Kind,
        right: NestedLoopSink, rightTypes: [DataType], condition: Expression,
        _ query: QueryExecution
    ) throws(IglooError) {
        self.kind = kind
        self.right = right
        self.rightTypes = rightTypes
        self.query = query
        self.condition = try ExpressionProgram(condition, query.evaluation)
        super.init(next, metrics)
    }

    deinit { query.memory.release(reserved) }

    override func process(_ batch: Batch) throws(IglooError) -> Demand {
        guard let rows = right.rows else { preconditionFailure("a join before its right side") }
        if !rows.areStored { return try join([LeftRows(batch)], rows) }
        let batch = try batch.compacted()
        let byteCount = batch.byteCount + MemoryLayout<Outcome>.stride * batch.rowCount
        // What is free beyond where operators spill is for all threads, and for rows on their way.
        let room = query.memory.hardRoom / (4 * query.scheduler.threadCount)
        if reserved > 0 && byteCount > room {
            guard try joinWaiting() == .more else { return .enough }
        }
        try query.memory.reserve(byteCount, for: "nested loop join")
        reserved += byteCount
        waiting.append(LeftRows(batch))
        return .more
    }

    override func finish() throws(IglooError) {
        _ = try joinWaiting()
        try super.finish()
    }

    private func joinWaiting() throws(IglooError) -> Demand {
        guard !waiting.isEmpty, let rows = right.rows else { return .more }
        let all = waiting
        waiting = []
        defer {
            query.memory.release(reserved)
            reserved = 0
        }
        return try join(all, rows)
    }

    private func join(_ batches: [LeftRows], _ rows: KeptRows) throws(IglooError) -> Demand {
        var batches = batches
        for index in 0..<rows.batchCount {
            let (batch, first) = (try rows.batch(index), rows.firstRows[index])
            for place in batches.indices {
                let isWide = batch.rowCount < batches[place].batch.rowCount
                let demand =
                    isWide
                    ? try joinByRightRows(&batches[place], batch, first)
                    : try joinByLeftRows(&batches[place], batch, first)
                if demand == .enough { return .enough }
            }
        }
        for left in batches where try emitRest(left.batch, left.found) == .enough {
            return .enough
        }
        return .more
    }

    /// With fewer rows on the right, each of them meets the whole left batch at once.
    private func joinByRightRows(
        _ left: inout LeftRows, _ right: Batch, _ first: Int
    ) throws(IglooError) -> Demand {
        let count = left.batch.rowCount
        for row in 0..<right.rowCount {
            try query.poll()
            let repeated = [UInt32](repeating: UInt32(row), count: count)
            let columns = try Vectors.gather(right.columns, repeated[...])
            let pairs = Batch(columns: left.batch.columns + columns, rowCount: count)
            let mask = try condition.evaluate(pairs)
            let kept = Vectors.selectedIndexes(of: mask)
            for matched in kept { left.found[Int(matched)].matchCount += 1 }
            if mask.nullCount > 0 {
                for place in 0..<count where mask.isNull(place) {
                    left.found[place].isUnknown = true
                }
            }
            if kept.isEmpty { continue }
            self.right.mark([UInt32(row)], from: first)
            if kind == .single { try checkSingle(left.found) }
            if try emit(kept, of: pairs) == .enough { return .enough }
        }
        return .more
    }

    private func joinByLeftRows(
        _ left: inout LeftRows, _ right: Batch, _ first: Int
    ) throws(IglooError) -> Demand {
        let repeated = [UInt32](repeating: 0, count: right.rowCount)
        for row in 0..<left.batch.rowCount where !isDecided(left.found[row]) {
            try query.poll()
            let one = left.batch.slice(row, count: 1)
            let columns = try Vectors.gather(one.columns, repeated[...])
            let pairs = Batch(columns: columns + right.columns, rowCount: right.rowCount)
            let mask = try condition.evaluate(pairs)
            let kept = Vectors.selectedIndexes(of: mask)
            left.found[row].matchCount += kept.count
            if mask.nullCount > 0 { left.found[row].isUnknown = true }
            if kept.isEmpty { continue }
            self.right.mark(kept, from: first)
            if kind == .single { try checkSingle([left.found[row]]) }
            if try emit(kept, of: pairs) == .enough { return .enough }
        }
        return .more
    }

    /// Whether more right rows change nothing for a left row.
    private func isDecided(_ outcome: Outcome) -> Bool {
        switch kind {
        case .inner, .left, .right, .full, .single: false
        case .semi, .anti, .mark: outcome.matchCount > 0
        case .nullAwareAnti: outcome.matchCount > 0 || outcome.isUnknown
        }
    }

    private func emit(_ kept: [UInt32], of pairs: Batch) throws(IglooError) -> Demand {
        switch kind {
        case .inner, .left, .right, .full, .single:
            try emit(kept.count == pairs.rowCount ? pairs : try pairs.gathered(kept))
        case .semi, .anti, .nullAwareAnti, .mark: .more
        }
    }

    private func checkSingle(_ found: [Outcome]) throws(IglooError) {
        guard found.contains(where: { $0.matchCount > 1 }) else { return }
        throw IglooError(
            .invalidArgument, "more than one row returned by a subquery used as an expression",
            sqlState: .cardinalityViolation)
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
