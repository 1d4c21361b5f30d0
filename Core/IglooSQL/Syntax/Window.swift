// SPDX-License-Identifier: MIT

/// What stands behind OVER.
public enum WindowReference: Hashable, Sendable {
    case named(Identifier)
    case inline(WindowDefinition)
}

/// `(base PARTITION BY ... ORDER BY ... frame)`
public struct WindowDefinition: Hashable, Sendable {
    public var base: Identifier?
    public var partitionBy: [ExpressionSyntax] = []
    public var orderBy: [SortItem] = []
    public var frame: WindowFrame?
    public var range: SourceRange
}

public struct WindowFrame: Hashable, Sendable {
    public enum Unit: Hashable, Sendable { case rows, range, groups }
    public enum Exclusion: Hashable, Sendable { case currentRow, group, ties, noOthers }

    public enum Bound: Hashable, Sendable {
        case unboundedPreceding, currentRow, unboundedFollowing
        case preceding(ExpressionSyntax), following(ExpressionSyntax)
    }

    public var unit: Unit
    public var start: Bound
    /// `nil` where only the start is written: to the current row.
    public var end: Bound?
    public var exclusion: Exclusion?
}

/// `WINDOW name AS (...)`
public struct NamedWindow: Hashable, Sendable {
    public var name: Identifier
    public var definition: WindowDefinition
}
