// SPDX-License-Identifier: MIT

internal import IglooArrow
internal import IglooContracts
internal import IglooPlan

// Functions of plugins. The engine's own come first: a plugin's of the same name is reached by its
// library's name, `geo.distance(...)`.
extension Binder {
    /// A call of a plugin's function; `nil` when there is none of the name.
    func bindForeign(
        _ syntax: FunctionCall, _ range: SourceRange, _ context: ExpressionContext
    ) throws(IglooError) -> Expression? {
        let functions = try foreignFunctions(syntax.name, syntax.name.range)
        guard let first = functions.first else { return nil }
        switch first.description.kind {
        case .scalar:
            try requireScalarForm(syntax, range)
            let call = try resolved(functions, try bind(syntax.arguments, context), range)
            return .foreign(call.call, call.values)
        case .aggregate:
            if let window = syntax.window {
                return try bindWindow(.foreign(functions), syntax, window, range, context)
            }
            return try bindAggregate(.foreign(functions), syntax, range, context)
        case .table:
            throw error(
                .wrongObjectType,
                "\(syntax.name) gives rows: it stands in FROM, not in an expression", range,
                hint: "SELECT * FROM \(syntax.name)(...)")
        }
    }

    /// All of one kind: that of the first.
    private func foreignFunctions(
        _ name: QualifiedName, _ range: SourceRange
    ) throws(IglooError) -> [ForeignFunction] {
        do throws(IglooError) {
            let functions = try catalog.functions(name.parts.map(\.name))
            return functions.filter { $0.description.kind == functions[0].description.kind }
        } catch {
            throw placed(error, range)
        }
    }

    private func requireScalarForm(
        _ syntax: FunctionCall, _ range: SourceRange
    ) throws(IglooError) {
        let hasMore =
            syntax.isDistinct || syntax.filter != nil || !syntax.orderBy.isEmpty || syntax.isStar
            || syntax.window != nil || !syntax.withinGroup.isEmpty
        guard hasMore else { return }
        throw error(
            .wrongObjectType,
            "\(syntax.name) is not an aggregate function: DISTINCT, ORDER BY, FILTER, OVER and * "
                + "do not apply", range)
    }

    /// An aggregate of a plugin, its arguments cast to what it takes.
    func foreignAggregate(
        _ functions: [ForeignFunction], _ syntax: FunctionCall, _ range: SourceRange,
        _ context: ExpressionContext
    ) throws(IglooError) -> AggregateCall {
        if syntax.isStar || !syntax.orderBy.isEmpty {
            throw error(
                .wrongObjectType,
                "\(syntax.name) is a plugin's function: ORDER BY and * do not apply", range)
        }
        let (call, values) = try resolved(functions, try bind(syntax.arguments, context), range)
        return AggregateCall(call.name, values, type: call.result, foreign: call)
    }

    private func resolved(
        _ functions: [ForeignFunction], _ arguments: [BoundExpression], _ range: SourceRange
    ) throws(IglooError) -> (call: ForeignCall, values: [Expression]) {
        let known = arguments.map { ForeignOverloads.Argument($0.type, isOpen: $0.isOpen) }
        let found: ForeignCall?
        do throws(IglooError) {
            found = try ForeignOverloads.resolve(functions, known)
        } catch {
            throw placed(error, range)
        }
        guard let call = found else { throw notForTypes(functions, arguments, range) }
        var values: [Expression] = []
        for (argument, type) in zip(arguments, call.parameters) {
            let isTyped = argument.type != .null && !argument.isOpen
            values.append(
                isTyped ? try converted(argument, to: type) : try retyped(argument, as: type))
        }
        return (call, values)
    }

    private func notForTypes(
        _ functions: [ForeignFunction], _ arguments: [BoundExpression], _ range: SourceRange
    ) -> IglooError {
        let types = arguments.map(\.type.sqlName).joined(separator: ", ")
        let name = functions[0].description.name
        var words: [String] = []
        for function in functions where !words.contains(function.description.documentation) {
            words.append(function.description.documentation)
        }
        return error(
            .undefinedFunction, "function \(name)(\(types)) does not exist", range,
            hint: "\(functions[0].libraryName).\(name) takes other arguments: "
                + words.joined(separator: " "))
    }

    private func placed(_ error: IglooError, _ range: SourceRange) -> IglooError {
        var placed = error
        placed.position = error.position ?? range.start
        return placed
    }

    // MARK: - FROM

    /// The rows of a plugin's function; `nil` when there is none of the name.
    func bindForeign(_ function: TableFunction) throws(IglooError) -> TableSource? {
        let functions = try foreignFunctions(function.name, function.name.range)
        guard let first = functions.first else { return nil }
        guard first.description.kind == .table else {
            throw error(
                .wrongObjectType,
                "\(function.name) gives no rows: it stands in an expression, not in FROM",
                function.name.range, hint: "SELECT \(function.name)(...)")
        }
        if let named = function.namedArguments.first {
            throw unsupported(
                "named arguments of plugins' functions are", named.name.range)
        }
        let context = ExpressionContext(
            Scope(parent: nil), clause: "the arguments of a function in FROM", common: nil)
        let (call, values) = try resolved(
            functions, try bind(function.arguments, context), function.range)
        var scalars: [Scalar] = []
        for (value, argument) in zip(values, function.arguments) {
            if value.contains(where: { if case .subquery = $0 { true } else { false } }) {
                throw unsupported("a subquery as argument of a function in FROM is", argument.range)
            }
            do throws(IglooError) {
                scalars.append(try catalog.value(of: value))
            } catch {
                throw placed(error, argument.range)
            }
        }
        return try ForeignTable.source(call, scalars, shownAs: "\(call.name)(...)")
    }
}

/// What stands before the parentheses of a call that gathers rows.
enum AggregateSubject {
    case own(FunctionEntry)
    case foreign([ForeignFunction])

    var name: String {
        switch self {
        case .own(let entry): entry.name
        case .foreign(let functions): functions[0].description.name
        }
    }

    /// Only with OVER.
    var isWindowOnly: Bool {
        if case .own(let entry) = self { entry.kind == .window } else { false }
    }
}
