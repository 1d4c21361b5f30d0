// SPDX-License-Identifier: MIT

/// The name of a type as written, not yet looked up: `numeric(10, 2)`, `text[]`.
public indirect enum TypeName: Hashable, Sendable {
    /// The name in lower case, words of a compound name joined by one blank
    /// (`double precision`, `timestamp with time zone`), and its modifiers.
    case named(String, modifiers: [Int], SourceRange)
    /// `element[]`, or `element[3]` with a count.
    case array(TypeName, count: Int?, SourceRange)
    case structure([FieldName], SourceRange)
    case map(key: TypeName, value: TypeName, SourceRange)

    /// A field of `STRUCT(name type, ...)`.
    public struct FieldName: Hashable, Sendable {
        public var name: Identifier
        public var type: TypeName

        public init(name: Identifier, type: TypeName) {
            self.name = name
            self.type = type
        }
    }

    public var range: SourceRange {
        switch self {
        case .named(_, _, let range), .array(_, _, let range), .structure(_, let range),
            .map(_, _, let range):
            range
        }
    }
}
