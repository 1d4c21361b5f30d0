// SPDX-License-Identifier: MIT

extension LogicalPlan {
    /// The same plan with columns and shared tables of its own, for a second place in a statement.
    ///
    /// - Returns: the copy, and by the old ids the new columns.
    public func copy(
        newColumn: (PlanColumn) -> PlanColumn, newTable: () -> Int
    ) -> (plan: LogicalPlan, columns: [ColumnId: PlanColumn]) {
        var copying = PlanCopying()
        copying.collect(self, newColumn, newTable)
        return (copying.copy(self), copying.columns)
    }

    /// The columns that this operator alone makes, each replaced.
    func mapOwnColumns(_ transform: (PlanColumn) -> PlanColumn) -> LogicalPlan {
        switch self {
        case .filter, .sort, .limit, .distinct, .shared: return self
        case .scan(var scan):
            scan.columns = scan.columns.map(transform)
            return .scan(scan)
        case .values(let rows, let columns):
            return .values(rows, columns: columns.map(transform))
        case .project(let input, let projections):
            return .project(input, projections.map { $0.mapColumn(transform) })
        case .aggregate(let input, let keys, let calls):
            return .aggregate(
                input, keys: keys.map { $0.mapColumn(transform) },
                calls: calls.map { AggregateColumn(column: transform($0.column), call: $0.call) })
        case .join(var join):
            join.markColumn = join.markColumn.map(transform)
            return .join(join)
        case .window(var window):
            window.calls = window.calls.map {
                WindowColumn(column: transform($0.column), call: $0.call)
            }
            return .window(window)
        case .unnest(var unnest):
            unnest.generators = unnest.generators.map {
                Unnest.Generator($0.source, column: transform($0.column))
            }
            unnest.ordinality = unnest.ordinality.map(transform)
            return .unnest(unnest)
        case .sharedRead(var read):
            read.columns = read.columns.map(transform)
            return .sharedRead(read)
        case .recursion(var recursion):
            recursion.columns = recursion.columns.map(transform)
            return .recursion(recursion)
        case .setOperation(var operation):
            operation.columns = operation.columns.map(transform)
            return .setOperation(operation)
        case .operation(var operation):
            operation.columns = operation.columns.map(transform)
            operation.inputColumns = operation.inputColumns.map { $0.map(transform) }
            return .operation(operation)
        }
    }
}

extension Projection {
    fileprivate func mapColumn(_ transform: (PlanColumn) -> PlanColumn) -> Projection {
        Projection(column: transform(column), expression: expression)
    }
}

/// New names for everything that a plan defines.
private struct PlanCopying {
    var columns: [ColumnId: PlanColumn] = [:]
    private var tables: [Int: Int] = [:]

    mutating func collect(
        _ plan: LogicalPlan, _ newColumn: (PlanColumn) -> PlanColumn, _ newTable: () -> Int
    ) {
        for input in plan.inputs { collect(input, newColumn, newTable) }
        for subquery in plan.subqueries { collect(subquery.plan, newColumn, newTable) }
        for column in plan.columns where columns[column.id] == nil {
            columns[column.id] = newColumn(column)
        }
        switch plan {
        case .shared(let shared): tables[shared.id] = newTable()
        case .recursion(let recursion): tables[recursion.id] = newTable()
        default: break
        }
    }

    func copy(_ plan: LogicalPlan) -> LogicalPlan {
        var copy = plan.mapInputs { self.copy($0) }.mapExpressions { self.copy($0) }
            .mapOwnColumns { columns[$0.id] ?? $0 }
        switch copy {
        case .shared(var shared):
            shared.id = tables[shared.id] ?? shared.id
            copy = .shared(shared)
        case .sharedRead(var read):
            read.id = tables[read.id] ?? read.id
            copy = .sharedRead(read)
        case .recursion(var recursion):
            recursion.id = tables[recursion.id] ?? recursion.id
            copy = .recursion(recursion)
        default: break
        }
        return copy
    }

    private func copy(_ expression: Expression) -> Expression {
        expression.rewritten { part in
            switch part {
            case .column(let id, _): return columns[id]?.reference ?? part
            case .subquery(var subquery):
                subquery.plan = copy(subquery.plan)
                return .subquery(subquery)
            default: return part
            }
        }
    }
}
