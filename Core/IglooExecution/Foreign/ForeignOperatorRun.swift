// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Drives an operator of a plugin over inputs that are there: whatever it needs of them, one operator
/// sees all rows, the first input's first.
final class ForeignOperatorRun {
    private let running: any QueryOperator
    private let query: QueryExecution
    private let types: [DataType]
    private var inputs: [(schema: Schema, rows: KeptRows?, nextBatch: Int, isEnded: Bool)]

    /// - Parameter types: of the result, as the plan has them.
    init(
        _ call: OperatorCall, _ columns: [[PlanColumn]], _ rows: [KeptRows?], types: [DataType],
        _ query: QueryExecution
    ) throws(IglooError) {
        running = try call.bind(columns, query.context.call)
        let found = running.schema.fields.map { EngineType.canonical($0.type) }
        guard found == types else {
            throw IglooError(
                .internalError,
                "the operator \(call.name) gives other columns than when the query was planned")
        }
        self.types = types
        self.query = query
        inputs = zip(columns, rows).map { columns, rows in
            (Schema(columns.map { Field($0.name, $0.type.storage) }), rows, 0, false)
        }
    }

    func next() throws(IglooError) -> Batch? {
        while true {
            try query.poll()
            switch try running.next(query.context.call) {
            case .batch(let batch):
                if batch.rowCount == 0 { continue }
                var columns: [ArrayData] = []
                for column in batch.columns { columns.append(try Normalizer.canonical(column)) }
                return Batch(columns: columns, rowCount: batch.rowCount)
            case .needsInput: try push()
            case .end: return nil
            }
        }
    }

    private func push() throws(IglooError) {
        guard let index = inputs.firstIndex(where: { !$0.isEnded }) else {
            throw IglooError(
                .internalError, "an operator asks for input although all its inputs have ended")
        }
        let place = inputs[index].nextBatch
        guard let rows = inputs[index].rows, place < rows.batchCount else {
            inputs[index].rows = nil
            inputs[index].isEnded = true
            return try running.push(nil, input: index, query.context.call)
        }
        inputs[index].nextBatch += 1
        let batch = try rows.batch(place)
        var columns: [ArrayData] = []
        for column in batch.columns { columns.append(try Vectors.flattened(column)) }
        try running.push(
            RecordBatch(schema: inputs[index].schema, columns: columns, rowCount: batch.rowCount),
            input: index, query.context.call)
    }
}
