// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import Synchronization

/// Batches that a breaker made, handed out to any number of threads.
final class BatchListSource: Source, @unchecked Sendable {
    // SAFETY: `batches` is set by `begin`, before any cursor reads.
    let isOrdered: Bool
    let metrics: OperatorMetrics
    private let make: @Sendable () throws(IglooError) -> [Batch]
    fileprivate var batches: [Batch] = []
    fileprivate let next = Atomic<Int>(0)

    init(
        _ metrics: OperatorMetrics, isOrdered: Bool = false,
        _ make: @escaping @Sendable () throws(IglooError) -> [Batch]
    ) {
        self.metrics = metrics
        self.isOrdered = isOrdered
        self.make = make
    }

    func begin(_ job: PipelineJob) throws(IglooError) { batches = try make() }

    func makeCursor() throws(IglooError) -> any SourceCursor { Cursor(self) }

    private final class Cursor: SourceCursor {
        private let source: BatchListSource
        init(_ source: BatchListSource) { self.source = source }

        func advance(_ head: PushOperator) throws(IglooError) -> Step {
            let index = source.next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard index < source.batches.count else { return .done }
            return try head.pushAll(source.batches[index], source.metrics)
        }
    }
}

/// Rows that were kept, handed out to any number of threads.
final class KeptRowsSource: Source, @unchecked Sendable {
    // SAFETY: `rows` is set by `begin`, before any cursor reads, and let go after the last one did.
    let isOrdered = false
    let metrics: OperatorMetrics
    private let columns: [Int]
    private let open: @Sendable () -> KeptRows?
    private var rows: KeptRows?
    private let next = Atomic<Int>(0)

    /// - Parameter columns: those that are wanted.
    init(
        _ metrics: OperatorMetrics, columns: [Int], _ open: @escaping @Sendable () -> KeptRows?
    ) {
        self.metrics = metrics
        self.columns = columns
        self.open = open
    }

    func begin(_ job: PipelineJob) throws(IglooError) { rows = open() }

    func stop() { rows = nil }

    func makeCursor() throws(IglooError) -> any SourceCursor { Cursor(self) }

    private func nextBatch() throws(IglooError) -> Batch? {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard let rows, index < rows.batchCount else { return nil }
        return try rows.batch(index).selecting(columns)
    }

    private final class Cursor: SourceCursor {
        private let source: KeptRowsSource
        init(_ source: KeptRowsSource) { self.source = source }

        func advance(_ head: PushOperator) throws(IglooError) -> Step {
            guard let batch = try source.nextBatch() else { return .done }
            return try head.pushAll(batch, source.metrics)
        }
    }
}

/// Batches that are made one after another, in order.
final class SequenceSource: Source, @unchecked Sendable {
    // SAFETY: ordered, so that one thread at a time asks `next`.
    var isOrdered: Bool { true }
    let metrics: OperatorMetrics
    private let begin: @Sendable () throws(IglooError) -> Next
    fileprivate var next: Next?

    typealias Next = () throws(IglooError) -> Batch?

    init(
        _ metrics: OperatorMetrics, _ begin: @escaping @Sendable () throws(IglooError) -> Next
    ) {
        self.metrics = metrics
        self.begin = begin
    }

    func begin(_ job: PipelineJob) throws(IglooError) { next = try begin() }

    /// Called after the last step: what the closure keeps may go.
    func stop() { next = nil }

    func makeCursor() throws(IglooError) -> any SourceCursor { Cursor(self) }

    private final class Cursor: SourceCursor {
        private let source: SequenceSource
        init(_ source: SequenceSource) { self.source = source }

        func advance(_ head: PushOperator) throws(IglooError) -> Step {
            guard let next = source.next, let batch = try next() else { return .done }
            return try head.pushAll(batch, source.metrics)
        }
    }
}

extension PushOperator {
    /// Pushes a batch of any size in pieces of the usual one.
    func pushAll(_ batch: Batch, _ metrics: OperatorMetrics) throws(IglooError) -> Step {
        metrics.rowsOut.wrappingAdd(Int64(batch.rowCount), ordering: .relaxed)
        if metrics.isTimed {
            metrics.decodedBytes.wrappingAdd(Int64(batch.byteCount), ordering: .relaxed)
        }
        var start = 0
        while start < batch.rowCount {
            let count = min(Batch.rowCountMax, batch.rowCount - start)
            let piece = count == batch.rowCount ? batch : batch.slice(start, count: count)
            if try push(piece) == .enough { return .done }
            start += count
        }
        return .more
    }
}

/// The one batch of a VALUES list.
enum ValuesBatch {
    static func make(
        _ rows: [[Expression]], types: [DataType], _ context: EvaluationContext
    ) throws(IglooError) -> [Batch] {
        let row = Batch(columns: [], rowCount: 1)
        var columns: [[ArrayData]] = types.map { _ in [] }
        for expressions in rows {
            for (index, expression) in expressions.enumerated() {
                columns[index].append(try ExpressionProgram(expression, context).evaluate(row))
            }
        }
        var result: [ArrayData] = []
        for parts in columns { result.append(try Vectors.concatenate(parts)) }
        return rows.isEmpty ? [] : [Batch(columns: result, rowCount: rows.count)]
    }
}
