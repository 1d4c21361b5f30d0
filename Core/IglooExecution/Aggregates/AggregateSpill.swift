// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import Synchronization

/// The rows of an aggregation that are in temporary files, and the groups that were in memory when
/// they were written.
///
/// Rows are written as they came in, so that no state of an aggregate ever is. A partition's groups
/// are those of the threads' tables, and then its rows.
///
/// - Threads: any; each writer one at a time.
final class AggregateSpill: @unchecked Sendable {
    // SAFETY: everything mutable is guarded by locks.
    /// Some of the groups.
    struct Partition: Sendable {
        /// Which partition, level by level.
        var path: [Int]
        var rows = SpillRun()
        /// Most of its rows are of one group: there is nothing to gain by partitioning.
        var isOneGroup = false
    }

    private let target: SpillTarget
    private let keyTypes: [DataType]
    private let active = Atomic<Bool>(false)
    private let frozen = Locked<[FrozenGroups]>([])
    private let runs = Locked(
        [SpillRun](repeating: SpillRun(), count: PartitionWriter.partitionCount))
    /// Partitions are not partitioned more often.
    private static let levelMax = 6

    init(keyTypes: [DataType], _ target: SpillTarget) {
        self.target = target
        self.keyTypes = keyTypes
    }

    private func makeHasher() -> KeyHasher { KeyHasher(keyTypes, nullsMatch: false) }

    /// True once rows are written out.
    var isActive: Bool { active.load(ordering: .acquiring) }

    static func noRoom() -> IglooError {
        IglooError(
            .resourceExhausted, "out of memory: one group of GROUP BY needs more than there is",
            hint: "Raise memory_limit", sqlState: .outOfMemory)
    }

    // MARK: - Writing

    /// Writes one thread's rows.
    final class Writer {
        private let spill: AggregateSpill
        private let hasher: KeyHasher
        private let partitions: PartitionWriter
        private var hashes: [UInt64] = []

        fileprivate init(_ spill: AggregateSpill, level: Int) {
            self.spill = spill
            hasher = spill.makeHasher()
            partitions = PartitionWriter(spill.target, level: level)
        }

        func append(_ keys: [ArrayData], _ batch: Batch) throws(IglooError) {
            if hashes.count < batch.rowCount {
                hashes = [UInt64](repeating: 0, count: batch.rowCount)
            }
            try hasher.write(keys, rowCount: batch.rowCount, to: &hashes)
            _ = try partitions.append(batch, hashes: hashes)
        }

        fileprivate func written() throws(IglooError) -> [SpillRun] { try partitions.finish() }

        /// Hands the rows over. Called once.
        func finish() throws(IglooError) {
            let written = try written()
            spill.runs.withLock { runs in
                for (index, run) in written.enumerated() { runs[index].append(run) }
            }
        }
    }

    func makeWriter() -> Writer {
        active.store(true, ordering: .releasing)
        return Writer(self, level: 0)
    }

    // MARK: - Reading

    /// Groups that take no more rows, found by partition.
    private final class FrozenGroups: @unchecked Sendable {
        // SAFETY: immutable once made; the aggregation is only read.
        let aggregation: GroupedAggregation
        let keys: [ArrayData]
        private var hashes: [UInt64]
        private var partitions: [[UInt32]]

        init(_ aggregation: GroupedAggregation, _ hasher: KeyHasher) throws(IglooError) {
            self.aggregation = aggregation
            let count = aggregation.table.groupCount
            keys = try aggregation.table.keyColumns(0..<count)
            hashes = [UInt64](repeating: 0, count: count)
            try hasher.write(keys, rowCount: count, to: &hashes)
            partitions = Array(repeating: [], count: PartitionWriter.partitionCount)
            for (group, hash) in hashes.enumerated() {
                partitions[PartitionWriter.partition(of: hash, level: 0)].append(UInt32(group))
            }
        }

        func groups(in path: [Int]) -> [UInt32] {
            let all = partitions[path[0]]
            if path.count == 1 { return all }
            return all.filter { group in
                path.indices.dropFirst().allSatisfy { level in
                    PartitionWriter.partition(of: hashes[Int(group)], level: level) == path[level]
                }
            }
        }
    }

    /// Takes a thread's groups over, once all rows are in.
    func freeze(_ aggregation: GroupedAggregation) throws(IglooError) {
        try aggregation.prepareForMerge(partitionCount: 1)
        let groups = try FrozenGroups(aggregation, makeHasher())
        frozen.withLock { $0.append(groups) }
    }

    func takePartitions() -> [Partition] {
        runs.withLock { runs in
            defer { runs = [] }
            return runs.enumerated().map { Partition(path: [$0.offset], rows: $0.element) }
        }
    }

    func addGroups(
        of partition: Partition, to merged: GroupedAggregation
    ) throws(IglooError) {
        for part in frozen.withLock({ $0 }) {
            try merged.add(
                part.aggregation, keys: part.keys, groups: part.groups(in: partition.path))
        }
    }

    func read(_ block: SpillBlock) throws(IglooError) -> Batch {
        try target.store.read(block, types: target.types)
    }

    func free(_ block: SpillBlock) { target.store.free(block) }

    /// Whether smaller partitions may help. For tests, each is cut once.
    func canSplit(_ partition: Partition, isForced: Bool) -> Bool {
        !partition.isOneGroup && partition.path.count <= (isForced ? 1 : Self.levelMax)
    }

    /// A partition in smaller ones.
    func split(
        _ partition: Partition, _ input: AggregateInput, _ query: QueryExecution
    ) throws(IglooError) -> [Partition] {
        let writer = Writer(self, level: partition.path.count)
        for block in partition.rows.blocks {
            try query.poll()
            let batch = try target.store.take(block, types: target.types)
            try writer.append(try input.keys(batch), batch)
        }
        return try writer.written().enumerated().map {
            Partition(
                path: partition.path + [$0.offset], rows: $0.element,
                isOneGroup: $0.element.rowCount > partition.rows.rowCount / 10 * 9)
        }
    }
}
