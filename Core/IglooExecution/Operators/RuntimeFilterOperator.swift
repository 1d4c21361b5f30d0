// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import Synchronization

/// A column of a plan whose rows are of use only where an operator far above says so.
struct RuntimeFilterTarget {
    enum Origin {
        /// A join that must find partners for them: where its keys are collected, and which of them
        /// it is.
        case join(HashJoinSink, key: Int)
        /// The first rows of an order, which they must be among.
        case order(OrderBound)
    }

    var origin: Origin
    /// The position among the plan's columns.
    var column: Int
    /// Something costly stands between the plan and the operator.
    var isWorthwhile: Bool

    /// The sink of the join, if it is one, and the key.
    var join: (sink: HashJoinSink, key: Int)? {
        if case .join(let sink, let key) = origin { (sink, key) } else { nil }
    }

    /// The same column as the output of another operator; `nil` when it is none of those.
    func moved(to column: Int?, isWorthwhile: Bool? = nil) -> RuntimeFilterTarget? {
        guard let column else { return nil }
        var moved = self
        moved.column = column
        moved.isWorthwhile = isWorthwhile ?? self.isWorthwhile
        return moved
    }
}

/// Leaves out rows of a scan that joins far above would drop, before anything is done with them.
///
/// A filter that lets most rows pass is given up.
final class RuntimeFilterOperator: MiddleOperator {
    private final class Test {
        let filter: KeyFilter
        let column: Int
        let batch: KeyBatch
        var seenCount = 0
        var keptCount = 0

        init(_ filter: KeyFilter, column: Int) {
            self.filter = filter
            self.column = column
            batch = KeyBatch(filter.layout)
        }

        /// Worth the look when it leaves out a quarter of the rows.
        var isUseful: Bool {
            seenCount < RuntimeFilterOperator.trialRowCount || keptCount < seenCount / 4 * 3
        }
    }

    private let scan: OperatorMetrics
    private var tests: [Test] = []
    private var rows = [UInt32](repeating: 0, count: Batch.rowCountMax)
    private static let trialRowCount = 1 << 16

    /// - Parameter scan: of the scan whose rows they are.
    init(_ next: PushOperator, scan: OperatorMetrics, _ targets: [RuntimeFilterTarget]) {
        self.scan = scan
        super.init(next, OperatorMetrics(id: scan.id))
        for target in targets {
            if let (sink, key) = target.join, let filter = sink.filter(of: key) {
                tests.append(Test(filter, column: target.column))
            }
        }
    }

    override func process(_ batch: Batch) throws(IglooError) -> Demand {
        if tests.isEmpty { return try emit(batch) }
        var count = batch.rowCount
        var isAll = true
        for test in tests where count > 0 {
            let column = batch.columns[test.column]
            try test.batch.encode([column], 0, count: batch.rowCount)
            test.seenCount += count
            count = test.filter.select(
                test.batch, column, rows: &rows, count: count, isAll: isAll)
            test.keptCount += count
            isAll = false
        }
        scan.filteredRowsIn.wrappingAdd(Int64(batch.rowCount), ordering: .relaxed)
        scan.filteredRowsOut.wrappingAdd(Int64(count), ordering: .relaxed)
        tests.removeAll { !$0.isUseful }
        if count == batch.rowCount { return try emit(batch) }
        return try emit(
            Batch(columns: try Vectors.gather(batch.columns, rows[..<count]), rowCount: count))
    }
}
