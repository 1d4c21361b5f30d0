// SPDX-License-Identifier: MIT

import IglooArrow

/// The groups of a batch's rows where there are few groups: sums are then taken of the batch first,
/// in several lanes, so that neighbouring rows of one group need not wait for each other.
struct FewGroups {
    static let groupCountMax = 64
    private static let rowCountMin = 256
    private static let laneCount = 4

    let groups: UnsafePointer<UInt32>
    let rowCount: Int
    let groupCount: Int
    /// How many rows each group has here.
    let rowCounts: [Int64]

    /// `nil` when there are too many groups, or too few rows.
    init?(_ groups: UnsafePointer<UInt32>, _ rowCount: Int, groupCount: Int) {
        if groupCount > Self.groupCountMax || rowCount < Self.rowCountMin { return nil }
        self.groups = groups
        self.rowCount = rowCount
        self.groupCount = groupCount
        var counts = [Int64](repeating: 0, count: groupCount)
        Self.eachSum(groups, rowCount, groupCount, Int64(0), { $0 &+ $1 }, { _ in 1 }) {
            counts[$0] = $1
        }
        rowCounts = counts
    }

    /// Calls `body` with the sum of each group's values. Sums must fit the type `Sum`.
    @inline(__always)
    func eachSum<Sum: FixedWidthInteger & BitwiseCopyable>(
        _ sum: Sum.Type, _ value: (Int) -> Sum, _ body: (Int, Sum) -> Void
    ) {
        Self.eachSum(groups, rowCount, groupCount, Sum.zero, { $0 &+ $1 }, value, body)
    }

    /// As `eachSum`, of floats.
    @inline(__always)
    func eachFloatSum(_ value: (Int) -> Double, _ body: (Int, Double) -> Void) {
        Self.eachSum(groups, rowCount, groupCount, 0.0, { $0 + $1 }, value, body)
    }

    @inline(__always)
    private static func eachSum<Sum: BitwiseCopyable>(
        _ groups: UnsafePointer<UInt32>, _ rowCount: Int, _ groupCount: Int, _ zero: Sum,
        _ plus: (Sum, Sum) -> Sum, _ value: (Int) -> Sum, _ body: (Int, Sum) -> Void
    ) {
        if groupCount == 1 { return body(0, sum(rowCount, zero, plus, value)) }
        withUnsafeTemporaryAllocation(of: Sum.self, capacity: laneCount * groupCount) { lanes in
            guard let lane0 = lanes.baseAddress else { return }
            lanes.initialize(repeating: zero)
            let (lane1, lane2) = (lane0 + groupCount, lane0 + 2 * groupCount)
            let lane3 = lane0 + 3 * groupCount
            var row = 0
            while row &+ 3 < rowCount {
                let (place0, place1) = (Int(groups[row]), Int(groups[row &+ 1]))
                let (place2, place3) = (Int(groups[row &+ 2]), Int(groups[row &+ 3]))
                lane0[place0] = plus(lane0[place0], value(row))
                lane1[place1] = plus(lane1[place1], value(row &+ 1))
                lane2[place2] = plus(lane2[place2], value(row &+ 2))
                lane3[place3] = plus(lane3[place3], value(row &+ 3))
                row &+= 4
            }
            while row < rowCount {
                let place = Int(groups[row])
                lane0[place] = plus(lane0[place], value(row))
                row &+= 1
            }
            for group in 0..<groupCount {
                body(
                    group, plus(plus(lane0[group], lane1[group]), plus(lane2[group], lane3[group])))
            }
        }
    }

    /// One group's sum stays in registers.
    @inline(__always)
    private static func sum<Sum: BitwiseCopyable>(
        _ rowCount: Int, _ zero: Sum, _ plus: (Sum, Sum) -> Sum, _ value: (Int) -> Sum
    ) -> Sum {
        var (lane0, lane1, lane2, lane3) = (zero, zero, zero, zero)
        var row = 0
        while row &+ 3 < rowCount {
            lane0 = plus(lane0, value(row))
            lane1 = plus(lane1, value(row &+ 1))
            lane2 = plus(lane2, value(row &+ 2))
            lane3 = plus(lane3, value(row &+ 3))
            row &+= 4
        }
        while row < rowCount {
            lane0 = plus(lane0, value(row))
            row &+= 1
        }
        return plus(plus(lane0, lane1), plus(lane2, lane3))
    }
}
