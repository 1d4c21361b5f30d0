// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// A function over the items of a list that a lambda computes: for all items of a batch at once.
final class LambdaNode: ExpressionNode {
    private let name: String
    private let list: ExpressionNode
    private let body: ExpressionNode
    /// Where the body finds its variables.
    private let variables: Range<Int>
    private let initial: ExpressionNode?
    private let captured: Set<Int>

    init(
        _ name: String, list: ExpressionNode, body: ExpressionNode, variables: Range<Int>,
        type: DataType, initial: ExpressionNode?
    ) {
        self.name = name
        self.list = list
        self.body = body
        self.variables = variables
        self.initial = initial
        captured = body.inputs.subtracting(variables)
        let outer = [list] + (initial.map { [$0] } ?? [])
        super.init(
            type: type,
            canFail: body.canFail || outer.contains(where: \.canFail) || name == "list_reduce",
            inputs: Self.inputs(of: outer).union(captured))
    }

    override var isVolatile: Bool {
        list.isVolatile || body.isVolatile || initial?.isVolatile ?? false
    }

    override func evaluate(_ batch: Batch) throws(IglooError) -> Vector {
        let array = try flattened(list.evaluate(batch).expanded(to: batch.rowCount))
        guard array.type != .null else {
            return Vector(try .nulls(type, count: batch.rowCount))
        }
        let lists = ListReader(Vector(array))
        if name == "list_reduce" { return Vector(try reduced(lists, batch)) }
        var counts: [Int] = []
        var parents: [UInt32] = []
        var places: [UInt32] = []
        for row in 0..<batch.rowCount {
            let range = lists[row]
            counts.append(range.count)
            for place in range {
                parents.append(UInt32(row))
                places.append(UInt32(place))
            }
        }
        let items = try flattened(gather(lists.items, indexes: places))
        var values = [items]
        if variables.count > 1 { values.append(Self.ordinals(counts)) }
        let results = try computed(values, parents, batch)
        return Vector(try result(array, counts, items, results))
    }

    /// The body's value for each item, whose row `parents` tells.
    private func computed(
        _ values: [ArrayData], _ parents: [UInt32], _ batch: Batch
    ) throws(IglooError) -> ArrayData {
        if parents.isEmpty { return try .nulls(body.type, count: 0) }
        let empty = ArrayData(type: .null, count: parents.count)
        var columns = [ArrayData](repeating: empty, count: variables.lowerBound)
        for index in captured where index < batch.columns.count {
            columns[index] = try gather(batch.columns[index], indexes: parents)
        }
        columns += values
        let vector = try body.evaluate(Batch(columns: columns, rowCount: parents.count))
        return try flattened(vector.expanded(to: parents.count))
    }

    private static func ordinals(_ counts: [Int]) -> ArrayData {
        var places: [Int64] = []
        for count in counts where count > 0 {
            for place in 1...count { places.append(Int64(place)) }
        }
        return ArrayData(
            type: .int64, count: places.count, nullCount: 0, buffers: [Buffer(copying: places)])
    }

    private func result(
        _ array: ArrayData, _ counts: [Int], _ items: ArrayData, _ results: ArrayData
    ) throws(IglooError) -> ArrayData {
        let validity = Bits.validity(of: array)
        switch name {
        case "list_transform":
            return try ListLayout.list(type, counts: counts, validity: validity, items: results)
        case "list_filter":
            let kept = selectedIndexes(of: results)
            var keptCounts = [Int](repeating: 0, count: counts.count)
            var (next, end) = (0, 0)
            for (row, count) in counts.enumerated() {
                end += count
                while next < kept.count && kept[next] < end {
                    keptCounts[row] += 1
                    next += 1
                }
            }
            return try ListLayout.list(
                type, counts: keptCounts, validity: validity,
                items: try gather(items, indexes: kept))
        default:
            return quantified(counts, results, validity, isAll: name == "list_all")
        }
    }

    /// ANY and ALL: NULL where no item decides and one is NULL.
    private func quantified(
        _ counts: [Int], _ results: ArrayData, _ validity: Buffer?, isAll: Bool
    ) -> ArrayData {
        var isDecided = [Bool](repeating: false, count: counts.count)
        var isOpen = [Bool](repeating: false, count: counts.count)
        var place = 0
        for (row, count) in counts.enumerated() {
            for item in place..<place + count {
                if results.isNull(item) {
                    isOpen[row] = true
                } else if Bitmap.isSet(results.buffers[0].pointer(), results.offset + item) != isAll
                {
                    isDecided[row] = true
                }
            }
            place += count
        }
        let known = Bits.make(counts.count) { isDecided[$0] || !isOpen[$0] }
        return ArrayData(
            type: .bool, count: counts.count,
            validity: Bits.and(validity, known, count: counts.count),
            buffers: [Bits.make(counts.count) { isDecided[$0] != isAll }])
    }

    // MARK: - Reducing

    /// Round by round: the k-th items of all rows that have so many.
    private func reduced(_ lists: ListReader, _ batch: Batch) throws(IglooError) -> ArrayData {
        let count = batch.rowCount
        var total: ArrayData
        var next = 0
        if let initial {
            total = try flattened(initial.evaluate(batch).expanded(to: count))
        } else {
            let firsts = try (0..<count).mapThrowing { (row) throws(IglooError) -> UInt32 in
                if lists.isNull(row) { return missingIndex }
                guard let first = lists[row].first else {
                    throw Faults.invalid("list_reduce of an empty list needs an initial value")
                }
                return UInt32(first)
            }
            total = try gatherOrNull(lists.items, indexes: firsts, count: count)
            next = 1
        }
        while true {
            let rows = (0..<count).filter { lists[$0].count > next }.map { UInt32($0) }
            if rows.isEmpty { break }
            let places = rows.map { UInt32(lists[Int($0)].lowerBound + next) }
            var values = [
                try gather(total, indexes: rows),
                try flattened(gather(lists.items, indexes: places)),
            ]
            if variables.count > 2 {
                let place = try ArrayData.single(.int(Int64(next + 1)), .int64)
                values.append(try .repeating(place, count: rows.count))
            }
            let results = try computed(values, rows, batch)
            var merged = (0..<count).map { UInt32($0) }
            for (index, row) in rows.enumerated() { merged[Int(row)] = UInt32(count + index) }
            total = try gather(concatenate([total, results]), indexes: merged)
            next += 1
        }
        let present = Bits.make(count) { !lists.isNull($0) }
        return total.withValidity(
            Bits.and(Bits.validity(of: total), present, count: count))
    }
}
