// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// An aggregate over each row's frame.
///
/// Whole partitions are aggregated once; counts and exact sums are differences of running totals;
/// what can be merged stands in a tree; the rest is aggregated frame by frame.
struct FrameAggregate {
    private let layout: WindowLayout.Call
    private let rows: WindowRows
    private let context: CallContext
    private var call: AggregateCall
    private let arguments: [ArrayData]
    /// The rows that count, in order; NULLs that the function ignores do not.
    private var wanted: [UInt32]

    /// Functions whose states are small, and merge into any number of others.
    private static let mergeable: Set<String> = [
        "count", "sum", "avg", "min", "max", "bool_and", "bool_or", "bit_and", "bit_or", "first",
        "last", "any_value", "variance", "var_samp", "var_pop", "stddev", "stddev_samp",
        "stddev_pop", "corr", "covar_pop", "covar_samp", "bit_xor", "arg_min", "arg_max", "product",
        "skewness", "kurtosis", "kurtosis_pop", "regr_count", "regr_avgx", "regr_avgy", "regr_sxx",
        "regr_syy", "regr_sxy", "regr_slope", "regr_intercept", "regr_r2",
    ]

    init(
        _ layout: WindowLayout.Call, _ rows: WindowRows, _ context: CallContext
    ) throws(IglooError) {
        self.layout = layout
        self.rows = rows
        self.context = context
        call = layout.call.function
        var arguments: [ArrayData] = []
        for column in layout.arguments + layout.argumentOrder {
            arguments.append(try rows.column(column))
        }
        self.arguments = arguments
        if let filter = layout.filter {
            wanted = Vectors.selectedIndexes(of: try rows.column(filter))
        } else {
            wanted = (0..<rows.rowCount).map { UInt32($0) }
        }
        let keepsNulls =
            ["first", "last", "array_agg"].contains(call.function) || call.foreign != nil
        if !keepsNulls, let value = arguments.first, !call.arguments.isEmpty, value.nullCount > 0 {
            wanted = wanted.filter { !value.isNull(Int($0)) }
        }
    }

    private var isWholePartition: Bool {
        let frame = layout.call.frame
        guard frame.start == .unboundedPreceding, frame.exclusion == .none else { return false }
        if frame.end == .unboundedFollowing { return true }
        return frame.end == .currentRow && frame.unit != .rows && rows.layout.orderColumns.isEmpty
    }

    func evaluate() throws(IglooError) -> ArrayData {
        if isWholePartition { return try wholePartitions() }
        let bounds = try FrameBounds(layout, over: rows)
        let startsAtPartition =
            layout.call.frame.start == .unboundedPreceding
            && layout.call.frame.exclusion == .none
        var aggregate = self
        if call.isDistinct, startsAtPartition, call.order.isEmpty, !call.arguments.isEmpty {
            // A value counts in all frames from its first row on.
            try aggregate.keepFirstOccurrences()
        }
        let isPlain = !aggregate.call.isDistinct && call.order.isEmpty
        if isPlain, let totals = RunningTotals(aggregate.call, arguments, aggregate.wanted, rows) {
            return try totals.evaluate(bounds)
        }
        if isPlain, Self.mergeable.contains(call.function) {
            let tree = try AggregateTree(
                aggregate.call, try aggregate.wantedArguments(), aggregate.wanted,
                rowCount: rows.rowCount, context)
            return try tree.evaluate(bounds)
        }
        return try aggregate.frameByFrame(bounds)
    }

    private func wantedArguments() throws(IglooError) -> [ArrayData] {
        wanted.count == rows.rowCount ? arguments : try Vectors.gather(arguments, wanted[...])
    }

    private mutating func keepFirstOccurrences() throws(IglooError) {
        let values = try wantedArguments()
        let partitions = wanted.map { rows.partition[Int($0)] }
        let owners = ArrayData(
            type: .uint32, count: wanted.count, nullCount: 0,
            buffers: [Buffer(copying: partitions)])
        let table = try GroupTable(
            keyTypes: [.uint32] + call.arguments.map(\.storedType), reserve: context.memory)
        var groups = [UInt32](repeating: 0, count: wanted.count)
        try table.findOrInsert(
            keys: [owners] + values, rowCount: wanted.count, groups: &groups)
        var next: UInt32 = 0
        var kept: [UInt32] = []
        for (row, group) in zip(wanted, groups) where group == next {
            kept.append(row)
            next += 1
        }
        wanted = kept
        call.isDistinct = false
    }

    private func wholePartitions() throws(IglooError) -> ArrayData {
        let state = try AggregateState.make(call, context)
        state.resize(rows.partitionCount)
        let groups = wanted.map { rows.partition[Int($0)] }
        try state.update(groups, try wantedArguments(), groups.count)
        let results = try state.finish(0..<rows.partitionCount)
        return try Vectors.gather(results, rows.partition[...])
    }

    /// Rows of frames gathered at a time.
    private static let gatheredRowCount = 1 << 18

    private func frameByFrame(_ bounds: FrameBounds) throws(IglooError) -> ArrayData {
        var isWanted = [Bool](repeating: false, count: rows.rowCount)
        for row in wanted { isWanted[Int(row)] = true }
        var parts: [ArrayData] = []
        var first = 0
        while first < rows.rowCount {
            var places: [UInt32] = []
            var groups: [UInt32] = []
            var row = first
            while row < rows.rowCount && (row == first || places.count < Self.gatheredRowCount) {
                let (one, two, three) = bounds.pieces(row)
                for piece in [one, two, three] {
                    for place in piece where isWanted[place] {
                        places.append(UInt32(place))
                        groups.append(UInt32(row - first))
                    }
                }
                row += 1
            }
            let state = try AggregateState.make(call, context)
            state.resize(row - first)
            if !places.isEmpty || call.arguments.isEmpty {
                try state.update(groups, try Vectors.gather(arguments, places[...]), groups.count)
            }
            parts.append(try state.finish(0..<row - first))
            first = row
        }
        return try Vectors.concatenate(parts)
    }
}
