// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooContracts
public import IglooPlan

/// Runs physical plans: one for the process, shared by all queries. Its threads end with it.
///
/// - Threads: any.
public final class Executor: Sendable {
    public let memory: MemoryBudget
    private let scheduler: Scheduler

    /// - Parameters:
    ///   - threadCount: compute threads; `nil` = the processors this process may use.
    ///   - memoryLimit: bytes for all queries; `nil` = four fifths of what the machine grants.
    public init(threadCount: Int? = nil, memoryLimit: Int? = nil) {
        memory = MemoryBudget(limit: memoryLimit)
        scheduler = Scheduler(threadCount: threadCount ?? MachineLimits.threadCount())
    }

    deinit { scheduler.stop() }

    public var threadCount: Int { scheduler.threadCount }

    /// Starts a query. Its rows are computed while they are read.
    ///
    /// - Throws: errors of the plan; those of the run come from the result's `next`.
    public func execute(
        _ plan: PhysicalPlan, _ context: QueryContext
    ) throws(IglooError) -> RunningQuery {
        let query = QueryExecution(
            scheduler: scheduler, context: context,
            memory: QueryMemory(
                memory, limit: context.settings.memoryLimit,
                spillsAlways: context.settings.spillsAlways),
            metrics: QueryMetrics(isTimed: context.settings.measuresTime))
        let sink = ResultSink(
            scheduler, batchCountMax: context.settings.resultBatchCountMax)
        query.onEnd { error in sink.end(error ?? .cancelled()) }
        var builder = PipelineBuilder(query)
        try builder.build(plan, sink)
        for pipeline in builder.pipelines { pipeline.release() }
        return RunningQuery(plan, query, sink, self)
    }
}

/// A query that runs, and its rows.
///
/// Letting go of it ends the query.
///
/// - Threads: as `BatchReader`; `metrics` any.
public final class RunningQuery: BatchReader {
    public let schema: Schema
    private let query: QueryExecution
    private let sink: ResultSink
    /// Its threads are there as long as somebody waits for rows.
    private let executor: Executor

    init(
        _ plan: PhysicalPlan, _ query: QueryExecution, _ sink: ResultSink, _ executor: Executor
    ) {
        self.executor = executor
        schema = Schema(plan.columns.map { Field($0.name, $0.type) })
        self.query = query
        self.sink = sink
    }

    deinit { query.stop(nil) }

    public var metrics: QueryMetrics { query.metrics }
    public var peakMemoryByteCount: Int { query.memory.peak }

    public func next(_ context: CallContext) throws(IglooError) -> RecordBatch? {
        let batch = try sink.next { () throws(IglooError) in
            do throws(IglooError) {
                try context.checkCancelled()
                try context.checkTime()
                try query.poll()
            } catch {
                query.stop(error)
            }
        }
        guard let batch else { return nil }
        var columns: [ArrayData] = []
        for (column, field) in zip(batch.columns, schema.fields) {
            let flat = try Vectors.flattened(column)
            columns.append(field.type.hasLogicalType ? flat.retyped(as: field.type) : flat)
        }
        return RecordBatch(schema: schema, columns: columns, rowCount: batch.rowCount)
    }

    public func cancel() { query.stop(.cancelled()) }
}
