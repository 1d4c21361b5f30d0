// SPDX-License-Identifier: MIT

internal import IglooArrow
internal import IglooContracts
internal import IglooPlan

// Functions in FROM whose columns the query names: json_to_record and its kin.
extension Binder {
    static func isRecordFunction(_ name: String) -> Bool {
        ["to_record", "to_recordset", "populate_record", "populate_recordset"].contains { kind in
            name == "json_" + kind || name == "jsonb_" + kind
        }
    }

    /// - Parameter outer: the tables to the left, then the queries around.
    func bindRecords(
        _ function: TableFunction, _ name: String, outer: Scope?, common: CommonTableScope?
    ) throws(IglooError) -> FromItem {
        let context = ExpressionContext(
            outer ?? Scope(parent: nil), clause: "a function in FROM", common: common)
        let arguments = try bind(function.arguments, context)
        let isPopulating = name.contains("populate")
        guard function.namedArguments.isEmpty, arguments.count == (isPopulating ? 2 : 1) else {
            throw error(
                .undefinedFunction,
                isPopulating
                    ? "\(name) takes a structure and JSON" : "\(name) takes one JSON document",
                function.range)
        }
        if function.withOrdinality { throw unsupported("WITH ORDINALITY is", function.range) }
        let document = arguments[arguments.count - 1]
        let list =
            name.hasSuffix("set")
            ? try call("json_array_elements", [document], function.range, nil)
            : try call("list_value", [document], function.range, nil)
        let generator = Unnest.Generator(
            .elements(list), column: newColumn("record", list.type.listElement ?? .utf8View))
        let record = BoundExpression(generator.column.reference, function.range)
        var projections: [Projection] = []
        if isPopulating {
            projections = try populated(arguments[0], record, function.range)
        } else {
            guard let alias = function.alias, !alias.types.isEmpty else {
                throw error(
                    .syntaxError,
                    "a column definition list is required for functions returning \"record\"",
                    function.range, hint: "write \(name)(...) AS t(a integer, b text)")
            }
            for (column, type) in zip(alias.columns, alias.types) {
                let value = try bindCast(
                    try member(column.written, of: record), type, false, column.range)
                projections.append(
                    Projection(
                        column: newColumn(column.written, value.type),
                        expression: value.expression))
            }
        }
        var alias = function.alias
        alias?.types = []
        let plan = LogicalPlan.project(
            .unnest(Unnest(.values([[]], columns: []), [generator])), projections)
        return try named(plan, [name], alias, function.range)
    }

    private func member(
        _ name: String, of record: BoundExpression
    ) throws(IglooError) -> BoundExpression {
        let path = BoundExpression(
            .literal(.list([.text(name)]), .list(of: .utf8View)), record.range)
        return BoundExpression(try call("->>", [record, path], record.range, nil), record.range)
    }

    /// The fields of a structure, with the document's values where it has some.
    private func populated(
        _ base: BoundExpression, _ record: BoundExpression, _ range: SourceRange
    ) throws(IglooError) -> [Projection] {
        guard case .structure(let fields) = base.type else {
            throw error(
                .datatypeMismatch,
                "first argument of json_populate_record must be a row type, not "
                    + base.type.sqlName, base.range,
                hint: "a structure names the columns: {'a': 1, 'b': 'x'}")
        }
        var projections: [Projection] = []
        for field in fields {
            let name = Identifier(field.name, isQuoted: true, range: range)
            let value = Expression.cast(
                try member(field.name, of: record).expression, field.type, isTry: false)
            let own = try self.field(name, of: base.expression)
            projections.append(
                Projection(
                    column: newColumn(field.name, field.type),
                    expression: .call("coalesce", [value, own], field.type)))
        }
        return projections
    }

    /// A column of structures as a column for each field, others as they are.
    func fields(of record: Expression, _ plan: LogicalPlan) -> LogicalPlan {
        guard case .structure(let fields) = record.type else { return plan }
        var projections: [Projection] = []
        for column in plan.columns {
            guard column.reference == record else {
                projections.append(
                    Projection(
                        column: newColumn(column.name, column.type), expression: column.reference))
                continue
            }
            for (index, field) in fields.enumerated() {
                let value = Expression.call(
                    "struct_extract", [record, .literal(.int(Int64(index)), .int64)], field.type)
                projections.append(
                    Projection(column: newColumn(field.name, field.type), expression: value))
            }
        }
        return .project(plan, projections)
    }
}
