// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import Synchronization

/// Drives an operator of a plugin over inputs that are there: whatever it needs of them, one operator
/// sees all rows, the first input's first.
///
/// What the operator reserves counts as this step's of the query, and when that is too much it is
/// asked to spill, between other calls.
final class ForeignOperatorRun {
    enum Output {
        case batch(Batch)
        /// The operator is to be asked again once its waker is woken.
        case pending
        case end
    }

    private let running: any QueryOperator
    private let query: QueryExecution
    private let metrics: OperatorMetrics
    private let memory: OperatorOwnMemory
    /// With which the operator is called.
    private let context: CallContext
    private let schemas: [Schema]
    private let inputs: [OperatorInput]
    /// The input that is being pushed; those before it have ended.
    private var current = 0
    /// What the operator did not take yet.
    private var pushed: RecordBatch?
    /// What it holds has to be above that before it is asked to spill again.
    private var spillsAbove = 0

    init(
        _ call: OperatorCall, _ columns: [[PlanColumn]], _ inputs: [OperatorInput],
        types: [DataType], _ query: QueryExecution, _ metrics: OperatorMetrics,
        _ memory: OperatorMemory, _ waker: Waker
    ) throws(IglooError) {
        self.query = query
        self.metrics = metrics
        self.inputs = inputs
        let own = OperatorOwnMemory(memory)
        self.memory = own
        var context = query.context.call
        context.memory = own
        running = try call.bind(columns, context)
        context.waker = waker
        self.context = context
        let found = running.schema.fields.map { EngineType.canonical($0.type) }
        guard found == types else {
            throw IglooError(
                .internalError,
                "the operator \(call.name) gives other columns than when the query was planned")
        }
        schemas = columns.map { columns in
            Schema(columns.map { Field($0.name, $0.type.storage) })
        }
        query.whenStopped { [weak running] in running?.cancel() }
    }

    func next() throws(IglooError) -> Output {
        do throws(IglooError) {
            while true {
                try query.poll()
                try spill(expecting: 0)
                switch try running.next(context) {
                case .batch(let batch):
                    if batch.rowCount == 0 { continue }
                    var columns: [ArrayData] = []
                    for column in batch.columns { columns.append(try Normalizer.canonical(column)) }
                    return .batch(Batch(columns: columns, rowCount: batch.rowCount))
                case .needsInput: try push()
                case .end: return .end
                }
            }
        } catch {
            if error.code == .pending { return .pending }
            throw error
        }
    }

    private func push() throws(IglooError) {
        guard current < inputs.count else {
            throw IglooError(
                .internalError, "an operator asks for input although all its inputs have ended")
        }
        if pushed == nil { pushed = try taken() }
        guard let batch = pushed else {
            try running.push(nil, input: current, context)
            current += 1
            return
        }
        try running.push(batch, input: current, context)
        pushed = nil
    }

    private func taken() throws(IglooError) -> RecordBatch? {
        guard let batch = try inputs[current].take() else { return nil }
        try spill(expecting: batch.byteCount)
        var columns: [ArrayData] = []
        for column in batch.columns { columns.append(try Vectors.flattened(column)) }
        return RecordBatch(
            schema: schemas[current], columns: columns, rowCount: batch.rowCount)
    }

    /// Has the operator write out what it holds when memory is short. One that could not give much is
    /// left in peace until it holds more.
    private func spill(expecting byteCount: Int) throws(IglooError) {
        let held = memory.used
        // Who keeps rows in one piece takes as much again when that grows.
        let growth = byteCount == 0 ? 0 : byteCount + max(byteCount, held)
        guard held > spillsAbove, memory.shared.shouldSpill(expecting: growth) else { return }
        var context = context
        context.waker = nil
        let freed = try running.spill(byteCount: held, context)
        metrics.spilledBytes.wrappingAdd(Int64(freed), ordering: .relaxed)
        let left = memory.used
        spillsAbove = query.memory.spillsAlways ? left : left + query.memory.spillLimit / 16
    }
}

/// What an operator reserves itself, counted with the inputs that are kept for it.
final class OperatorOwnMemory: MemoryAccount {
    let shared: OperatorMemory
    private let usedCell = Atomic<Int>(0)

    init(_ shared: OperatorMemory) { self.shared = shared }

    var used: Int { usedCell.load(ordering: .relaxed) }

    func reserve(_ byteCount: Int) throws(IglooError) {
        try shared.reserve(byteCount)
        usedCell.wrappingAdd(byteCount, ordering: .relaxed)
    }
}

/// The rows of a plugin's operator.
final class ForeignOperatorSource: Source, @unchecked Sendable {
    // SAFETY: ordered, so that one thread at a time reads; `run` is also guarded by its lock.
    var isOrdered: Bool { true }
    let metrics: OperatorMetrics
    private let query: QueryExecution
    private let memory: OperatorMemory
    private let makeRun: @Sendable (Waker) throws(IglooError) -> ForeignOperatorRun
    private var run: ForeignOperatorRun?

    init(
        _ query: QueryExecution, _ metrics: OperatorMetrics, _ memory: OperatorMemory,
        _ makeRun: @escaping @Sendable (Waker) throws(IglooError) -> ForeignOperatorRun
    ) {
        self.query = query
        self.metrics = metrics
        self.memory = memory
        self.makeRun = makeRun
    }

    func begin(_ job: PipelineJob) throws(IglooError) {
        let scheduler = query.scheduler
        run = try makeRun(
            Waker { [weak job] in
                if let job { scheduler.notify(job) }
            })
    }

    func stop() {
        run = nil
        memory.close()
    }

    func makeCursor() throws(IglooError) -> any SourceCursor { Cursor(self) }

    private final class Cursor: SourceCursor {
        private let source: ForeignOperatorSource
        init(_ source: ForeignOperatorSource) { self.source = source }

        func advance(_ head: PushOperator) throws(IglooError) -> Step {
            guard let run = source.run else { return .done }
            switch try run.next() {
            case .batch(let batch): return try head.pushAll(batch, source.metrics)
            case .pending: return .waiting
            case .end: return .done
            }
        }
    }
}
