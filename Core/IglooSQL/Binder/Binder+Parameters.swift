// SPDX-License-Identifier: MIT

internal import IglooArrow
public import IglooContracts
public import IglooPlan

// Values of prepared statements' parameters.
extension Binder {
    /// An expression without columns, converted to a type if one is given.
    public func bind(
        value syntax: ExpressionSyntax, as type: TypeName?
    ) throws(IglooError) -> Expression {
        let context = ExpressionContext(Scope(parent: nil), clause: "EXECUTE", common: nil)
        let value = try bind(syntax, context)
        let hasQuery = value.expression.contains {
            if case .subquery = $0 { true } else { false }
        }
        guard !hasQuery else {
            throw unsupported("a subquery as a parameter's value is", syntax.range)
        }
        guard let type else { return value.expression }
        return try assigned(value, to: TableDefinition.Column("", try self.type(type)))
    }

    /// - Throws: 42704 for a type that does not exist.
    public func check(_ types: [TypeName]) throws(IglooError) {
        for name in types { _ = try type(name) }
    }
}

extension SQLParser {
    /// The highest number of a parameter in a statement.
    public static func parameterCount(of statement: Statement) -> Int {
        let text = SQLPrinter.text(of: statement)
        let bytes = Array(text.utf8)
        var count = 0
        for token in Lexer.tokens(of: text) where token.kind == .parameter {
            let digits = String(decoding: bytes[(token.start + 1)..<token.end], as: UTF8.self)
            count = max(count, Int(digits) ?? 0)
        }
        return count
    }
}
