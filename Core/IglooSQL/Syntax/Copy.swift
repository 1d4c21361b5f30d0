// SPDX-License-Identifier: MIT

/// `COPY table (columns) TO 'file' (options)`, `COPY (query) TO ...`, `COPY table FROM ...`
public struct Copy: Hashable, Sendable {
    public enum Subject: Hashable, Sendable {
        /// No columns: all of them.
        case table(QualifiedName, [Identifier])
        case query(Query)
    }

    /// `HEADER`, `DELIMITER '|'`, `columns = ['a', 'b']`
    public struct Option: Hashable, Sendable {
        public var name: Identifier
        /// Words stand for their text; empty when the name stands alone.
        public var values: [String]
        public var isList: Bool

        public init(_ name: Identifier, _ values: [String], isList: Bool = false) {
            self.name = name
            self.values = values
            self.isList = isList
        }
    }

    public var subject: Subject
    public var isFrom: Bool
    public var path: String
    /// `STDIN` or `STDOUT` in place of a path.
    public var isStandard = false
    public var pathRange: SourceRange
    public var options: [Option]
}
