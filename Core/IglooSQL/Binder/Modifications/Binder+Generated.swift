// SPDX-License-Identifier: MIT

internal import IglooArrow
internal import IglooContracts
internal import IglooPlan

// GENERATED ALWAYS AS: columns that are computed from others when rows are written.
extension Binder {
    /// The type and text of a generated column.
    ///
    /// - Parameter others: the table's columns as far as they may be used.
    func generated(
        _ value: ExpressionSyntax, as type: DataType?, from others: [TableDefinition.Column],
        all names: [String]
    ) throws(IglooError) -> (type: DataType, text: String) {
        let plan = others.map { newColumn($0.name, $0.type) }
        let bound: BoundExpression
        do throws(IglooError) {
            bound = try bind(value, Self.context(plan.map { NamedColumn($0) }))
        } catch  where error.sqlState == .undefinedColumn && others.count < names.count {
            var error = error
            error.hint = error.hint ?? "generated columns are computed from plain ones"
            throw error
        }
        guard !bound.expression.contains(where: \.isVolatile) else {
            throw self.error(
                SQLState(rawValue: "42P17"), "generation expression is not immutable", value.range)
        }
        let hasQuery = bound.expression.contains {
            if case .subquery = $0 { true } else { false }
        }
        guard !hasQuery else {
            throw error(
                .featureNotSupported, "cannot use subquery in column generation expression",
                value.range)
        }
        let known = type ?? (bound.type == .null ? .utf8View : bound.type)
        _ = try assigned(bound, to: TableDefinition.Column("generated", known))
        return (known, SQLPrinter.text(of: value))
    }

    private static func context(_ columns: [NamedColumn]) -> ExpressionContext {
        let scope = Scope(
            parent: nil, relations: [ScopeRelation(nameParts: [], columns: columns)],
            visible: columns)
        return ExpressionContext(scope, clause: "GENERATED", common: nil)
    }

    /// The plan with the values of generated columns computed from those of the others.
    ///
    /// - Parameter values: the table's columns among the plan's.
    func computed(
        _ target: WriteTarget, _ plan: LogicalPlan, _ values: [PlanColumn]
    ) throws(IglooError) -> (plan: LogicalPlan, values: [PlanColumn]) {
        let columns = target.definition.columns
        guard columns.contains(where: { $0.generatedText != nil }) else { return (plan, values) }
        var plain: [NamedColumn] = []
        for (value, column) in zip(values, columns) where column.generatedText == nil {
            plain.append(
                NamedColumn(
                    name: column.name, expression: value.reference, sourceType: value.type))
        }
        let context = Self.context(plain)
        var replaced: [ColumnId: Projection] = [:]
        var result = values
        for (index, column) in columns.enumerated() {
            guard let text = column.generatedText else { continue }
            let bound = try bind(try SQLParser.expression(text), context)
            let new = newColumn(column.name, column.type)
            replaced[values[index].id] = Projection(
                column: new, expression: try assigned(bound, to: column))
            result[index] = new
        }
        let projections = plan.columns.map {
            replaced[$0.id] ?? Projection(column: $0, expression: $0.reference)
        }
        return (.project(plan, projections), result)
    }

    /// - Throws: 428C9 for a column whose values are always generated.
    func checkAssignable(
        _ column: TableDefinition.Column, isUpdate: Bool, _ range: SourceRange
    ) throws(IglooError) {
        let isIdentity = column.sequence?.identity == .always
        guard column.generatedText != nil || isIdentity else { return }
        throw error(
            .generatedAlways,
            isUpdate
                ? "column \"\(column.name)\" can only be updated to DEFAULT"
                : "cannot insert a non-DEFAULT value into column \"\(column.name)\"", range,
            hint: isIdentity && !isUpdate
                ? "OVERRIDING SYSTEM VALUE takes it" : "its values are always generated")
    }
}
