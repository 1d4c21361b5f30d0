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
        Self.eachSum(groups, rowCount, groupCount, Int64.self, { _ in 1 }) { counts[$0] = $1 }
        rowCounts = counts
    }

    /// Calls `body` with the sum of each group's values. Sums must fit the type `Sum`.
    @inline(__always)
    func eachSum<Sum: FixedWidthInteger & BitwiseCopyable>(
        _ sum: Sum.Type, _ value: (Int) -> Sum, _ body: (Int, Sum) -> Void
    ) {
        Self.eachSum(groups, rowCount, groupCount, sum, value, body)
    }

    @inline(__always)
    private static func eachSum<Sum: FixedWidthInteger & BitwiseCopyable>(
        _ groups: UnsafePointer<UInt32>, _ rowCount: Int, _ groupCount: Int, _: Sum.Type,
        _ value: (Int) -> Sum, _ body: (Int, Sum) -> Void
    ) {
        withUnsafeTemporaryAllocation(of: Sum.self, capacity: laneCount * groupCount) { lanes in
            guard let lane0 = lanes.baseAddress else { return }
            lanes.initialize(repeating: 0)
            let (lane1, lane2) = (lane0 + groupCount, lane0 + 2 * groupCount)
            let lane3 = lane0 + 3 * groupCount
            var row = 0
            while row &+ 3 < rowCount {
                lane0[Int(groups[row])] &+= value(row)
                lane1[Int(groups[row &+ 1])] &+= value(row &+ 1)
                lane2[Int(groups[row &+ 2])] &+= value(row &+ 2)
                lane3[Int(groups[row &+ 3])] &+= value(row &+ 3)
                row &+= 4
            }
            while row < rowCount {
                lane0[Int(groups[row])] &+= value(row)
                row &+= 1
            }
            for group in 0..<groupCount {
                body(group, lane0[group] &+ lane1[group] &+ lane2[group] &+ lane3[group])
            }
        }
    }
}
