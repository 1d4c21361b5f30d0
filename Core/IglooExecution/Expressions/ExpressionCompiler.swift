// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Turns expressions into nodes; parts without inputs become constants where they cannot fail.
struct ExpressionCompiler {
    private let context: EvaluationContext
    /// Where in a batch the variables of the lambdas around stand.
    private let variables: [Int: Int]
    private let shared: SharedParts?

    init(
        _ context: EvaluationContext, variables: [Int: Int] = [:], shared: SharedParts? = nil
    ) {
        self.context = context
        self.variables = variables
        self.shared = shared
    }

    func compile(_ expression: Expression) throws(IglooError) -> ExpressionNode {
        let node = try shared?.node(expression) { () throws(IglooError) in
            try compileAnew(expression)
        }
        if let node { return node }
        return try compileAnew(expression)
    }

    private func compileAnew(_ expression: Expression) throws(IglooError) -> ExpressionNode {
        switch expression {
        case .input(let index, let type): return InputNode(index, type.storage)
        case .literal(let value, let type):
            return ConstantNode(try .single(value, type).stored)
        case .cast(let operand, let type, let isTry):
            return try cast(try compile(operand), from: operand.type, to: type, isTry: isTry)
        case .conditional(let branches, let otherwise, let type):
            var conditions: [ExpressionNode] = []
            var results: [ExpressionNode] = []
            for branch in branches {
                conditions.append(try compile(branch.condition))
                results.append(try compile(branch.result))
            }
            results.append(try compile(otherwise))
            return ConditionalNode(
                conditions: conditions, results: results, type: type.storage)
        case .isIn(let value, let list, let isNegated):
            return try membership(value, list, isNegated)
        case .call(let name, let arguments, let type):
            if arguments.contains(where: \.isLambda) {
                return try lambdaCall(name, arguments, type)
            }
            var nodes: [ExpressionNode] = []
            for argument in arguments { nodes.append(try compile(argument)) }
            return try call(name, nodes, type.storage, declared: arguments.map(\.type))
        case .foreign(let call, let arguments):
            var nodes: [ExpressionNode] = []
            for argument in arguments { nodes.append(try compile(argument)) }
            return try foreign(call, nodes)
        case .variable(let variable):
            guard let place = variables[variable.id] else {
                throw IglooError(.internalError, "variable \(variable.name) is not bound")
            }
            return InputNode(place, variable.type.storage)
        case .lambda:
            throw IglooError(.internalError, "a lambda stands outside of a call")
        case .column(let id, _):
            throw IglooError(.internalError, "column \(id) was not resolved by the planner")
        case .subquery:
            throw IglooError(.internalError, "a subquery was not turned into a join")
        }
    }

    private func lambdaCall(
        _ name: String, _ arguments: [Expression], _ type: DataType
    ) throws(IglooError) -> ExpressionNode {
        guard arguments.count >= 2, case .lambda(let bound, let body) = arguments[1] else {
            throw IglooError(.internalError, "\(name) needs its lambda as second argument")
        }
        // Variables stand behind the columns that the body reads.
        let columnCount = (body.inputPositions.max() ?? -1) + 1
        let base = max(columnCount, (variables.values.max() ?? -1) + 1)
        var inner = variables
        for (index, variable) in bound.enumerated() { inner[variable.id] = base + index }
        let compiler = ExpressionCompiler(context, variables: inner)
        let node = LambdaNode(
            name, list: try compile(arguments[0]), body: try compiler.compile(body),
            variables: base..<base + bound.count, type: type.storage,
            initial: arguments.count > 2 ? try compile(arguments[2]) : nil)
        return folded(node)
    }

    private func cast(
        _ operand: ExpressionNode, from: DataType, to type: DataType, isTry: Bool
    ) throws(IglooError) -> ExpressionNode {
        // An input of NULLs may be known as something else.
        let from = operand.type == .null ? .null : from
        if from == type { return operand }
        guard let kernel = try Casts.kernel(from: from, to: type, context) else {
            throw IglooError(
                .unsupported, "cannot cast type \(from.sqlName) to \(type.sqlName)")
        }
        return folded(
            CallNode(
                [operand], type: type.storage, kernelCanFail: Casts.canFail(from, type),
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
        _ name: String, _ arguments: [ExpressionNode], _ type: DataType,
        declared: [DataType]? = nil
    ) throws(IglooError) -> ExpressionNode {
        switch name {
        case "and", "or": return folded(LogicNode(arguments, isAnd: name == "and"))
        case "coalesce": return folded(CoalesceNode(arguments, type: type))
        case "try": return folded(TryNode(arguments[0]))
        default: break
        }
        guard let entry = FunctionTable.entry(name), entry.kind == .scalar else {
            throw IglooError(
                .notFound, "there is no function \(name)", sqlState: .undefinedFunction)
        }
        let function = FunctionCall(
            name: name, parameters: arguments.map(\.type),
            declared: declared ?? arguments.map(\.type), constants: arguments.map(\.constant),
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

    private func foreign(
        _ call: ForeignCall, _ arguments: [ExpressionNode]
    ) throws(IglooError) -> ExpressionNode {
        guard case .scalar(let function) = call.function else {
            throw IglooError(.internalError, "\(call.name) is no function of values")
        }
        return folded(
            CallNode(
                arguments, type: call.result, kernelCanFail: true,
                propagatesNull: call.isStrict,
                isVolatile: call.isVolatile,
                ForeignScalar(call, function, context.call).kernel))
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

extension Expression {
    fileprivate var isLambda: Bool { if case .lambda = self { true } else { false } }

    /// The positions of the input that the expression reads.
    fileprivate var inputPositions: Set<Int> {
        if case .input(let position, _) = self { return [position] }
        return children.reduce(into: []) { $0.formUnion($1.inputPositions) }
    }
}
