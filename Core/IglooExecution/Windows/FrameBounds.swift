// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// The frame of each row: from `starts` to before `ends`, less what EXCLUDE takes out.
struct FrameBounds {
    let rows: WindowRows
    private(set) var starts: [Int] = []
    private(set) var ends: [Int] = []
    let exclusion: WindowFrame.Exclusion

    /// - Throws: 22013 and 22004 for distances that are negative or NULL.
    init(_ call: WindowLayout.Call, over rows: WindowRows) throws(IglooError) {
        self.rows = rows
        exclusion = call.call.frame.exclusion
        let frame = call.call.frame
        starts = try Self.bounds(frame, frame.start, call.start, call.rangeKey, isEnd: false, rows)
        ends = try Self.bounds(frame, frame.end, call.end, call.rangeKey, isEnd: true, rows)
        var row = 0
        while row < rows.rowCount {
            ends[row] = max(ends[row], starts[row])
            row += 1
        }
    }

    /// The parts of a row's frame, in order; at most three, some of them empty.
    @inline(__always)
    func pieces(_ row: Int) -> (Range<Int>, Range<Int>, Range<Int>) {
        let (start, end) = (starts[row], ends[row])
        switch exclusion {
        case .none: return (start..<end, end..<end, end..<end)
        case .currentRow:
            return (
                Self.clamped(start, row, start, end), Self.clamped(row + 1, end, start, end),
                end..<end
            )
        case .group:
            let peers = rows.peers(row)
            return (
                Self.clamped(start, peers.lowerBound, start, end),
                Self.clamped(peers.upperBound, end, start, end), end..<end
            )
        case .ties:
            let peers = rows.peers(row)
            return (
                Self.clamped(start, peers.lowerBound, start, end),
                Self.clamped(row, row + 1, start, end),
                Self.clamped(peers.upperBound, end, start, end)
            )
        }
    }

    private static func clamped(_ from: Int, _ to: Int, _ start: Int, _ end: Int) -> Range<Int> {
        let low = min(max(from, start), end)
        return low..<max(low, min(to, end))
    }

    // MARK: - Bounds

    private static func bounds(
        _ frame: WindowFrame, _ bound: WindowFrame.Bound, _ distance: Int?, _ rangeKey: Int?,
        isEnd: Bool, _ rows: WindowRows
    ) throws(IglooError) -> [Int] {
        switch bound {
        case .unboundedPreceding: return rows.partitionStart
        case .unboundedFollowing: return rows.partitionEnd
        case .currentRow:
            if frame.unit == .rows { return (0..<rows.rowCount).map { isEnd ? $0 + 1 : $0 } }
            return (0..<rows.rowCount).map {
                isEnd ? rows.peers($0).upperBound : rows.peers($0).lowerBound
            }
        case .preceding, .following:
            var isPreceding = false
            if case .preceding = bound { isPreceding = true }
            guard let distance else { return rows.partitionStart }
            let column = try rows.column(distance)
            if frame.unit == .range, let rangeKey, let key = frame.rangeKey {
                let order = SortOrder(
                    type: column.type, isDescending: key.isDescending, nullsFirst: key.nullsFirst)
                return try searched(column, try rows.column(rangeKey), order, isEnd: isEnd, rows)
            }
            let counts = try distances(column, isEnd: isEnd)
            return frame.unit == .rows
                ? byRows(counts, isPreceding, isEnd: isEnd, rows)
                : byGroups(counts, isPreceding, isEnd: isEnd, rows)
        }
    }

    private static func distances(
        _ column: ArrayData, isEnd: Bool
    ) throws(IglooError) -> [Int] {
        let values = column.values(as: Int64.self)
        let word = isEnd ? "ending" : "starting"
        var result: [Int] = []
        result.reserveCapacity(column.count)
        for row in 0..<column.count {
            guard !column.isNull(row) else {
                throw IglooError(
                    .invalidArgument, "frame \(word) offset must not be null",
                    sqlState: SQLState(rawValue: "22004"))
            }
            guard values[row] >= 0 else {
                throw IglooError(
                    .invalidArgument, "frame \(word) offset must not be negative",
                    sqlState: SQLState(rawValue: "22013"))
            }
            // No partition is longer, and sums of two such stay in range.
            result.append(Int(min(values[row], 1 << 40)))
        }
        return result
    }

    private static func byRows(
        _ counts: [Int], _ isPreceding: Bool, isEnd: Bool, _ rows: WindowRows
    ) -> [Int] {
        var result: [Int] = []
        result.reserveCapacity(rows.rowCount)
        for row in 0..<rows.rowCount {
            let place = (isPreceding ? row - counts[row] : row + counts[row]) + (isEnd ? 1 : 0)
            result.append(min(max(place, rows.partitionStart[row]), rows.partitionEnd[row]))
        }
        return result
    }

    private static func byGroups(
        _ counts: [Int], _ isPreceding: Bool, isEnd: Bool, _ rows: WindowRows
    ) -> [Int] {
        var result: [Int] = []
        result.reserveCapacity(rows.rowCount)
        for row in 0..<rows.rowCount {
            let partition = Int(rows.partition[row])
            let first = rows.firstGroup[partition]
            let end =
                partition + 1 < rows.partitionCount
                ? rows.firstGroup[partition + 1] : rows.groupStarts.count - 1
            let group = rows.group[row]
            let wanted =
                (isPreceding ? group - counts[row] : group + counts[row]) + (isEnd ? 1 : 0)
            result.append(rows.groupStarts[min(max(wanted, first), end)])
        }
        return result
    }

    /// RANGE: where the bound's value stands among the partition's keys. Rows without a key have
    /// their peers for a frame.
    private static func searched(
        _ bounds: ArrayData, _ keys: ArrayData, _ order: SortOrder, isEnd: Bool,
        _ rows: WindowRows
    ) throws(IglooError) -> [Int] {
        var sorted = NormalizedKeys([order])
        try sorted.append([keys], rowCount: rows.rowCount)
        var wanted = NormalizedKeys([order])
        try wanted.append([bounds], rowCount: rows.rowCount)
        var result: [Int] = []
        result.reserveCapacity(rows.rowCount)
        for row in 0..<rows.rowCount {
            if keys.isNull(row) || bounds.isNull(row) {
                let peers = rows.peers(row)
                result.append(isEnd ? peers.upperBound : peers.lowerBound)
                continue
            }
            var low = rows.partitionStart[row]
            var high = rows.partitionEnd[row]
            while low < high {
                let middle = (low + high) >> 1
                let comparison = SortRun.compare(sorted.key(middle), wanted.key(row))
                if comparison < 0 || (isEnd && comparison == 0) {
                    low = middle + 1
                } else {
                    high = middle
                }
            }
            result.append(low)
        }
        return result
    }
}
