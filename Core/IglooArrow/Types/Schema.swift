// SPDX-License-Identifier: MIT

/// A named, typed column of a schema or child of a nested type.
public struct Field: Hashable, Sendable, CustomStringConvertible {
    public var name: String
    public var type: DataType
    public var isNullable: Bool
    public var metadata: Metadata

    public init(
        _ name: String, _ type: DataType, isNullable: Bool = true, metadata: Metadata = [:]
    ) {
        self.name = name
        self.type = type
        self.isNullable = isNullable
        self.metadata = metadata
    }

    public var description: String { "\(name): \(type)\(isNullable ? "" : " not null")" }
}

/// The columns of a table or stream, in order. Names need not be unique.
public struct Schema: Hashable, Sendable, CustomStringConvertible {
    public var fields: [Field]
    public var metadata: Metadata

    public init(_ fields: [Field], metadata: Metadata = [:]) {
        self.fields = fields
        self.metadata = metadata
    }

    public var description: String { fields.map(\.description).joined(separator: ", ") }

    /// The first column of exactly this name.
    public func index(of name: String) -> Int? { fields.firstIndex { $0.name == name } }

    /// The columns at `indexes`, in that order; an index may occur more than once.
    public func projected(_ indexes: [Int]) -> Schema {
        Schema(indexes.map { fields[$0] }, metadata: metadata)
    }
}

/// Keys and values that travel with a field or schema, in order; Arrow lets keys repeat.
public struct Metadata: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    public struct Pair: Hashable, Sendable {
        public var key: String
        public var value: String

        public init(key: String, value: String) {
            self.key = key
            self.value = value
        }
    }

    public var pairs: [Pair]

    public init(_ pairs: [Pair] = []) { self.pairs = pairs }

    public init(dictionaryLiteral elements: (String, String)...) {
        pairs = elements.map { Pair(key: $0.0, value: $0.1) }
    }

    public var isEmpty: Bool { pairs.isEmpty }

    /// The first value under `key`.
    public subscript(key: String) -> String? { pairs.first { $0.key == key }?.value }
}
