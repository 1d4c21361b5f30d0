// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Turns expressions into nodes; parts without inputs become constants where they cannot fail.
struct ExpressionCompiler {
    private let context: EvaluationContext

    init(_ context: EvaluationContext) { self.context = context }

    func compile(_ expression: Expression) throws(IglooError) -> ExpressionNode {
        switch expression {
        case .input(let index, let type): return InputNode(index, type)
        case .literal(let value, let type): return ConstantNode(try .single(value, type))
        case .cast(let operand, let type, let isTry):
            return try cast(try compile(operand), to: type, isTry: isTry)
        case .conditional(let branches, let otherwise, let type):
            var conditions: [ExpressionNode] = []
            var results: [ExpressionNode] = []
            for branch in branches {
                conditions.append(try compile(branch.condition))
                results.append(try compile(branch.result))
            }
            results.append(try compile(otherwise))
            return ConditionalNode(conditions: conditions, results: results, type: type)
        case .isIn(let value, let list, let isNegated):
            return try membership(value, list, isNegated)
        case .call(let name, let arguments, let type):
            var nodes: [ExpressionNode] = []
            for argument in arguments { nodes.append(try compile(argument)) }
            return try call(name, nodes, type)
        case .column(let id, _):
            throw IglooError(.internalError, "column \(id) was not resolved by the planner")
        case .subquery:
            throw IglooError(.internalError, "a subquery was not turned into a join")
        }
    }

    private func cast(
        _ operand: ExpressionNode, to type: DataType, isTry: Bool
    ) throws(IglooError) -> ExpressionNode {
        if operand.type == type { return operand }
        guard let kernel = try Casts.kernel(from: operand.type, to: type, context) else {
            throw IglooError(
                .unsupported,
                "cannot cast type \(operand.type.sqlName) to \(type.sqlName)")
        }
        return folded(
            CallNode(
                [operand], type: type, kernelCanFail: Casts.canFail(operand.type, type),
                isTry: isTry, kernel))
    }

    private func membership(
        _ value: Expression, _ list: [Expression], _ isNegated: Bool
    ) throws(IglooError) -> ExpressionNode {
        let node = try compile(value)
        var constants: [ArrayData] = []
        var hasNull = false
        var others: [ExpressionNode] = []
        for element in list {
            let elementNode = try compile(element)
            if let constant = elementNode.constant {
                if constant.isNull(0) { hasNull = true } else { constants.append(constant) }
            } else {
                others.append(elementNode)
            }
        }
        if others.isEmpty && !node.type.isFloat {
            return CallNode(
                [node], type: .bool, kernelCanFail: false,
                try Membership.kernel(
                    node.type, constants, hasNull: hasNull, isNegated: isNegated))
        }
        var tests: [ExpressionNode] = []
        for constant in constants { others.append(ConstantNode(constant)) }
        if hasNull { tests.append(ConstantNode(try .nulls(.bool, count: 1))) }
        for other in others { tests.append(try call("=", [node, other], .bool)) }
        guard !tests.isEmpty else { return ConstantNode(try .single(.bool(isNegated), .bool)) }
        let any = tests.count == 1 ? tests[0] : LogicNode(tests, isAnd: false)
        return isNegated ? try call("not", [any], .bool) : any
    }

    private func call(
        _ name: String, _ arguments: [ExpressionNode], _ type: DataType
    ) throws(IglooError) -> ExpressionNode {
        switch name {
        case "and", "or": return folded(LogicNode(arguments, isAnd: name == "and"))
        case "coalesce": return folded(CoalesceNode(arguments, type: type))
        default: break
        }
        guard let entry = FunctionTable.entry(name), entry.kind == .scalar else {
            throw IglooError(
                .notFound, "there is no function \(name)", sqlState: .undefinedFunction)
        }
        let function = FunctionCall(
            name: name, parameters: arguments.map(\.type), constants: arguments.map(\.constant),
            result: type, context: context)
        guard let kernel = try function.kernel() else {
            let types = function.parameters.map(\.sqlName).joined(separator: ", ")
            throw IglooError(
                .unsupported, "function \(name)(\(types)) -> \(type.sqlName) is not available")
        }
        return folded(
            CallNode(
                arguments, type: type, kernelCanFail: entry.canFail && function.canFail,
                propagatesNull: entry.propagatesNull, isVolatile: entry.volatility == .volatile,
                kernel))
    }

    /// The node's value in its place where it is constant and does not fail.
    private func folded(_ node: ExpressionNode) -> ExpressionNode {
        guard node.inputs.isEmpty, !node.isVolatile,
            let vector = try? node.evaluate(Batch(columns: [], rowCount: 1)),
            vector.array.type == node.type
        else { return node }
        return ConstantNode(vector.array)
    }
}
