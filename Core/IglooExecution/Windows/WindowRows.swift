// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Where runs of equal keys begin among sorted rows.
enum Boundaries {
    static func starts(
        of columns: [ArrayData], order: [SortOrder], rowCount: Int
    ) throws(IglooError) -> [Int] {
        guard rowCount > 0 else { return [] }
        guard !columns.isEmpty else { return [0] }
        var keys = NormalizedKeys(order)
        try keys.append(columns, rowCount: rowCount)
        var starts = [0]
        var row = 1
        while row < rowCount {
            if SortRun.compare(keys.key(row &- 1), keys.key(row)) != 0 { starts.append(row) }
            row &+= 1
        }
        return starts
    }
}

/// Some whole partitions of sorted rows, as window functions see them. Rows count from 0.
struct WindowRows {
    /// Of the layout, dictionaries decoded where they are read.
    let columns: [ArrayData]
    let layout: WindowLayout
    let rowCount: Int
    let partitionCount: Int
    /// By row: its partition's number, first row and end.
    private(set) var partition: [UInt32] = []
    private(set) var partitionStart: [Int] = []
    private(set) var partitionEnd: [Int] = []
    /// By row: the number of its group of peers. Groups do not cross partitions.
    private(set) var group: [Int] = []
    /// By group, one more at the end.
    private(set) var groupStarts: [Int] = []
    /// By partition: the number of its first group.
    private(set) var firstGroup: [Int] = []

    init(
        _ columns: [ArrayData], rowCount: Int, partitionStarts: [Int], _ layout: WindowLayout
    ) throws(IglooError) {
        self.columns = columns
        self.rowCount = rowCount
        self.layout = layout
        partitionCount = partitionStarts.count
        let orders = layout.order.dropFirst(layout.partition.count)
        let changes = try Boundaries.starts(
            of: layout.orderColumns.map { columns[$0] }, order: Array(orders), rowCount: rowCount)
        setPartitions(partitionStarts)
        setGroups(changes, partitionStarts)
    }

    private mutating func setPartitions(_ starts: [Int]) {
        partition.reserveCapacity(rowCount)
        partitionStart.reserveCapacity(rowCount)
        partitionEnd.reserveCapacity(rowCount)
        for (index, start) in starts.enumerated() {
            let end = index + 1 < starts.count ? starts[index + 1] : rowCount
            partition.append(contentsOf: repeatElement(UInt32(index), count: end - start))
            partitionStart.append(contentsOf: repeatElement(start, count: end - start))
            partitionEnd.append(contentsOf: repeatElement(end, count: end - start))
        }
    }

    /// A group ends where the order's keys change and where a partition ends.
    private mutating func setGroups(_ changes: [Int], _ partitions: [Int]) {
        var nextChange = 0
        var nextPartition = 0
        var row = 0
        group.reserveCapacity(rowCount)
        while row < rowCount {
            var isStart = false
            if nextChange < changes.count && changes[nextChange] == row {
                isStart = true
                nextChange += 1
            }
            if nextPartition < partitions.count && partitions[nextPartition] == row {
                isStart = true
                nextPartition += 1
                firstGroup.append(groupStarts.count)
            }
            if isStart { groupStarts.append(row) }
            group.append(groupStarts.count - 1)
            row += 1
        }
        groupStarts.append(rowCount)
    }

    /// The group of peers of a row.
    func peers(_ row: Int) -> Range<Int> {
        groupStarts[group[row]]..<groupStarts[group[row] + 1]
    }

    func column(_ index: Int) throws(IglooError) -> ArrayData {
        try Vectors.flattened(columns[index])
    }
}
