// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Logical operators to physical ones: ids to positions, joins to algorithms, scans to what their
/// sources agreed to.
struct PhysicalPlanBuilder {
    private let planner: Planner
    private let estimator: Estimator
    private var nodeCount = 0

    init(_ planner: Planner) {
        self.planner = planner
        estimator = Estimator(planner.statistics)
    }

    mutating func build(_ plan: LogicalPlan) throws(IglooError) -> PhysicalPlan {
        switch plan {
        case .scan, .filter(.scan, _):
            return try scan(plan, limit: nil, wanted: Set(plan.columns.map(\.id)))
        case .values(let rows, _):
            return node(.values(rows), plan)
        case .filter(let input, let predicate):
            let below = try build(input)
            return node(.filter(below, positions(predicate, below)), plan)
        case .project(let input, let projections):
            let below = try build(input, for: projections.map(\.expression))
            return project(below, projections, plan)
        case .aggregate(let input, let keys, let calls):
            let below = try build(
                input, for: keys.map(\.expression) + calls.flatMap(\.call.expressions))
            return node(
                .aggregate(
                    below, keys: keys.map { positions($0.expression, below) },
                    calls: calls.map { call in
                        call.call.mapExpressions { positions($0, below) }
                    }), plan)
        case .join(let join): return try self.join(join, plan)
        case .window(let window):
            let below = try build(window.input)
            return node(
                .window(
                    below, partition: window.partition.map { positions($0, below) },
                    order: window.order.mapped { positions($0, below) },
                    calls: window.calls.map { column in
                        column.call.mapExpressions { positions($0, below) }
                    }), plan)
        case .sort(let input, let keys):
            let below = try build(input)
            return node(.sort(below, keys.mapped { positions($0, below) }), plan)
        case .limit(let input, let count, let offset):
            return try limit(input, count, offset, plan)
        case .distinct(let input, let on, let order):
            let below = try build(input)
            if on.isEmpty {
                return node(.aggregate(below, keys: below.references, calls: []), plan)
            }
            return node(
                .distinctOn(
                    below, on: on.map { positions($0, below) },
                    order: order.mapped { positions($0, below) }), plan)
        case .setOperation(let operation): return try setOperation(operation, plan)
        }
    }

    private mutating func node(
        _ operation: PhysicalOperation, _ plan: LogicalPlan
    ) -> PhysicalPlan {
        node(operation, columns: plan.columns, rowCount: estimator.rowCount(plan))
    }

    private mutating func node(
        _ operation: PhysicalOperation, columns: [PlanColumn], rowCount: Double?
    ) -> PhysicalPlan {
        nodeCount += 1
        return PhysicalPlan(
            id: nodeCount, operation, columns: columns, estimatedRowCount: rowCount)
    }

    /// The expression over the positions of a plan's output.
    private func positions(_ expression: Expression, _ plan: PhysicalPlan) -> Expression {
        positions(expression, plan.columns)
    }

    private func positions(_ expression: Expression, _ columns: [PlanColumn]) -> Expression {
        let index = Dictionary(
            columns.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
        return expression.rewritten { part in
            guard case .column(let id, let type) = part else { return part }
            guard let position = index[id] else {
                preconditionFailure("column \(id) is not among the operator's inputs")
            }
            return .input(position, type)
        }
    }

    // MARK: - Operators

    /// An input of which only the columns in `expressions` are needed.
    private mutating func build(
        _ input: LogicalPlan, for expressions: [Expression]
    ) throws(IglooError) -> PhysicalPlan {
        guard input.isScan else { return try build(input) }
        let wanted = expressions.reduce(into: Set<ColumnId>()) {
            $0.formUnion($1.referencedColumns)
        }
        return try scan(input, limit: nil, wanted: wanted)
    }

    /// A projection, unless it would pass on its input as it is.
    private mutating func project(
        _ below: PhysicalPlan, _ projections: [Projection], _ plan: LogicalPlan
    ) -> PhysicalPlan {
        let expressions = projections.map { positions($0.expression, below) }
        if expressions == below.references {
            return PhysicalPlan(
                id: below.id, below.operation, columns: plan.columns,
                estimatedRowCount: below.estimatedRowCount)
        }
        return node(.project(below, expressions), plan)
    }

    private mutating func limit(
        _ input: LogicalPlan, _ count: Int64?, _ offset: Int64, _ plan: LogicalPlan
    ) throws(IglooError) -> PhysicalPlan {
        var sortInput: (LogicalPlan, [SortKey])?
        if case .sort(let below, let keys) = input { sortInput = (below, keys) }
        if let (below, keys) = sortInput, let count {
            let source = try build(below)
            return node(
                .topN(
                    source, keys.mapped { positions($0, source) }, count: count, offset: offset),
                plan)
        }
        // A projection on top keeps the rows one by one, so the limit may reach the scan.
        if case .project(let scan, let projections) = input, scan.isScan {
            let (end, overflow) = (count ?? .max).addingReportingOverflow(offset)
            let wanted = projections.reduce(into: Set<ColumnId>()) {
                $0.formUnion($1.expression.referencedColumns)
            }
            let below = try self.scan(
                scan, limit: count == nil || overflow ? nil : end, wanted: wanted)
            let projected = project(below, projections, input)
            return node(.limit(projected, count: count, offset: offset), plan)
        }
        if input.isScan {
            let (end, overflow) = (count ?? .max).addingReportingOverflow(offset)
            let below = try scan(
                input, limit: count == nil || overflow ? nil : end,
                wanted: Set(input.columns.map(\.id)))
            return node(.limit(below, count: count, offset: offset), plan)
        }
        return node(.limit(try build(input), count: count, offset: offset), plan)
    }

    private mutating func setOperation(
        _ operation: SetOperation, _ plan: LogicalPlan
    ) throws(IglooError) -> PhysicalPlan {
        let left = try build(operation.left)
        let right = try build(operation.right)
        guard operation.kind == .union else {
            return node(
                .setOperation(
                    operation.kind, keepsDuplicates: operation.keepsDuplicates, left, right), plan)
        }
        let all = node(.unionAll([left, right]), plan)
        if operation.keepsDuplicates { return all }
        return node(.aggregate(all, keys: all.references, calls: []), plan)
    }

    private mutating func join(
        _ join: Join, _ plan: LogicalPlan
    ) throws(IglooError) -> PhysicalPlan {
        let left = try build(join.left)
        let right = try build(join.right)
        let both = left.columns + right.columns
        let keys = JoinKeys(join.condition, left: join.left, right: join.right)
        if keys.left.isEmpty {
            return node(
                .nestedLoopJoin(
                    join.kind, left, right, condition: positions(join.condition, both)), plan)
        }
        let residual = keys.rest.isEmpty ? nil : positions(.conjunction(keys.rest), both)
        return node(
            .hashJoin(
                PhysicalHashJoin(
                    kind: join.kind, left: left, right: right,
                    leftKeys: keys.left.map { positions($0, left) },
                    rightKeys: keys.right.map { positions($0, right) }, residual: residual,
                    nullsMatch: keys.nullsMatch, decidedKeyCount: keys.decidedCount)), plan)
    }

    // MARK: - Scans

    /// A scan, with or without a filter on top, as agreed with its source.
    private mutating func scan(
        _ plan: LogicalPlan, limit: Int64?, wanted: Set<ColumnId>
    ) throws(IglooError) -> PhysicalPlan {
        var predicate = Expression.trueLiteral
        var source = plan
        if case .filter(let input, let condition) = plan {
            predicate = condition
            source = input
        }
        guard case .scan(let scan) = source else {
            preconditionFailure("not a scan")
        }
        let agreed = try ScanNegotiation(
            scan, wanted: wanted, conjuncts: predicate.conjuncts, limit: limit,
            context: planner.context, isEnabled: planner.settings.pushdown
        ).agree()
        let rowCount = estimator.rowCount(plan)
        let below = node(.scan(agreed.scan), columns: agreed.columns, rowCount: rowCount)
        var result = below
        if !agreed.residual.isEmpty {
            result = node(
                .filter(below, positions(.conjunction(agreed.residual), below)),
                columns: agreed.columns, rowCount: rowCount)
        }
        let outputs = plan.columns.filter { wanted.contains($0.id) }
        if agreed.columns == outputs { return result }
        return node(
            .project(result, outputs.map { positions($0.reference, result) }), columns: outputs,
            rowCount: rowCount)
    }
}

extension LogicalPlan {
    /// A table's rows, possibly filtered.
    var isScan: Bool {
        switch self {
        case .scan, .filter(.scan, _): true
        default: false
        }
    }
}

extension PhysicalPlan {
    /// Every column of the output, by position.
    var references: [Expression] {
        columns.enumerated().map { .input($0, $1.type) }
    }
}
