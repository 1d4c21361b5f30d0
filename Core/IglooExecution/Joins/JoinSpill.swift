// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import Synchronization

/// The rows of both sides of a hash join that are in temporary files, partition by partition.
///
/// - Threads: any; each writer one at a time.
final class JoinSpill: @unchecked Sendable {
    // SAFETY: `isResident` is set before any prober begins; the rest synchronises itself.
    enum Side { case build, probe }

    /// The rows of one partition.
    struct Partition: Sendable {
        var build = SpillRun()
        var probe = SpillRun()
        /// How often its rows were partitioned.
        var level = 0
        /// Most of its rows have one key: there is nothing to gain by partitioning.
        var isOneKey = false

        /// What its table takes, and its rows while it is made.
        var tableByteCount: Int {
            build.byteCount + 16 * build.rowCount
                + JoinBuild.tableByteCount(
                    rowCount: build.rowCount, payloadByteCount: build.byteCount)
        }
    }

    let join: PhysicalHashJoin
    let query: QueryExecution
    private let targets: (build: SpillTarget, probe: SpillTarget)
    private let active = Atomic<Bool>(false)
    private let nullKey = Atomic<Bool>(false)
    private let partitions = Locked(
        [Partition](repeating: Partition(), count: PartitionWriter.partitionCount))
    /// By partition: its build rows are in the table.
    private(set) var isResident = [Bool](repeating: true, count: PartitionWriter.partitionCount)
    private(set) var hasBuildRows = false

    init(_ join: PhysicalHashJoin, _ query: QueryExecution, _ metrics: OperatorMetrics) {
        self.join = join
        self.query = query
        targets = (
            SpillTarget(query, types: join.buildSide.types, metrics),
            SpillTarget(query, types: join.probeSide.types, metrics)
        )
    }

    /// True once rows of the build side are written out.
    var isActive: Bool { active.load(ordering: .acquiring) }
    func activate() { active.store(true, ordering: .releasing) }
    var hasNullKey: Bool { nullKey.load(ordering: .relaxed) }

    // MARK: - Writing

    /// Writes one thread's rows of one side.
    final class Writer {
        private let spill: JoinSpill
        private let side: Side
        private let hasher: KeyHasher
        private let partitions: PartitionWriter
        private var hashes: [UInt64] = []

        fileprivate init(_ spill: JoinSpill, _ side: Side, level: Int) {
            self.spill = spill
            self.side = side
            let keys = side == .build ? spill.join.buildKeys : spill.join.probeKeys
            hasher = KeyHasher(keys.map(\.storedType), nullsMatch: spill.join.nullsMatch)
            partitions = PartitionWriter(
                side == .build ? spill.targets.build : spill.targets.probe, level: level)
        }

        func append(_ keys: [ArrayData], _ batch: Batch) throws(IglooError) {
            _ = try append(keys, batch, except: nil)
            if side == .build && keys.contains(where: { $0.nullCount > 0 }) {
                spill.nullKey.store(true, ordering: .relaxed)
            }
        }

        /// Writes the rows but those of some partitions, which are returned.
        func append(
            _ keys: [ArrayData], _ batch: Batch, except isResident: [Bool]?
        ) throws(IglooError) -> [UInt32] {
            if hashes.count < batch.rowCount {
                hashes = [UInt64](repeating: 0, count: batch.rowCount)
            }
            try hasher.write(keys, rowCount: batch.rowCount, to: &hashes)
            return try partitions.append(batch, hashes: hashes, except: isResident)
        }

        fileprivate func runs() throws(IglooError) -> [SpillRun] { try partitions.finish() }

        /// Hands the rows over. Called once.
        func finish() throws(IglooError) { spill.add(try runs(), side) }
    }

    func makeWriter(_ side: Side) -> Writer { Writer(self, side, level: 0) }

    private func add(_ runs: [SpillRun], _ side: Side) {
        partitions.withLock { partitions in
            for (index, run) in runs.enumerated() {
                if side == .build {
                    partitions[index].build.append(run)
                } else {
                    partitions[index].probe.append(run)
                }
            }
        }
    }

    /// Writes out what a thread collected before.
    func write(_ part: JoinBuild, to writer: Writer) throws(IglooError) {
        for (keys, payload) in part.takeRows() {
            try query.poll()
            try writer.append(keys, payload)
        }
        try part.release()
    }

    func writeBuild(_ part: JoinBuild) throws(IglooError) {
        let writer = makeWriter(.build)
        try write(part, to: writer)
        try writer.finish()
    }

    // MARK: - Reading

    /// Reads the partitions that find room, once all build rows are written.
    func loadResidentPartitions(_ sink: HashJoinSink) throws(IglooError) -> JoinBuild {
        let part = sink.makePart()
        let all = partitions.withLock { $0 }
        // What is left is for the tables of the other partitions later on, and for others.
        var room = sink.memory.room / 2
        for (index, partition) in all.enumerated() where partition.build.rowCount > 0 {
            hasBuildRows = true
            guard partition.tableByteCount <= room else {
                isResident[index] = false
                continue
            }
            room -= partition.tableByteCount
            partitions.withLock { $0[index].build = SpillRun() }
            try load(partition.build, into: part)
        }
        return part
    }

    func load(_ run: SpillRun, into part: JoinBuild) throws(IglooError) {
        let keys = try join.buildKeys.programs(query.evaluation)
        for block in run.blocks {
            try query.poll()
            let batch = try targets.build.store.take(block, types: targets.build.types)
            try part.append(keys: try keys.evaluate(batch), payload: batch)
        }
    }

    func takeProbe(_ block: SpillBlock) throws(IglooError) -> Batch {
        try targets.probe.store.take(block, types: targets.probe.types)
    }

    /// The partitions that are left to be joined.
    func takePartitions() -> [Partition] {
        partitions.withLock { partitions in
            defer { partitions = [] }
            return partitions.filter { isWorthwhile($0) }
        }
    }

    /// A partition in smaller ones.
    func split(_ partition: Partition) throws(IglooError) -> [Partition] {
        let level = partition.level + 1
        let build = Writer(self, .build, level: level)
        let buildKeys = try join.buildKeys.programs(query.evaluation)
        for block in partition.build.blocks {
            try query.poll()
            let batch = try targets.build.store.take(block, types: targets.build.types)
            try build.append(try buildKeys.evaluate(batch), batch)
        }
        let builds = try build.runs()
        let probe = Writer(self, .probe, level: level)
        let probeKeys = try join.probeKeys.programs(query.evaluation)
        for block in partition.probe.blocks {
            try query.poll()
            let batch = try takeProbe(block)
            try probe.append(try probeKeys.evaluate(batch), batch)
        }
        let probes = try probe.runs()
        return zip(builds, probes).map { build, probe in
            Partition(
                build: build, probe: probe, level: level,
                isOneKey: build.rowCount > partition.build.rowCount / 10 * 9)
        }.filter { isWorthwhile($0) }
    }

    /// Whether any row of the result may come of it.
    private func isWorthwhile(_ partition: Partition) -> Bool {
        let (hasBuild, hasProbe) = (partition.build.rowCount > 0, partition.probe.rowCount > 0)
        if hasBuild && hasProbe { return true }
        return hasBuild && join.buildRowsToEmit == false
            || hasProbe && !join.dropsUnmatchedProbeRows
    }
}
