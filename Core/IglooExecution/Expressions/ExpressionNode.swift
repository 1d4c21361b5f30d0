// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// A compiled part of an expression.
class ExpressionNode {
    let type: DataType
    /// Whether some row may raise an error: then only rows that reach the node are evaluated.
    let canFail: Bool
    /// The batch's columns that the node reads.
    let inputs: Set<Int>

    init(type: DataType, canFail: Bool, inputs: Set<Int>) {
        self.type = type
        self.canFail = canFail
        self.inputs = inputs
    }

    /// Whether two evaluations may differ: such a node is never folded.
    var isVolatile: Bool { false }

    /// The constant this node is, if it is one.
    var constant: ArrayData? { nil }

    func evaluate(_ batch: Batch) throws(IglooError) -> Vector {
        preconditionFailure("every node evaluates in its own way")
    }

    static func inputs(of nodes: [ExpressionNode]) -> Set<Int> {
        nodes.reduce(into: []) { $0.formUnion($1.inputs) }
    }

    /// Evaluates only the rows at `indexes`: the result has one value for each of those.
    func evaluate(_ batch: Batch, at indexes: [UInt32]) throws(IglooError) -> Vector {
        if indexes.count == batch.rowCount { return try evaluate(batch) }
        var columns: [ArrayData] = []
        for (index, column) in batch.columns.enumerated() {
            columns.append(
                inputs.contains(index)
                    ? try gather(column, indexes: indexes)
                    : ArrayData(type: .null, count: indexes.count))
        }
        return try evaluate(Batch(columns: columns, rowCount: indexes.count))
    }
}

final class InputNode: ExpressionNode {
    private let index: Int

    init(_ index: Int, _ type: DataType) {
        self.index = index
        super.init(type: type, canFail: false, inputs: [index])
    }

    override func evaluate(_ batch: Batch) throws(IglooError) -> Vector {
        guard index < batch.columns.count else {
            throw IglooError(
                .internalError, "input \(index) of a batch of \(batch.columns.count) columns")
        }
        return Vector(batch.columns[index])
    }
}

final class ConstantNode: ExpressionNode {
    private let value: ArrayData

    init(_ value: ArrayData) {
        self.value = value
        super.init(type: value.type, canFail: false, inputs: [])
    }

    override var constant: ArrayData? { value }

    override func evaluate(_ batch: Batch) throws(IglooError) -> Vector { Vector(constant: value) }
}
