// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Where an operator's spilled rows go, and who counts them.
struct SpillTarget: Sendable {
    let store: SpillStore
    let types: [DataType]
    let metrics: OperatorMetrics
    /// Bytes a block should have: many blocks are in memory at once, one a partition or run.
    let blockByteCount: Int

    init(_ query: QueryExecution, types: [DataType], _ metrics: OperatorMetrics) {
        store = query.spillStore
        self.types = types
        self.metrics = metrics
        blockByteCount = min(max(query.memory.spillLimit / 1_024, 16 << 10), 512 << 10)
    }

    /// About how many such rows make a block.
    func rowCount(ofBlocks batch: Batch) -> Int {
        let rowByteCount = max(batch.byteCount / max(batch.rowCount, 1), 1)
        return min(max(blockByteCount / rowByteCount, 64), Batch.rowCountMax)
    }
}

/// Puts small batches together into blocks of one run.
///
/// - Threads: one at a time.
final class SpillWriter {
    private let target: SpillTarget
    private var pending: [Batch] = []
    private var pendingByteCount = 0
    private(set) var run = SpillRun()

    init(_ target: SpillTarget) { self.target = target }

    func append(_ batch: Batch) throws(IglooError) {
        if batch.rowCount == 0 { return }
        pending.append(batch)
        pendingByteCount += batch.byteCount
        if pendingByteCount >= target.blockByteCount { try flush() }
    }

    private func flush() throws(IglooError) {
        for batch in try Batch.merged(pending) {
            run.append(try target.store.write(batch, target.metrics))
        }
        pending = []
        pendingByteCount = 0
    }

    func finish() throws(IglooError) -> SpillRun {
        try flush()
        return run
    }
}

/// Distributes rows over partitions by their hashes, each into a run of its own.
///
/// - Threads: one at a time.
final class PartitionWriter {
    private let writers: [SpillWriter]
    private let level: Int
    private var rows: [[UInt32]]

    /// Few enough that the blocks of all partitions find room, enough that most partitions fit.
    static let partitionCount = 32
    private static let partitionBits: UInt64 = 5

    /// - Parameter level: how often the rows have been partitioned before.
    init(_ target: SpillTarget, level: Int) {
        self.level = level
        writers = (0..<Self.partitionCount).map { _ in SpillWriter(target) }
        rows = Array(repeating: [], count: Self.partitionCount)
    }

    /// The partition of a hash. Each level looks at bits of its own, and none at those by which
    /// tables place their keys.
    @inline(__always)
    static func partition(of hash: UInt64, level: Int) -> Int {
        let salted = hash ^ (UInt64(truncatingIfNeeded: level &+ 1) &* 0xA24B_AED4_963E_E407)
        return Int(truncatingIfNeeded: KeyHash.mixed(salted) &>> (64 &- partitionBits))
    }

    /// - Parameter isExempt: by partition: its rows are not written, but returned.
    func append(
        _ batch: Batch, hashes: UnsafePointer<UInt64>, except isExempt: [Bool]? = nil
    ) throws(IglooError) -> [UInt32] {
        for index in rows.indices { rows[index].removeAll(keepingCapacity: true) }
        var exempt: [UInt32] = []
        var row = 0
        while row < batch.rowCount {
            let partition = Self.partition(of: hashes[row], level: level)
            if isExempt?[partition] == true {
                exempt.append(UInt32(truncatingIfNeeded: row))
            } else {
                rows[partition].append(UInt32(truncatingIfNeeded: row))
            }
            row &+= 1
        }
        for (index, chosen) in rows.enumerated() where !chosen.isEmpty {
            try append(try batch.gathered(chosen), to: index)
        }
        return exempt
    }

    func append(_ batch: Batch, to partition: Int) throws(IglooError) {
        try writers[partition].append(batch)
    }

    /// The run of each partition.
    func finish() throws(IglooError) -> [SpillRun] {
        var runs: [SpillRun] = []
        for writer in writers { runs.append(try writer.finish()) }
        return runs
    }
}

/// Hashes of keys, alike for equal keys of either side of a join.
///
/// - Threads: one at a time.
final class KeyHasher {
    private let types: [DataType]
    private let nullsMatch: Bool
    private var keys: KeyBatch?

    init(_ types: [DataType], nullsMatch: Bool) {
        self.types = types
        self.nullsMatch = nullsMatch
    }

    /// Writes one hash a row. Rows with a NULL where NULLs match nothing have any.
    func write(
        _ columns: [ArrayData], rowCount: Int, to hashes: UnsafeMutablePointer<UInt64>
    ) throws(IglooError) {
        if columns.isEmpty {
            hashes.initialize(repeating: 0, count: rowCount)
            return
        }
        let keys = try opened()
        var start = 0
        while start < rowCount {
            let count = min(rowCount - start, KeyBatch.rowCountMax)
            try keys.encode(columns, start, count: count)
            (hashes + start).update(from: keys.hashes, count: count)
            start += count
        }
    }

    private func opened() throws(IglooError) -> KeyBatch {
        if let keys { return keys }
        let new = KeyBatch(try KeyLayout(types, nullsMatch: nullsMatch))
        keys = new
        return new
    }
}
