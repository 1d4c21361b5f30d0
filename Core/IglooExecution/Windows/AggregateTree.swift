// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// A segment tree of aggregate states: level k holds the states of 2^k neighbouring rows, so that
/// a frame of n rows is merged out of about 2 log n of them.
///
/// - Source: V. Leis et al., "Efficient Processing of Window Functions in Analytical SQL
///   Queries", 2015, 4.4.
struct AggregateTree {
    private let call: AggregateCall
    private let context: CallContext
    private var levels: [AggregateState] = []
    private let rowCount: Int
    /// Rows whose results are made at a time.
    private static let chunkRowCount = 1 << 16

    /// - Parameters:
    ///   - arguments: of the `wanted` rows.
    init(
        _ call: AggregateCall, _ arguments: [ArrayData], _ wanted: [UInt32], rowCount: Int,
        _ context: CallContext
    ) throws(IglooError) {
        self.call = call
        self.context = context
        self.rowCount = rowCount
        let leaves = try AggregateState.make(call, context)
        leaves.resize(rowCount)
        try leaves.update(wanted, arguments, wanted.count)
        try leaves.prepareForMerge()
        levels.append(leaves)
        var count = rowCount
        while count > 1 {
            let sources = (0..<count).map { UInt32($0) }
            let level = try AggregateState.make(call, context)
            level.resize((count + 1) / 2)
            try level.merge(levels[levels.count - 1], sources, sources.map { $0 >> 1 })
            try level.prepareForMerge()
            levels.append(level)
            count = (count + 1) / 2
        }
    }

    func evaluate(_ bounds: FrameBounds) throws(IglooError) -> ArrayData {
        var parts: [ArrayData] = []
        var first = 0
        while first < rowCount {
            let rows = first..<min(first + Self.chunkRowCount, rowCount)
            let state = try AggregateState.make(call, context)
            state.resize(rows.count)
            let pieces = rows.map { bounds.pieces($0) }
            try merge(pieces.map(\.0), into: state)
            if bounds.exclusion != .none {
                try merge(pieces.map(\.1), into: state)
                try merge(pieces.map(\.2), into: state)
            }
            parts.append(try state.finish(0..<rows.count))
            first = rows.upperBound
        }
        return try Vectors.concatenate(parts)
    }

    /// Adds to each state the nodes that make up its range, from left to right.
    private func merge(
        _ ranges: [Range<Int>], into state: AggregateState
    ) throws(IglooError) {
        var lows = ranges.map(\.lowerBound)
        var highs = ranges.map(\.upperBound)
        // What a range takes on its right end is merged last, from the largest node down.
        var rights: [(sources: [UInt32], targets: [UInt32])] = []
        for level in levels {
            var left: (sources: [UInt32], targets: [UInt32]) = ([], [])
            var right: (sources: [UInt32], targets: [UInt32]) = ([], [])
            for index in lows.indices where lows[index] < highs[index] {
                if lows[index] & 1 == 1 {
                    left.sources.append(UInt32(lows[index]))
                    left.targets.append(UInt32(index))
                    lows[index] += 1
                }
                if highs[index] & 1 == 1, lows[index] < highs[index] {
                    highs[index] -= 1
                    right.sources.append(UInt32(highs[index]))
                    right.targets.append(UInt32(index))
                }
                lows[index] >>= 1
                highs[index] >>= 1
            }
            if !left.sources.isEmpty { try state.merge(level, left.sources, left.targets) }
            rights.append(right)
        }
        for (level, right) in zip(levels, rights).reversed() where !right.sources.isEmpty {
            try state.merge(level, right.sources, right.targets)
        }
    }
}
