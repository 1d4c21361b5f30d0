// SPDX-License-Identifier: MIT

internal import IglooArrow
internal import IglooContracts
internal import IglooPlan

// Queries: WITH, set operations, VALUES, and ORDER BY and LIMIT over them.
extension Binder {
    /// - Parameter recursion: the common table that the query defines, where it may read itself.
    func bind(
        _ query: Query, outer: Scope?, common: CommonTableScope?,
        recursion: CommonTableScope? = nil
    ) throws(IglooError) -> BoundQuery {
        nesting += 1
        defer { nesting -= 1 }
        let limitMax = Self.nestingMax * 4
        guard nesting <= limitMax else {
            throw tooComplex("queries are nested too deeply", query.range)
        }
        let around = common
        var common = common
        if let with = query.with { common = try declare(with, common, outer) }
        var bound: BoundQuery
        switch query.body {
        case .select(let select):
            bound = try bind(select, orderBy: query.orderBy, outer: outer, common: common)
        default:
            if let recursion, case .setOperation(let operation) = query.body {
                bound = try bindRecursion(operation, recursion, outer: outer, common: common)
            } else {
                bound = try bind(query.body, outer: outer, common: common)
            }
            if let orderBy = query.orderBy {
                bound.plan = try sorted(bound.plan, orderBy, outer: outer, common: common)
            }
        }
        bound.plan = shared(try limited(bound.plan, query), common, until: around)
        return bound
    }

    func bind(
        _ body: QueryBody, outer: Scope?, common: CommonTableScope?
    ) throws(IglooError) -> BoundQuery {
        switch body {
        case .select(let select):
            return try bind(select, orderBy: nil, outer: outer, common: common)
        case .query(let query):
            return try bind(query, outer: outer, common: common)
        case .values(let rows, let range):
            return try bindValues(rows, range, outer: outer, common: common)
        case .setOperation(let operation):
            return try bind(operation, outer: outer, common: common)
        }
    }

    // MARK: - VALUES

    private func bindValues(
        _ rows: [[ExpressionSyntax]], _ range: SourceRange, outer: Scope?,
        common: CommonTableScope?
    ) throws(IglooError) -> BoundQuery {
        let context = ExpressionContext(Scope(parent: outer), clause: "VALUES", common: common)
        let count = rows.first?.count ?? 0
        var bound: [[BoundExpression]] = []
        bound.reserveCapacity(rows.count)
        for row in rows {
            guard row.count == count else {
                throw error(
                    .syntaxError, "VALUES lists must all be the same length",
                    row.first?.range ?? range)
            }
            var cells: [BoundExpression] = []
            for cell in row { cells.append(try bind(cell, context)) }
            bound.append(cells)
        }
        var columns: [PlanColumn] = []
        var cells = bound.map { $0.map(\.expression) }
        var isOpen: [Bool] = []
        for column in 0..<count {
            let values = bound.map { $0[column] }
            let (type, unified) = try unify(values, "VALUES")
            for row in bound.indices { cells[row][column] = unified[row] }
            columns.append(newColumn("column\(column + 1)", type))
            isOpen.append(values.allSatisfy { $0.isOpen || $0.type == .null })
        }
        return BoundQuery(.values(cells, columns: columns), isOpen: isOpen)
    }

    // MARK: - Set operations

    private func bind(
        _ operation: SetOperationSyntax, outer: Scope?, common: CommonTableScope?
    ) throws(IglooError) -> BoundQuery {
        var operands: [BoundQuery] = []
        for body in operation.operands {
            operands.append(try bind(body, outer: outer, common: common))
        }
        if operation.isByName { try alignByName(&operands, operation.range) }
        return try combined(operation, operands)
    }

    func checkCounts(
        _ operands: [BoundQuery], _ operation: SetOperationSyntax
    ) throws(IglooError) {
        let count = operands[0].columns.count
        for (body, operand) in zip(operation.operands, operands)
        where operand.columns.count != count {
            let word = "\(operation.kind)".uppercased()
            throw error(
                .syntaxError, "each \(word) query must have the same number of columns",
                body.range)
        }
    }

    func combined(
        _ operation: SetOperationSyntax, _ operands: [BoundQuery]
    ) throws(IglooError) -> BoundQuery {
        try checkCounts(operands, operation)
        let word = "\(operation.kind)".uppercased()
        let count = operands[0].columns.count
        var types: [DataType] = []
        for column in 0..<count {
            types.append(try commonType(column, operands, word, operation))
        }
        let plans = operands.map { converted($0.plan, to: types) }
        let names = operands[0].columns.map(\.name)
        return BoundQuery(combined(operation, plans, names, types))
    }

    func commonType(
        _ column: Int, _ operands: [BoundQuery], _ word: String, _ operation: SetOperationSyntax
    ) throws(IglooError) -> DataType {
        var type: DataType?
        for operand in operands where !operand.isOpen[column] {
            let other = operand.columns[column].type
            guard let known = type else {
                type = other
                continue
            }
            guard let wider = Coercion.common(known, other) else {
                throw error(
                    .datatypeMismatch,
                    "\(word) types \(known.sqlName) and \(other.sqlName) cannot be matched",
                    operation.range)
            }
            type = wider
        }
        let isAnyOpen = operands.contains { $0.isOpen[column] }
        return type == nil || type == .null && isAnyOpen ? .utf8View : type ?? .utf8View
    }

    /// The plan with its columns cast to `types`.
    func converted(_ plan: LogicalPlan, to types: [DataType]) -> LogicalPlan {
        let columns = plan.columns
        guard columns.map(\.type) != types else { return plan }
        let projections = zip(columns, types).map { column, type in
            let value =
                column.type == type
                ? column.reference : Expression.cast(column.reference, type, isTry: false)
            return Projection(column: newColumn(column.name, type), expression: value)
        }
        return .project(plan, projections)
    }

    private func combined(
        _ operation: SetOperationSyntax, _ plans: [LogicalPlan], _ names: [String],
        _ types: [DataType]
    ) -> LogicalPlan {
        func node(
            _ kind: SetOperation.Kind, _ isAll: Bool, _ left: LogicalPlan, _ right: LogicalPlan
        ) -> LogicalPlan {
            let columns = zip(names, types).map { newColumn($0, $1) }
            return .setOperation(
                SetOperation(kind, keepsDuplicates: isAll, left, right, columns: columns))
        }
        // A long chain becomes a shallow tree. Only its root removes duplicates of a union.
        func tree(
            _ kind: SetOperation.Kind, _ isAll: Bool, _ plans: ArraySlice<LogicalPlan>
        ) -> LogicalPlan {
            guard plans.count > 1 else { return plans[plans.startIndex] }
            let middle = plans.startIndex + plans.count / 2
            let isInnerAll = isAll || kind == .union
            return node(
                kind, isAll, tree(kind, isInnerAll, plans[..<middle]),
                tree(kind, isInnerAll, plans[middle...]))
        }
        switch operation.kind {
        case .union: return tree(.union, operation.isAll, plans[...])
        case .intersect: return tree(.intersect, operation.isAll, plans[...])
        case .except:
            // `a EXCEPT b EXCEPT c` is a without all that b and c have.
            return node(.except, operation.isAll, plans[0], tree(.union, true, plans[1...]))
        }
    }

    /// UNION BY NAME: columns in the order of their first appearance, NULL where one is missing.
    private func alignByName(
        _ operands: inout [BoundQuery], _ range: SourceRange
    ) throws(IglooError) {
        var names: [String] = []
        var known: Set<String> = []
        for operand in operands {
            for column in operand.columns
            where known.insert(Identifier.folded(column.name)).inserted {
                names.append(column.name)
            }
        }
        for index in operands.indices {
            let columns = operands[index].columns
            var projections: [Projection] = []
            var isOpen: [Bool] = []
            for name in names {
                let place = columns.firstIndex {
                    Identifier.folded($0.name) == Identifier.folded(name)
                }
                let value = place.map { columns[$0].reference } ?? .null(.null)
                projections.append(
                    Projection(column: newColumn(name, value.type), expression: value))
                isOpen.append(place.map { operands[index].isOpen[$0] } ?? false)
            }
            operands[index] = BoundQuery(
                .project(operands[index].plan, projections), isOpen: isOpen)
        }
    }

    // MARK: - ORDER BY over a whole result, LIMIT

    private func sorted(
        _ plan: LogicalPlan, _ orderBy: OrderBy, outer: Scope?, common: CommonTableScope?
    ) throws(IglooError) -> LogicalPlan {
        let columns = plan.columns
        let visible = columns.map { NamedColumn($0) }
        let scope = Scope(
            parent: outer, relations: [ScopeRelation(nameParts: [], columns: visible)],
            visible: visible)
        let context = ExpressionContext(scope, clause: "ORDER BY", common: common)
        switch orderBy {
        case .all(let isDescending, let nullsFirst, _):
            return .sort(
                plan,
                columns.map {
                    sortKey($0.reference, isDescending: isDescending, nullsFirst: nullsFirst)
                })
        case .items(let items):
            var keys: [SortKey] = []
            for item in items {
                let value: Expression
                if let ordinal = try ordinal(item.expression, columns.count, "ORDER BY") {
                    value = columns[ordinal].reference
                } else {
                    value = try bind(item.expression, context).expression
                }
                keys.append(
                    sortKey(
                        value, isDescending: item.isDescending, nullsFirst: item.nullsFirst))
            }
            return .sort(plan, keys)
        }
    }

    /// The column that an integer literal in ORDER BY or GROUP BY stands for, from 0.
    func ordinal(
        _ expression: ExpressionSyntax, _ count: Int, _ clause: String
    ) throws(IglooError) -> Int? {
        guard case .literal(.integer(let text)) = expression.kind else { return nil }
        guard let position = Int(text), position >= 1, position <= count else {
            throw error(
                .invalidColumnReference, "\(clause) position \(text) is not in select list",
                expression.range)
        }
        return position - 1
    }
}
