// SPDX-License-Identifier: MIT

/// Writes syntax trees back as SQL: what it writes parses to an equal tree.
public struct SQLPrinter {
    var output = ""

    public static func text(of statement: Statement) -> String {
        var printer = SQLPrinter()
        printer.print(statement)
        return printer.output
    }

    public static func text(of query: Query) -> String {
        var printer = SQLPrinter()
        printer.print(query)
        return printer.output
    }

    public static func text(of expression: ExpressionSyntax) -> String {
        var printer = SQLPrinter()
        printer.print(expression)
        return printer.output
    }

    /// An identifier, in quotes where it would not be read back as the same name without.
    public static func text(of identifier: Identifier) -> String {
        quotedIfNeeded(identifier.name)
    }

    /// `name` as it must be written in SQL to mean exactly itself.
    public static func quotedIfNeeded(_ name: String) -> String {
        let isPlain =
            !name.isEmpty && name.utf8.first.map { Lexer.isWordStart($0) } ?? false
            && name.utf8.allSatisfy { Lexer.isWordPart($0) && !($0 >= 0x41 && $0 <= 0x5A) }
        if isPlain, SQLKeywords.keyword(name) == nil { return name }
        return "\"" + name.doubling("\"") + "\""
    }

    /// A string literal.
    public static func quoted(_ text: String) -> String { "'" + text.doubling("'") + "'" }

    // MARK: - Pieces

    mutating func write(_ text: String) { output += text }

    mutating func print(_ identifier: Identifier) { write(Self.text(of: identifier)) }

    mutating func print(_ name: QualifiedName) {
        list(name.parts, separator: ".") { $0.print($1) }
    }

    mutating func list<Element>(
        _ elements: [Element], separator: String = ", ",
        _ body: (inout SQLPrinter, Element) -> Void
    ) {
        for (index, element) in elements.enumerated() {
            if index > 0 { write(separator) }
            body(&self, element)
        }
    }

    mutating func parenthesised(_ body: (inout SQLPrinter) -> Void) {
        write("(")
        body(&self)
        write(")")
    }

    mutating func identifiers(_ names: [Identifier]) {
        parenthesised { $0.list(names) { $0.print($1) } }
    }
}

extension String {
    /// Every `quote` in the text twice.
    fileprivate func doubling(_ quote: Character) -> String {
        guard contains(quote) else { return self }
        var result = ""
        for character in self {
            if character == quote { result.append(quote) }
            result.append(character)
        }
        return result
    }
}
