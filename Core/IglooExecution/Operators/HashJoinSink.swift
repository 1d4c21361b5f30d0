// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import Synchronization

/// The build side of a hash join: collects its rows and makes the table.
///
/// Rows that find no room are partitioned by their keys' hashes and written out. The table then
/// holds the partitions that fit; rows of the probe side that belong to others are written out, too,
/// and joined at the end (`SpilledJoinSource`).
final class HashJoinSink: Sink, @unchecked Sendable {
    // SAFETY: `parts` is guarded by its mutex; `table` and `stage` change at the end of all
    // producers, before any prober begins, and `table` once more when all of them ended.
    private enum Stage {
        case collecting, written, loaded
        case gathered(JoinTableBuilder)
        case linked(JoinTableBuilder)
        case built
    }

    let join: PhysicalHashJoin
    let query: QueryExecution
    let metrics: OperatorMetrics
    let memory: OperatorMemory
    let spill: JoinSpill
    private let parts = Locked<[JoinBuild]>([])
    /// What the table of all rows would take beside them.
    private let tableByteCount = Atomic<Int>(0)
    private var stage = Stage.collecting
    private(set) var table: JoinTable!
    /// Of all rows, in the table or not.
    private(set) var isEmpty = true
    private(set) var hasNullKey = false
    /// Filters by the key they are of, for scans on the other side. `nil` until they are made.
    private let filters = Locked<[Int: KeyFilter?]>([:])
    /// As `filters`, for the sources of those scans.
    private let sourceFilters = Locked<[Int: SourceFilter?]>([:])

    init(_ join: PhysicalHashJoin, _ query: QueryExecution, _ metrics: OperatorMetrics) {
        self.join = join
        self.query = query
        self.metrics = metrics
        memory = OperatorMemory(query.memory, metrics, name: "a join")
        spill = JoinSpill(join, query, metrics)
        super.init(timing: metrics)
    }

    func makePart() -> JoinBuild {
        JoinBuild(
            keyTypes: join.buildKeys.map(\.storedType), payloadTypes: join.buildSide.types,
            reserve: memory)
    }

    override func makeLocal() throws(IglooError) -> PushOperator {
        let part = makePart()
        parts.withLock { $0.append(part) }
        return Local(self, part, try join.buildKeys.programs(query.evaluation))
    }

    override func nextPhase() throws(IglooError) -> ParallelPhase? {
        switch stage {
        case .collecting where spill.isActive || !hasRoomForTable:
            spill.activate()
            stage = .written
            nonisolated(unsafe) let all = takeParts()
            return ParallelPhase(taskCount: all.count) { [self] (index) throws(IglooError) in
                try spill.writeBuild(all[index])
            }
        case .written:
            stage = .loaded
            return ParallelPhase(taskCount: 1) { [self] (_) throws(IglooError) in
                table = try makeTable([try spill.loadResidentPartitions(self)])
            }
        case .collecting:
            let inputs = takeParts()
            let builder = try makeBuilder(inputs.isEmpty ? [makePart()] : inputs)
            stage = .gathered(builder)
            return ParallelPhase(taskCount: builder.gatheringTaskCount, run: builder.gather)
        case .gathered(let builder):
            try builder.makePlaces()
            stage = .linked(builder)
            return linking(builder)
        case .linked(let builder):
            table = builder.finish()
            tableIsBuilt()
            return nil
        case .loaded:
            tableIsBuilt()
            return nil
        case .built: return nil
        }
    }

    /// Others may have taken what was there when the last rows came.
    private var hasRoomForTable: Bool {
        memory.canReserve(tableByteCount.load(ordering: .relaxed))
    }

    private func tableIsBuilt() {
        stage = .built
        isEmpty = table.rowCount == 0 && !spill.hasBuildRows
        hasNullKey = table.hasNullKey || spill.hasNullKey
    }

    /// The table is linked, and filters are made of its keys. They would have to know the rows that
    /// were written out, too: then there are none.
    private func linking(_ builder: JoinTableBuilder) -> ParallelPhase {
        let keys = filters.withLock { $0.keys.sorted() }
        let sourceKeys = sourceFilters.withLock { $0.keys.sorted() }
        let linkingCount = builder.linkingTaskCount
        let ownCount = linkingCount + keys.count
        return ParallelPhase(taskCount: ownCount + sourceKeys.count) {
            [self] (task) throws(IglooError) in
            if task < linkingCount { return builder.link(task) }
            if task < ownCount {
                let key = keys[task - linkingCount]
                let filter = try builder.filter(key, reserve: memory)
                return filters.withLock { $0[key] = filter }
            }
            let key = sourceKeys[task - ownCount]
            let filter = try builder.sourceFilter(key, reserve: memory)
            sourceFilters.withLock { $0[key] = filter }
        }
    }

    /// Announces that a source will be told of a key.
    func wantSourceFilter(of key: Int) { sourceFilters.withLock { $0[key] = .some(nil) } }

    /// What a source is told of a key; once the sink is complete.
    func sourceFilter(of key: Int) -> SourceFilter? { sourceFilters.withLock { $0[key] ?? nil } }

    /// Announces that someone will ask for the filter of a key.
    func wantFilter(of key: Int) { filters.withLock { $0[key] = .some(nil) } }

    /// What tells whether a value is among those of a key; once the sink is complete.
    func filter(of key: Int) -> KeyFilter? { filters.withLock { $0[key] ?? nil } }

    private func takeParts() -> [JoinBuild] {
        parts.withLock { parts in
            defer { parts = [] }
            return parts
        }
    }

    private func makeBuilder(_ parts: [JoinBuild]) throws(IglooError) -> JoinTableBuilder {
        try JoinTableBuilder(
            parts, nullsMatch: join.nullsMatch, keyTypes: join.buildKeys.map(\.storedType),
            marksRows: join.buildRowsToEmit != nil, reserve: memory)
    }

    func makeTable(_ parts: [JoinBuild]) throws(IglooError) -> JoinTable {
        try makeBuilder(parts).makeTable()
    }

    /// The table, when all probers ended: the sink keeps it no longer.
    func takeTable() -> JoinTable? {
        defer { table = nil }
        return table
    }

    private final class Local: PushOperator {
        private let sink: HashJoinSink
        private let part: JoinBuild
        private let keys: [ExpressionProgram]
        private var writer: JoinSpill.Writer?

        init(_ sink: HashJoinSink, _ part: JoinBuild, _ keys: [ExpressionProgram]) {
            self.sink = sink
            self.part = part
            self.keys = keys
        }

        override func push(_ batch: Batch) throws(IglooError) -> Demand {
            sink.metrics.rowsIn.wrappingAdd(Int64(batch.rowCount), ordering: .relaxed)
            let memory = sink.memory
            let batch = memory.isTight ? try batch.compacted() : batch
            let columns = try keys.evaluate(batch)
            let byteCount = batch.byteCount
            if sink.spill.isActive || !memory.canReserve(2 * byteCount) {
                sink.spill.activate()
                try openedWriter().append(columns, batch)
                return .more
            }
            try part.append(keys: columns, payload: batch, byteCount: byteCount)
            let tableByteCount = sink.tableByteCount.wrappingAdd(
                JoinBuild.tableByteCount(rowCount: batch.rowCount, payloadByteCount: byteCount),
                ordering: .relaxed)
            if memory.shouldSpill(expecting: tableByteCount.newValue) {
                sink.spill.activate()
                _ = try openedWriter()
            }
            return .more
        }

        private func openedWriter() throws(IglooError) -> JoinSpill.Writer {
            if let writer { return writer }
            let new = sink.spill.makeWriter(.build)
            writer = new
            try sink.spill.write(part, to: new)
            return new
        }

        override func finish() throws(IglooError) { try writer?.finish() }
    }
}

// MARK: - Sides

extension PhysicalHashJoin {
    var buildSide: PhysicalPlan { buildsLeft ? left : right }
    var probeSide: PhysicalPlan { buildsLeft ? right : left }
    var buildKeys: [Expression] { buildsLeft ? leftKeys : rightKeys }
    var probeKeys: [Expression] { buildsLeft ? rightKeys : leftKeys }

    /// Whether pairs are part of the result (and not just the fact that there are some).
    var emitsPairs: Bool {
        switch kind {
        case .inner, .left, .right, .full, .single: true
        case .semi, .anti, .nullAwareAnti, .mark: false
        }
    }

    /// Which rows of the build side follow at the end: those that found partners, or the others;
    /// `nil` = none.
    var buildRowsToEmit: Bool? {
        switch kind {
        case .full: false
        case .right: buildsLeft ? nil : false
        case .left, .anti: buildsLeft ? false : nil
        case .semi: buildsLeft ? true : nil
        case .inner, .single, .mark, .nullAwareAnti: nil
        }
    }

    /// Whether a probe row without partner may be left out at once.
    var dropsUnmatchedProbeRows: Bool {
        switch kind {
        case .inner, .semi: true
        case .right: !buildsLeft
        case .left, .anti: buildsLeft
        case .full, .single, .mark, .nullAwareAnti: false
        }
    }
}
