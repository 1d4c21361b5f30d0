// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import Testing

@testable import IglooExecution

/// Parts that expressions share are computed once a batch, and anew for the next.
@Suite struct SharedNodeTests {
    /// Counts how often it is evaluated.
    private final class CountingNode: ExpressionNode {
        var count = 0

        override func evaluate(_ batch: Batch) throws(IglooError) -> Vector {
            count += 1
            return Vector(batch.columns[0])
        }
    }

    @Test func oneEvaluationForEachBatch() throws {
        let node = CountingNode(type: .int64, canFail: false, inputs: [0])
        let shared = SharedNode(node)
        let first = Batch(columns: [try Columns.integers([1, 2])], rowCount: 2)
        for _ in 0..<3 { _ = try shared.evaluate(first) }
        #expect(node.count == 1)
        // The same column under another batch is the same; another one is not.
        let wider = Batch(
            columns: [first.columns[0], try Columns.integers([5, 6])], rowCount: 2)
        _ = try shared.evaluate(wider)
        #expect(node.count == 1)
        let second = Batch(columns: [try Columns.integers([1, 2])], rowCount: 2)
        _ = try shared.evaluate(second)
        _ = try shared.evaluate(first)
        #expect(node.count == 3)
    }

    @Test func onlyWhatRepeatsIsShared() throws {
        let input = Expression.input(0, .int64)
        let sum = Expression.call("+", [input, .literal(.int(1), .int64)], .int64)
        let product = Expression.call("*", [sum, input], .int64)
        let parts = SharedParts([sum, product])
        let make = { () throws(IglooError) -> ExpressionNode in
            CountingNode(type: .int64, canFail: false, inputs: [0])
        }
        let shared = try #require(try parts.node(sum, make))
        #expect(try parts.node(sum, make) === shared)
        #expect(try parts.node(product, make) == nil)
        #expect(try parts.node(input, make) == nil)
    }
}
