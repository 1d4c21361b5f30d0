// SPDX-License-Identifier: MIT

public import IglooContracts

/// Text to syntax tree.
///
/// - Throws: `invalidArgument` with 42601 and the byte position of the token that cannot stand
///   where it stands; 54001 for statements nested too deeply.
/// - Complexity: linear in the text.
public enum SQLParser {
    /// The one statement of a text, with or without a semicolon behind it.
    public static func statement(_ text: String) throws(IglooError) -> Statement {
        var parser = try Parser(text)
        while parser.accept(.semicolon) {}
        let statement = try parser.statement()
        while parser.accept(.semicolon) {}
        try parser.expectEnd()
        return statement
    }

    /// All statements of a script.
    public static func statements(_ text: String) throws(IglooError) -> [Statement] {
        var parser = try Parser(text)
        var statements: [Statement] = []
        while true {
            while parser.accept(.semicolon) {}
            if parser.current.kind == .end { return statements }
            statements.append(try parser.statement())
            guard parser.accept(.semicolon) else {
                try parser.expectEnd()
                return statements
            }
        }
    }

    /// A text that is one query: the body of a view.
    public static func query(_ text: String) throws(IglooError) -> Query {
        var parser = try Parser(text)
        let query = try parser.query()
        while parser.accept(.semicolon) {}
        try parser.expectEnd()
        return query
    }

    /// A text that is the name of a table: `t`, `"My Catalog".s.t`.
    public static func name(_ text: String) throws(IglooError) -> QualifiedName {
        var parser = try Parser(text)
        let name = try parser.qualifiedName()
        try parser.expectEnd()
        return name
    }

    /// A text that is one expression.
    public static func expression(_ text: String) throws(IglooError) -> ExpressionSyntax {
        var parser = try Parser(text)
        let expression = try parser.expression()
        try parser.expectEnd()
        return expression
    }
}
