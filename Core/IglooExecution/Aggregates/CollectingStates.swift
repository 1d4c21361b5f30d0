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
            inner, call.arguments.map(\.type) + call.order.map(\.expression.type),
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
        try inner.update(
            columns[0].values(as: UInt32.self), Array(columns.dropFirst()), columns[0].count)
    }
}

/// Aggregates that need all values of a group at once, or in an order: string_agg, array_agg,
/// median, quantile_cont, and first and last with ORDER BY.
final class CollectState: AggregateState {
    static let functions: Set<String> = ["string_agg", "array_agg", "median", "quantile_cont"]

    private let call: AggregateCall
    private let argumentCount: Int
    private let memory: any MemoryAccount
    private var reserved = 0
    private var groupCount = 0
    private var groups: [UInt32] = []
    private var parts: [[ArrayData]] = []

    init(_ call: AggregateCall, reserve memory: any MemoryAccount) {
        self.call = call
        self.memory = memory
        argumentCount = call.arguments.count
    }

    deinit { try? memory.reserve(-reserved) }

    override func resize(_ groupCount: Int) { self.groupCount = max(self.groupCount, groupCount) }

    override func update(
        _ rowGroups: UnsafePointer<UInt32>, _ arguments: [ArrayData], _ rowCount: Int
    ) throws(IglooError) {
        let byteCount = rowCount * (4 + 16 * arguments.count)
        try memory.reserve(byteCount)
        reserved += byteCount
        groups.append(contentsOf: UnsafeBufferPointer(start: rowGroups, count: rowCount))
        parts.append(arguments)
    }

    override func merge(
        _ other: AggregateState, _ sources: [UInt32], _ targets: [UInt32]
    ) throws(IglooError) {
        guard let other = other as? CollectState, !other.parts.isEmpty else { return }
        var target = [UInt32](repeating: .max, count: other.groupCount)
        for (source, new) in zip(sources, targets) { target[Int(source)] = new }
        var rows: [UInt32] = []
        var moved: [UInt32] = []
        for (row, group) in other.groups.enumerated() where target[Int(group)] != .max {
            rows.append(UInt32(row))
            moved.append(target[Int(group)])
        }
        let columns = try Vectors.gather(try Vectors.joined(other.parts), rows[...])
        try update(moved, columns, moved.count)
    }

    override func finish(_ range: Range<Int>) throws(IglooError) -> ArrayData {
        let columns = try Vectors.joined(parts)
        var rows: [[UInt32]] = Array(repeating: [], count: groupCount)
        for row in try orderedRows(columns) { rows[Int(groups[Int(row)])].append(row) }
        var results: [Scalar] = []
        for group in range { results.append(try result(rows[group], columns)) }
        return try Vectors.array(results, call.type)
    }

    private func orderedRows(_ columns: [ArrayData]) throws(IglooError) -> [UInt32] {
        let rows = groups.indices.map { UInt32($0) }
        guard !call.order.isEmpty, !columns.isEmpty else { return rows }
        var keys = NormalizedKeys(
            call.order.map {
                SortOrder(
                    type: $0.expression.type, isDescending: $0.isDescending,
                    nullsFirst: $0.nullsFirst)
            })
        try keys.append(Array(columns.dropFirst(argumentCount)), rowCount: groups.count)
        return Self.sorted(rows, keys)
    }

    private static func sorted(_ rows: [UInt32], _ keys: borrowing NormalizedKeys) -> [UInt32] {
        var entries = rows.map { SortRun.Entry(prefix: keys.prefix(Int($0)), row: $0) }
        let base = keys.baseAddress
        let offsets = keys.offsets
        entries.sort { left, right in
            if left.prefix != right.prefix { return left.prefix < right.prefix }
            func key(_ row: UInt32) -> UnsafeRawBufferPointer {
                let start = offsets[Int(row)]
                return UnsafeRawBufferPointer(
                    start: base + start, count: offsets[Int(row) + 1] - start)
            }
            let order = SortRun.compare(key(left.row), key(right.row))
            return order != 0 ? order < 0 : left.row < right.row
        }
        return entries.map(\.row)
    }

    private func result(_ rows: [UInt32], _ columns: [ArrayData]) throws(IglooError) -> Scalar {
        guard !rows.isEmpty, let values = columns.first else { return .null }
        let cells = rows.map { values.scalar(at: Int($0)) }
        switch call.function {
        case "array_agg": return .list(cells)
        case "string_agg":
            var text: String?
            for (cell, row) in zip(cells, rows) {
                guard case .text(let value) = cell else { continue }
                var separator = ""
                if case .text(let between) = columns[1].scalar(at: Int(row)) {
                    separator = between
                }
                text = text.map { $0 + separator + value } ?? value
            }
            return text.map { .text($0) } ?? .null
        case "median": return Self.quantile(cells, 0.5)
        case "quantile_cont":
            guard case .float(let fraction) = columns[1].scalar(at: Int(rows[0])) else {
                return .null
            }
            guard (0...1).contains(fraction) else {
                throw IglooError(
                    .outOfRange, "quantile fraction \(fraction) is not between 0 and 1")
            }
            return Self.quantile(cells, fraction)
        case "last": return cells.last ?? .null
        default: return cells.first ?? .null
        }
    }

    private static func quantile(_ cells: [Scalar], _ fraction: Double) -> Scalar {
        var values: [Double] = []
        for case .float(let value) in cells { values.append(value) }
        guard !values.isEmpty else { return .null }
        values.sort { $0 < $1 || (!$0.isNaN && $1.isNaN) }
        let place = fraction * Double(values.count - 1)
        let lower = Int(place)
        let upper = min(lower + 1, values.count - 1)
        return .float(values[lower] + (values[upper] - values[lower]) * (place - Double(lower)))
    }
}
