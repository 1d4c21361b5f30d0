// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// DISTINCT: keeps each value of a group once, and hands all to the aggregate at the end.
final class DistinctState: AggregateState {
    private let inner: AggregateState
    private var values: GroupTable
    private let types: [DataType]
    private let memory: any MemoryAccount
    private let spilling: StateSpilling?
    /// Where values are once there is no room for them.
    private var spilled: DistinctSpill?
    private var groupCount = 0
    /// Once others merge this: the values, those of a group behind each other.
    private var sorted: (columns: [ArrayData], rows: [UInt32], starts: [Int])?

    static func wrapping(
        _ inner: AggregateState, _ call: AggregateCall, _ spilling: StateSpilling?,
        reserve memory: any MemoryAccount
    ) throws(IglooError) -> AggregateState {
        guard call.isDistinct, !call.arguments.isEmpty else { return inner }
        return try DistinctState(
            inner,
            call.arguments.map(\.storedType)
                + call.order.map(\.expression.storedType),
            spilling, reserve: memory)
    }

    private init(
        _ inner: AggregateState, _ types: [DataType], _ spilling: StateSpilling?,
        reserve memory: any MemoryAccount
    ) throws(IglooError) {
        self.spilling = spilling
        self.inner = inner
        self.types = types
        self.memory = memory
        values = try GroupTable(keyTypes: [.uint32] + types, reserve: memory)
    }

    override func resize(_ groupCount: Int) { self.groupCount = max(self.groupCount, groupCount) }

    override func update(
        _ groups: UnsafePointer<UInt32>, _ arguments: [ArrayData], _ rowCount: Int
    ) throws(IglooError) {
        sorted = nil
        let keys = [StateSpilling.column(groups, rowCount)] + arguments
        var found = [UInt32](repeating: 0, count: rowCount)
        do throws(IglooError) {
            try values.findOrInsert(keys: keys, rowCount: rowCount, groups: &found)
        } catch {
            guard let spilling, error.sqlState == .outOfMemory else { throw error }
            // Some of the rows may be in the table: they will meet.
            return try spill(spilling).append(Batch(columns: keys, rowCount: rowCount))
        }
        if let spilling, spilling.memory.shouldSpill() { _ = try spill(spilling) }
    }

    /// Writes the values out.
    private func spill(_ spilling: StateSpilling) throws(IglooError) -> DistinctSpill {
        let spilled =
            self.spilled
            ?? DistinctSpill(types: [.uint32] + types, spilling, reserve: memory)
        self.spilled = spilled
        try spilled.append(values)
        values = try GroupTable(keyTypes: [.uint32] + types, reserve: memory)
        return spilled
    }

    override func prepareForMerge() throws(IglooError) {
        if spilled != nil, let spilling { return try spill(spilling).finishWriting() }
        try values.consolidate()
        guard values.groupCount > 0 else { return }
        let columns = try values.keyColumns(0..<values.groupCount)
        let (rows, starts) = rowsByOwner(columns[0])
        sorted = (Array(columns.dropFirst()), rows, starts)
    }

    /// The values' rows in the order of their groups, and where each group's begin.
    private func rowsByOwner(_ owners: ArrayData) -> (rows: [UInt32], starts: [Int]) {
        defer { withExtendedLifetime(owners) {} }
        let groups = owners.values(as: UInt32.self)
        var starts = [Int](repeating: 0, count: groupCount + 1)
        for row in 0..<owners.count { starts[Int(groups[row]) + 1] += 1 }
        for group in 0..<groupCount { starts[group + 1] += starts[group] }
        var (next, rows) = (starts, [UInt32](repeating: 0, count: owners.count))
        for row in 0..<owners.count {
            let group = Int(groups[row])
            rows[next[group]] = UInt32(row)
            next[group] += 1
        }
        return (rows, starts)
    }

    override func merge(
        _ other: AggregateState, _ sources: [UInt32], _ targets: [UInt32]
    ) throws(IglooError) {
        guard let other = other as? DistinctState else { return }
        if let theirs = other.spilled, let spilling {
            assert(sources == [0] && targets == [0], "a state of several groups that has spilled")
            return try spill(spilling).take(theirs)
        }
        if other.values.groupCount == 0 { return }
        if other.sorted == nil { try other.prepareForMerge() }
        guard let sorted = other.sorted else { return }
        var rows: [UInt32] = []
        var groups: [UInt32] = []
        for (source, target) in zip(sources, targets) where Int(source) + 1 < sorted.starts.count {
            let range = sorted.starts[Int(source)]..<sorted.starts[Int(source) + 1]
            rows.append(contentsOf: sorted.rows[range])
            groups.append(contentsOf: repeatElement(target, count: range.count))
        }
        try update(groups, try Vectors.gather(sorted.columns, rows[...]), groups.count)
    }

    override func finish(_ range: Range<Int>) throws(IglooError) -> ArrayData {
        if spilled != nil || values.groupCount > 0 || groupCount > 0 { try flush() }
        return try inner.finish(range)
    }

    private var isFlushed = false

    private func flush() throws(IglooError) {
        if isFlushed { return }
        isFlushed = true
        inner.resize(groupCount)
        if let spilled, let spilling {
            _ = try spill(spilling)
            try spilled.drain { (batch) throws(IglooError) in try pass(batch) }
            self.spilled = nil
        } else {
            try values.eachKeys { (batch) throws(IglooError) in try pass(batch) }
        }
    }

    private func pass(_ batch: Batch) throws(IglooError) {
        let owners = batch.columns[0]
        defer { withExtendedLifetime(owners) {} }
        try inner.update(
            owners.values(as: UInt32.self), Array(batch.columns.dropFirst()), batch.rowCount)
    }
}
