// SPDX-License-Identifier: MIT

extension LogicalPlan {
    /// The inputs, left before right.
    public var inputs: [LogicalPlan] {
        switch self {
        case .scan, .values, .sharedRead: []
        case .filter(let input, _), .project(let input, _), .aggregate(let input, _, _),
            .sort(let input, _), .limit(let input, _, _), .distinct(let input, _, _):
            [input]
        case .join(let join): [join.left, join.right]
        case .window(let window): [window.input]
        case .unnest(let unnest): [unnest.input]
        case .shared(let shared): [shared.definition, shared.body]
        case .recursion(let recursion): [recursion.base, recursion.step]
        case .setOperation(let operation): [operation.left, operation.right]
        case .operation(let operation): operation.inputs
        }
    }

    /// This operator over other inputs.
    public func mapInputs<E: Error>(
        _ transform: (LogicalPlan) throws(E) -> LogicalPlan
    ) throws(E) -> LogicalPlan {
        switch self {
        case .scan, .values, .sharedRead:
            return self
        case .unnest(var unnest):
            unnest.input = try transform(unnest.input)
            return .unnest(unnest)
        case .shared(var shared):
            shared.definition = try transform(shared.definition)
            shared.body = try transform(shared.body)
            return .shared(shared)
        case .recursion(var recursion):
            recursion.base = try transform(recursion.base)
            recursion.step = try transform(recursion.step)
            return .recursion(recursion)
        case .filter(let input, let predicate):
            return .filter(try transform(input), predicate)
        case .project(let input, let projections):
            return .project(try transform(input), projections)
        case .aggregate(let input, let keys, let calls):
            return .aggregate(try transform(input), keys: keys, calls: calls)
        case .sort(let input, let keys):
            return .sort(try transform(input), keys)
        case .limit(let input, let count, let offset):
            return .limit(try transform(input), count: count, offset: offset)
        case .distinct(let input, let on, let order):
            return .distinct(try transform(input), on: on, order: order)
        case .join(var join):
            join.left = try transform(join.left)
            join.right = try transform(join.right)
            return .join(join)
        case .window(var window):
            window.input = try transform(window.input)
            return .window(window)
        case .setOperation(var operation):
            operation.left = try transform(operation.left)
            operation.right = try transform(operation.right)
            return .setOperation(operation)
        case .operation(var operation):
            for index in operation.inputs.indices {
                operation.inputs[index] = try transform(operation.inputs[index])
            }
            return .operation(operation)
        }
    }

    /// The expressions of this operator alone.
    public var expressions: [Expression] {
        switch self {
        case .scan, .limit, .setOperation, .shared, .sharedRead, .recursion, .operation: []
        case .unnest(let unnest): unnest.generators.flatMap(\.source.expressions)
        case .values(let rows, _): rows.flatMap { $0 }
        case .filter(_, let predicate): [predicate]
        case .project(_, let projections): projections.map(\.expression)
        case .aggregate(_, let keys, let calls):
            keys.map(\.expression) + calls.flatMap(\.call.expressions)
        case .join(let join): [join.condition]
        case .window(let window):
            window.partition + window.order.map(\.expression)
                + window.calls.flatMap(\.call.expressions)
        case .sort(_, let keys): keys.map(\.expression)
        case .distinct(_, let on, let order): on + order.map(\.expression)
        }
    }

    /// This operator with each of its own expressions replaced.
    public func mapExpressions<E: Error>(
        _ transform: (Expression) throws(E) -> Expression
    ) throws(E) -> LogicalPlan {
        switch self {
        case .scan, .limit, .setOperation, .shared, .sharedRead, .recursion, .operation:
            return self
        case .unnest(var unnest):
            for index in unnest.generators.indices {
                unnest.generators[index].source =
                    try unnest.generators[index].source.mapExpressions(transform)
            }
            return .unnest(unnest)
        case .values(let rows, let columns):
            var newRows: [[Expression]] = []
            for row in rows {
                var newRow: [Expression] = []
                for cell in row { newRow.append(try transform(cell)) }
                newRows.append(newRow)
            }
            return .values(newRows, columns: columns)
        case .filter(let input, let predicate):
            return .filter(input, try transform(predicate))
        case .project(let input, let projections):
            return .project(input, try projections.mapped(transform))
        case .aggregate(let input, let keys, let calls):
            var newCalls: [AggregateColumn] = []
            for var call in calls {
                call.call = try call.call.mapExpressions(transform)
                newCalls.append(call)
            }
            return .aggregate(input, keys: try keys.mapped(transform), calls: newCalls)
        case .join(var join):
            join.condition = try transform(join.condition)
            return .join(join)
        case .window(var window):
            window.partition = try window.partition.mapped(transform)
            window.order = try window.order.mapped(transform)
            for index in window.calls.indices {
                window.calls[index].call = try window.calls[index].call.mapExpressions(transform)
            }
            return .window(window)
        case .sort(let input, let keys):
            return .sort(input, try keys.mapped(transform))
        case .distinct(let input, let on, let order):
            return .distinct(
                input, on: try on.mapped(transform), order: try order.mapped(transform))
        }
    }

    /// The queries in this operator's own expressions, without those within them.
    public var subqueries: [Subquery] {
        var found: [Subquery] = []
        for expression in expressions { expression.collectSubqueries(into: &found) }
        return found
    }

    /// This operator with each of its queries' plans replaced.
    public func mapSubqueries<E: Error>(
        _ transform: (LogicalPlan) throws(E) -> LogicalPlan
    ) throws(E) -> LogicalPlan {
        if subqueries.isEmpty { return self }
        return try mapExpressions { (expression) throws(E) in
            try expression.rewritten { (part) throws(E) in
                guard case .subquery(var subquery) = part else { return part }
                subquery.plan = try transform(subquery.plan)
                return .subquery(subquery)
            }
        }
    }

    /// The columns this plan uses but does not produce: those of the queries around it.
    public var freeColumns: Set<ColumnId> {
        var used: Set<ColumnId> = []
        var produced: Set<ColumnId> = []
        collect(used: &used, produced: &produced)
        return used.subtracting(produced)
    }

    private func collect(used: inout Set<ColumnId>, produced: inout Set<ColumnId>) {
        for expression in expressions { expression.collectColumns(into: &used) }
        for column in columns { produced.insert(column.id) }
        for input in inputs { input.collect(used: &used, produced: &produced) }
    }
}

extension AggregateCall {
    /// Arguments, filter and order, in this order.
    public var expressions: [Expression] {
        arguments + (filter.map { [$0] } ?? []) + order.map(\.expression)
    }

    public func mapExpressions<E: Error>(
        _ transform: (Expression) throws(E) -> Expression
    ) throws(E) -> AggregateCall {
        var call = self
        call.arguments = try arguments.mapped(transform)
        if let filter { call.filter = try transform(filter) }
        call.order = try order.mapped(transform)
        return call
    }
}

extension [Expression] {
    /// As `map`, for transforms that throw an error of their own type.
    public func mapped<E: Error>(
        _ transform: (Expression) throws(E) -> Expression
    ) throws(E) -> [Expression] {
        var result: [Expression] = []
        result.reserveCapacity(count)
        for expression in self { result.append(try transform(expression)) }
        return result
    }
}

extension [Projection] {
    func mapped<E: Error>(
        _ transform: (Expression) throws(E) -> Expression
    ) throws(E) -> [Projection] {
        var result = self
        for index in result.indices {
            result[index].expression = try transform(result[index].expression)
        }
        return result
    }
}

extension [SortKey] {
    public func mapped<E: Error>(
        _ transform: (Expression) throws(E) -> Expression
    ) throws(E) -> [SortKey] {
        var result = self
        for index in result.indices {
            result[index].expression = try transform(result[index].expression)
        }
        return result
    }
}
