// SPDX-License-Identifier: MIT

internal import IglooArrow
internal import IglooContracts
internal import IglooPlan

// ASOF joins: for each left row the nearest right row of the same keys.
extension Binder {
    /// The columns of both sides in a common order: rows of either side, the right ones as values.
    private struct Sides {
        var keys: [PlanColumn]
        var order: PlanColumn
        var isLeft: PlanColumn
        var left: [PlanColumn]
        var right: PlanColumn

        var columns: [PlanColumn] { keys + [order, isLeft] + left + [right] }
    }

    /// A join's condition: equalities, and the one comparison by which the nearest is found.
    private struct Nearest {
        var keys: [(left: Expression, right: Expression)] = []
        var comparison: (left: Expression, sign: String, right: Expression)?
    }

    /// Both sides in one table, by keys, then in the order of the comparison: each left row gets
    /// the last right one before it.
    func nearest(_ join: Join, _ range: SourceRange) throws(IglooError) -> LogicalPlan {
        let condition = try nearestCondition(join, range)
        guard let (leftValue, sign, rightValue) = condition.comparison else {
            throw invalidComparison(range)
        }
        let structure = Self.structure(
            join.right.columns.enumerated().map { ("c\($0.offset)", $0.element.reference) })
        func newSides() -> Sides {
            Sides(
                keys: condition.keys.map { newColumn("key", $0.left.type) },
                order: newColumn("order", leftValue.type), isLeft: newColumn("left", .bool),
                left: join.left.columns.map { newColumn($0.name, $0.type) },
                right: newColumn("right", structure.type))
        }
        func side(_ input: LogicalPlan, _ values: [Expression]) -> LogicalPlan {
            .project(
                input,
                zip(newSides().columns, values).map { Projection(column: $0, expression: $1) })
        }
        let left = side(
            join.left,
            condition.keys.map(\.left) + [leftValue, .trueLiteral]
                + join.left.columns.map(\.reference) + [.null(structure.type)])
        let rightValues = condition.keys.map(\.right) + [rightValue]
        let right = side(
            .filter(
                join.right,
                .conjunction(rightValues.map { .call("is_not_null", [$0], .bool) })),
            rightValues + [.falseLiteral] + join.left.columns.map { .null($0.type) } + [structure])
        let sides = newSides()
        let both = LogicalPlan.setOperation(
            SetOperation(.union, keepsDuplicates: true, left, right, columns: sides.columns))
        return found(join, sides, sign, both)
    }

    private func found(
        _ join: Join, _ sides: Sides, _ sign: String, _ both: LogicalPlan
    ) -> LogicalPlan {
        let found = newColumn("found", sides.right.type)
        let last = WindowCall(
            AggregateCall("last", [sides.right.reference], type: found.type), ignoresNulls: true,
            frame: IglooPlan.WindowFrame(.rows, from: .unboundedPreceding, to: .currentRow))
        // A left row without a value comes first, before all that it could find.
        let order = [
            SortKey(sides.order.reference, isDescending: sign.hasPrefix("<"), nullsFirst: true),
            SortKey(sides.isLeft.reference, isDescending: !sign.hasSuffix("=")),
        ]
        let window = LogicalPlan.window(
            Window(
                both, partition: sides.keys.map(\.reference), order: order,
                calls: [WindowColumn(column: found, call: last)]))
        var conditions = [sides.isLeft.reference]
        if join.kind == .inner {
            conditions.append(.call("is_not_null", [found.reference], .bool))
        }
        let left = zip(join.left.columns, sides.left).map {
            Projection(column: $0, expression: $1.reference)
        }
        let right = join.right.columns.enumerated().map { index, column in
            Projection(
                column: column,
                expression: .call(
                    "struct_extract",
                    [found.reference, .literal(.int(Int64(index)), .int64)], column.type))
        }
        return .project(.filter(window, .conjunction(conditions)), left + right)
    }

    private func nearestCondition(
        _ join: Join, _ range: SourceRange
    ) throws(IglooError) -> Nearest {
        let left = Set(join.left.columns.map(\.id))
        let right = Set(join.right.columns.map(\.id))
        let mirrored = ["=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="]
        var result = Nearest()
        for conjunct in join.condition.conjuncts {
            guard case .call(var sign, var sides, _) = conjunct, sides.count == 2,
                let mirror = mirrored[sign]
            else { throw invalidComparison(range) }
            let used = sides.map(\.referencedColumns)
            if used[0].isSubset(of: right) && used[1].isSubset(of: left) {
                sides.reverse()
                sign = mirror
            } else if !(used[0].isSubset(of: left) && used[1].isSubset(of: right)) {
                throw invalidComparison(range)
            }
            if sign == "=" {
                result.keys.append((sides[0], sides[1]))
            } else if result.comparison == nil {
                result.comparison = (sides[0], sign, sides[1])
            } else {
                throw invalidComparison(range)
            }
        }
        return result
    }

    private func invalidComparison(_ range: SourceRange) -> IglooError {
        error(
            .invalidColumnReference,
            "an ASOF JOIN takes equalities and exactly one of <, <=, >, >= between its sides",
            range,
            hint: "write ASOF JOIN t ON a.key = t.key AND a.time >= t.time; other conditions go to "
                + "WHERE")
    }
}
