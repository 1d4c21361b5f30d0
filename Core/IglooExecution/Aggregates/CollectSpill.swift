// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// The rows of an aggregate that needs them all, in sorted runs: by group, then in the aggregate's
/// order, then as they came.
///
/// - Threads: one at a time.
final class CollectSpill {
    private let spilling: StateSpilling
    private let run: SortRun
    private let runs: SpilledRuns
    private let memory: any MemoryAccount
    private let keys: [Int]
    private var rowCount: Int64 = 0
    /// By group: rows whose first argument is not NULL.
    private var presentCounts: [Int] = []
    private static let rowCountMin = 64

    /// - Parameters:
    ///   - types: of the columns.
    ///   - keys: the columns by which rows of one group are in order.
    init(
        types: [DataType], keys: [Int], _ order: [SortOrder], _ spilling: StateSpilling,
        reserve memory: any MemoryAccount
    ) {
        self.spilling = spilling
        self.memory = memory
        self.keys = keys
        let payload: [DataType] = [.uint32] + types
        run = SortRun(
            order: [SortOrder(type: .uint32)] + order + [SortOrder(type: .int64)],
            payloadTypes: payload, rowCountMax: nil, reserve: memory)
        runs = SpilledRuns(types: payload, spilling.query, spilling.metrics)
    }

    func append(
        _ groups: UnsafePointer<UInt32>, _ columns: [ArrayData], _ rowCount: Int
    ) throws(IglooError) {
        let byteCount = byteCount(columns, rowCount)
        if !spilling.memory.canReserve(byteCount) { try runs.write(run) }
        do throws(IglooError) {
            try memory.reserve(byteCount)
        } catch {
            guard rowCount > Self.rowCountMin else { throw error }
            // Others hold most of it: a few rows at a time find room.
            let half = rowCount / 2
            try append(groups, columns.map { $0.slice(0, count: half) }, half)
            let rest = rowCount - half
            return try append(
                groups + half, columns.map { $0.slice(half, count: rest) }, rest)
        }
        try add(groups, columns, rowCount, reserved: byteCount)
        if spilling.memory.shouldSpill() { try runs.write(run) }
    }

    /// What the rows and their keys take in a run; keys of texts are as long as these.
    private func byteCount(_ columns: [ArrayData], _ rowCount: Int) -> Int {
        let ordered = Batch(columns: keys.map { columns[$0] }, rowCount: rowCount)
        return SortRun.byteCount(
            Batch(columns: columns, rowCount: rowCount),
            keyByteCount: ordered.byteCount + 48 * rowCount)
    }

    private func add(
        _ groups: UnsafePointer<UInt32>, _ columns: [ArrayData], _ rowCount: Int,
        reserved: Int
    ) throws(IglooError) {
        notePresent(groups, columns[0])
        var places = PrimitiveBuilder<Int64>(.int64, zero: 0)
        for _ in 0..<rowCount {
            places.append(self.rowCount)
            self.rowCount += 1
        }
        let group = StateSpilling.column(groups, rowCount)
        let payload = try Batch(columns: [group] + columns, rowCount: rowCount).compacted()
        // The run does it again.
        try memory.reserve(-reserved)
        try run.append(
            keys: [group] + keys.map { payload.columns[$0 + 1] } + [places.finish()],
            payload: payload)
    }

    private func notePresent(_ groups: UnsafePointer<UInt32>, _ values: ArrayData) {
        for row in 0..<values.count where !values.isNull(row) {
            let group = Int(groups[row])
            if group >= presentCounts.count {
                presentCounts += repeatElement(0, count: group + 1 - presentCounts.count)
            }
            presentCounts[group] += 1
        }
    }

    /// Writes the last rows out.
    func finishWriting() throws(IglooError) { try runs.write(run) }

    /// Takes over the rows of another one over the same groups.
    func take(_ other: CollectSpill) {
        runs.take(other.runs)
        let count = max(presentCounts.count, other.presentCounts.count)
        presentCounts = (0..<count).map { presentCount($0) + other.presentCount($0) }
        rowCount = max(rowCount, other.rowCount)
    }

    func presentCount(_ group: Int) -> Int {
        group < presentCounts.count ? presentCounts[group] : 0
    }

    /// Hands all rows, once, to what makes results of them.
    func results(_ fold: GroupFold, groupCount: Int) throws(IglooError) -> ArrayData {
        try finishWriting()
        let sorted = try runs.takeRows()
        var current = 0
        while let batch = try sorted.next(rowCount: Batch.rowCountMax) {
            try spilling.query.poll()
            let groups = batch.columns[0].values(as: UInt32.self)
            let columns = Array(batch.columns.dropFirst())
            var start = 0
            while start < batch.rowCount {
                let group = Int(groups[start])
                var end = start + 1
                while end < batch.rowCount && groups[end] == UInt32(group) { end += 1 }
                while current < group {
                    try fold.endGroup()
                    current += 1
                }
                try fold.take(columns, start..<end, presentCount: presentCount(group))
                start = end
            }
            withExtendedLifetime(batch) {}
        }
        while current < groupCount {
            try fold.endGroup()
            current += 1
        }
        return try fold.finish()
    }
}
