// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// CASE: each row takes the result of the first branch whose condition is true.
final class ConditionalNode: ExpressionNode {
    private let conditions: [ExpressionNode]
    /// One more than conditions: the last is ELSE.
    private let results: [ExpressionNode]

    init(conditions: [ExpressionNode], results: [ExpressionNode], type: DataType) {
        assert(results.count == conditions.count + 1, "a result a condition, and one more")
        self.conditions = conditions
        self.results = results
        super.init(
            type: type, canFail: (conditions + results).contains(where: \.canFail),
            inputs: Self.inputs(of: conditions + results))
    }

    override var isVolatile: Bool {
        (conditions + results).contains(where: \.isVolatile)
    }

    override func evaluate(_ batch: Batch) throws(IglooError) -> Vector {
        let count = batch.rowCount
        var merge = Merge(type: type, count: count)
        var open = [UInt32](unsafeUninitializedCapacity: count) { rows, filled in
            var i = 0
            while i < count {
                rows[i] = UInt32(truncatingIfNeeded: i)
                i &+= 1
            }
            filled = count
        }
        for (index, condition) in conditions.enumerated() where !open.isEmpty {
            let (taken, rest) = Self.split(try condition.evaluate(batch, at: open), open)
            open = rest
            if taken.isEmpty { continue }
            merge.add(try results[index].evaluate(batch, at: taken), at: taken)
        }
        if !open.isEmpty {
            merge.add(try results[conditions.count].evaluate(batch, at: open), at: open)
        }
        return try merge.finish()
    }

    private static func split(
        _ condition: Vector, _ rows: [UInt32]
    ) -> (taken: [UInt32], rest: [UInt32]) {
        if condition.isConstant {
            return selectedIndexes(of: condition.array).isEmpty ? ([], rows) : (rows, [])
        }
        let places = selectedIndexes(of: condition.array)
        if places.isEmpty { return ([], rows) }
        if places.count == rows.count { return (rows, []) }
        var taken: [UInt32] = []
        var rest: [UInt32] = []
        taken.reserveCapacity(places.count)
        rest.reserveCapacity(rows.count - places.count)
        var next = 0
        var i = 0
        while i < rows.count {
            if next < places.count && Int(places[next]) == i {
                taken.append(rows[i])
                next &+= 1
            } else {
                rest.append(rows[i])
            }
            i &+= 1
        }
        return (taken, rest)
    }
}

/// COALESCE: later arguments are evaluated for the rows that are null so far only.
final class CoalesceNode: ExpressionNode {
    private let arguments: [ExpressionNode]

    init(_ arguments: [ExpressionNode], type: DataType) {
        self.arguments = arguments
        super.init(
            type: type, canFail: arguments.contains(where: \.canFail),
            inputs: Self.inputs(of: arguments))
    }

    override var isVolatile: Bool { arguments.contains(where: \.isVolatile) }

    override func evaluate(_ batch: Batch) throws(IglooError) -> Vector {
        let count = batch.rowCount
        let first = try arguments[0].evaluate(batch)
        if first.isConstant ? !first.isNullConstant : first.array.nullCount == 0 { return first }
        if arguments.count == 1 { return first }
        var merge = Merge(type: type, count: count)
        var open = (0..<UInt32(count)).map { $0 }
        for (index, argument) in arguments.enumerated() where !open.isEmpty {
            let vector = index == 0 ? first : try argument.evaluate(batch, at: open)
            if vector.isNullConstant { continue }
            guard !vector.isConstant, vector.array.nullCount > 0 else {
                merge.add(vector, at: open)
                open = []
                break
            }
            var found: [UInt32] = []
            var taken: [UInt32] = []
            var rest: [UInt32] = []
            for (place, row) in open.enumerated() {
                if vector.array.isNull(place) {
                    rest.append(row)
                } else {
                    found.append(UInt32(place))
                    taken.append(row)
                }
            }
            merge.add(Vector(try gather(vector.array, indexes: found)), at: taken)
            open = rest
        }
        if !open.isEmpty { merge.add(Vector(constant: try .nulls(type, count: 1)), at: open) }
        return try merge.finish()
    }
}
