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

    /// - Parameter demand: what is wanted of the rows; more may come, in any order.
    mutating func build(
        _ plan: LogicalPlan, _ demand: RowDemand = .all
    ) throws(IglooError) -> PhysicalPlan {
        switch plan {
        case .scan, .filter(.scan, _):
            return try scan(plan, wanted: Set(plan.columns.map(\.id)), demand)
        case .values(let rows, _):
            return node(.values(rows), plan)
        case .filter(let input, let predicate):
            let below = try build(input)
            return node(.filter(below, positions(predicate, below)), plan)
        case .project(let input, let projections):
            let below = try build(
                input, for: projections.map(\.expression), demand.below(projections))
            return project(below, projections, plan)
        case .aggregate(let input, let keys, let calls):
            return try aggregate(input, keys, calls, demand, plan)
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
        case .unnest(let unnest):
            let below = try build(unnest.input)
            let generators = unnest.generators.map { generator in
                generator.source.mapExpressions { positions($0, below) }
            }
            return node(.unnest(below, generators, unnest.shape), plan)
        case .shared(let shared):
            _ = estimator.rowCount(plan)
            let definition = try build(shared.definition)
            return node(
                .shared(id: shared.id, definition, body: try build(shared.body)), plan)
        case .sharedRead(let read):
            return node(.sharedRead(id: read.id, columns: read.positions), plan)
        case .recursion(let recursion):
            _ = estimator.rowCount(plan)
            let base = try build(recursion.base)
            let step = try build(recursion.step)
            return node(
                .recursion(
                    id: recursion.id, base: base, step: step,
                    keepsDuplicates: recursion.keepsDuplicates), plan)
        case .sort(let input, let keys):
            let below = try build(input, RowDemand(order: keys))
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
        case .operation(let operation):
            var inputs: [PhysicalPlan] = []
            for (input, columns) in zip(operation.inputs, operation.inputColumns) {
                let below = try build(input)
                inputs.append(
                    node(
                        .project(below, columns.map { positions($0.reference, below) }),
                        columns: columns, rowCount: below.estimatedRowCount))
            }
            return node(.operation(operation.call, inputs), plan)
        }
    }

    private mutating func node(
        _ operation: PhysicalOperation, _ plan: LogicalPlan, pushdown: [PushdownRecord] = []
    ) -> PhysicalPlan {
        node(
            operation, columns: plan.columns, rowCount: estimator.rowCount(plan),
            pushdown: pushdown)
    }

    private mutating func node(
        _ operation: PhysicalOperation, columns: [PlanColumn], rowCount: Double?,
        pushdown: [PushdownRecord] = []
    ) -> PhysicalPlan {
        nodeCount += 1
        return PhysicalPlan(
            id: nodeCount, operation, columns: columns, estimatedRowCount: rowCount,
            pushdown: pushdown)
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
        _ input: LogicalPlan, for expressions: [Expression], _ demand: RowDemand = .all
    ) throws(IglooError) -> PhysicalPlan {
        guard input.isScan else { return try build(input, demand) }
        let wanted = expressions.reduce(into: Set<ColumnId>()) {
            $0.formUnion($1.referencedColumns)
        }
        return try scan(input, wanted: wanted, demand)
    }

    /// Groups of a table are offered to its source.
    private mutating func aggregate(
        _ input: LogicalPlan, _ keys: [Projection], _ calls: [AggregateColumn],
        _ demand: RowDemand, _ plan: LogicalPlan
    ) throws(IglooError) -> PhysicalPlan {
        let (source, keys, calls) = LogicalPlan.withoutRenaming(input, keys, calls)
        let expressions = keys.map(\.expression) + calls.flatMap(\.call.expressions)
        guard source.isScan else {
            return aggregate(try build(source, for: expressions), keys, calls, plan)
        }
        let wanted = expressions.reduce(into: Set<ColumnId>()) {
            $0.formUnion($1.referencedColumns)
        }
        let agreed = try negotiate(
            source, wanted: wanted, Grouping(keys: keys, calls: calls), demand)
        guard let values = agreed.groupValues else {
            return aggregate(scan(agreed, source, wanted: wanted), keys, calls, plan)
        }
        let groups = node(
            .scan(agreed.scan), columns: agreed.columns, rowCount: estimator.rowCount(plan))
        let outputs = zip(keys.map(\.column) + calls.map(\.column), values).map {
            Projection(column: $0, expression: $1)
        }
        return project(groups, outputs, plan)
    }

    private mutating func aggregate(
        _ below: PhysicalPlan, _ keys: [Projection], _ calls: [AggregateColumn],
        _ plan: LogicalPlan
    ) -> PhysicalPlan {
        // Keys of texts are best looked up once, and the values under the group's number.
        if keys.allSatisfy({ $0.column.type.fixedByteWidth != nil }),
            let grouping = DistinctGrouping(calls, keyCount: keys.count)
        {
            return aggregateDistinct(below, keys, grouping, calls[0].column.id, plan)
        }
        return node(
            .aggregate(
                below, keys: keys.map { positions($0.expression, below) },
                calls: calls.map { call in call.call.mapExpressions { positions($0, below) } }),
            plan)
    }

    private mutating func aggregateDistinct(
        _ below: PhysicalPlan, _ keys: [Projection], _ grouping: DistinctGrouping, _ id: ColumnId,
        _ plan: LogicalPlan
    ) -> PhysicalPlan {
        func columns(_ calls: [AggregateCall]) -> [PlanColumn] {
            calls.map { PlanColumn(id: id, name: $0.function, type: $0.type) }
        }
        let value = positions(grouping.value, below)
        var name = "value"
        if case .input(let position, _) = value { name = below.columns[position].name }
        let values = node(
            .aggregate(
                below, keys: keys.map { positions($0.expression, below) } + [value],
                calls: grouping.partials.map { call in
                    call.mapExpressions { positions($0, below) }
                }),
            columns: keys.map(\.column) + [PlanColumn(id: id, name: name, type: value.type)]
                + columns(grouping.partials), rowCount: below.estimatedRowCount)
        let references = keys.enumerated().map {
            Expression.input($0.offset, $0.element.column.type)
        }
        let totals = PhysicalOperation.aggregate(values, keys: references, calls: grouping.totals)
        let output = references + grouping.results
        let all =
            references
            + grouping.totals.enumerated().map { .input(keys.count + $0.offset, $0.element.type) }
        if output == all { return node(totals, plan) }
        let groups = node(
            totals, columns: keys.map(\.column) + columns(grouping.totals),
            rowCount: estimator.rowCount(plan))
        return node(.project(groups, output), plan)
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
        let (end, overflow) = (count ?? .max).addingReportingOverflow(offset)
        let limit = count == nil || overflow ? nil : end
        if case .sort(let below, let keys) = input, let count {
            let source = try build(below, RowDemand(order: keys, limit: limit))
            return node(
                .topN(
                    source, keys.mapped { positions($0, source) }, count: count, offset: offset),
                plan)
        }
        // Columns that were only sorted by are dropped after the first rows were found.
        if case .project(let sort, let projections) = input, case .sort = sort, count != nil {
            let first = LogicalPlan.limit(sort, count: count, offset: offset)
            return project(
                try self.limit(sort, count, offset, first), projections,
                .project(first, projections))
        }
        let below = try build(input, RowDemand(limit: limit))
        return node(.limit(below, count: count, offset: offset), plan)
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
        let records = join.pushdown.map { [$0] } ?? []
        if keys.left.isEmpty {
            return node(
                .nestedLoopJoin(
                    join.kind, left, right, condition: positions(join.condition, both)), plan,
                pushdown: records)
        }
        let residual = keys.rest.isEmpty ? nil : positions(.conjunction(keys.rest), both)
        return node(
            .hashJoin(
                PhysicalHashJoin(
                    kind: join.kind, left: left, right: right,
                    leftKeys: keys.left.map { positions($0, left) },
                    rightKeys: keys.right.map { positions($0, right) }, residual: residual,
                    nullsMatch: keys.nullsMatch, decidedKeyCount: keys.decidedCount,
                    buildsLeft: Self.buildsLeft(join.kind, left, right))), plan,
            pushdown: records)
    }

    /// Whether the left side is so much smaller that it is better kept in memory.
    private static func buildsLeft(
        _ kind: Join.Kind, _ left: PhysicalPlan, _ right: PhysicalPlan
    ) -> Bool {
        switch kind {
        case .single, .mark, .nullAwareAnti: return false
        case .inner, .left, .right, .full, .semi, .anti: break
        }
        guard let leftCount = left.estimatedRowCount, let rightCount = right.estimatedRowCount
        else { return false }
        return rightCount > buildRowCountMin && leftCount < rightCount / 2
    }

    /// So few rows are built in no time.
    private static let buildRowCountMin = 1_000.0

    // MARK: - Scans

    /// A scan, with or without a filter on top, as agreed with its source.
    private mutating func scan(
        _ plan: LogicalPlan, wanted: Set<ColumnId>, _ demand: RowDemand
    ) throws(IglooError) -> PhysicalPlan {
        scan(try negotiate(plan, wanted: wanted, nil, demand), plan, wanted: wanted)
    }

    private func negotiate(
        _ plan: LogicalPlan, wanted: Set<ColumnId>, _ grouping: Grouping?, _ demand: RowDemand
    ) throws(IglooError) -> ScanNegotiation.Agreement {
        var predicate = Expression.trueLiteral
        var source = plan
        if case .filter(let input, let condition) = plan {
            predicate = condition
            source = input
        }
        guard case .scan(let scan) = source else {
            preconditionFailure("not a scan")
        }
        return try ScanNegotiation(
            scan, wanted: wanted, conjuncts: predicate.conjuncts, grouping: grouping,
            demand: demand, context: planner.context, isEnabled: planner.settings.pushdown
        ).agree()
    }

    /// Columns of the scan's output in which the source has counted no NULL.
    private func neverNull(_ scan: PhysicalScan) -> Set<Int> {
        let known = planner.statistics.statistics(scan.table)
        guard known.isExact else { return [] }
        let full = Set(known.columns.filter { $0.nullFraction == 0 }.map(\.column))
        let outputs = scan.request.outputColumns(scan.answer.conjuncts)
        return Set(outputs.indices.filter { full.contains(outputs[$0]) })
    }

    /// What the source gives, and the conditions that it leaves to be checked.
    private mutating func scan(
        _ agreed: ScanNegotiation.Agreement, _ plan: LogicalPlan, wanted: Set<ColumnId>
    ) -> PhysicalPlan {
        let rowCount = estimator.rowCount(plan)
        var scan = agreed.scan
        scan.neverNull = neverNull(scan)
        let below = node(.scan(scan), columns: agreed.columns, rowCount: rowCount)
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

    /// Keys and calls over what stands below projections that only choose and rename columns.
    static func withoutRenaming(
        _ input: LogicalPlan, _ keys: [Projection], _ calls: [AggregateColumn]
    ) -> (LogicalPlan, [Projection], [AggregateColumn]) {
        guard case .project(let below, let projections) = input,
            projections.allSatisfy({ $0.expression.columnId != nil })
        else { return (input, keys, calls) }
        let names = Dictionary(
            projections.map { ($0.column.id, $0.expression) }, uniquingKeysWith: { a, _ in a })
        return withoutRenaming(
            below,
            keys.map {
                Projection(column: $0.column, expression: $0.expression.substituting(names))
            },
            calls.map { column in
                var column = column
                column.call = column.call.mapExpressions { $0.substituting(names) }
                return column
            })
    }
}

extension PhysicalPlan {
    /// Every column of the output, by position.
    var references: [Expression] {
        columns.enumerated().map { .input($0, $1.type) }
    }
}
