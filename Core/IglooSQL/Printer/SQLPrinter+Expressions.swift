// SPDX-License-Identifier: MIT

extension SQLPrinter {
    mutating func print(_ expression: ExpressionSyntax) { print(expression, .lowest) }

    mutating func list(_ expressions: [ExpressionSyntax]) {
        list(expressions) { $0.print($1) }
    }

    /// With parentheses when the expression binds more loosely than `minimum`.
    mutating func print(_ expression: ExpressionSyntax, _ minimum: Precedence) {
        if expression.kind.precedence < minimum {
            parenthesised { $0.body(expression.kind) }
        } else {
            body(expression.kind)
        }
    }

    private mutating func body(_ kind: ExpressionSyntax.Kind) {
        switch kind {
        case .literal(let literal): print(literal)
        case .column(let name): print(name)
        case .star(let star): print(star)
        case .parameter(.index(let index)): write("$\(index)")
        case .parameter(.named(let name)): write("$\(name)")
        case .prefix, .infix, .logical, .not, .test, .isDistinct, .pattern, .between,
            .inList, .inQuery, .quantified, .atTimeZone, .collate:
            operation(kind)
        case .exists(let query): queryIn("EXISTS ", query)
        case .query(let query): queryIn("", query)
        case .arrayQuery(let query): queryIn("ARRAY", query)
        case .conditional(let conditional): print(conditional)
        case .cast(let value, let type, let isTry):
            write(isTry ? "TRY_CAST(" : "CAST(")
            print(value)
            write(" AS ")
            print(type)
            write(")")
        case .extract(let field, let value):
            write("EXTRACT(\(Self.quoted(field.name)) FROM ")
            print(value)
            write(")")
        case .call(let call): print(call)
        case .defaultValue: write("DEFAULT")
        case .array, .structure, .row, .element, .slice, .field: nested(kind)
        case .lambda(let variables, let value):
            write(
                "LAMBDA \(variables.map { Self.quotedIfNeeded($0.written) }.joined(separator: ", ")): "
            )
            print(value)
        }
    }

    private mutating func queryIn(_ word: String, _ query: Query) {
        write(word)
        parenthesised { $0.print(query) }
    }

    private mutating func operation(_ kind: ExpressionSyntax.Kind) {
        switch kind {
        case .prefix(let sign, let operand):
            write(sign.symbol + " ")
            print(operand, kind.precedence == .sign ? .postfix : .additive)
        case .infix(let sign, let left, let right):
            let precedence = Precedence.ofInfix(sign.symbol)
            print(left, precedence == .comparison ? .pattern : precedence)
            write(" \(sign.symbol) ")
            print(right, precedence.above)
        case .logical(let connective, let operands):
            list(operands, separator: connective == .and ? " AND " : " OR ") {
                $0.print($1, connective == .and ? .not : .and)
            }
        case .not(let operand):
            write("NOT ")
            print(operand, .not)
        case .test(let operand, let test, let isNegated):
            print(operand, .comparison)
            write(isNegated ? " IS NOT \(test)".uppercased() : " IS \(test)".uppercased())
        case .isDistinct(let left, let right, let isNegated):
            print(left, .comparison)
            write(isNegated ? " IS NOT DISTINCT FROM " : " IS DISTINCT FROM ")
            print(right, .comparison)
        case .atTimeZone(let value, let zone):
            print(value, .atTimeZone)
            write(" AT TIME ZONE ")
            print(zone, .collate)
        case .collate(let value, let name):
            print(value, .collate)
            write(" COLLATE ")
            print(name)
        default: matching(kind)
        }
    }

    private mutating func matching(_ kind: ExpressionSyntax.Kind) {
        switch kind {
        case .pattern(let match):
            print(match.value, .other)
            write(match.isNegated ? " NOT" : "")
            switch match.kind {
            case .like: write(" LIKE ")
            case .ilike: write(" ILIKE ")
            case .similar: write(" SIMILAR TO ")
            case .glob: write(" GLOB ")
            }
            print(match.pattern, .other)
            guard let escape = match.escape else { return }
            write(" ESCAPE ")
            print(escape, .other)
        case .between(let between):
            print(between.value, .other)
            write(between.isNegated ? " NOT BETWEEN " : " BETWEEN ")
            if between.isSymmetric { write("SYMMETRIC ") }
            print(between.lower, .other)
            write(" AND ")
            print(between.upper, .other)
        case .inList(let value, let list, let isNegated):
            print(value, .other)
            write(isNegated ? " NOT IN " : " IN ")
            parenthesised { $0.list(list) }
        case .inQuery(let value, let query, let isNegated):
            print(value, .other)
            queryIn(isNegated ? " NOT IN " : " IN ", query)
        case .quantified(let left, let sign, let isAll, let operand):
            print(left, sign.isComparison ? .pattern : Precedence.ofInfix(sign.symbol))
            write(" \(sign.symbol) \(isAll ? "ALL" : "ANY")")
            switch operand {
            case .query(let query): queryIn(" ", query)
            case .array(let array): parenthesised { $0.print(array) }
            }
        default: break
        }
    }

    private mutating func nested(_ kind: ExpressionSyntax.Kind) {
        switch kind {
        case .array(let values):
            write("ARRAY[")
            list(values)
            write("]")
        case .structure(let fields):
            write("{")
            list(fields) { printer, field in
                printer.write(Self.quoted(field.name.name) + ": ")
                printer.print(field.value)
            }
            write("}")
        case .row(let values):
            write("ROW")
            parenthesised { $0.list(values) }
        case .element(let value, let index):
            operand(value)
            write("[")
            print(index)
            write("]")
        case .slice(let value, let lower, let upper):
            operand(value)
            write("[")
            if let lower { print(lower) }
            write(":")
            if let upper { print(upper) }
            write("]")
        case .field(let value, let name):
            operand(value)
            write(".")
            print(name)
        default: break
        }
    }

    /// What a subscript or field is taken of. A bare column or number would swallow the field.
    private mutating func operand(_ value: ExpressionSyntax) {
        switch value.kind {
        case .column, .literal: parenthesised { $0.print(value) }
        default: print(value, .postfix)
        }
    }

    private mutating func print(_ conditional: Conditional) {
        write("CASE")
        if let operand = conditional.operand {
            write(" ")
            print(operand)
        }
        for branch in conditional.branches {
            write(" WHEN ")
            print(branch.condition)
            write(" THEN ")
            print(branch.result)
        }
        if let otherwise = conditional.otherwise {
            write(" ELSE ")
            print(otherwise)
        }
        write(" END")
    }
}

extension ExpressionSyntax.Kind {
    /// How tightly the outermost operator binds.
    var precedence: Precedence {
        switch self {
        case .logical(.or, _): .or
        case .logical(.and, _): .and
        case .not: .not
        case .test, .isDistinct: .isTest
        case .infix(let sign, _, _), .quantified(_, let sign, _, _): .ofInfix(sign.symbol)
        case .pattern, .between, .inList, .inQuery: .pattern
        case .prefix(let sign, _): sign.symbol == "-" || sign.symbol == "+" ? .sign : .pattern
        case .atTimeZone: .atTimeZone
        case .collate: .collate
        case .element, .slice, .field: .postfix
        default: .primary
        }
    }
}
