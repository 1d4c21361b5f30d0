// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Aggregates that need all values of a group at once, or in an order: lists, joined texts,
/// quantiles, modes, histograms, and first and last with ORDER BY.
final class CollectState: AggregateState {
    /// Those that look at values in the order of the values.
    private static let sorting: Set<String> = [
        "median", "quantile_cont", "quantile_disc", "mode", "histogram", "mad", "entropy",
    ]

    static let functions: Set<String> = sorting.union(["string_agg", "array_agg"])

    let call: AggregateCall
    private let argumentCount: Int
    private let memory: any MemoryAccount
    private let spilling: StateSpilling?
    private var reserved = 0
    private var groupCount = 0
    private var groups: [UInt32] = []
    private var parts: [[ArrayData]] = []
    private var collected: CollectedRows?
    /// Where the rows are once there is no room for them, and what came of them.
    private var spilled: CollectSpill?
    private var results: ArrayData?

    init(_ call: AggregateCall, _ spilling: StateSpilling?, reserve memory: any MemoryAccount) {
        self.call = call
        self.spilling = spilling
        self.memory = memory
        argumentCount = call.arguments.count
    }

    deinit { try? memory.reserve(-reserved) }

    override func resize(_ groupCount: Int) { self.groupCount = max(self.groupCount, groupCount) }

    override func update(
        _ rowGroups: UnsafePointer<UInt32>, _ arguments: [ArrayData], _ rowCount: Int
    ) throws(IglooError) {
        if let spilled { return try spilled.append(rowGroups, arguments, rowCount) }
        let byteCount = byteCount(arguments, rowCount)
        if let spilling, !spilling.memory.canReserve(byteCount) {
            return try startSpilling(spilling).append(rowGroups, arguments, rowCount)
        }
        try memory.reserve(byteCount)
        reserved += byteCount
        groups.append(contentsOf: UnsafeBufferPointer(start: rowGroups, count: rowCount))
        parts.append(arguments)
        if let spilling, spilling.memory.shouldSpill() { _ = try startSpilling(spilling) }
    }

    /// A state that can write rows out knows what they take, and what it takes to put them in order.
    private func byteCount(_ columns: [ArrayData], _ rowCount: Int) -> Int {
        if spilling == nil { return rowCount * (4 + 16 * columns.count) }
        return SortRun.byteCount(Batch(columns: columns, rowCount: rowCount), keyByteCount: 0)
    }

    /// Of the columns: arguments, then what the order is by.
    private var types: [DataType] {
        call.arguments.map(\.storedType) + call.order.map(\.expression.storedType)
    }

    private func startSpilling(_ spilling: StateSpilling) throws(IglooError) -> CollectSpill {
        if let spilled { return spilled }
        let (keys, order) = order()
        let new = CollectSpill(types: types, keys: keys, order, spilling, reserve: memory)
        var first = 0
        for part in parts {
            let own = Array(groups[first..<first + part[0].count])
            try new.append(own, part, own.count)
            first += own.count
        }
        (parts, groups) = ([], [])
        try memory.reserve(-reserved)
        reserved = 0
        spilled = new
        return new
    }

    override func prepareForMerge() throws(IglooError) {
        try spilled?.finishWriting()
        if parts.count > 1 { parts = [try Vectors.joined(parts)] }
    }

    override func merge(
        _ other: AggregateState, _ sources: [UInt32], _ targets: [UInt32]
    ) throws(IglooError) {
        guard let other = other as? CollectState else { return }
        if let theirs = other.spilled, let spilling {
            assert(sources == [0] && targets == [0], "a state of several groups that has spilled")
            return try startSpilling(spilling).take(theirs)
        }
        if other.parts.isEmpty { return }
        var target = [UInt32](repeating: .max, count: other.groupCount)
        for (source, new) in zip(sources, targets) { target[Int(source)] = new }
        var rows: [UInt32] = []
        var moved: [UInt32] = []
        for (row, group) in other.groups.enumerated() where target[Int(group)] != .max {
            rows.append(UInt32(row))
            moved.append(target[Int(group)])
        }
        if moved.isEmpty { return }
        let columns = try Vectors.gather(try Vectors.joined(other.parts), rows[...])
        try update(moved, columns, moved.count)
    }

    override func finish(_ range: Range<Int>) throws(IglooError) -> ArrayData {
        if let spilled {
            results = try spilled.results(
                GroupFold.make(call, reserve: memory), groupCount: groupCount)
            self.spilled = nil
        }
        if let results { return results.slice(range.lowerBound, count: range.count) }
        let rows: CollectedRows
        if let collected {
            rows = collected
        } else {
            rows = try collect()
            collected = rows
        }
        return try CollectedResults(call, rows).array(range)
    }

    /// Quantiles of floats need no order of all values.
    private var isSelecting: Bool {
        call.order.isEmpty && call.arguments[0].type.isFloat
            && (call.function == "median" || call.function == "quantile_cont")
    }

    private func collect() throws(IglooError) -> CollectedRows {
        let columns =
            parts.isEmpty
            ? try Vectors.nulls(types, count: 0)
            : try Vectors.joined(parts)
        parts = [columns]
        let (keys, order) = isSelecting ? ([], []) : order()
        return try CollectedRows(
            groups: groups, groupCount: groupCount, columns: columns,
            keys: keys.map { columns[$0] }, order)
    }

    /// The columns that rows of a group are in the order of, and how.
    private func order() -> (keys: [Int], [SortOrder]) {
        let order = call.order.map {
            SortOrder(
                type: $0.expression.storedType, isDescending: $0.isDescending,
                nullsFirst: $0.nullsFirst)
        }
        if order.isEmpty && Self.sorting.contains(call.function) {
            return ([0], [SortOrder(type: call.arguments[0].storedType)])
        }
        return (order.indices.map { argumentCount + $0 }, order)
    }
}

/// All rows of all groups: those of one group beside each other, in their order.
struct CollectedRows {
    let columns: [ArrayData]
    let rows: [UInt32]
    /// Where each group's rows begin; one more at the end.
    let starts: [Int]

    init(
        groups: [UInt32], groupCount: Int, columns: [ArrayData], keys: [ArrayData],
        _ order: [SortOrder]
    ) throws(IglooError) {
        self.columns = columns
        var starts = [Int](repeating: 0, count: groupCount + 1)
        for group in groups { starts[Int(group) + 1] += 1 }
        for group in 0..<groupCount { starts[group + 1] += starts[group] }
        self.starts = starts
        let sorted = try Self.sorted(groups.count, keys, order)
        var next = starts
        var rows = [UInt32](repeating: 0, count: groups.count)
        for index in 0..<groups.count {
            let row = sorted?[index] ?? UInt32(index)
            let group = Int(groups[Int(row)])
            rows[next[group]] = row
            next[group] += 1
        }
        self.rows = rows
    }

    /// All rows by their keys, equal ones as they came; `nil` without an order.
    private static func sorted(
        _ count: Int, _ columns: [ArrayData], _ order: [SortOrder]
    ) throws(IglooError) -> [UInt32]? {
        guard !order.isEmpty, count > 1 else { return nil }
        var keys = NormalizedKeys(order)
        try keys.append(columns, rowCount: count)
        return PrefixSort.sorted(keys).map(\.row)
    }

    func rows(of group: Int) -> ArraySlice<UInt32> { rows[starts[group]..<starts[group + 1]] }
}
