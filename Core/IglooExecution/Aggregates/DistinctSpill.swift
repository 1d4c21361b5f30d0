// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Values of groups, some of them more than once, in temporary files: partition by partition, so
/// that equal ones meet.
///
/// - Threads: one at a time.
final class DistinctSpill {
    private let spilling: StateSpilling
    private let memory: any MemoryAccount
    /// Of a group and a value.
    private let types: [DataType]
    private let target: SpillTarget
    private let hasher: KeyHasher
    private var writer: PartitionWriter?
    private var runs = [SpillRun](repeating: SpillRun(), count: PartitionWriter.partitionCount)
    private var hashes: [UInt64] = []
    /// Partitions are not partitioned more often.
    private static let levelMax = 6

    init(types: [DataType], _ spilling: StateSpilling, reserve memory: any MemoryAccount) {
        self.types = types
        self.spilling = spilling
        self.memory = memory
        target = SpillTarget(spilling.query, types: types, spilling.metrics)
        hasher = KeyHasher(types, nullsMatch: true)
    }

    // MARK: - Writing

    func append(_ batch: Batch) throws(IglooError) {
        let writer = writer ?? PartitionWriter(target, level: 0)
        self.writer = writer
        try append(batch, to: writer)
    }

    private func append(_ batch: Batch, to writer: PartitionWriter) throws(IglooError) {
        if hashes.count < batch.rowCount { hashes = [UInt64](repeating: 0, count: batch.rowCount) }
        try hasher.write(batch.columns, rowCount: batch.rowCount, to: &hashes)
        _ = try writer.append(batch, hashes: hashes)
    }

    func append(_ values: GroupTable) throws(IglooError) {
        try values.eachKeys { (batch) throws(IglooError) in
            try spilling.query.poll()
            try append(batch)
        }
    }

    func finishWriting() throws(IglooError) {
        guard let writer else { return }
        for (index, run) in try writer.finish().enumerated() { runs[index].append(run) }
        self.writer = nil
    }

    /// Takes over the values of another one over the same groups.
    func take(_ other: DistinctSpill) throws(IglooError) {
        try other.finishWriting()
        for (index, run) in other.runs.enumerated() { runs[index].append(run) }
        other.runs = []
    }

    // MARK: - Reading

    /// Hands each value of each group to `body`, once.
    func drain(_ body: (Batch) throws(IglooError) -> Void) throws(IglooError) {
        try finishWriting()
        for run in runs { try drain(run, level: 0, body) }
        runs = []
    }

    private func drain(
        _ run: SpillRun, level: Int, _ body: (Batch) throws(IglooError) -> Void
    ) throws(IglooError) {
        if run.rowCount == 0 { return }
        let isForced = spilling.query.memory.spillsAlways && level == 0
        if !isForced, let values = try table(of: run, level: level) {
            for block in run.blocks { target.store.free(block) }
            return try values.eachKeys(body)
        }
        let writer = PartitionWriter(target, level: level + 1)
        for block in run.blocks {
            try spilling.query.poll()
            try append(try target.store.take(block, types: types), to: writer)
        }
        for part in try writer.finish() { try drain(part, level: level + 1, body) }
    }

    /// A partition's values; `nil` where there is no room for them, and smaller partitions may help.
    private func table(of run: SpillRun, level: Int) throws(IglooError) -> GroupTable? {
        do throws(IglooError) {
            let values = try GroupTable(keyTypes: types, reserve: memory)
            for block in run.blocks {
                try spilling.query.poll()
                let batch = try target.store.read(block, types: types)
                var found = [UInt32](repeating: 0, count: batch.rowCount)
                try values.findOrInsert(
                    keys: batch.columns, rowCount: batch.rowCount, groups: &found)
            }
            try values.consolidate()
            return values
        } catch {
            if level < Self.levelMax && error.sqlState == .outOfMemory { return nil }
            throw error
        }
    }
}

extension GroupTable {
    /// Hands all keys to `body`, in pieces.
    func eachKeys(_ body: (Batch) throws(IglooError) -> Void) throws(IglooError) {
        try consolidate()
        var start = 0
        while start < groupCount {
            let end = min(start + Batch.rowCountMax, groupCount)
            try body(Batch(columns: try keyColumns(start..<end), rowCount: end - start))
            start = end
        }
    }
}
