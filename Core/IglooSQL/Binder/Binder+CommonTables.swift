// SPDX-License-Identifier: MIT

internal import IglooArrow
internal import IglooContracts
internal import IglooPlan

// WITH: tables that are bound at their first use, and recursion.
extension Binder {
    func declare(
        _ with: With, _ common: CommonTableScope?, _ outer: Scope?
    ) throws(IglooError) -> CommonTableScope? {
        var common = common
        var names: Set<String> = []
        for table in with.tables {
            guard names.insert(table.name.name).inserted else {
                throw error(
                    .duplicateAlias, "WITH query name \"\(table.name)\" specified more than once",
                    table.name.range)
            }
            common = CommonTableScope(
                table, parent: common, outer: outer, isRecursive: with.isRecursive)
        }
        return common
    }

    /// The query with those of its common tables that it uses; a later one may use those before.
    func shared(
        _ plan: LogicalPlan, _ common: CommonTableScope?, until outer: CommonTableScope?
    ) -> LogicalPlan {
        var plan = plan
        var scope = common
        while let current = scope, current !== outer {
            if let bound = current.bound {
                plan = .shared(
                    SharedTable(
                        id: bound.id, name: current.table.name.name,
                        isMaterialized: current.table.isMaterialized, definition: bound.plan,
                        body: plan))
            }
            scope = current.parent
        }
        return plan
    }

    func find(_ name: Identifier, in common: CommonTableScope?) -> CommonTableScope? {
        var scope = common
        while let current = scope {
            if current.table.name.name == name.name { return current }
            scope = current.parent
        }
        return nil
    }

    /// One use of a common table.
    func read(
        _ common: CommonTableScope, _ name: Identifier
    ) throws(IglooError) -> LogicalPlan {
        let (id, columns): (Int, [PlanColumn])
        switch common.ownUse {
        case .refused(let reason)?: throw error(.invalidRecursion, reason, name.range)
        case .step(let step, let found)?: (id, columns) = (step, found)
        case nil:
            let bound = try define(common)
            (id, columns) = (bound.id, bound.plan.columns)
        }
        return .sharedRead(
            SharedRead(
                id: id, name: common.table.name.name,
                columns: columns.map { newColumn($0.name, $0.type) }))
    }

    private func define(
        _ common: CommonTableScope
    ) throws(IglooError) -> CommonTableScope.Bound {
        if let bound = common.bound { return bound }
        nesting += 3
        defer { nesting -= 3 }
        let table = common.table
        var plan: LogicalPlan
        if common.isRecursive {
            common.ownUse = .refused(
                "recursive query \"\(table.name)\" does not have the form non-recursive-term UNION "
                    + "[ALL] recursive-term")
            defer { common.ownUse = nil }
            plan =
                try bind(table.query, outer: common.outer, common: common, recursion: common).plan
        } else {
            plan = try bind(table.query, outer: common.outer, common: common.parent).plan
        }
        if !table.columns.isEmpty {
            guard table.columns.count <= plan.columns.count else {
                throw error(
                    .invalidColumnReference,
                    "WITH query \"\(table.name)\" has \(plan.columns.count) columns available but "
                        + "\(table.columns.count) columns specified", table.name.range)
            }
            plan = renamed(plan, table.columns.map(\.written))
        }
        let bound = CommonTableScope.Bound(id: newTable(), plan: plan)
        common.bound = bound
        return bound
    }

    // MARK: - Recursion

    /// A UNION of which some operands, the last ones, read the table that it defines.
    func bindRecursion(
        _ operation: SetOperationSyntax, _ table: CommonTableScope, outer: Scope?,
        common: CommonTableScope?
    ) throws(IglooError) -> BoundQuery {
        guard operation.kind == .union, !operation.isByName else {
            return try bind(.setOperation(operation), outer: outer, common: common)
        }
        let name = table.table.name
        table.ownUse = .refused(
            "recursive reference to query \"\(name)\" must not appear within its non-recursive "
                + "term")
        var base = [try bind(operation.operands[0], outer: outer, common: common)]
        var steps: [BoundQuery] = []
        let id = newTable()
        var columns = try recursiveColumns(base, table, operation)
        for body in operation.operands.dropFirst() {
            table.ownUse = .step(id, columns)
            let bound = try bind(body, outer: outer, common: common)
            if steps.isEmpty && !bound.plan.reads(id) {
                base.append(bound)
                columns = try recursiveColumns(base, table, operation)
            } else {
                steps.append(bound)
            }
        }
        if steps.isEmpty { return try combined(operation, base) }
        let wider = zip(
            try recursiveColumns(base + steps, table, operation), columns
        ).map { Self.widened($0, from: $1.type) }
        if wider.map(\.type) != columns.map(\.type) {
            table.ownUse = .step(id, wider)
            columns = wider
            steps = []
            for body in operation.operands.dropFirst(base.count) {
                steps.append(try bind(body, outer: outer, common: common))
            }
        }
        try check(try recursiveColumns(base + steps, table, operation), columns, name)
        let types = columns.map(\.type)
        var recursion = Recursion(
            id: id, name: name.name, base: union(base, types), step: union(steps, types),
            keepsDuplicates: operation.isAll, columns: [])
        recursion.columns = zip(base[0].columns, types).map { newColumn($0.name, $1) }
        return BoundQuery(.recursion(recursion))
    }

    /// The table's columns as far as these operands tell.
    private func recursiveColumns(
        _ operands: [BoundQuery], _ table: CommonTableScope, _ operation: SetOperationSyntax
    ) throws(IglooError) -> [PlanColumn] {
        try checkCounts(operands, operation)
        let names = table.table.columns
        var columns: [PlanColumn] = []
        for (index, column) in operands[0].columns.enumerated() {
            let type = try commonType(index, operands, "UNION", operation)
            let name = index < names.count ? names[index].written : column.name
            columns.append(PlanColumn(id: column.id, name: name, type: type))
        }
        return columns
    }

    /// Sums of decimals get a digit more each round; there are never more than 38.
    private static func widened(_ column: PlanColumn, from type: DataType) -> PlanColumn {
        guard column.type != type, let shape = column.type.decimalShape else { return column }
        return PlanColumn(
            id: column.id, name: column.name, type: EngineType.decimal(38, shape.scale))
    }

    private func check(
        _ found: [PlanColumn], _ declared: [PlanColumn], _ name: Identifier
    ) throws(IglooError) {
        for (column, expected) in zip(found, declared) where column.type != expected.type {
            throw error(
                .datatypeMismatch,
                "recursive query \"\(name)\" column \"\(column.name)\" has type "
                    + "\(expected.type.sqlName) in its first round but \(column.type.sqlName) later",
                name.range,
                hint: "cast the recursive term's column to \(expected.type.sqlName), or give the "
                    + "other term a wider type")
        }
    }

    private func union(_ operands: [BoundQuery], _ types: [DataType]) -> LogicalPlan {
        let plans = operands.map { converted($0.plan, to: types) }
        return plans.dropFirst().reduce(plans[0]) { left, right in
            .setOperation(
                SetOperation(
                    .union, keepsDuplicates: true, left, right,
                    columns: left.columns.map { newColumn($0.name, $0.type) }))
        }
    }
}
