// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// What an unnesting makes of rows; compiled once for each thread.
struct UnnestProgram {
    fileprivate let generators: [(source: Unnest.Generator.Source, programs: [ExpressionProgram])]
    fileprivate let shape: Unnest.Shape
    fileprivate let context: EvaluationContext

    init(
        _ sources: [Unnest.Generator.Source], _ shape: Unnest.Shape, _ context: EvaluationContext
    ) throws(IglooError) {
        var generators: [(source: Unnest.Generator.Source, programs: [ExpressionProgram])] = []
        for source in sources {
            generators.append((source, try source.expressions.programs(context)))
        }
        self.generators = generators
        self.shape = shape
        self.context = context
    }
}

/// The rows that come of one batch, in batches of the usual size.
final class UnnestCursor {
    private let batch: Batch
    private let generators: [RowGenerator]
    private let shape: Unnest.Shape
    private var row = 0
    /// Rows that the open row has given so far; `nil` before it is opened.
    private var givenCount: Int?
    /// What gathers for the next batch.
    private var sourceRows: [UInt32] = []
    private var ordinals: [Int64] = []

    init(_ program: UnnestProgram, _ batch: Batch) throws(IglooError) {
        self.batch = batch
        shape = program.shape
        var generators: [RowGenerator] = []
        for (source, programs) in program.generators {
            generators.append(
                try RowGenerator.make(source, try programs.evaluate(batch), program.context))
        }
        self.generators = generators
    }

    /// The next rows; `nil` at the end.
    func next() throws(IglooError) -> Batch? {
        while row < batch.rowCount, sourceRows.count < Batch.rowCountMax { try advance() }
        if sourceRows.isEmpty { return nil }
        var columns = try Vectors.gather(batch.columns, sourceRows[...])
        for generator in generators { columns.append(try generator.take()) }
        if shape.hasOrdinality {
            columns.append(
                ArrayData(
                    type: .int64, count: ordinals.count, nullCount: 0,
                    buffers: [Buffer(copying: ordinals)]))
        }
        defer {
            sourceRows.removeAll(keepingCapacity: true)
            ordinals.removeAll(keepingCapacity: true)
        }
        return Batch(columns: columns, rowCount: sourceRows.count)
    }

    /// Takes what the open row has, as far as there is room.
    private func advance() throws(IglooError) {
        if givenCount == nil { for generator in generators { try generator.open(row) } }
        let before = givenCount ?? 0
        let room = Batch.rowCountMax - sourceRows.count
        var counts: [Int] = []
        for generator in generators { counts.append(try generator.produce(room)) }
        var count = counts.max() ?? 0
        let isOver = count < room
        if isOver, before + count == 0, shape.keepsEmpty { count = 1 }
        for (generator, produced) in zip(generators, counts) where produced < count {
            generator.pad(count - produced)
        }
        sourceRows.append(contentsOf: repeatElement(UInt32(row), count: count))
        if shape.hasOrdinality {
            var ordinal = before
            while ordinal < before + count {
                ordinal &+= 1
                ordinals.append(Int64(ordinal))
            }
        }
        givenCount = isOver ? nil : before + count
        if isOver { row += 1 }
    }
}

/// UNNEST over the rows of an input.
final class UnnestOperator: MiddleOperator {
    private let program: UnnestProgram
    private let query: QueryExecution

    init(
        _ next: PushOperator, _ metrics: OperatorMetrics, _ sources: [Unnest.Generator.Source],
        _ shape: Unnest.Shape, _ query: QueryExecution
    ) throws(IglooError) {
        program = try UnnestProgram(sources, shape, query.evaluation)
        self.query = query
        super.init(next, metrics)
    }

    override func process(_ batch: Batch) throws(IglooError) -> Demand {
        let cursor = try UnnestCursor(program, batch)
        while let rows = try cursor.next() {
            try query.poll()
            if try emit(rows) == .enough { return .enough }
        }
        return .more
    }
}
