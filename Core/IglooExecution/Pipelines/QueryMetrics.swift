// SPDX-License-Identifier: MIT

import IglooContracts
import Synchronization

/// What an operator did so far.
public struct OperatorFigures: Hashable, Sendable {
    /// The id of the plan node.
    public var id = 0
    public var rowsIn: Int64 = 0
    public var rowsOut: Int64 = 0
    /// Summed over threads, without the time of the operators above.
    public var nanoseconds: Int64 = 0
    /// Bytes held at the end of its work, where it holds any.
    public var memoryByteCount: Int64 = 0
    /// Rows written to temporary files, each time they were, and what they took there.
    public var spilledRows: Int64 = 0
    public var spilledBytes: Int64 = 0
}

/// How far the query's scans are.
public struct QueryProgress: Hashable, Sendable {
    public var rowsRead: Int64 = 0
    public var splitsDone: Int64 = 0
    /// Splits known so far; final when `isSplitCountFinal`.
    public var splitsTotal: Int64 = 0
    public var isSplitCountFinal = false
}

/// The counters of one operator.
final class OperatorMetrics: Sendable {
    let id: Int
    let rowsIn = Atomic<Int64>(0)
    let rowsOut = Atomic<Int64>(0)
    let nanoseconds = Atomic<Int64>(0)
    let memoryByteCount = Atomic<Int64>(0)
    let spilledRows = Atomic<Int64>(0)
    let spilledBytes = Atomic<Int64>(0)

    init(id: Int) { self.id = id }

    var figures: OperatorFigures {
        OperatorFigures(
            id: id, rowsIn: rowsIn.load(ordering: .relaxed),
            rowsOut: rowsOut.load(ordering: .relaxed),
            nanoseconds: nanoseconds.load(ordering: .relaxed),
            memoryByteCount: memoryByteCount.load(ordering: .relaxed),
            spilledRows: spilledRows.load(ordering: .relaxed),
            spilledBytes: spilledBytes.load(ordering: .relaxed))
    }
}

/// The figures of a query; may be read while it runs.
///
/// - Threads: any.
public final class QueryMetrics: Sendable {
    private let operators = Locked<[Int: OperatorMetrics]>([:])
    let rowsRead = Atomic<Int64>(0)
    let splitsDone = Atomic<Int64>(0)
    let splitsTotal = Atomic<Int64>(0)
    let unlistedScans = Atomic<Int>(0)

    init() {}

    func of(_ id: Int) -> OperatorMetrics {
        operators.withLock { operators in
            if let known = operators[id] { return known }
            let new = OperatorMetrics(id: id)
            operators[id] = new
            return new
        }
    }

    /// The figures of every plan node that has run, by its id.
    public var figures: [Int: OperatorFigures] {
        operators.withLock { $0.mapValues(\.figures) }
    }

    public var progress: QueryProgress {
        QueryProgress(
            rowsRead: rowsRead.load(ordering: .relaxed),
            splitsDone: splitsDone.load(ordering: .relaxed),
            splitsTotal: splitsTotal.load(ordering: .relaxed),
            isSplitCountFinal: unlistedScans.load(ordering: .relaxed) == 0)
    }
}
