// SPDX-License-Identifier: MIT

internal import IglooArrow
public import IglooContracts
public import IglooPlan

// What all statements that change rows have in common.
extension Binder {
    /// The table of this name, as what is to be written to.
    public func target(of name: QualifiedName) throws(IglooError) -> WriteTarget {
        try writeTarget(name)
    }

    func writeTarget(_ name: QualifiedName) throws(IglooError) -> WriteTarget {
        do throws(IglooError) {
            return try catalog.target(name.parts.map(\.name))
        } catch {
            var placed = error
            placed.position = error.position ?? name.range.start
            throw placed
        }
    }

    /// The target's rows under its name or alias, and the columns that tell them apart.
    func targetRows(
        _ target: WriteTarget, _ name: QualifiedName, _ alias: Identifier?
    ) throws(IglooError) -> (item: FromItem, identity: [PlanColumn]) {
        try countRelation(name.range)
        let item = try scan(
            target.table, name.parts.map(\.written), alias.map { TableAlias(name: $0) }, name.range)
        guard case .scan(let scan) = item.plan, let last = scan.columns.last else {
            throw unsupported("changing rows of this table is", name.range)
        }
        switch target.identity {
        case .rowNumber: return (item, [last])
        case .keys(let keys): return (item, keys.map { scan.columns[$0] })
        case .none:
            throw error(
                .featureNotSupported,
                "rows of \"\(target.name)\" cannot be changed: no primary key tells them apart",
                name.range, hint: "give the table one where it is, or INSERT only")
        }
    }

    /// The place of a column that is to be assigned to.
    func place(_ column: Identifier, in target: WriteTarget) throws(IglooError) -> Int {
        let names = target.definition.columns.map(\.name)
        let folded = Identifier.folded(column.name)
        if let place = names.firstIndex(of: column.name)
            ?? names.firstIndex(where: { Identifier.folded($0) == folded })
        {
            return place
        }
        throw IglooError(
            .notFound, "column \"\(column)\" of relation \"\(target.name)\" does not exist",
            hint: NearestName.among(names, to: column.written).map { "did you mean \"\($0)\"?" },
            sqlState: .undefinedColumn, position: column.range.start)
    }

    func places(
        _ columns: [Identifier], in target: WriteTarget
    ) throws(IglooError) -> [Int] {
        var places: [Int] = []
        for column in columns {
            let place = try place(column, in: target)
            guard !places.contains(place) else {
                throw error(
                    .duplicateColumn, "column \"\(column)\" specified more than once", column.range)
            }
            places.append(place)
        }
        return places
    }

    // MARK: - Values

    /// What a column has where nothing is said.
    func defaultValue(_ column: TableDefinition.Column) throws(IglooError) -> Expression {
        guard !column.isDefaultForeign else {
            throw IglooError(
                .unsupported,
                "the default of column \"\(column.name)\" is its source's, and not known here",
                hint: "leave the column out of the list, or write its value")
        }
        guard let text = column.defaultText, column.generatedText == nil else {
            return .null(column.type)
        }
        let syntax = try SQLParser.expression(text)
        let context = ExpressionContext(Scope(parent: nil), clause: "DEFAULT", common: nil)
        return try assigned(try bind(syntax, context), to: column)
    }

    /// `DEFAULT`, or an expression, as the column's type.
    func assigned(
        _ syntax: ExpressionSyntax, to column: TableDefinition.Column, _ context: ExpressionContext
    ) throws(IglooError) -> Expression {
        if case .defaultValue = syntax.kind { return try defaultValue(column) }
        try checkAssignable(column, isUpdate: context.clause == "UPDATE", syntax.range)
        return try assigned(try bind(syntax, context), to: column)
    }

    /// A value converted as PostgreSQL converts what is assigned: numbers among each other and
    /// anything to text, but no text to anything else.
    func assigned(
        _ value: BoundExpression, to column: TableDefinition.Column
    ) throws(IglooError) -> Expression {
        if value.isOpen || value.type == .null {
            return try retyped(value, as: column.type)
        }
        if value.type == column.type { return value.expression }
        guard Self.isAssignable(value.type, column.type) else {
            throw error(
                .datatypeMismatch,
                "column \"\(column.name)\" is of type \(column.type.sqlName) but expression is of "
                    + "type \(value.type.sqlName)", value.range,
                hint: "you will need to rewrite or cast the expression")
        }
        return converted(value.expression, to: column.type)
    }

    private static func isAssignable(_ from: DataType, _ to: DataType) -> Bool {
        if to.isText { return true }
        if from.isText || from == .bool || to == .bool { return false }
        return isCastable(from, to)
    }

    // MARK: - Checks and RETURNING

    /// Puts checks and RETURNING onto a plan that begins with `leading` columns and has the
    /// table's new `values`.
    ///
    /// - Parameter scope: what RETURNING sees.
    func finished(
        _ kind: BoundWrite.Kind, _ target: WriteTarget, _ input: LogicalPlan,
        leading: [PlanColumn], values: [PlanColumn], returning: [SelectItem], scope: FromItem,
        common: CommonTableScope?
    ) throws(IglooError) -> BoundWrite {
        var projections = (leading + values).map {
            Projection(column: newColumn($0.name, $0.type), expression: $0.reference)
        }
        var write = BoundWrite(kind: kind, target: target, plan: input)
        if kind != .delete {
            for (check, condition) in try checks(target, values) {
                write.checks.append(check)
                projections.append(
                    Projection(column: newColumn("check", .bool), expression: condition))
            }
        }
        if !returning.isEmpty {
            let context = ExpressionContext(
                scope.scope(parent: nil), clause: "RETURNING", common: common)
            var columns: [PlanColumn] = []
            for item in try bindItems(returning, context) {
                let column = newColumn(item.name, item.value.type)
                columns.append(column)
                projections.append(Projection(column: column, expression: item.value.expression))
            }
            write.returning = columns
        }
        write.plan = shared(.project(input, projections), common, until: nil)
        return write
    }

    private func checks(
        _ target: WriteTarget, _ values: [PlanColumn]
    ) throws(IglooError) -> [(BoundWrite.Check, Expression)] {
        var checks: [(BoundWrite.Check, Expression)] = []
        let columns = zip(values, target.definition.columns).map { value, column in
            NamedColumn(
                name: column.name, expression: value.reference, sourceType: value.type)
        }
        let range = SourceRange(0, 0)
        for (value, column) in zip(values, target.definition.columns) {
            guard let lengthMax = column.lengthMax else { continue }
            let text = BoundExpression(value.reference, range)
            let length = BoundExpression(try call("length", [text], range, nil), range)
            let limit = BoundExpression(.literal(.int(Int64(lengthMax)), .int64), range)
            checks.append(
                (
                    BoundWrite.Check(constraint: nil, typeName: column.typeName),
                    try call("<=", [length, limit], range, nil)
                ))
        }
        let names = target.name.split(separator: ".").map(String.init)
        let scope = Scope(
            parent: nil, relations: [ScopeRelation(nameParts: names, columns: columns)],
            visible: columns)
        for check in target.definition.checks {
            let context = ExpressionContext(scope, clause: "CHECK", common: nil)
            let condition = try bindCondition(try SQLParser.expression(check.text), context)
            checks.append((BoundWrite.Check(constraint: check.name, typeName: ""), condition))
        }
        return checks
    }

    /// A FROM item of new values under the target's name, for RETURNING.
    func newRows(
        _ target: WriteTarget, _ values: [PlanColumn], _ name: QualifiedName, _ alias: Identifier?,
        identity: [PlanColumn] = []
    ) -> FromItem {
        var columns = zip(values, target.definition.columns).map { value, column in
            NamedColumn(
                name: column.name, expression: value.reference, sourceType: value.type)
        }
        let visible = columns
        if target.identity == .rowNumber, let rowNumber = identity.first {
            columns.append(NamedColumn(rowNumber))
            columns[columns.count - 1].isHidden = true
        }
        let parts = alias.map { [$0.written] } ?? name.parts.map(\.written)
        return FromItem(
            plan: .values([[]], columns: []),
            relations: [ScopeRelation(nameParts: parts, columns: columns)], visible: visible)
    }
}
