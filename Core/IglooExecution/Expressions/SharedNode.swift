// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// A part that several expressions have in common: computed once for each batch.
final class SharedNode: ExpressionNode {
    private let node: ExpressionNode
    private let positions: [Int]
    /// The inputs of the last evaluation, and what came of it.
    private var last: (columns: [ArrayData], rowCount: Int, result: Vector)?

    init(_ node: ExpressionNode) {
        self.node = node
        positions = node.inputs.sorted()
        super.init(type: node.type, canFail: node.canFail, inputs: node.inputs)
    }

    override func evaluate(_ batch: Batch) throws(IglooError) -> Vector {
        if let last, last.rowCount == batch.rowCount, isSame(last.columns, batch) {
            return last.result
        }
        let result = try node.evaluate(batch)
        last = (positions.map { batch.columns[$0] }, batch.rowCount, result)
        return result
    }

    private func isSame(_ columns: [ArrayData], _ batch: Batch) -> Bool {
        for (position, column) in zip(positions, columns)
        where batch.columns[position] !== column {
            return false
        }
        return true
    }
}

/// The parts that some expressions have in common, and their nodes.
///
/// - Threads: one at a time.
final class SharedParts {
    private var repeated: Set<Expression> = []
    private var nodes: [Expression: SharedNode] = [:]

    init(_ expressions: [Expression]) {
        var seen: Set<Expression> = []
        for expression in expressions { collect(expression, &seen) }
    }

    private func collect(_ expression: Expression, _ seen: inout Set<Expression>) {
        switch expression {
        case .call, .foreign, .cast, .conditional, .isIn: break
        // A lambda's body is evaluated over rows of its own.
        case .column, .input, .literal, .lambda, .variable, .subquery: return
        }
        if !seen.insert(expression).inserted {
            repeated.insert(expression)
            return
        }
        for child in expression.children { collect(child, &seen) }
    }

    /// The node of a part, made when it is asked for the first time; `nil` when it is needed once.
    func node(
        _ expression: Expression, _ make: () throws(IglooError) -> ExpressionNode
    ) throws(IglooError) -> ExpressionNode? {
        guard repeated.contains(expression) else { return nil }
        if let node = nodes[expression] { return node }
        let node = try make()
        if node.constant != nil || node.isVolatile || node.inputs.isEmpty { return node }
        let shared = SharedNode(node)
        nodes[expression] = shared
        return shared
    }
}
