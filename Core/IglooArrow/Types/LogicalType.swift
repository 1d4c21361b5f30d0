// SPDX-License-Identifier: MIT

/// A type that SQL knows and Arrow does not: the values of another type with a meaning of their
/// own.
///
/// | type | storage |
/// |---|---|
/// | uuid | its 16 bytes as a number of 128 bits, the uppermost bit flipped |
/// | json | the text as it was written |
/// | jsonb | the text in normal form: keys sorted and distinct, spaced alike |
/// | inet, cidr | bytes: family, network, count of its bits, host |
/// | timetz | microseconds since midnight in UTC, then the zone |
/// | enum | the label's place in the declaration, from 0 |
///
/// Values are equal, and ordered, where their storage is. Only the engine's arrays have these
/// types: what crosses the border of a plugin is one of Arrow's extension types instead.
public enum LogicalType: Hashable, Sendable {
    case uuid, json, jsonb, inet, cidr, timetz
    case enumeration(EnumerationType)

    public var isEnumeration: Bool { if case .enumeration = self { true } else { false } }

    /// The type that values are kept and computed as.
    public var storage: DataType {
        switch self {
        case .uuid: .decimal128(precision: 38, scale: 0)
        case .json, .jsonb: .utf8View
        case .inet, .cidr: .binaryView
        case .timetz: .int64
        case .enumeration: .int32
        }
    }
}

/// What `CREATE TYPE ... AS ENUM` declares.
public struct EnumerationType: Hashable, Sendable {
    public var name: String
    public var labels: [String]

    public init(name: String, labels: [String]) {
        self.name = name
        self.labels = labels
    }
}

extension DataType {
    public static let uuid = DataType.logical(.uuid)
    public static let json = DataType.logical(.json)
    public static let jsonb = DataType.logical(.jsonb)

    /// The type with each logical type in it replaced by its storage.
    public var storage: DataType {
        switch self {
        case .logical(let type): type.storage
        case .list(let field): .list(field.stored)
        case .structure(let fields): .structure(fields.map(\.stored))
        case .map(let entries, let keysSorted):
            .map(entries: entries.stored, keysSorted: keysSorted)
        default: self
        }
    }

    /// Whether this is a logical type, or one within it is.
    public var hasLogicalType: Bool {
        if case .logical = self { return true }
        return childFields.contains { $0.type.hasLogicalType }
    }

    /// Whether this is JSON in either form.
    public var isJSON: Bool { self == .json || self == .jsonb }

    /// What CREATE TYPE said, where this is an enumerated type.
    public var enumeration: EnumerationType? {
        if case .logical(.enumeration(let type)) = self { type } else { nil }
    }
}

extension Field {
    fileprivate var stored: Field {
        Field(name, type.storage, isNullable: isNullable, metadata: metadata)
    }
}

extension ArrayData {
    /// The same memory read as `type`, whose storage is this array's.
    public func retyped(as type: DataType) -> ArrayData {
        if type == self.type { return self }
        assert(
            type.storage.bufferShapes == self.type.bufferShapes,
            "\(self.type) is not stored as \(type)")
        var members: [ArrayData] = []
        for (child, field) in zip(children, type.childFields) {
            members.append(child.retyped(as: field.type))
        }
        return ArrayData(
            type: type, count: count, offset: offset, nullCount: nullCount, validity: validity,
            buffers: buffers, children: members, dictionary: dictionary)
    }

    /// The same memory without logical types.
    public var stored: ArrayData { type.hasLogicalType ? retyped(as: type.storage) : self }
}
