// SPDX-License-Identifier: MIT

import IglooArrow

/// Columns for tests.
enum Columns {
    /// Integers of any type; the column is a slice, so that offsets are not all zero.
    static func integers(_ values: [Int?], _ type: DataType = .int64) throws -> ArrayData {
        let builder = ArrayBuilder(type)
        for _ in 0..<3 { try builder.append(.int(1)) }
        for value in values { try builder.append(value.map { .int(Int64($0)) } ?? .null) }
        return builder.finish().slice(3, count: values.count)
    }

    static func texts(_ values: [String?]) throws -> ArrayData {
        let builder = ArrayBuilder(.utf8View)
        for value in values { try builder.append(value.map { .text($0) } ?? .null) }
        return builder.finish()
    }

    static func booleans(_ values: [Bool?]) throws -> ArrayData {
        let builder = ArrayBuilder(.bool)
        for value in values { try builder.append(value.map { .bool($0) } ?? .null) }
        return builder.finish()
    }

    /// Texts by their codes in a dictionary.
    static func codes(_ codes: [Int?], in dictionary: ArrayData) throws -> ArrayData {
        let indexes = try integers(codes, .int32)
        return ArrayData(
            type: .dictionary(index: .int32, value: .utf8View, isOrdered: false),
            count: codes.count, offset: indexes.offset, validity: indexes.validity,
            buffers: indexes.buffers, dictionary: dictionary)
    }
}

/// Numbers that are the same for the same seed.
struct Numbers {
    var state: UInt64

    mutating func next(below bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(truncatingIfNeeded: (state >> 33) % UInt64(bound))
    }
}
