// SPDX-License-Identifier: MIT

import IglooArrow

/// A node of the schema's tree in Arrow's terms: lists and maps instead of repeated groups.
struct SchemaNode: Sendable {
    indirect enum Kind: Sendable {
        case leaf(Int)
        case structure([SchemaNode])
        /// `elementDefinition` is the level at which there is an element.
        case list(SchemaNode, elementDefinition: Int)
        /// The entries are a structure that is never null.
        case map(entries: SchemaNode, elementDefinition: Int)
    }

    var field: Field
    var kind: Kind
    /// The level from which on this node is not null.
    var definition: Int
    /// How many ancestors are repeated; for a list, without itself.
    var repetition: Int
    /// From this level on an entry takes a slot in this node's array.
    var slotDefinition: Int
    /// The leaves below, in order; never none.
    var leaves: Range<Int>

    var isFlatLeaf: Bool {
        if case .leaf = kind { repetition == 0 } else { false }
    }
}
