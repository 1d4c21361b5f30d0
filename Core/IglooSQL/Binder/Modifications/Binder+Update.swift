// SPDX-License-Identifier: MIT

internal import IglooArrow
public import IglooContracts
internal import IglooPlan

// UPDATE and DELETE.
extension Binder {
    public func bind(_ update: Update) throws(IglooError) -> BoundWrite {
        let target = try writeTarget(update.table)
        let common = try update.with.flatMap { (with) throws(IglooError) in
            try declare(with, nil, nil)
        }
        let (rows, identity) = try targetRows(target, update.table, update.alias)
        let item = try joined(rows, with: update.from, common)
        let old = Array(rows.plan.columns.prefix(target.definition.columns.count))
        return try updated(
            target, item, old, identity, update.assignments, update.filter, update.returning,
            update.table, update.alias, common)
    }

    public func bind(_ delete: Delete) throws(IglooError) -> BoundWrite {
        let target = try writeTarget(delete.table)
        let common = try delete.with.flatMap { (with) throws(IglooError) in
            try declare(with, nil, nil)
        }
        let (rows, identity) = try targetRows(target, delete.table, delete.alias)
        let item = try joined(rows, with: delete.using, common)
        let plan = try filtered(item, delete.filter, common)
        return try finished(
            .delete, target, plan, leading: identity, values: [], returning: delete.returning,
            scope: item, common: common)
    }

    private func joined(
        _ rows: FromItem, with tables: [TableReference], _ common: CommonTableScope?
    ) throws(IglooError) -> FromItem {
        var item = rows
        for table in tables {
            let right = try bindRight(table, of: item, outer: nil, common: common)
            try checkNames(item.relations, right.relations, table.range)
            item = joined(.inner, item, right, on: .trueLiteral)
        }
        return item
    }

    private func filtered(
        _ item: FromItem, _ condition: ExpressionSyntax?, _ common: CommonTableScope?
    ) throws(IglooError) -> LogicalPlan {
        guard let condition else { return item.plan }
        let context = ExpressionContext(
            item.scope(parent: nil), clause: "WHERE", common: common)
        return .filter(item.plan, try bindCondition(condition, context))
    }

    /// The rows of `item` that meet the condition, with the target's columns assigned to.
    func updated(
        _ target: WriteTarget, _ item: FromItem, _ old: [PlanColumn], _ identity: [PlanColumn],
        _ assignments: [Assignment], _ condition: ExpressionSyntax?, _ returning: [SelectItem],
        _ name: QualifiedName, _ alias: Identifier?, _ common: CommonTableScope?
    ) throws(IglooError) -> BoundWrite {
        let plan = try filtered(item, condition, common)
        let context = ExpressionContext(
            item.scope(parent: nil), clause: "UPDATE", common: common)
        let changed = try values(of: assignments, target, context)
        // New values become columns before checks and RETURNING see them; what RETURNING may
        // name of other tables passes through.
        var projections = plan.columns.map { Projection(column: $0, expression: $0.reference) }
        var values: [PlanColumn] = []
        for (index, column) in target.definition.columns.enumerated() {
            let value = changed[index] ?? old[index].reference
            let new = newColumn(column.name, column.type)
            values.append(new)
            projections.append(Projection(column: new, expression: value))
        }
        let new = try computed(target, .project(plan, projections), values)
        values = new.values
        var scope = newRows(target, values, name, alias, identity: identity)
        let count = target.definition.columns.count
        scope.relations += item.relations.dropFirst()
        scope.visible += item.visible.dropFirst(count)
        var write = try finished(
            .update, target, new.plan, leading: identity, values: values,
            returning: returning, scope: scope, common: common)
        write.assigned = changed.keys.sorted()
        return write
    }

    /// The assigned values by the places of their columns.
    func values(
        of assignments: [Assignment], _ target: WriteTarget, _ context: ExpressionContext
    ) throws(IglooError) -> [Int: Expression] {
        var values: [Int: Expression] = [:]
        for assignment in assignments {
            let places = try places(assignment.columns, in: target)
            let sources = try sources(of: assignment)
            for (place, source) in zip(places, sources) {
                guard values[place] == nil else {
                    throw error(
                        .syntaxError,
                        "multiple assignments to same column "
                            + "\"\(target.definition.columns[place].name)\"", assignment.range)
                }
                values[place] = try assigned(
                    source, to: target.definition.columns[place], context)
            }
        }
        return values
    }

    /// One expression a column: of `(a, b) = (1, 2)` the values, of `(a, b) = (SELECT ...)` a
    /// query each.
    private func sources(of assignment: Assignment) throws(IglooError) -> [ExpressionSyntax] {
        let count = assignment.columns.count
        switch assignment.value.kind {
        case .row(let values) where values.count == count: return values
        case .row:
            throw error(
                .syntaxError, "number of columns does not match number of values",
                assignment.range)
        case .query(let query) where count > 1:
            return (0..<count).map { Self.column($0, of: query, count, assignment.value.range) }
        default:
            guard count == 1 else {
                throw error(
                    .syntaxError, "number of columns does not match number of values",
                    assignment.range)
            }
            return [assignment.value]
        }
    }

    /// `(SELECT c2 FROM (query) AS row(c1, c2))`
    private static func column(
        _ index: Int, of query: Query, _ count: Int, _ range: SourceRange
    ) -> ExpressionSyntax {
        let names = (0..<count).map { Identifier("c\($0)", range: range) }
        let alias = TableAlias(name: Identifier("assigned", range: range), columns: names)
        let item = SelectItem(
            expression: ExpressionSyntax(
                .column(QualifiedName([names[index]], range: range)), range))
        let select = Select(
            items: [item], from: [.query(query, isLateral: false, alias, range)], windows: [],
            range: range)
        return ExpressionSyntax(.query(Query(body: .select(select), range: range)), range)
    }
}
