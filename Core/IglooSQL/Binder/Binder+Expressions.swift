// SPDX-License-Identifier: MIT

internal import IglooArrow
internal import IglooContracts
internal import IglooPlan

// Expressions: each kind of syntax to its typed form.
extension Binder {
    func bind(
        _ syntax: ExpressionSyntax, _ context: ExpressionContext
    ) throws(IglooError) -> BoundExpression {
        switch syntax.kind {
        case .literal(let literal): return try bind(literal, syntax.range)
        case .column(let name): return try bindColumn(name, context)
        case .parameter(let parameter): return try bind(parameter, syntax.range)
        case .infix: return BoundExpression(try bindInfix(syntax, context), syntax.range)
        case .prefix, .logical, .not, .test, .isDistinct:
            return BoundExpression(try bindOperator(syntax, context), syntax.range)
        case .pattern, .between, .inList:
            return BoundExpression(try bindMatch(syntax, context), syntax.range)
        case .inQuery, .exists, .query, .quantified, .arrayQuery:
            return BoundExpression(try bindSubquery(syntax, context), syntax.range)
        case .conditional(let conditional):
            return BoundExpression(try bind(conditional, syntax.range, context), syntax.range)
        case .cast(let operand, let type, let isTry):
            if let named = try bindCatalogCast(operand, type, syntax.range, context) {
                return named
            }
            return try bindCast(try bind(operand, context), type, isTry, syntax.range)
        case .extract(let field, let operand):
            return BoundExpression(try bindExtract(field, operand, context), syntax.range)
        case .call(let call):
            return BoundExpression(try bindCall(call, syntax.range, context), syntax.range)
        case .array, .structure, .row, .element, .slice, .field, .lambda:
            return BoundExpression(try bindNested(syntax, context), syntax.range)
        case .atTimeZone(let value, let zone):
            let arguments = [try bind(zone, context), try bind(value, context)]
            let sign = Operator("AT TIME ZONE", range: zone.range)
            return BoundExpression(
                try call("timezone", arguments, syntax.range, sign), syntax.range)
        case .collate(let value, let name): return try bindCollation(value, name, context)
        default: throw unbindable(syntax)
        }
    }

    /// Texts are ordered by their bytes: that is the collation "C", and the only one.
    private func bindCollation(
        _ value: ExpressionSyntax, _ name: QualifiedName, _ context: ExpressionContext
    ) throws(IglooError) -> BoundExpression {
        let collation = Identifier.folded(name.parts.last?.name ?? "")
        guard ["c", "posix", "ucs_basic", "binary", "default"].contains(collation) else {
            throw error(
                .undefinedObject, "collation \"\(name)\" does not exist", name.range,
                hint: "texts are ordered by their bytes: COLLATE \"C\"; lower(x) ignores case")
        }
        let bound = try bind(value, context)
        guard bound.type.isText || bound.type == .null else {
            throw error(
                .datatypeMismatch,
                "collations are not supported by type \(bound.type.sqlName)", value.range)
        }
        return bound
    }

    private func unbindable(_ syntax: ExpressionSyntax) -> IglooError {
        switch syntax.kind {
        case .star:
            error(.syntaxError, "* may stand in a select list or in count(*) only", syntax.range)
        case .defaultValue:
            error(.syntaxError, "DEFAULT is not allowed in this context", syntax.range)
        default: unsupported("this expression is", syntax.range)
        }
    }

    /// A condition: must be boolean.
    func bindCondition(
        _ syntax: ExpressionSyntax, _ context: ExpressionContext
    ) throws(IglooError) -> Expression {
        var conditions: [Expression] = []
        try expanded(context) { () throws(IglooError) in
            conditions.append(try boolean(try bind(syntax, context), context.clause))
        }
        return conditions.count == 1 ? conditions[0] : .conjunction(conditions)
    }

    /// `value` as a boolean, for `user` of it.
    func boolean(_ value: BoundExpression, _ user: String) throws(IglooError) -> Expression {
        if value.type == .bool { return value.expression }
        if value.isOpen || value.type == .null { return try retyped(value, as: .bool) }
        throw error(
            .datatypeMismatch,
            "argument of \(user) must be type boolean, not type \(value.type.sqlName)", value.range)
    }

    private func bind(
        _ parameter: ExpressionSyntax.Parameter, _ range: SourceRange
    ) throws(IglooError) -> BoundExpression {
        switch parameter {
        case .index(let index) where index <= parameters.count:
            // A text without a type becomes what is wanted, as a literal would.
            let value = parameters[index - 1]
            var isOpen = false
            if case .literal(.text, .utf8View) = value { isOpen = true }
            return BoundExpression(value, isOpen: isOpen, range)
        case .index(let index):
            throw IglooError(
                .invalidArgument, "there is no parameter $\(index)",
                sqlState: SQLState(rawValue: "42P02"), position: range.start)
        case .named(let name): throw unsupported("the named parameter $\(name) is", range)
        }
    }

    // MARK: - Operators

    /// Chains lean to the left; they are bound from their first operand on, without recursion.
    private func bindInfix(
        _ syntax: ExpressionSyntax, _ context: ExpressionContext
    ) throws(IglooError) -> Expression {
        var chain: [(sign: Operator, right: ExpressionSyntax, range: SourceRange)] = []
        var first = syntax
        while case .infix(let sign, let left, let right) = first.kind {
            if let rows = try bindRowComparison(sign, left, right, context) {
                guard !chain.isEmpty else { return rows }
                return try bind(chain, onto: BoundExpression(rows, first.range), context)
            }
            chain.append((sign, right, first.range))
            first = left
        }
        return try bind(chain, onto: try bind(first, context), context)
    }

    private func bind(
        _ chain: [(sign: Operator, right: ExpressionSyntax, range: SourceRange)],
        onto first: BoundExpression, _ context: ExpressionContext
    ) throws(IglooError) -> Expression {
        var left = first
        for link in chain.reversed() {
            let right = try bind(link.right, context)
            let value = try bind(link.sign, left, right, link.range)
            left = BoundExpression(value, link.range)
        }
        return left.expression
    }

    func bind(
        _ sign: Operator, _ left: BoundExpression, _ right: BoundExpression, _ range: SourceRange
    ) throws(IglooError) -> Expression {
        switch sign.symbol {
        case "/" where !settings.dividesIntegers && left.type.isInteger && right.type.isInteger:
            let dividend = BoundExpression(converted(left.expression, to: .float64), left.range)
            return try call("/", [dividend, right], range, sign)
        case "&&" where Self.isAddress(left.type) || Self.isAddress(right.type):
            return try call("inet_overlaps", [left, right], range, sign)
        case "+" where left.type.isInteger && Self.isAddress(right.type):
            return try call("+", [right, left], range, sign)
        case "<@": return try contains(right, left, range, sign)
        case "@>": return try contains(left, right, range, sign)
        case "||" where Self.isJSONB(left, right) || Self.isJSONB(right, left):
            return try call("jsonb_concat", [left, right], range, sign)
        case "-" where left.type == .jsonb:
            return try call("jsonb_delete", [left, right], range, sign)
        case "?": return try call("jsonb_exists", [left, right], range, sign)
        case "@?", "@@":
            let none = BoundExpression(.literal(.text("{}"), .utf8View), sign.range)
            let silent = BoundExpression(.trueLiteral, sign.range)
            let name = sign.symbol == "@?" ? "jsonb_path_exists" : "jsonb_path_match"
            return try call(name, [left, right, none, silent], range, sign)
        case "#>", "#>>", "#-", "?|", "?&":
            // A path is a list of keys, be it written as '{a,b}'.
            var path = right
            if path.isOpen {
                path = BoundExpression(
                    .cast(path.expression, .list(of: .utf8View), isTry: false), path.range)
            }
            return try call(
                FunctionNames.function(ofOperator: sign.symbol), [left, path], range, sign)
        case "!~~", "!~~*", "!~", "!~*":
            let positive = Operator(String(sign.symbol.dropFirst()), range: sign.range)
            return Self.negated(try bind(positive, left, right, range))
        case "~": return try call("regexp_like", [left, right], range, sign)
        case "~*":
            let ignoringCase = BoundExpression(.literal(.text("i"), .utf8View), sign.range)
            return try call("regexp_like", [left, right, ignoringCase], range, sign)
        default: return try call(sign.symbol, [left, right], range, sign)
        }
    }

    private static func isAddress(_ type: DataType) -> Bool {
        type == .logical(.inet) || type == .logical(.cidr)
    }

    private func bindRowComparison(
        _ sign: Operator, _ left: ExpressionSyntax, _ right: ExpressionSyntax,
        _ context: ExpressionContext
    ) throws(IglooError) -> Expression? {
        guard case .row(let leftValues) = left.kind, case .row(let rightValues) = right.kind else {
            return nil
        }
        return try bindRows(sign, leftValues, rightValues, context)
    }

    private func bindOperator(
        _ syntax: ExpressionSyntax, _ context: ExpressionContext
    ) throws(IglooError) -> Expression {
        switch syntax.kind {
        case .prefix(let sign, let operand):
            return try bindPrefix(sign, operand, syntax.range, context)
        case .logical(let connective, let operands):
            let word = connective == .and ? "and" : "or"
            var values: [Expression] = []
            values.reserveCapacity(operands.count)
            for operand in operands {
                values.append(try boolean(try bind(operand, context), word.uppercased()))
            }
            return .call(word, values, .bool)
        case .not(let operand):
            let value = try boolean(try bind(operand, context), "NOT")
            return Self.negated(value)
        case .test(let operand, let test, let isNegated):
            return try bindTest(try bind(operand, context), test, isNegated)
        case .isDistinct(let left, let right, let isNegated):
            let name = isNegated ? "is_not_distinct_from" : "is_distinct_from"
            let arguments = [try bind(left, context), try bind(right, context)]
            return try call(
                name, arguments, syntax.range,
                Operator(isNegated ? "IS NOT DISTINCT FROM" : "IS DISTINCT FROM", range: left.range)
            )
        default: throw unbindable(syntax)
        }
    }

    /// NOT, taken into what has a negated form of its own.
    static func negated(_ value: Expression) -> Expression {
        switch value {
        case .isIn(let value, let list, let isNegated):
            return .isIn(value, list, isNegated: !isNegated)
        case .subquery(var subquery):
            if case .exists(let isNegated) = subquery.kind {
                subquery.kind = .exists(isNegated: !isNegated)
                return .subquery(subquery)
            }
            return .call("not", [value], .bool)
        default: return .call("not", [value], .bool)
        }
    }

    private func bindPrefix(
        _ sign: Operator, _ operand: ExpressionSyntax, _ range: SourceRange,
        _ context: ExpressionContext
    ) throws(IglooError) -> Expression {
        switch sign.symbol {
        case "-":
            // The sign belongs to the literal: -9223372036854775808 is a bigint.
            switch operand.kind {
            case .literal(.integer(let text)):
                return try number(.integer("-" + text), operand.range)
            case .literal(.decimal(let text)):
                return try number(.decimal("-" + text), operand.range)
            case .literal(.float(let text)):
                return try number(.float("-" + text), operand.range)
            default: return try call("negate", [try bind(operand, context)], range, sign)
            }
        case "+":
            let value = try bind(operand, context)
            guard value.type.isNumeric || value.type == .null else {
                throw unknownOperator(sign, [value.type])
            }
            return value.expression
        case "@": return try call("abs", [try bind(operand, context)], range, sign)
        case "|/": return try call("sqrt", [try bind(operand, context)], range, sign)
        case "||/": return try call("cbrt", [try bind(operand, context)], range, sign)
        default: return try call(sign.symbol, [try bind(operand, context)], range, sign)
        }
    }

    private func bindTest(
        _ value: BoundExpression, _ test: ExpressionSyntax.TruthTest, _ isNegated: Bool
    ) throws(IglooError) -> Expression {
        switch test {
        case .null:
            return .call(isNegated ? "is_not_null" : "is_null", [value.expression], .bool)
        case .unknown:
            let operand = try boolean(value, "IS UNKNOWN")
            return .call(isNegated ? "is_not_null" : "is_null", [operand], .bool)
        case .true, .false:
            let operand = try boolean(value, "IS \(test)".uppercased())
            let wanted: Expression = test == .true ? .trueLiteral : .falseLiteral
            let name = isNegated ? "is_distinct_from" : "is_not_distinct_from"
            return .call(name, [operand, wanted], .bool)
        }
    }

    /// `(a, b) = (c, d)`
    private func bindRows(
        _ sign: Operator, _ left: [ExpressionSyntax], _ right: [ExpressionSyntax],
        _ context: ExpressionContext
    ) throws(IglooError) -> Expression {
        guard left.count == right.count else {
            throw error(.syntaxError, "unequal number of entries in row expressions", sign.range)
        }
        guard sign.isComparison, !left.isEmpty else {
            throw unsupported("\(sign.symbol) of rows is", sign.range)
        }
        var pairs: [(Expression, Expression)] = []
        for (a, b) in zip(left, right) {
            let arguments = [try bind(a, context), try bind(b, context)]
            let comparison = try call(sign.symbol, arguments, sign.range, sign)
            guard case .call(_, let sides, _) = comparison, sides.count == 2 else {
                throw unsupported("this comparison of rows is", sign.range)
            }
            pairs.append((sides[0], sides[1]))
        }
        return RowComparison.condition(pairs, sign.symbol)
    }

    // MARK: - LIKE, BETWEEN, IN

    private func bindMatch(
        _ syntax: ExpressionSyntax, _ context: ExpressionContext
    ) throws(IglooError) -> Expression {
        switch syntax.kind {
        case .pattern(let match):
            var arguments = [try bind(match.value, context), try bind(match.pattern, context)]
            if let escape = match.escape { arguments.append(try bind(escape, context)) }
            let name: String
            switch match.kind {
            case .like: name = "like"
            case .ilike: name = "ilike"
            case .similar: name = "similar_to"
            case .glob: name = "glob"
            }
            let sign = Operator(name.uppercased(), range: match.value.range)
            let value = try call(name, arguments, syntax.range, sign)
            return match.isNegated ? Self.negated(value) : value
        case .between(let between):
            return try bindBetween(between, syntax.range, context)
        case .inList(let value, let list, let isNegated):
            return try bindList(value, list, isNegated, syntax.range, context)
        default: throw unbindable(syntax)
        }
    }

    private func bindBetween(
        _ between: Between, _ range: SourceRange, _ context: ExpressionContext
    ) throws(IglooError) -> Expression {
        let value = try bind(between.value, context)
        let lower = try bind(between.lower, context)
        let upper = try bind(between.upper, context)
        if value.expression.contains(where: \.isVolatile) {
            // It must be computed once.
            guard !between.isSymmetric else {
                throw unsupported("BETWEEN SYMMETRIC of a value that varies is", range)
            }
            let inside = try call(
                "between", [value, lower, upper], range, Operator("BETWEEN", range: value.range))
            return between.isNegated ? Self.negated(inside) : inside
        }
        let again = try another(value, between.value, context)
        var inside = try within(value, again, lower, upper, range)
        if between.isSymmetric {
            let swapped = try within(
                another(value, between.value, context), another(value, between.value, context),
                another(upper, between.upper, context), another(lower, between.lower, context),
                range)
            inside = .call("or", [inside, swapped], .bool)
        }
        return between.isNegated ? Self.negated(inside) : inside
    }

    private func within(
        _ value: BoundExpression, _ again: BoundExpression, _ lower: BoundExpression,
        _ upper: BoundExpression, _ range: SourceRange
    ) throws(IglooError) -> Expression {
        let from = try call(">=", [value, lower], range, Operator(">=", range: value.range))
        let to = try call("<=", [again, upper], range, Operator("<=", range: value.range))
        return .call("and", [from, to], .bool)
    }

    /// What was bound, for a second place in the plan. A query in it is bound anew, since each
    /// column of a plan has one origin.
    private func another(
        _ bound: BoundExpression, _ syntax: ExpressionSyntax, _ context: ExpressionContext
    ) throws(IglooError) -> BoundExpression {
        let hasQuery = bound.expression.contains {
            if case .subquery = $0 { true } else { false }
        }
        return hasQuery ? try bind(syntax, context) : bound
    }

    private func bindList(
        _ value: ExpressionSyntax, _ list: [ExpressionSyntax], _ isNegated: Bool,
        _ range: SourceRange, _ context: ExpressionContext
    ) throws(IglooError) -> Expression {
        if case .row(let left) = value.kind {
            var alternatives: [Expression] = []
            let sign = Operator("=", range: value.range)
            for element in list {
                guard case .row(let right) = element.kind else {
                    throw error(.datatypeMismatch, "IN needs a row here", element.range)
                }
                alternatives.append(try bindRows(sign, left, right, context))
            }
            let any: Expression =
                alternatives.count == 1 ? alternatives[0] : .call("or", alternatives, .bool)
            return isNegated ? Self.negated(any) : any
        }
        var values = [try bind(value, context)]
        values.reserveCapacity(list.count + 1)
        for element in list { values.append(try bind(element, context)) }
        let (_, unified) = try unify(values, "IN")
        return .isIn(unified[0], Array(unified.dropFirst()), isNegated: isNegated)
    }

    // MARK: - CASE, EXTRACT

    private func bind(
        _ conditional: Conditional, _ range: SourceRange, _ context: ExpressionContext
    ) throws(IglooError) -> Expression {
        let operand = try conditional.operand.map { (value) throws(IglooError) in
            try bind(value, context)
        }
        var conditions: [Expression] = []
        var results: [BoundExpression] = []
        for branch in conditional.branches {
            let condition = try bind(branch.condition, context)
            if let operand, let syntax = conditional.operand {
                let sign = Operator("=", range: branch.condition.range)
                let value =
                    conditions.isEmpty ? operand : try another(operand, syntax, context)
                conditions.append(try call("=", [value, condition], range, sign))
            } else {
                conditions.append(try boolean(condition, "CASE/WHEN"))
            }
            results.append(try bind(branch.result, context))
        }
        if let otherwise = conditional.otherwise {
            results.append(try bind(otherwise, context))
        } else {
            results.append(BoundExpression(.null(.null), range))
        }
        let (type, values) = try unify(results, "CASE")
        let branches = zip(conditions, values).map {
            ConditionalBranch(condition: $0, result: $1)
        }
        return .conditional(branches, otherwise: values[values.count - 1], type)
    }

    private func bindExtract(
        _ field: Identifier, _ operand: ExpressionSyntax, _ context: ExpressionContext
    ) throws(IglooError) -> Expression {
        let value = try bind(operand, context)
        let name = Identifier.folded(field.name)
        if name == "epoch" { return try call("epoch", [value], operand.range, nil) }
        let text = BoundExpression(.literal(.text(name), .utf8View), field.range)
        return try call("date_part", [text, value], operand.range, nil)
    }
}
