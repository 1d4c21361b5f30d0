// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Puts the arrays of nested columns together from the levels of their leaves.
///
/// - Source: "Dremel: Interactive Analysis of Web-Scale Datasets", as Parquet uses it.
struct NestedAssembler {
    private let batches: [Int: LeafBatch]

    /// - Parameter batches: by the index of their leaf.
    init(_ batches: [Int: LeafBatch]) { self.batches = batches }

    /// The array of `node`, which must have `count` elements.
    func array(_ node: SchemaNode, count: Int) throws(IglooError) -> ArrayData {
        switch node.kind {
        case .leaf(let index):
            let array = batches[index]!.array
            guard array.count == count else {
                throw malformed(
                    "column '\(node.field.name)' has \(array.count) values where its neighbours "
                        + "have \(count)")
            }
            return array
        case .structure(let children):
            var arrays: [ArrayData] = []
            for child in children { arrays.append(try array(child, count: count)) }
            return ArrayData(
                type: node.field.type, count: count,
                validity: try validity(node, count: count), children: arrays)
        case .list(let item, let elementDefinition):
            return try list(node, item, elementDefinition, count: count)
        case .map(let entries, let elementDefinition):
            let map = try list(node, entries, elementDefinition, count: count)
            if map.children[0].children[0].nullCount > 0 {
                throw malformed("a map's key is null")
            }
            return map
        }
    }

    private func levels(
        _ node: SchemaNode
    ) -> (definitions: UnsafePointer<UInt8>, repetitions: UnsafePointer<UInt8>?, count: Int) {
        let batch = batches[node.leaves.lowerBound]!
        return (
            UnsafePointer(batch.definitions!.base.assumingMemoryBound(to: UInt8.self)),
            batch.repetitions.map { UnsafePointer($0.base.assumingMemoryBound(to: UInt8.self)) },
            batch.entryCount
        )
    }

    /// The validity of a structure: which of its slots have it.
    private func validity(_ node: SchemaNode, count: Int) throws(IglooError) -> Buffer? {
        guard node.field.isNullable else { return nil }
        let (definitions, repetitions, entryCount) = levels(node)
        let flags = try PooledMemory(byteCapacity: count)
        let bytes = flags.base.assumingMemoryBound(to: UInt8.self)
        var slots = 0
        for index in 0..<entryCount {
            if let repetitions, Int(repetitions[index]) > node.repetition { continue }
            let level = Int(definitions[index])
            if level < node.slotDefinition { continue }
            guard slots < count else { throw disagree(node) }
            bytes[slots] = level >= node.definition ? 1 : 0
            slots += 1
        }
        guard slots == count else { throw disagree(node) }
        return withExtendedLifetime(flags) { BytePacking.pack(bytes, count) }
    }

    private func disagree(_ node: SchemaNode) -> IglooError {
        malformed("the columns of '\(node.field.name)' disagree about their count")
    }

    private func list(
        _ node: SchemaNode, _ item: SchemaNode, _ elementDefinition: Int, count: Int
    ) throws(IglooError) -> ArrayData {
        let (definitions, repetitions, entryCount) = levels(node)
        guard let repetitions else { throw disagree(node) }
        let offsets = try PooledMemory(byteCapacity: (count + 1) * 4)
        let starts = offsets.base.assumingMemoryBound(to: Int32.self)
        let flags = try PooledMemory(byteCapacity: count)
        let bytes = flags.base.assumingMemoryBound(to: UInt8.self)
        let (slotMin, valid) = (UInt8(node.slotDefinition), UInt8(node.definition))
        let (elementMin, own) = (UInt8(elementDefinition), UInt8(node.repetition))
        var slots = 0
        var elements = 0
        var index = 0
        while index < entryCount {
            let (level, repetition) = (definitions[index], repetitions[index])
            index &+= 1
            if repetition > own &+ 1 { continue }
            let isElement = level >= elementMin
            if repetition <= own {
                if level < slotMin { continue }
                guard slots < count else { throw disagree(node) }
                starts[slots] = Int32(truncatingIfNeeded: elements)
                bytes[slots] = level >= valid ? 1 : 0
                slots &+= 1
            } else if !isElement || slots == 0 {
                throw malformed("an entry continues a list that is empty")
            }
            elements &+= isElement ? 1 : 0
        }
        guard slots == count else { throw disagree(node) }
        guard elements <= Int(Int32.max) else {
            throw IglooError(.resourceExhausted, "lists have more than 2^31 elements")
        }
        starts[slots] = Int32(elements)
        let validity = node.field.isNullable ? BytePacking.pack(bytes, count) : nil
        return try withExtendedLifetime(flags) { () throws(IglooError) in
            ArrayData(
                type: node.field.type, count: count, validity: validity,
                buffers: [offsets.buffer(byteCount: (count + 1) * 4)],
                children: [try array(item, count: elements)])
        }
    }
}
