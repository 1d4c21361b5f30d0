// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Groups and aggregates of the rows that one thread saw.
///
/// - Threads: one at a time; once all threads are done, `merge` only reads, and `absorb` writes to
///   groups of its own.
final class GroupedAggregation {
    private let keyTypes: [DataType]
    private let calls: [AggregateCall]
    private let context: CallContext
    private let spilling: StateSpilling?
    private var memory: any MemoryAccount { context.memory }
    let table: GroupTable
    private let states: [AggregateState]
    /// A batch was not taken in as a whole: the groups are of no use any more.
    private(set) var isTorn = false
    private var statesByteCount = 0
    /// Of the rows that are taken in.
    private var groups = GroupValues<UInt32>()
    /// The groups of each partition, once they are to be merged.
    private var partitions: [[UInt32]] = []
    /// By group, once some were taken in by other parts: a 1 for those.
    private var absorbed = GroupValues<UInt8>()

    static let batchRowCountMax = 65_536

    /// - Parameters:
    ///   - context: its memory is where groups and states are accounted.
    ///   - spilling: for states that may write rows out. They are merged where there are no keys.
    init(
        keyTypes: [DataType], calls: [AggregateCall], _ context: CallContext,
        _ spilling: StateSpilling? = nil
    ) throws(IglooError) {
        self.spilling = spilling
        self.keyTypes = keyTypes
        self.calls = calls
        self.context = context
        table = try GroupTable(keyTypes: keyTypes, reserve: context.memory)
        var states: [AggregateState] = []
        for (index, call) in calls.enumerated() {
            if let sums = Self.sums(for: call, among: calls[..<index], states) {
                states.append(SharedMeanState(sums))
            } else {
                states.append(try AggregateState.make(call, context, spilling))
            }
        }
        self.states = states
    }

    /// The state of an earlier call that sums what this one wants the mean of.
    private static func sums(
        for call: AggregateCall, among others: ArraySlice<AggregateCall>,
        _ states: [AggregateState]
    ) -> IntegerSumState? {
        guard call.function == "avg" else { return nil }
        var sum = call
        sum.function = "sum"
        for (index, other) in others.enumerated() {
            sum.type = other.type
            if sum == other { return states[index] as? IntegerSumState }
        }
        return nil
    }

    /// Takes in rows: their keys, and for each call its arguments, its filter and the keys of its
    /// order.
    func consume(
        keys: [ArrayData], arguments: [[ArrayData]], filters: [ArrayData?],
        orderKeys: [[ArrayData]], rowCount: Int
    ) throws(IglooError) {
        groups.resize(rowCount, filling: 0)
        let groups = groups.base
        do throws(IglooError) {
            try table.findOrInsert(keys: keys, rowCount: rowCount, groups: groups)
            try accountForStates()
        } catch {
            // Groups without a row of theirs: merging them changes nothing.
            for state in states { state.resize(table.groupCount) }
            throw error
        }
        isTorn = true
        let few = FewGroups(groups, rowCount, groupCount: table.groupCount)
        for (index, state) in states.enumerated() where !(state is SharedMeanState) {
            state.resize(table.groupCount)
            var columns = arguments[index] + orderKeys[index]
            columns = try columns.mapThrowing { (column) throws(IglooError) in
                try Vectors.flattened(column)
            }
            guard let rows = try wantedRows(index, columns, filters[index]) else {
                if let few {
                    try state.update(few, columns)
                } else {
                    try state.update(groups, columns, rowCount)
                }
                continue
            }
            let kept = rows.map { groups[Int($0)] }
            try state.update(kept, try Vectors.gather(columns, rows[...]), kept.count)
        }
        isTorn = false
    }

    deinit { try? memory.reserve(-statesByteCount) }

    /// What states take that do not account for themselves.
    private func accountForStates() throws(IglooError) {
        let wanted = table.groupCount * states.count * 24
        if wanted > statesByteCount + (1 << 16) {
            try memory.reserve(wanted - statesByteCount)
            statesByteCount = wanted
        }
    }

    /// The rows that count for a call; `nil` = all. NULLs never reach DISTINCT.
    private func wantedRows(
        _ index: Int, _ columns: [ArrayData], _ filter: ArrayData?
    ) throws(IglooError) -> [UInt32]? {
        var rows = filter.map { Vectors.selectedIndexes(of: $0) }
        if states[index].passesOverNulls { return rows }
        let skipsNull =
            FunctionTable.entry(calls[index].function)?.propagatesNull == true
            || (calls[index].function == "count" && calls[index].isDistinct)
        if skipsNull && !["first", "last"].contains(calls[index].function),
            let value = columns.first, value.nullCount > 0, calls[index].arguments.count > 0
        {
            let all = rows ?? (0..<UInt32(value.count)).map { $0 }
            rows = all.filter { !value.isNull(Int($0)) }
        }
        return rows
    }

    // MARK: - Merging in place

    /// Whether other parts can take in groups of this one where theirs stand.
    var mergesInPlace: Bool { states.allSatisfy(\.mergesInPlace) }

    /// Called once no more rows come in, before `absorb`.
    static func prepareForAbsorbing(_ parts: [GroupedAggregation]) throws(IglooError) {
        for part in parts {
            try part.table.consolidate()
            part.absorbed.resize(part.table.groupCount, filling: 0)
        }
        for (index, state) in (parts.first?.states ?? []).enumerated() {
            state.prepareToMergeInPlace(with: parts.dropFirst().map { $0.states[index] })
        }
    }

    /// Has other parts take in those groups of a range that they have as well. No two parts of
    /// `others` have a group in common that is not absorbed.
    ///
    /// - Threads: any, each with ranges of its own.
    func absorb(_ range: Range<Int>, into others: ArraySlice<GroupedAggregation>)
        throws(IglooError)
    {
        var targets = [UInt32](repeating: .max, count: range.count)
        for other in others where other.table.groupCount > 0 {
            other.table.locate(range, of: table, &targets)
            var (from, to): ([UInt32], [UInt32]) = ([], [])
            for (index, target) in targets.enumerated() where target != .max {
                let group = range.lowerBound + index
                if absorbed[group] != 0 || other.absorbed[Int(target)] != 0 { continue }
                absorbed[group] = 1
                from.append(UInt32(truncatingIfNeeded: group))
                to.append(target)
            }
            if from.isEmpty { continue }
            for (state, own) in zip(other.states, states) { try state.merge(own, from, to) }
        }
    }

    /// The groups of a range that no other part took in.
    func output(_ range: Range<Int>) throws(IglooError) -> Batch {
        var columns = try table.keyColumns(range)
        for state in states { columns.append(try state.finish(range)) }
        let batch = Batch(columns: columns, rowCount: range.count)
        if absorbed.count == 0 { return batch }
        var rows: [UInt32] = []
        rows.reserveCapacity(range.count)
        for group in range where absorbed[group] == 0 {
            rows.append(UInt32(truncatingIfNeeded: group - range.lowerBound))
        }
        return rows.count == range.count ? batch : try batch.gathered(rows)
    }

    // MARK: - Merging by partitions

    /// Called once no more rows come in, before `merge`.
    func prepareForMerge(partitionCount: Int) throws(IglooError) {
        try table.consolidate()
        for state in states { try state.prepareForMerge() }
        if partitionCount > 1 { partition(partitionCount) }
    }

    /// Lists the groups of each partition. The bits of the hash that choose one are neither those
    /// of places nor of tags.
    private func partition(_ count: Int) {
        partitions = Array(repeating: [], count: count)
        for group in 0..<table.groupCount {
            let hash = table.hash(group) &>> 32 & 0xFFFF
            partitions[Int(hash) * count >> 16].append(UInt32(group))
        }
    }

    /// The groups of one partition, over what all threads saw: keys, then aggregates.
    static func merge(
        _ parts: [GroupedAggregation], partition: Int, of partitionCount: Int
    ) throws(IglooError) -> [Batch] {
        guard let first = parts.first else { return [] }
        if parts.count == 1 && partitionCount == 1 { return try first.output() }
        let merged = try GroupedAggregation(
            keyTypes: first.keyTypes, calls: first.calls, first.context, first.spilling)
        for part in parts {
            let all = 0..<UInt32(part.table.groupCount)
            try merged.add(part, partitionCount == 1 ? Array(all) : part.partitions[partition])
        }
        return try merged.output()
    }

    private func add(_ part: GroupedAggregation, _ sources: [UInt32]) throws(IglooError) {
        if sources.isEmpty { return }
        var targets = [UInt32](repeating: 0, count: sources.count)
        try table.merge(part.table, sources, &targets)
        for (state, other) in zip(states, part.states) {
            state.resize(table.groupCount)
            try state.merge(other, sources, targets)
        }
    }

    /// Takes in some groups of another aggregation, whose groups have these keys.
    func add(
        _ part: GroupedAggregation, keys: [ArrayData], groups sources: [UInt32]
    ) throws(IglooError) {
        if sources.isEmpty { return }
        var targets = [UInt32](repeating: 0, count: sources.count)
        try table.findOrInsert(
            keys: try Vectors.gather(keys, sources[...]), rowCount: sources.count,
            groups: &targets)
        try accountForStates()
        for (state, other) in zip(states, part.states) {
            state.resize(table.groupCount)
            try state.merge(other, sources, targets)
        }
    }

    func output() throws(IglooError) -> [Batch] {
        var groupCount = table.groupCount
        if keyTypes.isEmpty && groupCount == 0 {
            groupCount = 1
            for state in states { state.resize(1) }
        }
        return try Self.ranges(groupCount).mapThrowing { (range) throws(IglooError) in
            try output(range)
        }
    }

    /// Groups in pieces of which each makes a batch.
    static func ranges(_ groupCount: Int) -> [Range<Int>] {
        stride(from: 0, to: groupCount, by: batchRowCountMax).map {
            $0..<min($0 + batchRowCountMax, groupCount)
        }
    }
}
