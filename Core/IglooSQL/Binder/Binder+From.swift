// SPDX-License-Identifier: MIT

internal import IglooArrow
internal import IglooContracts
internal import IglooPlan

// FROM: tables, views, files, functions, subqueries.
extension Binder {
    func bindFrom(
        _ tables: [TableReference], outer: Scope?, common: CommonTableScope?
    ) throws(IglooError) -> FromItem {
        guard
            var item = try tables.first.map({ (first) throws(IglooError) in
                try bind(first, outer: outer, common: common)
            })
        else {
            return FromItem(plan: .values([[]], columns: []), relations: [], visible: [])
        }
        guard tables.count <= Self.fromCountMax else {
            throw tooComplex("more than \(Self.fromCountMax) tables in FROM", tables[0].range)
        }
        for table in tables.dropFirst() {
            let right = try bindRight(table, of: item, outer: outer, common: common)
            try checkNames(item.relations, right.relations, table.range)
            item = joined(.inner, item, right, on: .trueLiteral)
        }
        return item
    }

    /// A table right of others. LATERAL queries and functions see those before all else; plain
    /// queries, as in DuckDB, where a name means nothing otherwise.
    func bindRight(
        _ table: TableReference, of left: FromItem, outer: Scope?, common: CommonTableScope?
    ) throws(IglooError) -> FromItem {
        switch table {
        case .table, .file, .statement: return try bind(table, outer: outer, common: common)
        case .sample(let sampled, let sample):
            var item = try bindRight(sampled, of: left, outer: outer, common: common)
            item.plan = try self.sample(item.plan, sample)
            return item
        case .pivot, .unpivot: return try bind(table, outer: outer, common: common)
        case .query(_, isLateral: true, _, _), .function:
            return try bind(table, outer: left.scope(parent: outer), common: common)
        case .query, .join:
            let around = Scope(parent: outer, neighbours: left.scope(parent: nil))
            return try bind(table, outer: around, common: common)
        }
    }

    /// The two side by side, every name of both in sight.
    func joined(
        _ kind: Join.Kind, _ left: FromItem, _ right: FromItem, on condition: Expression
    ) -> FromItem {
        let isDependent = !right.plan.freeColumns.isDisjoint(with: left.plan.columns.map(\.id))
        let join = Join(kind, left.plan, right.plan, on: condition, isDependent: isDependent)
        return FromItem(
            plan: .join(join), relations: left.relations + right.relations,
            visible: left.visible + right.visible)
    }

    func checkNames(
        _ left: [ScopeRelation], _ right: [ScopeRelation], _ range: SourceRange
    ) throws(IglooError) {
        let taken = Set(left.map { $0.nameParts.map(Identifier.folded) })
        for relation in right where !relation.nameParts.isEmpty {
            guard taken.contains(relation.nameParts.map(Identifier.folded)) else { continue }
            throw error(
                .duplicateAlias,
                "table name \"\(relation.nameParts.last ?? "")\" specified more than once", range,
                hint: "give one of the two an alias")
        }
    }

    func bind(
        _ table: TableReference, outer: Scope?, common: CommonTableScope?
    ) throws(IglooError) -> FromItem {
        switch table {
        case .table(let name, let alias):
            try countRelation(name.range)
            if name.parts.count == 1, let found = find(name.parts[0], in: common) {
                let plan = try read(found, name.parts[0])
                return try named(plan, [name.parts[0].written], alias, name.range)
            }
            guard name.parts.count <= 3 else {
                throw error(
                    .syntaxError, "improper qualified name (too many dotted names): \(name)",
                    name.range)
            }
            let relation = try located(name.range) { () throws(IglooError) in
                try catalog.relation(name.parts.map(\.name))
            }
            return try item(relation, name.parts.map(\.written), alias, name.range)
        case .file(let path, let alias, let range):
            try countRelation(range)
            let relation = try located(range) { () throws(IglooError) in try catalog.file(path) }
            return try item(relation, [Self.stem(path)], alias, range)
        case .function(let function):
            let name = Identifier.folded(function.name.parts.last?.name ?? "")
            if let rows = try bindDeclaredMacro(function) { return rows }
            if Self.isRecordFunction(name) {
                try countRelation(function.range)
                return try bindRecords(function, name, outer: outer, common: common)
            }
            if Self.isRowFunction(name, inFrom: true) {
                try countRelation(function.range)
                return try bindRows(function, name, outer: outer, common: common)
            }
            if let operation = try bindOperation(function, common) { return operation }
            return try bind(function)
        case .query(let query, _, let alias, let range):
            let bound = try bind(query, outer: outer, common: common)
            return try named(bound.plan, alias.map { [$0.name.written] } ?? [], alias, range)
        case .join(let join): return try bind(join, outer: outer, common: common)
        case .sample(let sampled, let sample):
            var item = try bind(sampled, outer: outer, common: common)
            item.plan = try self.sample(item.plan, sample)
            return item
        case .pivot(let pivot): return try bind(pivot, outer: outer, common: common)
        case .unpivot(let unpivot): return try bind(unpivot, outer: outer, common: common)
        case .statement(let statement, let alias, let range):
            try countRelation(range)
            guard let list else {
                throw unsupported("a statement in FROM is", range)
            }
            let source = try located(range) { () throws(IglooError) in try list(statement) }
            return try scan(source, [], alias, range)
        }
    }

    /// `x/orders.2024.parquet` is `orders`.
    private static func stem(_ path: String) -> String {
        let file = path.split(separator: "/").last ?? "file"
        return String(file.prefix { $0 != "." })
    }

    /// Gives errors of the catalog their place in the statement.
    private func located<Value>(
        _ range: SourceRange, _ body: () throws(IglooError) -> Value
    ) throws(IglooError) -> Value {
        do throws(IglooError) {
            return try body()
        } catch {
            var placed = error
            placed.position = error.position ?? range.start
            throw placed
        }
    }

    // MARK: - Tables and views

    private func item(
        _ relation: ResolvedRelation, _ nameParts: [String], _ alias: TableAlias?,
        _ range: SourceRange
    ) throws(IglooError) -> FromItem {
        switch relation {
        case .table(let source):
            return try scan(source, nameParts, alias, range)
        case .view(let sql, let columnNames):
            var plan = try bindView(sql, nameParts.joined(separator: "."), range)
            if !columnNames.isEmpty { plan = renamed(plan, columnNames) }
            return try named(plan, nameParts, alias, range)
        }
    }

    func scan(
        _ source: TableSource, _ nameParts: [String], _ alias: TableAlias?, _ range: SourceRange
    ) throws(IglooError) -> FromItem {
        var scan = Scan(table: source, columns: [], tableColumns: [])
        var columns: [NamedColumn] = []
        for (index, field) in source.schema.fields.enumerated() {
            guard let type = EngineType.canonical(field) else {
                columns.append(
                    NamedColumn(name: field.name, expression: nil, sourceType: field.type))
                continue
            }
            let column = newColumn(field.name, type)
            scan.columns.append(column)
            scan.tableColumns.append(index)
            columns.append(NamedColumn(column))
            let firstHidden = source.schema.fields.count - source.hiddenColumnCount
            columns[columns.count - 1].isHidden = index >= firstHidden
        }
        return try named(.scan(scan), columns, nameParts, alias, range)
    }

    private func bindView(
        _ sql: String, _ name: String, _ range: SourceRange
    ) throws(IglooError) -> LogicalPlan {
        nesting += 4
        defer { nesting -= 4 }
        do throws(IglooError) {
            let query = try SQLParser.query(sql)
            return try bind(query, outer: nil, common: nil).plan
        } catch {
            // Positions within the view's text mean nothing in this statement's.
            var placed = error
            placed.position = range.start
            if !placed.message.hasPrefix("in view ") {
                placed.message = "in view \"\(name)\": \(placed.message)"
            }
            throw placed
        }
    }

    func renamed(_ plan: LogicalPlan, _ names: [String]) -> LogicalPlan {
        let projections = plan.columns.enumerated().map { index, column in
            Projection(
                column: newColumn(index < names.count ? names[index] : column.name, column.type),
                expression: column.reference)
        }
        return .project(plan, projections)
    }

    func named(
        _ plan: LogicalPlan, _ nameParts: [String], _ alias: TableAlias?, _ range: SourceRange
    ) throws(IglooError) -> FromItem {
        try named(plan, plan.columns.map { NamedColumn($0) }, nameParts, alias, range)
    }

    /// A FROM item of one relation, under its alias if it has one.
    func named(
        _ plan: LogicalPlan, _ columns: [NamedColumn], _ nameParts: [String], _ alias: TableAlias?,
        _ range: SourceRange
    ) throws(IglooError) -> FromItem {
        var columns = columns
        if let alias {
            let count = columns.filter { !$0.isHidden }.count
            guard alias.types.isEmpty else {
                throw error(
                    .syntaxError,
                    "a column definition list is only allowed for functions returning \"record\"",
                    alias.name.range)
            }
            guard alias.columns.count <= count else {
                throw error(
                    .invalidColumnReference,
                    "table \"\(alias.name)\" has \(count) columns available but "
                        + "\(alias.columns.count) columns specified", alias.name.range)
            }
            for (index, name) in alias.columns.enumerated() { columns[index].name = name.written }
        }
        let relation = ScopeRelation(
            nameParts: alias.map { [$0.name.written] } ?? nameParts, columns: columns)
        return FromItem(
            plan: plan, relations: [relation], visible: columns.filter { !$0.isHidden })
    }

    // MARK: - Table functions

    private func bind(_ function: TableFunction) throws(IglooError) -> FromItem {
        try countRelation(function.range)
        if function.withOrdinality { throw unsupported("WITH ORDINALITY is", function.range) }
        guard let name = function.name.parts.last else {
            throw unsupported("a function without a name is", function.range)
        }
        if function.name.parts.count > 1 || !catalog.hasTableFunction(name.name) {
            if let source = try bindForeign(function) {
                return try scan(source, [name.written], function.alias, function.range)
            }
        }
        var arguments: [Scalar] = []
        for argument in function.arguments { arguments.append(try argumentValue(argument)) }
        var named: [(name: String, value: Scalar)] = []
        for argument in function.namedArguments {
            named.append((argument.name.name, try argumentValue(argument.value)))
        }
        let relation = try located(function.name.range) { () throws(IglooError) in
            try catalog.tableFunction(name.name, arguments: arguments, named: named)
        }
        return try item(relation, [name.written], function.alias, function.range)
    }

    /// A constant; a bare word stands for its text, as in `columns = all`.
    private func argumentValue(_ argument: ExpressionSyntax) throws(IglooError) -> Scalar {
        switch argument.kind {
        case .column(let name) where name.parts.count == 1:
            return .text(name.parts[0].written)
        case .array(let elements):
            var values: [Scalar] = []
            for element in elements { values.append(try argumentValue(element)) }
            return .list(values)
        case .call(let call)
        where Identifier.folded(call.name.parts.last?.name ?? "") == "struct_pack":
            return try argumentValue(
                ExpressionSyntax(.structure(call.namedArguments), argument.range))
        case .structure(let fields):
            var pairs: [Scalar] = []
            for field in fields {
                pairs.append(
                    .structure([.text(field.name.written), try argumentValue(field.value)]))
            }
            return .map(pairs)
        default:
            guard case .literal(let value, _) = try constant(argument) else { return .null }
            return value
        }
    }
}
