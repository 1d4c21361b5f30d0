// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// A schema as it is written: Parquet's flat list of elements, and a tree that takes arrays apart.
struct WriterSchema {
    private(set) var elements: [SchemaElement] = []
    private(set) var roots: [WriterNode] = []
    private(set) var leaves: [WriterLeaf] = []
    private var path: [String] = []

    /// - Throws: `unsupported` for types that Parquet has no form for.
    init(_ schema: Schema) throws(IglooError) {
        elements = [group("schema", .required, childCount: schema.fields.count)]
        for field in schema.fields { roots.append(try node(field, definition: 0, repetition: 0)) }
    }

    private func group(
        _ name: String, _ repetition: Repetition, childCount: Int,
        _ converted: ConvertedType? = nil, _ logical: LogicalType? = nil
    ) -> SchemaElement {
        var element = SchemaElement()
        element.name = name
        element.repetition = repetition
        element.childCount = Int32(childCount)
        element.convertedType = converted
        element.logicalType = logical
        return element
    }

    private mutating func node(
        _ field: Field, definition: Int, repetition: Int
    ) throws(IglooError) -> WriterNode {
        path.append(field.name)
        defer { path.removeLast() }
        let isOptional = field.isNullable || field.type == .null
        let own = isOptional ? definition + 1 : definition
        let kind = try content(field, isOptional ? .optional : .required, own, repetition)
        return WriterNode(isOptional: isOptional, kind: kind)
    }

    private mutating func content(
        _ field: Field, _ mode: Repetition, _ definition: Int, _ repetition: Int
    ) throws(IglooError) -> WriterNode.Kind {
        switch field.type {
        case .structure(let fields):
            guard !fields.isEmpty else {
                throw unsupported("is a structure without fields, for which Parquet has no form")
            }
            elements.append(group(field.name, mode, childCount: fields.count))
            var children: [WriterNode] = []
            for field in fields {
                children.append(try node(field, definition: definition, repetition: repetition))
            }
            return .structure(children)
        case .list(let item), .largeList(let item), .listView(let item),
            .largeListView(let item), .fixedSizeList(let item, _):
            elements.append(group(field.name, mode, childCount: 1, .list, .list))
            elements.append(group("list", .repeated, childCount: 1))
            path.append("list")
            defer { path.removeLast() }
            var element = item
            element.name = "element"
            let child = try node(
                element, definition: definition + 1, repetition: repetition + 1)
            return .list(child, level: UInt8(repetition + 1))
        case .map(let entries, _):
            guard case .structure(let pair) = entries.type, pair.count == 2 else {
                throw unsupported("is a map without keys and values")
            }
            elements.append(group(field.name, mode, childCount: 1, .map, .map))
            elements.append(group("key_value", .repeated, childCount: 2))
            path.append("key_value")
            defer { path.removeLast() }
            let key = try node(
                Field("key", pair[0].type, isNullable: false), definition: definition + 1,
                repetition: repetition + 1)
            let value = try node(
                Field("value", pair[1].type, isNullable: pair[1].isNullable),
                definition: definition + 1, repetition: repetition + 1)
            return .list(
                WriterNode(isOptional: false, kind: .structure([key, value])),
                level: UInt8(repetition + 1))
        case .dictionary(_, let value, _):
            return .encoded(try inner(field, value, mode, definition, repetition))
        case .runEndEncoded(_, let values):
            return .encoded(try inner(field, values.type, mode, definition, repetition))
        default: return .leaf(try leaf(field, mode, definition, repetition))
        }
    }

    /// What stands behind indexes or runs.
    private mutating func inner(
        _ field: Field, _ type: DataType, _ mode: Repetition, _ definition: Int, _ repetition: Int
    ) throws(IglooError) -> WriterNode {
        let kind = try content(
            Field(field.name, type, isNullable: field.isNullable), mode, definition, repetition)
        return WriterNode(isOptional: false, kind: kind)
    }

    private mutating func leaf(
        _ field: Field, _ mode: Repetition, _ definition: Int, _ repetition: Int
    ) throws(IglooError) -> Int {
        guard definition < 128, repetition < 128 else { throw unsupported("is nested too deeply") }
        guard let storage = LeafStorage(field.type) else {
            throw unsupported("is \(field.type), for which Parquet has no form")
        }
        var element = storage.element
        element.name = field.name
        ParquetExtension.annotate(&element, field)
        element.repetition = mode
        elements.append(element)
        leaves.append(
            WriterLeaf(
                path: path, storage: storage, definitionMax: definition,
                repetitionMax: repetition))
        return leaves.count - 1
    }

    private func unsupported(_ why: String) -> IglooError {
        IglooError(
            .unsupported, "column '\(path.joined(separator: "."))' \(why)",
            hint: "cast it to text, or leave it out")
    }
}

/// A node of the schema's tree, to take arrays apart with.
indirect enum WriterNodeKind {
    case leaf(Int)
    case structure([WriterNode])
    /// `level` is the repetition level of the list's further elements.
    case list(WriterNode, level: UInt8)
    /// Indexes into a dictionary, or runs; the node is that of the values.
    case encoded(WriterNode)
}

struct WriterNode {
    typealias Kind = WriterNodeKind
    var isOptional: Bool
    var kind: Kind
}

/// A column that is stored.
struct WriterLeaf {
    var path: [String]
    var storage: LeafStorage
    var definitionMax: Int
    var repetitionMax: Int
}
