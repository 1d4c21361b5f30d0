// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// A file's schema: the tree, its leaves, and the same for Arrow.
struct ParquetSchema: Sendable {
    /// The columns at the top.
    let roots: [SchemaNode]
    let leaves: [LeafColumn]
    let arrow: Schema

    init(_ elements: [SchemaElement], _ options: ParquetOptions) throws(IglooError) {
        var builder = SchemaBuilder(elements, options)
        roots = try builder.build()
        leaves = builder.leaves
        arrow = Schema(roots.map(\.field))
    }
}

/// Where a node stands while the tree is built.
private struct Levels {
    var definition = 0
    var repetition = 0
    var slotDefinition = 0

    var optional: Levels {
        var levels = self
        levels.definition += 1
        return levels
    }

    var repeated: Levels {
        Levels(
            definition: definition + 1, repetition: repetition + 1, slotDefinition: definition + 1)
    }
}

/// Makes the tree out of the flat list of elements.
///
/// - Source: parquet-format, `LogicalTypes.md`, "Nested Types" with its rules for older writers.
private struct SchemaBuilder {
    /// Levels are kept in a byte, and the tree is walked by recursion.
    private static let depthMax = 100
    /// Values of a fixed byte count take that much memory even where they are null.
    private static let typeLengthMax: Int32 = 16 << 20

    private let elements: [SchemaElement]
    private let options: ParquetOptions
    /// The index behind the last element of the subtree of each.
    private var subtreeEnd: [Int] = []
    private var names: [String] = []
    private(set) var leaves: [LeafColumn] = []

    init(_ elements: [SchemaElement], _ options: ParquetOptions) {
        self.elements = elements
        self.options = options
    }

    mutating func build() throws(IglooError) -> [SchemaNode] {
        guard let root = elements.first, root.isGroup else {
            throw malformedSchema("it has no root")
        }
        subtreeEnd = Array(repeating: 0, count: elements.count)
        let end = try measure(0, depth: 0)
        guard end == elements.count else {
            throw malformedSchema("\(elements.count - end) elements belong to no group")
        }
        var nodes: [SchemaNode] = []
        for child in children(of: 0) { nodes.append(try node(child, Levels())) }
        return nodes
    }

    private func malformedSchema(_ why: String) -> IglooError {
        IglooError(.invalidData, "malformed Parquet schema: \(why)")
    }

    /// Finds where each subtree ends, checking counts and depth.
    private mutating func measure(_ index: Int, depth: Int) throws(IglooError) -> Int {
        guard depth < Self.depthMax else { throw malformedSchema("it is nested too deeply") }
        let element = elements[index]
        var next = index + 1
        if element.isGroup {
            guard element.childCount >= 0, Int(element.childCount) < elements.count else {
                throw malformedSchema("'\(element.name)' has \(element.childCount) children")
            }
            for _ in 0..<element.childCount {
                guard next < elements.count else {
                    throw malformedSchema("'\(element.name)' lacks children")
                }
                next = try measure(next, depth: depth + 1)
            }
        }
        subtreeEnd[index] = next
        return next
    }

    private func children(of index: Int) -> [Int] {
        var result: [Int] = []
        var child = index + 1
        for _ in 0..<max(0, elements[index].isGroup ? elements[index].childCount : 0) {
            result.append(child)
            child = subtreeEnd[child]
        }
        return result
    }

    // MARK: - Nodes

    private mutating func node(
        _ index: Int, _ levels: Levels
    ) throws(IglooError) -> SchemaNode {
        let element = elements[index]
        switch element.repetition {
        case .required: return try content(index, levels, isNullable: false)
        case .optional: return try content(index, levels.optional, isNullable: true)
        case .repeated:
            let item = try content(index, levels.repeated, isNullable: false)
            return list(element.name, item, levels, isNullable: false)
        }
    }

    /// The node without its own repetition, which `levels` holds already.
    private mutating func content(
        _ index: Int, _ levels: Levels, isNullable: Bool
    ) throws(IglooError) -> SchemaNode {
        let element = elements[index]
        names.append(element.name)
        defer { names.removeLast() }
        guard element.isGroup else { return try leaf(element, levels, isNullable: isNullable) }
        if isList(element), let list = try listGroup(index, levels, isNullable) { return list }
        if isMap(element), let map = try mapGroup(index, levels, isNullable) { return map }
        let first = leaves.count
        var nodes: [SchemaNode] = []
        for child in children(of: index) { nodes.append(try node(child, levels)) }
        guard leaves.count > first else {
            throw IglooError(
                .unsupported, "group '\(names.joined(separator: "."))' has no columns")
        }
        return SchemaNode(
            field: Field(element.name, .structure(nodes.map(\.field)), isNullable: isNullable),
            kind: .structure(nodes), definition: levels.definition,
            repetition: levels.repetition, slotDefinition: levels.slotDefinition,
            leaves: first..<leaves.count)
    }

    private mutating func leaf(
        _ element: SchemaElement, _ levels: Levels, isNullable: Bool
    ) throws(IglooError) -> SchemaNode {
        let path = names.joined(separator: ".")
        if element.type == .fixedLengthByteArray {
            guard (1...Self.typeLengthMax).contains(element.typeLength) else {
                throw malformedSchema("the values of '\(path)' have \(element.typeLength) bytes")
            }
        }
        let type = LeafType.of(element, options)
        let index = leaves.count
        leaves.append(
            LeafColumn(
                index: index, path: path, physicalType: element.type ?? .int32,
                typeLength: Int(element.typeLength), definitionMax: levels.definition,
                repetitionMax: levels.repetition, slotDefinition: levels.slotDefinition,
                type: type.type, conversion: type.conversion))
        return SchemaNode(
            field: Field(
                element.name, type.type, isNullable: isNullable || type.type == .null,
                metadata: ParquetExtension.metadata(element, type.type)),
            kind: .leaf(index), definition: levels.definition, repetition: levels.repetition,
            slotDefinition: levels.slotDefinition, leaves: index..<(index + 1))
    }

    private func list(
        _ name: String, _ item: SchemaNode, _ levels: Levels, isNullable: Bool
    ) -> SchemaNode {
        SchemaNode(
            field: Field(name, .list(item.field), isNullable: isNullable),
            kind: .list(item, elementDefinition: levels.definition + 1),
            definition: levels.definition, repetition: levels.repetition,
            slotDefinition: levels.slotDefinition, leaves: item.leaves)
    }

    // MARK: - Annotated groups

    private func isList(_ element: SchemaElement) -> Bool {
        element.logicalType == .list
            || element.logicalType == nil && element.convertedType == .list
    }

    private func isMap(_ element: SchemaElement) -> Bool {
        element.logicalType == .map
            || element.logicalType == nil
                && (element.convertedType == .map || element.convertedType == .mapKeyValue)
    }

    /// - Returns: `nil` when the group is not made like a list.
    private mutating func listGroup(
        _ index: Int, _ levels: Levels, _ isNullable: Bool
    ) throws(IglooError) -> SchemaNode? {
        let children = children(of: index)
        guard children.count == 1, elements[children[0]].repetition == .repeated else {
            return nil
        }
        let middle = elements[children[0]]
        let grandchildren = self.children(of: children[0])
        let isElement =
            !middle.isGroup || grandchildren.count != 1
            || elements[grandchildren[0]].repetition == .repeated
            || middle.name == "array" || middle.name == elements[index].name + "_tuple"
        let item: SchemaNode
        if isElement {
            item = try content(children[0], levels.repeated, isNullable: false)
        } else {
            names.append(middle.name)
            defer { names.removeLast() }
            item = try node(grandchildren[0], levels.repeated)
        }
        return list(elements[index].name, item, levels, isNullable: isNullable)
    }

    /// - Returns: `nil` when the group is not made like a map.
    private mutating func mapGroup(
        _ index: Int, _ levels: Levels, _ isNullable: Bool
    ) throws(IglooError) -> SchemaNode? {
        let children = children(of: index)
        guard children.count == 1, elements[children[0]].repetition == .repeated,
            elements[children[0]].isGroup
        else { return nil }
        let pair = self.children(of: children[0])
        if pair.count == 1 { return try listGroup(index, levels, isNullable) }
        guard pair.count == 2 else { return nil }
        names.append(elements[children[0]].name)
        defer { names.removeLast() }
        var key = try node(pair[0], levels.repeated)
        let value = try node(pair[1], levels.repeated)
        // Arrow's keys are never null; a null one in the data is an error.
        key.field.isNullable = false
        let entries = SchemaNode(
            field: Field(
                elements[children[0]].name, .structure([key.field, value.field]),
                isNullable: false),
            kind: .structure([key, value]), definition: levels.definition + 1,
            repetition: levels.repetition + 1, slotDefinition: levels.definition + 1,
            leaves: key.leaves.lowerBound..<value.leaves.upperBound)
        return SchemaNode(
            field: Field(
                elements[index].name, .map(entries: entries.field, keysSorted: false),
                isNullable: isNullable),
            kind: .map(entries: entries, elementDefinition: levels.definition + 1),
            definition: levels.definition, repetition: levels.repetition,
            slotDefinition: levels.slotDefinition, leaves: entries.leaves)
    }
}
