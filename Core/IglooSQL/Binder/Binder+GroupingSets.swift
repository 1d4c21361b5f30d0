// SPDX-License-Identifier: MIT

internal import IglooArrow
internal import IglooContracts
internal import IglooPlan

// GROUPING SETS, ROLLUP and CUBE: the groups of every set, one set after the other.
extension Binder {
    /// Keys and calls over the rows; a key that a group's set does not have is NULL.
    ///
    /// - Parameter number: the column for the set's number.
    func grouped(
        _ input: LogicalPlan, _ grouping: Grouping, _ number: PlanColumn
    ) -> LogicalPlan {
        guard grouping.sets.count != 1 || grouping.sets[0].count != grouping.keys.count else {
            return .aggregate(input, keys: grouping.keys, calls: grouping.calls)
        }
        // What is grouped and aggregated is computed once, for all sets.
        var values: [Projection] = []
        func column(_ expression: Expression) -> Expression {
            if case .literal = expression { return expression }
            if let known = values.first(where: { $0.expression == expression }) {
                return known.column.reference
            }
            let value = Projection(
                column: newColumn("value", expression.type), expression: expression)
            values.append(value)
            return value.column.reference
        }
        let keys = grouping.keys.map {
            Projection(column: $0.column, expression: column($0.expression))
        }
        let calls = grouping.calls.map {
            AggregateColumn(column: $0.column, call: $0.call.mapExpressions { column($0) })
        }
        let table = newTable()
        let parts = grouping.sets.enumerated().map { index, set in
            part(table, values.map(\.column), keys, calls, set, index)
        }
        let outputs = keys.map(\.column) + calls.map(\.column) + [number]
        return .shared(
            SharedTable(
                id: table, name: "groups", definition: .project(input, values),
                body: all(parts[...], outputs)))
    }

    /// The groups of one set.
    private func part(
        _ table: Int, _ columns: [PlanColumn], _ keys: [Projection], _ calls: [AggregateColumn],
        _ set: [Int], _ number: Int
    ) -> LogicalPlan {
        let copies = columns.map { newColumn($0.name, $0.type) }
        let names = Dictionary(
            zip(columns.map(\.id), copies.map(\.reference)), uniquingKeysWith: { a, _ in a })
        func own(_ expression: Expression) -> Expression {
            expression.rewritten { part in
                if case .column(let id, _) = part { names[id] ?? part } else { part }
            }
        }
        let groupKeys = set.map { index in
            Projection(
                column: newColumn(keys[index].column.name, keys[index].column.type),
                expression: own(keys[index].expression))
        }
        let groupCalls = calls.map {
            AggregateColumn(
                column: newColumn($0.column.name, $0.column.type),
                call: $0.call.mapExpressions { own($0) })
        }
        let groups = LogicalPlan.aggregate(
            .sharedRead(SharedRead(id: table, name: "groups", columns: copies)),
            keys: groupKeys, calls: groupCalls)
        var outputs = keys.enumerated().map { index, key in
            Projection(
                column: newColumn(key.column.name, key.column.type),
                expression: set.firstIndex(of: index).map { groupKeys[$0].column.reference }
                    ?? .null(key.column.type))
        }
        outputs += groupCalls.map {
            Projection(
                column: newColumn($0.column.name, $0.column.type),
                expression: $0.column.reference)
        }
        outputs.append(
            Projection(
                column: newColumn("set", .int64),
                expression: .literal(.int(Int64(number)), .int64)))
        return .project(groups, outputs)
    }

    private func all(_ parts: ArraySlice<LogicalPlan>, _ columns: [PlanColumn]) -> LogicalPlan {
        if parts.count == 1 {
            let part = parts[parts.startIndex]
            return .project(
                part,
                zip(columns, part.columns).map { Projection(column: $0, expression: $1.reference) })
        }
        let middle = parts.startIndex + parts.count / 2
        func side(_ half: ArraySlice<LogicalPlan>) -> LogicalPlan {
            half.count == 1
                ? half[half.startIndex] : all(half, columns.map { newColumn($0.name, $0.type) })
        }
        return .setOperation(
            SetOperation(
                .union, keepsDuplicates: true, side(parts[..<middle]), side(parts[middle...]),
                columns: columns))
    }

    // MARK: - GROUPING

    /// A column in the place of `GROUPING(a, b)`, until the keys are known.
    func bindGrouping(
        _ syntax: FunctionCall, _ range: SourceRange, _ context: ExpressionContext
    ) throws(IglooError) -> Expression {
        guard let grouping = context.grouping, !context.isInAggregate else {
            throw error(
                .groupingError, "GROUPING is not allowed in \(context.clause)", range)
        }
        guard (1...31).contains(syntax.arguments.count) else {
            throw error(
                .undefinedFunction, "GROUPING takes 1 to 31 keys of GROUP BY", range)
        }
        let before = grouping.references.count
        let arguments = try bind(syntax.arguments, context)
        // Keys are not read here: one that is grouped away is no error.
        grouping.references.removeSubrange(before...)
        let column = newColumn("grouping", .int32)
        grouping.groupingCalls.append((column, arguments))
        grouping.isGrouped = true
        return column.reference
    }

    /// GROUPING by the number of the set: a bit for each key that the set does not have, the last
    /// key's lowest.
    func groupingValues(
        _ grouping: Grouping, _ number: PlanColumn
    ) throws(IglooError) -> [ColumnId: Expression] {
        var values: [ColumnId: Expression] = [:]
        for (column, arguments) in grouping.groupingCalls {
            var keys: [Int] = []
            for argument in arguments {
                guard
                    let key = grouping.keys.firstIndex(where: {
                        $0.expression == argument.expression
                    })
                else {
                    throw error(
                        .groupingError,
                        "arguments to GROUPING must be grouping expressions of the associated query "
                            + "level", argument.range)
                }
                keys.append(key)
            }
            let masks = grouping.sets.map { set in
                keys.reduce(0) { $0 << 1 | (set.contains($1) ? 0 : 1) }
            }
            func literal(_ mask: Int) -> Expression { .literal(.int(Int64(mask)), .int32) }
            let branches = masks.dropFirst().enumerated().map { index, mask in
                ConditionalBranch(
                    condition: .call(
                        "=",
                        [number.reference, .literal(.int(Int64(index + 1)), .int64)], .bool),
                    result: literal(mask))
            }
            values[column.id] =
                branches.isEmpty
                ? literal(masks[0])
                : .conditional(branches, otherwise: literal(masks[0]), .int32)
        }
        return values
    }
}
