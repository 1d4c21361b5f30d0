// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Puts lists and maps together out of their items.
enum ListLayout {
    /// Items of one vector at most, as 32-bit offsets reach.
    static let itemCountMax = Int(Int32.max)

    /// - Parameters:
    ///   - counts: the items of each list; 0 where it is null.
    ///   - validity: from bit 0 on.
    static func list(
        _ type: DataType, counts: [Int], validity: Buffer?, items: ArrayData
    ) throws(IglooError) -> ArrayData {
        guard items.count <= itemCountMax else { throw tooLong }
        var builder = BufferBuilder(byteCapacity: (counts.count + 1) * 4)
        let out = builder.pointer(as: Int32.self)
        var end: Int32 = 0
        out[0] = 0
        var i = 0
        while i < counts.count {
            end &+= Int32(truncatingIfNeeded: counts[i])
            out[i &+ 1] = end
            i &+= 1
        }
        builder.setByteCount((counts.count + 1) * 4)
        return ArrayData(
            type: type, count: counts.count, nullCount: validity == nil ? 0 : nil,
            validity: validity, buffers: [builder.finish()],
            children: [try flattened(items)])
    }

    /// - Parameter entries: keys and values.
    static func map(
        _ type: DataType, counts: [Int], validity: Buffer?, _ entries: [ArrayData]
    ) throws(IglooError) -> ArrayData {
        guard case .map(let field, _) = type else {
            throw IglooError(.internalError, "\(type) is no map")
        }
        var children: [ArrayData] = []
        for entry in entries { children.append(try flattened(entry)) }
        let pairs = ArrayData(
            type: field.type, count: entries[0].count, nullCount: 0, children: children)
        return try list(type, counts: counts, validity: validity, items: pairs)
    }

    static let tooLong = IglooError(
        .resourceExhausted, "the lists of one batch hold more than 2,147,483,647 items")
}
