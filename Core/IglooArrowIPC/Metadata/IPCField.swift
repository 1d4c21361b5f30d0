// SPDX-License-Identifier: MIT
import IglooArrow

/// A field as a message describes it: with the number under which its dictionary travels.
struct IPCField: Sendable {
    var field: Field
    /// For a dictionary-encoded field.
    var dictionaryId: Int64?
    /// Children of the value type: of the field itself or, if it is a dictionary, of its values.
    var children: [IPCField]

    /// What the arrays of this field's dictionary are.
    var dictionaryValues: IPCField? {
        guard case .dictionary(_, let value, _) = field.type else { return nil }
        return IPCField(field: Field(field.name, value), dictionaryId: nil, children: children)
    }
}

/// A schema as a message describes it.
struct IPCSchema: Sendable {
    var fields: [IPCField]
    var metadata: Metadata

    var schema: Schema { Schema(fields.map(\.field), metadata: metadata) }

    /// The values of each dictionary by number, however deep it stands.
    ///
    /// - Throws: `ArrowError.invalid` when a number stands for differing types.
    func dictionaries() throws(ArrowError) -> [Int64: IPCField] {
        var found: [Int64: IPCField] = [:]
        for field in fields { try Self.collect(field, into: &found) }
        return found
    }

    private static func collect(
        _ field: IPCField, into found: inout [Int64: IPCField]
    ) throws(ArrowError) {
        if let id = field.dictionaryId, let values = field.dictionaryValues {
            if let other = found[id], other.field.type != values.field.type {
                throw ArrowError(
                    .invalid,
                    "dictionary \(id) is said to be of \(other.field.type) and of \(values.field.type)"
                )
            }
            found[id] = values
        }
        for child in field.children { try collect(child, into: &found) }
    }
}
