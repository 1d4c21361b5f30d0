// SPDX-License-Identifier: MIT

internal import IglooArrow
internal import IglooContracts
internal import IglooPlan

// Operators of plugins: functions in FROM of which an argument is a query.
//
// - Source: ISO/IEC 9075-2:2016, polymorphic table functions.
extension Binder {
    /// `FROM sessions(TABLE clicks, '30 min')`: inputs, and at most one text, which is for the
    /// operator alone; `nil` when it is no call of an operator.
    func bindOperation(
        _ function: TableFunction, _ common: CommonTableScope?
    ) throws(IglooError) -> FromItem? {
        guard function.name.parts.count == 1, let name = function.name.parts.last,
            function.arguments.contains(where: \.isInput),
            let factory = try catalog.queryOperator(name.name)
        else { return nil }
        try countRelation(function.range)
        var inputs: [LogicalPlan] = []
        var specification: String?
        for argument in function.arguments {
            if case .query(let query) = argument.kind {
                inputs.append(try bind(query, outer: nil, common: common).plan)
            } else if specification == nil,
                case .literal(.text(let text), _) = try constant(argument)
            {
                specification = text
            } else {
                throw error(
                    .datatypeMismatch,
                    "the operator \(name) takes queries and one constant text", argument.range)
            }
        }
        if let named = function.namedArguments.first {
            throw unsupported("named arguments of operators are", named.name.range)
        }
        let call = OperatorCall(
            name.name, factory, specification: Array((specification ?? "").utf8))
        let inputColumns = inputs.map(\.columns)
        let fields: [Field]
        do throws(IglooError) {
            fields = try call.bind(inputColumns, catalog.callContext).schema.fields
        } catch {
            var placed = error
            placed.position = error.position ?? function.range.start
            throw placed
        }
        let columns = fields.map { newColumn($0.name, EngineType.canonical($0.type) ?? $0.type) }
        let operation = ForeignOperation(
            call, inputs: inputs, inputColumns: inputColumns, columns: columns)
        return try named(.operation(operation), [name.written], function.alias, function.range)
    }
}

extension ExpressionSyntax {
    fileprivate var isInput: Bool { if case .query = kind { true } else { false } }
}
