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
        let outputs = keys.map(\.column) + calls.map(\.column) + [number]
        let rows = LogicalPlan.project(input, values)
        let everyKey = Array(keys.indices)
        guard grouping.sets.contains(where: { $0.sorted() == everyKey }),
            let halves = calls.mapWhole({ HalvedAggregate($0, newColumn) })
        else {
            let results = calls.map(\.column.reference)
            return parts(
                of: rows, SharedRows(keys: keys, calls: calls, results: results),
                grouping.sets, outputs)
        }
        // The groups of fewer keys are made from those of all keys, which are fewer than the rows.
        let groupKeys = keys.map {
            Projection(column: newColumn($0.column.name, $0.column.type), expression: $0.expression)
        }
        let groups = LogicalPlan.aggregate(
            rows, keys: groupKeys, calls: halves.flatMap(\.partials))
        let ownKeys = zip(keys, groupKeys).map {
            Projection(column: $0.column, expression: $1.column.reference)
        }
        return parts(
            of: groups,
            SharedRows(
                keys: ownKeys, calls: halves.flatMap(\.merges), results: halves.map(\.result),
                areGroups: true),
            grouping.sets, outputs)
    }

    /// What the sets have in common.
    private struct SharedRows {
        /// Over the columns of what is shared.
        var keys: [Projection]
        var calls: [AggregateColumn]
        /// One for each call of the query, over the calls' columns.
        var results: [Expression]
        /// What is shared has a row for each group of all keys, and each call only merges the
        /// values of its one argument.
        var areGroups = false
    }

    private func parts(
        of definition: LogicalPlan, _ shared: SharedRows, _ sets: [[Int]], _ outputs: [PlanColumn]
    ) -> LogicalPlan {
        let table = newTable()
        let parts = sets.enumerated().map { index, set in
            part(table, definition.columns, shared, set, index)
        }
        return .shared(
            SharedTable(
                id: table, name: "groups", definition: definition, body: all(parts[...], outputs)))
    }

    /// The groups of one set.
    private func part(
        _ table: Int, _ columns: [PlanColumn], _ shared: SharedRows, _ set: [Int], _ number: Int
    ) -> LogicalPlan {
        let copies = columns.map { newColumn($0.name, $0.type) }
        let read = LogicalPlan.sharedRead(SharedRead(id: table, name: "groups", columns: copies))
        let names = Dictionary(
            zip(columns.map(\.id), copies.map(\.reference)), uniquingKeysWith: { a, _ in a })
        var keyValues: [Int: Expression] = [:]
        var callValues: [ColumnId: Expression] = [:]
        var groups = read
        if shared.areGroups && set.count == shared.keys.count {
            for index in set { keyValues[index] = shared.keys[index].expression.replacing(names) }
            for call in shared.calls {
                callValues[call.column.id] = call.call.arguments[0].replacing(names)
            }
        } else {
            let groupKeys = set.map { index in
                let key = shared.keys[index]
                return Projection(
                    column: newColumn(key.column.name, key.column.type),
                    expression: key.expression.replacing(names))
            }
            let groupCalls = shared.calls.map {
                AggregateColumn(
                    column: newColumn($0.column.name, $0.column.type),
                    call: $0.call.mapExpressions { $0.replacing(names) })
            }
            for (index, key) in zip(set, groupKeys) { keyValues[index] = key.column.reference }
            for (call, own) in zip(shared.calls, groupCalls) {
                callValues[call.column.id] = own.column.reference
            }
            groups = .aggregate(read, keys: groupKeys, calls: groupCalls)
        }
        var outputs = shared.keys.enumerated().map { index, key in
            Projection(
                column: newColumn(key.column.name, key.column.type),
                expression: keyValues[index] ?? .null(key.column.type))
        }
        outputs += shared.results.map {
            Projection(column: newColumn("result", $0.type), expression: $0.replacing(callValues))
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

extension Expression {
    fileprivate func replacing(_ columns: [ColumnId: Expression]) -> Expression {
        rewritten { part in
            if case .column(let id, _) = part { columns[id] ?? part } else { part }
        }
    }
}

extension Array {
    /// The results of all elements; `nil` where one has none.
    fileprivate func mapWhole<Result>(_ transform: (Element) -> Result?) -> [Result]? {
        let results = compactMap(transform)
        return results.count == count ? results : nil
    }
}
