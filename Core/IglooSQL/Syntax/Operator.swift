// SPDX-License-Identifier: MIT

/// An infix or prefix operator and where it stands.
public struct Operator: Hashable, Sendable {
    /// The canonical spelling: `<>` for `!=`, `=` for `==`, `^` for `**`.
    public var symbol: String
    public var range: SourceRange

    public init(_ symbol: String, range: SourceRange = SourceRange(0, 0)) {
        self.symbol = symbol
        self.range = range
    }

    public var isComparison: Bool { Precedence.ofInfix(symbol) == .comparison }
}

/// How tightly an operator binds.
///
/// - Source: PostgreSQL 16, table 4.2, with DuckDB's `//` beside `/`.
public enum Precedence: Int, Comparable, Sendable {
    case lowest, or, and, not, isTest, comparison, pattern, other, additive, multiplicative
    case power, atTimeZone, collate, sign, postfix, primary

    public static func < (left: Precedence, right: Precedence) -> Bool {
        left.rawValue < right.rawValue
    }

    /// The next tighter level.
    var above: Precedence { Precedence(rawValue: rawValue + 1) ?? .primary }

    static func ofInfix(_ symbol: String) -> Precedence {
        switch symbol {
        case "=", "<>", "<", ">", "<=", ">=": .comparison
        case "+", "-": .additive
        case "*", "/", "//", "%": .multiplicative
        case "^": .power
        default: .other
        }
    }
}
