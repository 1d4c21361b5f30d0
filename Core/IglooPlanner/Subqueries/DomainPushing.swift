// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Computes a correlated plan for all outer rows at once.
///
/// The domain is the set of the outer columns' values. Joined with it, the plan's columns are those
/// it had and the domain's, which stand for the outer ones; each operator passes them on, groups
/// by them, numbers rows within them.
///
/// - Source: T. Neumann, A. Kemper, "Unnesting Arbitrary Queries", 2015.
struct DomainPushing {
    private let planner: Planner
    private let domainTable: Int
    private let outer: [PlanColumn]
    private let outerIds: Set<ColumnId>
    /// Tables shared within the plan that carry the domain, with the count of their own columns.
    private var widened: [Int: Int] = [:]

    /// A plan and those of its columns that stand for the outer ones.
    struct Widened {
        var plan: LogicalPlan
        var domain: [PlanColumn]
    }

    /// - Parameter domainTable: the shared table that has the domain.
    init(_ planner: Planner, domainTable: Int, outer: [PlanColumn]) {
        self.planner = planner
        self.domainTable = domainTable
        self.outer = outer
        outerIds = Set(outer.map(\.id))
    }

    func isDependent(_ plan: LogicalPlan) -> Bool {
        !plan.freeColumns.isDisjoint(with: outerIds)
            || !widened.isEmpty && plan.readCount(of: Set(widened.keys)) > 0
    }

    mutating func push(_ plan: LogicalPlan) throws(IglooError) -> Widened {
        guard isDependent(plan) else { return crossed(plan) }
        switch plan {
        case .scan: return crossed(plan)
        case .operation(let operation):
            throw IglooError(
                .unsupported,
                "the operator \(operation.call.name) over the columns of an outer query is not supported"
            )
        case .values(let rows, let columns): return values(rows, columns)
        case .filter, .sort, .unnest: return try passing(plan)
        case .project(let input, let projections):
            let below = try push(input)
            return Widened(
                plan: .project(
                    below.plan, projections.map { substituted($0, below) } + below.domain.identity),
                domain: below.domain)
        case .aggregate(let input, let keys, let calls):
            return try aggregate(input, keys, calls)
        case .join(let join): return try self.join(join)
        case .window(var window):
            let below = try push(window.input)
            window.input = below.plan
            let inner = LogicalPlan.window(window).mapExpressions { substituted($0, below) }
            guard case .window(var window) = inner else { return below }
            window.partition += below.domain.map(\.reference)
            return Widened(plan: .window(window), domain: below.domain)
        case .limit(let input, let count, let offset): return try limit(input, count, offset)
        case .distinct(let input, let on, let order): return try distinct(input, on, order)
        case .setOperation(let operation): return try setOperation(operation)
        case .shared(let shared): return try self.shared(shared)
        case .sharedRead(let read): return sharedRead(read)
        case .recursion(let recursion): return try self.recursion(recursion)
        }
    }

    // MARK: - The domain

    private func newDomain() -> [PlanColumn] {
        outer.map { planner.newColumn($0.name, $0.type) }
    }

    private func readDomain() -> Widened {
        let columns = newDomain()
        return Widened(
            plan: .sharedRead(SharedRead(id: domainTable, name: "domain", columns: columns)),
            domain: columns)
    }

    /// Every row for every value of the domain.
    private func crossed(_ plan: LogicalPlan) -> Widened {
        let domain = readDomain()
        return Widened(
            plan: .join(Join(.inner, domain.plan, plan, on: .trueLiteral)), domain: domain.domain)
    }

    /// The expression with the domain's columns for the outer ones.
    private func substituted(_ expression: Expression, _ domain: [PlanColumn]) -> Expression {
        let values = Dictionary(
            zip(outer.map(\.id), domain.map(\.reference)), uniquingKeysWith: { first, _ in first })
        return expression.substituting(values)
    }

    private func substituted(_ expression: Expression, _ below: Widened) -> Expression {
        substituted(expression, below.domain)
    }

    private func substituted(_ projection: Projection, _ below: Widened) -> Projection {
        Projection(
            column: projection.column, expression: substituted(projection.expression, below))
    }

    /// Exactly these columns, then the domain's.
    private func ordered(_ widened: Widened, _ columns: [PlanColumn]) -> LogicalPlan {
        let wanted = columns + widened.domain
        return widened.plan.columns == wanted
            ? widened.plan : .project(widened.plan, wanted.identity)
    }

    /// Conditions under which rows of two plans belong to the same value of the domain.
    static func matching(_ left: [PlanColumn], _ right: [PlanColumn]) -> [Expression] {
        zip(left, right).map {
            .call("is_not_distinct_from", [$0.reference, $1.reference], .bool)
        }
    }

    // MARK: - Operators

    private func values(_ rows: [[Expression]], _ columns: [PlanColumn]) -> Widened {
        if rows.count == 1 && columns.isEmpty { return readDomain() }
        var parts: [Widened] = rows.map { row in
            let domain = readDomain()
            let cells = zip(columns, row).map { column, cell in
                Projection(
                    column: planner.newColumn(column.name, column.type),
                    expression: substituted(cell, domain))
            }
            return Widened(
                plan: .project(domain.plan, cells + domain.domain.identity), domain: domain.domain)
        }
        while parts.count > 1 {
            parts = stride(from: 0, to: parts.count, by: 2).map { index in
                guard index + 1 < parts.count else { return parts[index] }
                let domain = newDomain()
                let outputs =
                    columns.map { planner.newColumn($0.name, $0.type) } + domain
                return Widened(
                    plan: .setOperation(
                        SetOperation(
                            .union, keepsDuplicates: true, parts[index].plan,
                            parts[index + 1].plan, columns: outputs)), domain: domain)
            }
        }
        let names = zip(columns, parts[0].plan.columns).map {
            Projection(column: $0, expression: $1.reference)
        }
        return Widened(
            plan: .project(parts[0].plan, names + parts[0].domain.identity),
            domain: parts[0].domain)
    }

    /// An operator that passes its input's columns on.
    private mutating func passing(_ plan: LogicalPlan) throws(IglooError) -> Widened {
        let below = try push(plan.inputs[0])
        let above = plan.mapInputs { _ in below.plan }.mapExpressions { substituted($0, below) }
        return Widened(plan: above, domain: below.domain)
    }

    private mutating func aggregate(
        _ input: LogicalPlan, _ keys: [Projection], _ calls: [AggregateColumn]
    ) throws(IglooError) -> Widened {
        let below = keys.isEmpty ? try padded(try push(input)) : (try push(input), nil)
        let domain = newDomain()
        let domainKeys = zip(domain, below.0.domain).map {
            Projection(column: $0, expression: $1.reference)
        }
        let newCalls = calls.map { column in
            var column = column
            column.call = column.call.mapExpressions { substituted($0, below.0) }
            if let isPresent = below.1 {
                column.call.filter = .conjunction(
                    [isPresent] + (column.call.filter?.conjuncts ?? []))
            }
            return column
        }
        return Widened(
            plan: .aggregate(
                below.0.plan, keys: keys.map { substituted($0, below.0) } + domainKeys,
                calls: newCalls), domain: domain)
    }

    /// Beside the rows, one for each value of the domain without any, and the condition that a row
    /// is none of those: an aggregate without keys gives a row over no rows, too.
    private func padded(_ below: Widened) throws(IglooError) -> (Widened, Expression?) {
        let present = planner.newColumn("present", .bool)
        let marked = LogicalPlan.project(
            below.plan,
            below.plan.columns.identity + [Projection(column: present, expression: .trueLiteral)])
        let domain = readDomain()
        let join = Join(
            .left, domain.plan, marked,
            on: .conjunction(Self.matching(domain.domain, below.domain)))
        return (
            Widened(plan: .join(join), domain: domain.domain),
            .call("is_not_null", [present.reference], .bool)
        )
    }

    private mutating func join(_ join: Join) throws(IglooError) -> Widened {
        var join = join
        let needsLeft = isDependent(join.left)
        let needsRight = isDependent(join.right)
        // The side that decides which rows there are must have the domain.
        let isInner = join.kind == .inner
        let widensLeft: Bool =
            switch join.kind {
            case .inner: needsLeft || !needsRight
            case .right: needsLeft
            default: true
            }
        let widensRight = needsRight || join.kind == .right || join.kind == .full
        var left: Widened?
        var right: Widened?
        if widensLeft { left = try push(join.left) }
        if widensRight && !(isInner && !needsRight) { right = try push(join.right) }
        join.left = left?.plan ?? join.left
        join.right = right?.plan ?? join.right
        let domain = (join.kind == .right ? right : left) ?? right ?? left
        guard let domain else { return crossed(.join(join)) }
        join.condition = substituted(join.condition, domain)
        if let left, let right {
            join.condition = .conjunction(
                join.condition.conjuncts + Self.matching(left.domain, right.domain))
        }
        guard join.kind == .full, let left, let right else {
            return Widened(plan: .join(join), domain: domain.domain)
        }
        let merged = newDomain()
        let values = zip(merged, zip(left.domain, right.domain)).map { column, sides in
            Projection(
                column: column,
                expression: .call(
                    "coalesce", [sides.0.reference, sides.1.reference], column.type))
        }
        return Widened(
            plan: .project(.join(join), join.columns.identity + values), domain: merged)
    }

    private mutating func limit(
        _ input: LogicalPlan, _ count: Int64?, _ offset: Int64
    ) throws(IglooError) -> Widened {
        // Columns that were only sorted by are dropped after the first rows are known.
        if case .project(let sort, let projections) = input, case .sort = sort {
            return try push(
                .project(.limit(sort, count: count, offset: offset), projections))
        }
        var source = input
        var order: [SortKey] = []
        if case .sort(let below, let keys) = input { (source, order) = (below, keys) }
        let below = try push(source)
        let number = planner.newColumn("row_number", .int64)
        let call = WindowCall(
            AggregateCall("row_number", [], type: .int64),
            frame: WindowFrame(.rows, from: .unboundedPreceding, to: .currentRow))
        let numbered = LogicalPlan.window(
            Window(
                below.plan, partition: below.domain.map(\.reference),
                order: order.mapped { substituted($0, below) },
                calls: [WindowColumn(column: number, call: call)]))
        func compare(_ sign: String, _ value: Int64) -> Expression {
            .call(sign, [number.reference, .literal(.int(value), .int64)], .bool)
        }
        var conditions: [Expression] = []
        if offset > 0 { conditions.append(compare(">", offset)) }
        if let count {
            let (end, overflow) = offset.addingReportingOverflow(count)
            if !overflow { conditions.append(compare("<=", end)) }
        }
        let kept = LogicalPlan.filter(numbered, .conjunction(conditions))
        return Widened(
            plan: .project(kept, below.plan.columns.identity), domain: below.domain)
    }

    private mutating func distinct(
        _ input: LogicalPlan, _ on: [Expression], _ order: [SortKey]
    ) throws(IglooError) -> Widened {
        let below = try push(input)
        let keys = on.map { substituted($0, below) }
        return Widened(
            plan: .distinct(
                ordered(below, input.columns),
                on: keys.isEmpty ? [] : below.domain.map(\.reference) + keys,
                order: order.mapped { substituted($0, below) }), domain: below.domain)
    }

    private mutating func setOperation(
        _ operation: SetOperation
    ) throws(IglooError) -> Widened {
        var operation = operation
        let (left, right) = (operation.left.columns, operation.right.columns)
        operation.left = ordered(try push(operation.left), left)
        operation.right = ordered(try push(operation.right), right)
        let domain = newDomain()
        operation.columns += domain
        return Widened(plan: .setOperation(operation), domain: domain)
    }

    // MARK: - Shared tables

    private mutating func shared(_ shared: SharedTable) throws(IglooError) -> Widened {
        var shared = shared
        if isDependent(shared.definition) {
            let columns = shared.definition.columns
            shared.definition = ordered(try push(shared.definition), columns)
            widened[shared.id] = columns.count
        }
        let body = try push(shared.body)
        shared.body = body.plan
        return Widened(plan: .shared(shared), domain: body.domain)
    }

    private func sharedRead(_ read: SharedRead) -> Widened {
        guard let columnCount = widened[read.id] else { return crossed(.sharedRead(read)) }
        var read = read
        let domain = newDomain()
        read.columns += domain
        read.positions += columnCount..<columnCount + domain.count
        return Widened(plan: .sharedRead(read), domain: domain)
    }

    private mutating func recursion(_ recursion: Recursion) throws(IglooError) -> Widened {
        var recursion = recursion
        let (base, step) = (recursion.base.columns, recursion.step.columns)
        recursion.base = ordered(try push(recursion.base), base)
        widened[recursion.id] = recursion.columns.count
        recursion.step = ordered(try push(recursion.step), step)
        let domain = newDomain()
        recursion.columns += domain
        return Widened(plan: .recursion(recursion), domain: domain)
    }
}

extension [PlanColumn] {
    /// Each column passed on as it is.
    var identity: [Projection] { map { Projection(column: $0, expression: $0.reference) } }
}
