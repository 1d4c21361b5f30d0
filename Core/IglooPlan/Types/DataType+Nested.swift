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

    public static func list(of element: DataType) -> DataType { .list(Field("item", element)) }
}
