// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import Synchronization

/// INTERSECT and EXCEPT: counts each distinct row of the left and of the right side.
final class SetOperationSink: Sink, @unchecked Sendable {
    // SAFETY: the table and the counts are used under `lock`, and freely once all producers ended.
    private let kind: SetOperation.Kind
    private let keepsDuplicates: Bool
    private let types: [DataType]
    private let lock = Monitor()
    private let table: GroupTable
    private var counts: [(left: Int64, right: Int64)] = []
    private var groups = [UInt32](repeating: 0, count: Batch.rowCountMax)

    init(
        _ kind: SetOperation.Kind, keepsDuplicates: Bool, types: [DataType],
        _ query: QueryExecution
    ) throws(IglooError) {
        self.kind = kind
        self.keepsDuplicates = keepsDuplicates
        self.types = types
        table = try GroupTable(
            keyTypes: types, reserve: query.memory.account(of: "a set operation"))
    }

    /// The left and the right inputs end in sinks of their own, which share the counts.
    final class Side: Sink, @unchecked Sendable {
        // SAFETY: immutable.
        private let owner: SetOperationSink
        private let isLeft: Bool
        private let metrics: OperatorMetrics

        init(_ owner: SetOperationSink, isLeft: Bool, _ metrics: OperatorMetrics) {
            self.owner = owner
            self.isLeft = isLeft
            self.metrics = metrics
        }

        override func makeLocal() throws(IglooError) -> PushOperator {
            Local(owner, isLeft, metrics)
        }
    }

    private final class Local: PushOperator {
        private let owner: SetOperationSink
        private let isLeft: Bool
        private let metrics: OperatorMetrics

        init(_ owner: SetOperationSink, _ isLeft: Bool, _ metrics: OperatorMetrics) {
            self.owner = owner
            self.isLeft = isLeft
            self.metrics = metrics
        }

        override func push(_ batch: Batch) throws(IglooError) -> Demand {
            metrics.rowsIn.wrappingAdd(Int64(batch.rowCount), ordering: .relaxed)
            try owner.lock.withLock { () throws(IglooError) in
                try owner.add(batch, isLeft: isLeft)
            }
            return .more
        }
    }

    private func add(_ batch: Batch, isLeft: Bool) throws(IglooError) {
        try table.findOrInsert(
            keys: batch.columns, rowCount: batch.rowCount, groups: &groups)
        while counts.count < table.groupCount { counts.append((0, 0)) }
        for row in 0..<batch.rowCount {
            let group = Int(groups[row])
            if isLeft { counts[group].left += 1 } else { counts[group].right += 1 }
        }
    }

    /// How often a row stands in the result.
    private func multiplicity(_ left: Int64, _ right: Int64) -> Int64 {
        switch (kind, keepsDuplicates) {
        case (.intersect, true): min(left, right)
        case (.intersect, false): min(left, right, 1)
        case (.except, true): max(left - right, 0)
        case (.except, false): left > 0 && right == 0 ? 1 : 0
        case (.union, true): left + right
        case (.union, false): 1
        }
    }

    func makeOutput() -> SequenceSource.Next {
        var group = 0
        var left: Int64 = 0
        return { [self] () throws(IglooError) in
            guard group < counts.count else { return nil }
            let first = group
            var rows: [UInt32] = []
            while group < counts.count && group - first < Batch.rowCountMax {
                if left == 0 { left = multiplicity(counts[group].left, counts[group].right) }
                while left > 0 && rows.count < Batch.rowCountMax {
                    rows.append(UInt32(group - first))
                    left -= 1
                }
                if left > 0 { break }
                group += 1
            }
            let columns = try table.keyColumns(first..<min(first + Batch.rowCountMax, counts.count))
            return Batch(columns: try Vectors.gather(columns, rows[...]), rowCount: rows.count)
        }
    }
}
