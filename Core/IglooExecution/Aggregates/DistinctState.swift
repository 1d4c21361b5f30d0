// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// DISTINCT: keeps each value of a group once, and hands all to the aggregate at the end.
final class DistinctState: AggregateState {
    private let inner: AggregateState
    private let values: GroupTable
    private let types: [DataType]
    private let memory: any MemoryAccount
    private var groupCount = 0

    static func wrapping(
        _ inner: AggregateState, _ call: AggregateCall, reserve memory: any MemoryAccount
    ) throws(IglooError) -> AggregateState {
        guard call.isDistinct, !call.arguments.isEmpty else { return inner }
        return try DistinctState(
            inner,
            call.arguments.map(\.storedType)
                + call.order.map(\.expression.storedType),
            reserve: memory)
    }

    private init(
        _ inner: AggregateState, _ types: [DataType], reserve memory: any MemoryAccount
    ) throws(IglooError) {
        self.inner = inner
        self.types = types
        self.memory = memory
        values = try GroupTable(keyTypes: [.uint32] + types, reserve: memory)
    }

    override func resize(_ groupCount: Int) { self.groupCount = max(self.groupCount, groupCount) }

    override func update(
        _ groups: UnsafePointer<UInt32>, _ arguments: [ArrayData], _ rowCount: Int
    ) throws(IglooError) {
        var builder = BufferBuilder(byteCapacity: rowCount * 4)
        builder.append(
            UnsafeRawBufferPointer(start: UnsafeRawPointer(groups), count: rowCount * 4))
        let column = ArrayData(
            type: .uint32, count: rowCount, nullCount: 0, buffers: [builder.finish()])
        var found = [UInt32](repeating: 0, count: rowCount)
        try values.findOrInsert(
            keys: [column] + arguments, rowCount: rowCount, groups: &found)
    }

    override func prepareForMerge() throws(IglooError) { try values.consolidate() }

    override func merge(
        _ other: AggregateState, _ sources: [UInt32], _ targets: [UInt32]
    ) throws(IglooError) {
        guard let other = other as? DistinctState, other.values.groupCount > 0 else { return }
        var target = [UInt32](repeating: .max, count: other.groupCount)
        for (source, new) in zip(sources, targets) { target[Int(source)] = new }
        let columns = try other.values.keyColumns(0..<other.values.groupCount)
        let owners = columns[0].values(as: UInt32.self)
        var rows: [UInt32] = []
        var groups: [UInt32] = []
        for row in 0..<columns[0].count {
            let new = target[Int(owners[row])]
            if new != .max {
                rows.append(UInt32(row))
                groups.append(new)
            }
        }
        withExtendedLifetime(columns) {}
        let moved = try Vectors.gather(Array(columns.dropFirst()), rows[...])
        try update(groups, moved, groups.count)
    }

    override func finish(_ range: Range<Int>) throws(IglooError) -> ArrayData {
        if values.groupCount > 0 || groupCount > 0 { try flush() }
        return try inner.finish(range)
    }

    private var isFlushed = false

    private func flush() throws(IglooError) {
        if isFlushed { return }
        isFlushed = true
        inner.resize(groupCount)
        guard values.groupCount > 0 else { return }
        let columns = try values.keyColumns(0..<values.groupCount)
        let owners = columns[0]
        defer { withExtendedLifetime(owners) {} }
        try inner.update(
            owners.values(as: UInt32.self), Array(columns.dropFirst()), owners.count)
    }
}
