// SPDX-License-Identifier: MIT

internal import IglooArrow
internal import IglooContracts
internal import IglooPlan

// What a name in an expression stands for.
extension Binder {
    func bindColumn(
        _ name: QualifiedName, _ context: ExpressionContext
    ) throws(IglooError) -> BoundExpression {
        if let value = try bindExistingColumn(name, context) { return value }
        if name.parts.count == 1, let value = try bindAlias(name.parts[0], context) {
            return value
        }
        if name.parts.count == 1, let row = try bindRow(name.parts[0], context) { return row }
        if name.parts.count > 1, let value = try bindFieldPath(name, context) { return value }
        // DuckDB's `alias.x` is the select item x, also where a column has the name.
        if name.parts.count == 2, Identifier.folded(name.parts[0].name) == "alias",
            let value = try bindAlias(name.parts[1], context)
        {
            return value
        }
        throw unknownName(name, context)
    }

    /// A column or a variable; `nil` when nothing has the name.
    func bindExistingColumn(
        _ name: QualifiedName, _ context: ExpressionContext
    ) throws(IglooError) -> BoundExpression? {
        if name.parts.count == 1, let variable = variable(name.parts[0], context) {
            return variable
        }
        if let found = try find(name, context) {
            let expression = try usable(found.column, name.range)
            if found.isLocal { record(expression, found.column.name, name.range, context) }
            var value = BoundExpression(expression, name.range)
            value.columnName = found.column.name
            return value
        }
        return nil
    }

    private func find(
        _ name: QualifiedName, _ context: ExpressionContext
    ) throws(IglooError) -> (column: NamedColumn, isLocal: Bool)? {
        var scope: Scope? = context.scope
        while let current = scope {
            if let column = try find(name, in: current) {
                return (column, current === context.scope)
            }
            scope = current.parent
        }
        scope = context.scope
        while let current = scope {
            if let neighbours = current.neighbours, let column = try find(name, in: neighbours) {
                return (column, false)
            }
            scope = current.parent
        }
        return nil
    }

    /// In one scope: a bare name among the visible columns, a qualified one in its table.
    private func find(_ name: QualifiedName, in scope: Scope) throws(IglooError) -> NamedColumn? {
        guard let last = name.parts.last else { return nil }
        if name.parts.count == 1 {
            if let column = try single(scope.column(last), name) { return column }
            return try single(scope.hiddenColumn(last), name)
        }
        let relations = scope.relations(named: name.parts.dropLast())
        guard let relation = relations.first else { return nil }
        guard relations.count == 1 else {
            throw error(
                .ambiguousColumn, "table reference \"\(name)\" is ambiguous", name.range)
        }
        if let column = try single(scope.column(last, of: relation), name) { return column }
        throw unknownColumn(name.description, relation.columns.map(\.name), last.range)
    }

    private func single(
        _ match: Scope.Match, _ name: QualifiedName
    ) throws(IglooError) -> NamedColumn? {
        switch match {
        case .none: return nil
        case .one(let column): return column
        case .ambiguous:
            throw error(
                .ambiguousColumn, "column reference \"\(name)\" is ambiguous", name.range,
                hint: "name its table as well: table.\(name)")
        }
    }

    /// DuckDB's reuse of a select item by its alias, where no column has the name.
    private func bindAlias(
        _ name: Identifier, _ context: ExpressionContext
    ) throws(IglooError) -> BoundExpression? {
        let folded = Identifier.folded(name.name)
        guard let item = context.aliases[folded], activeAliases.insert(folded).inserted else {
            return nil
        }
        defer { activeAliases.remove(folded) }
        var value = try bind(item, context)
        value.range = name.range
        value.columnName = nil
        return value
    }

    /// A table's row as a structure, where nothing but the table has the name.
    private func bindRow(
        _ name: Identifier, _ context: ExpressionContext
    ) throws(IglooError) -> BoundExpression? {
        let relations = context.scope.relations(named: [name])
        guard relations.count == 1 else { return nil }
        var fields: [(name: String, value: Expression)] = []
        for column in relations[0].columns where !column.isHidden {
            let expression = try usable(column, name.range)
            record(expression, column.name, name.range, context)
            fields.append((column.name, expression))
        }
        guard !fields.isEmpty else { return nil }
        var value = BoundExpression(Self.structure(fields), name.range)
        value.columnName = name.written
        return value
    }

    /// The column's expression, unless the engine has no type for it.
    func usable(_ column: NamedColumn, _ range: SourceRange) throws(IglooError) -> Expression {
        guard let expression = column.expression else {
            throw IglooError(
                .unsupported,
                "column \"\(column.name)\" has type \(column.sourceType), which is not supported",
                hint: "leave it out: SELECT * EXCLUDE (\(SQLPrinter.quotedIfNeeded(column.name)))",
                position: range.start)
        }
        return expression
    }

    /// Remembers where a column stands outside of aggregates.
    func record(
        _ expression: Expression, _ name: String, _ range: SourceRange,
        _ context: ExpressionContext
    ) {
        guard let grouping = context.grouping, !context.isInAggregate else { return }
        for id in expression.referencedColumns {
            grouping.references.append((id, name, range))
        }
    }

    // MARK: - Errors

    private func unknownName(_ name: QualifiedName, _ context: ExpressionContext) -> IglooError {
        if name.parts.count > 1 {
            let qualifier = QualifiedName(Array(name.parts.dropLast()), range: name.range)
            return unknownRelation(qualifier, context.scope)
        }
        var candidates: [String] = []
        var scope: Scope? = context.scope
        while let current = scope {
            candidates += current.visible.map(\.name)
            scope = current.parent
        }
        candidates += context.aliases.keys.sorted()
        return unknownColumn(name.description, candidates, name.range)
    }

    func unknownColumn(
        _ name: String, _ candidates: [String], _ range: SourceRange
    ) -> IglooError {
        let last = name.split(separator: ".").last.map { String($0) } ?? name
        let nearest = NearestName.among(candidates, to: last)
        let shown = name.contains(".") ? name : "\"\(name)\""
        return IglooError(
            .notFound, "column \(shown) does not exist",
            hint: nearest.map { "did you mean \"\($0)\"?" }, sqlState: .undefinedColumn,
            position: range.start)
    }

    func unknownRelation(_ qualifier: QualifiedName, _ scope: Scope) -> IglooError {
        var names: [String] = []
        var current: Scope? = scope
        while let level = current {
            names += level.relations.compactMap(\.nameParts.last)
            current = level.parent
        }
        let nearest = qualifier.parts.last.flatMap { NearestName.among(names, to: $0.written) }
        return IglooError(
            .notFound, "missing FROM-clause entry for table \"\(qualifier)\"",
            hint: nearest.map { "did you mean \"\($0)\"?" }, sqlState: .undefinedTable,
            position: qualifier.range.start)
    }

    // MARK: - Output names

    /// The name PostgreSQL gives an unnamed output column.
    func columnName(_ syntax: ExpressionSyntax, _ value: Expression) -> String {
        switch syntax.kind {
        case .column(let name): return name.parts.last?.written ?? "?column?"
        case .call(let call): return call.name.parts.last?.written ?? "?column?"
        case .extract: return "extract"
        case .cast(_, _, isTry: true): return "try_cast"
        case .cast(let operand, let type, _):
            let inner = columnName(operand, value)
            if inner != "?column?" { return inner }
            if case .named(let name, _, _) = type { return name }
            return inner
        case .literal(.typed(.named(let name, _, _), _)): return name
        case .literal(.interval): return "interval"
        case .literal(.boolean): return "bool"
        case .conditional(let conditional):
            guard let otherwise = conditional.otherwise else { return "case" }
            let name = columnName(otherwise, value)
            return name == "?column?" ? "case" : name
        case .exists: return "exists"
        case .array, .arrayQuery: return "array"
        case .row: return "row"
        case .field(_, let name): return name.written
        case .element(let value, _), .slice(let value, _, _): return columnName(value, .trueLiteral)
        case .collate(let operand, _): return columnName(operand, value)
        case .query(let query): return queryColumnName(query, value)
        default: return "?column?"
        }
    }

    private func queryColumnName(_ query: Query, _ value: Expression) -> String {
        guard case .select(let select) = query.body, let item = select.items.first else {
            return "?column?"
        }
        return item.alias?.written ?? columnName(item.expression, value)
    }
}
