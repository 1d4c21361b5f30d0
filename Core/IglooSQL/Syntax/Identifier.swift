// SPDX-License-Identifier: MIT

/// A name as it was written: `orders`, `Orders` or `"Orders"`.
public struct Identifier: Hashable, Sendable, CustomStringConvertible {
    /// As written, without quotes: what is shown.
    public let written: String
    /// Folded to lower case (ASCII) unless quoted: what PostgreSQL would look up.
    public let name: String
    public let isQuoted: Bool
    public let range: SourceRange

    public init(_ written: String, isQuoted: Bool = false, range: SourceRange = SourceRange(0, 0)) {
        self.written = written
        self.name = isQuoted ? written : Self.folded(written)
        self.isQuoted = isQuoted
        self.range = range
    }

    public var description: String { written }

    public static func == (left: Identifier, right: Identifier) -> Bool { left.name == right.name }
    public func hash(into hasher: inout Hasher) { hasher.combine(name) }

    /// ASCII letters in lower case, all else as it is.
    public static func folded(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 >= 0x41 && $0 <= 0x5A }) else { return text }
        return String(
            decoding: text.utf8.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}

/// Identifiers joined by dots, outermost first: `catalog.schema.table`, `table.column`.
public struct QualifiedName: Hashable, Sendable, CustomStringConvertible {
    public var parts: [Identifier]
    public var range: SourceRange

    public init(_ parts: [Identifier], range: SourceRange) {
        self.parts = parts
        self.range = range
    }

    public var description: String { parts.map(\.written).joined(separator: ".") }
}
