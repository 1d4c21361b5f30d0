// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// The box around places. A box over the 180th meridian is the long way round.
struct GeoBounds: AggregateFunction {
    let result = DataType.structure(
        ["south", "west", "north", "east"].map { Field($0, .float64) })

    func makeState(_ context: CallContext) throws(IglooError) -> any AggregateFunctionState {
        GeoBoundsState(result)
    }
}

/// A box a group; partial values are boxes, too.
private final class GeoBoundsState: AggregateFunctionState {
    private struct Box {
        var south = Double.infinity
        var west = Double.infinity
        var north = -Double.infinity
        var east = -Double.infinity

        var isEmpty: Bool { south > north }

        mutating func add(_ other: Box) {
            south = min(south, other.south)
            west = min(west, other.west)
            north = max(north, other.north)
            east = max(east, other.east)
        }
    }

    private let type: DataType
    private var boxes: [Box] = []

    init(_ type: DataType) { self.type = type }

    private func grow(to groupCount: Int, _ context: CallContext) throws(IglooError) {
        let added = groupCount - boxes.count
        guard added > 0 else { return }
        try context.memory.reserve(added * MemoryLayout<Box>.stride)
        boxes.append(contentsOf: repeatElement(Box(), count: added))
    }

    func update(
        _ arguments: RecordBatch, groups: [UInt32], groupCount: Int, _ context: CallContext
    ) throws(IglooError) {
        try grow(to: groupCount, context)
        let latitudes = arguments.columns[0].values(as: Double.self)
        let longitudes = arguments.columns[1].values(as: Double.self)
        defer { withExtendedLifetime(arguments) {} }
        for (row, group) in groups.enumerated() {
            let (latitude, longitude) = (latitudes[row], longitudes[row])
            try Place.check(latitude: latitude, longitude: longitude)
            boxes[Int(group)].add(
                Box(south: latitude, west: longitude, north: latitude, east: longitude))
        }
    }

    func merge(
        _ partials: ArrayData, groups: [UInt32], groupCount: Int, _ context: CallContext
    ) throws(IglooError) {
        try grow(to: groupCount, context)
        let sides = partials.children.map {
            $0.slice(partials.offset, count: partials.count).values(as: Double.self)
        }
        defer { withExtendedLifetime(partials) {} }
        for (row, group) in groups.enumerated() where !partials.isNull(row) {
            boxes[Int(group)].add(
                Box(
                    south: sides[0][row], west: sides[1][row], north: sides[2][row],
                    east: sides[3][row]))
        }
    }

    func partials(_ context: CallContext) throws(IglooError) -> ArrayData {
        try results(context)
    }

    func results(_ context: CallContext) throws(IglooError) -> ArrayData {
        var builder = StructureBuilder(type.childFields)
        var sides: [[Double]] = [[], [], [], []]
        for box in boxes {
            if box.isEmpty { builder.appendNull() } else { builder.append() }
            for (index, side) in [box.south, box.west, box.north, box.east].enumerated() {
                sides[index].append(box.isEmpty ? 0 : side)
            }
        }
        let children = sides.map {
            ArrayData(
                type: .float64, count: boxes.count, nullCount: 0, buffers: [Buffer(copying: $0)])
        }
        return builder.finish(children: children)
    }
}
