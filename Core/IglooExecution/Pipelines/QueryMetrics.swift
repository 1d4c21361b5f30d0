// SPDX-License-Identifier: MIT

import IglooContracts
import Synchronization

/// What an operator did so far.
public struct OperatorFigures: Hashable, Sendable {
    /// The id of the plan node.
    public var id = 0
    public var rowsIn: Int64 = 0
    public var rowsOut: Int64 = 0
    /// What each thread spent, without the time of the operators it handed rows to; only where
    /// `QueryContext.Settings.measuresTime` asks for it.
    public var threadNanoseconds: [Int64] = []
    /// The most bytes it held, where it holds any.
    public var memoryByteCount: Int64 = 0
    /// Of a scan: what its splits take at their source, and the arrays that came of them.
    public var splitBytes: Int64 = 0
    public var decodedBytes: Int64 = 0
    /// Rows of a scan that the filters of joins were asked about, and those they let pass.
    public var filteredRowsIn: Int64 = 0
    public var filteredRowsOut: Int64 = 0
    /// Rows written to temporary files, each time they were, and what they took there.
    public var spilledRows: Int64 = 0
    public var spilledBytes: Int64 = 0
    /// What a scan's source was told of operators above: `l_partkey: 204 values`.
    public var runtimeFilters: [String] = []
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
    let memoryByteCount = Atomic<Int64>(0)
    let splitBytes = Atomic<Int64>(0)
    let decodedBytes = Atomic<Int64>(0)
    let filteredRowsIn = Atomic<Int64>(0)
    let filteredRowsOut = Atomic<Int64>(0)
    let spilledRows = Atomic<Int64>(0)
    let spilledBytes = Atomic<Int64>(0)
    let runtimeFilters = Locked<[String]>([])

    let isTimed: Bool
    /// By the number of the thread.
    private let nanoseconds = Locked<[Int: Int64]>([:])

    init(id: Int, isTimed: Bool = false) {
        self.id = id
        self.isTimed = isTimed
    }

    /// Counts the time of `body` as this operator's, but for what others count meanwhile.
    @inline(__always)
    func timed<Result>(_ body: () throws(IglooError) -> Result) throws(IglooError) -> Result {
        guard isTimed else { return try body() }
        let outer = OperatorClock.ofThread.turn(to: self)
        defer { _ = OperatorClock.ofThread.turn(to: outer) }
        return try body()
    }

    func spend(_ spent: Int64, thread: Int) {
        nanoseconds.withLock { $0[thread, default: 0] += spent }
    }

    var figures: OperatorFigures {
        OperatorFigures(
            id: id, rowsIn: rowsIn.load(ordering: .relaxed),
            rowsOut: rowsOut.load(ordering: .relaxed),
            threadNanoseconds: nanoseconds.withLock { $0.sorted { $0.key < $1.key }.map(\.value) },
            memoryByteCount: memoryByteCount.load(ordering: .relaxed),
            splitBytes: splitBytes.load(ordering: .relaxed),
            decodedBytes: decodedBytes.load(ordering: .relaxed),
            filteredRowsIn: filteredRowsIn.load(ordering: .relaxed),
            filteredRowsOut: filteredRowsOut.load(ordering: .relaxed),
            spilledRows: spilledRows.load(ordering: .relaxed),
            spilledBytes: spilledBytes.load(ordering: .relaxed),
            runtimeFilters: runtimeFilters.withLock { $0 })
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

    private let isTimed: Bool

    init(isTimed: Bool = false) { self.isTimed = isTimed }

    func of(_ id: Int) -> OperatorMetrics {
        operators.withLock { operators in
            if let known = operators[id] { return known }
            let new = OperatorMetrics(id: id, isTimed: isTimed)
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
