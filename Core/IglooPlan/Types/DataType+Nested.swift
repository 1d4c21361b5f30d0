// SPDX-License-Identifier: MIT

public import IglooArrow

/// Lists and maps as the engine has them.
extension DataType {
    public var isList: Bool { if case .list = self { true } else { false } }

    /// The type of a list's items.
    public var listElement: DataType? {
        if case .list(let field) = self { field.type } else { nil }
    }

    /// The types of a map's keys and values.
    public var mapParts: (key: DataType, value: DataType)? {
        guard case .map(let entries, _) = self, entries.type.childFields.count == 2 else {
            return nil
        }
        return (entries.type.childFields[0].type, entries.type.childFields[1].type)
    }

    /// The places in the structure `from` of what becomes the fields of `to`: by their names where
    /// both have the same ones, else one after the other.
    public static func fieldPlaces(_ from: [Field], _ to: [Field]) -> [Int] {
        let names = from.map { $0.name.lowercased() }
        var places: [Int] = []
        for field in to {
            guard let place = names.firstIndex(of: field.name.lowercased()) else { break }
            places.append(place)
        }
        return Set(places).count == from.count ? places : Array(to.indices)
    }

    public static func list(of element: DataType) -> DataType { .list(Field("item", element)) }
}

/// Types within types.
extension DataType {
    /// Whether this is `type`, or something within it is.
    public func contains(_ type: DataType) -> Bool {
        self == type || childFields.contains { $0.type.contains(type) }
    }

    /// The type with another in the place of `old`.
    public func replacing(_ old: DataType, by new: DataType) -> DataType {
        if self == old { return new }
        func inner(_ field: Field) -> Field {
            var field = field
            field.type = field.type.replacing(old, by: new)
            return field
        }
        switch self {
        case .list(let item): return .list(inner(item))
        case .structure(let fields): return .structure(fields.map(inner))
        case .map(let entries, let keysSorted):
            return .map(entries: inner(entries), keysSorted: keysSorted)
        default: return self
        }
    }
}
