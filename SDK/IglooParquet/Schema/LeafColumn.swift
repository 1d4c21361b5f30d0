// SPDX-License-Identifier: MIT

import IglooArrow

/// A column that is stored: a leaf of the schema's tree.
struct LeafColumn: Sendable {
    /// Index among the leaves, which is the index in each row group's columns.
    var index: Int
    /// Names from the root on, with dots between.
    var path: String
    var physicalType: PhysicalType
    /// Bytes of a value of `fixedLengthByteArray`.
    var typeLength: Int
    /// The level of an entry that is a value.
    var definitionMax: Int
    var repetitionMax: Int
    /// From this level on an entry takes a slot in the leaf's array: the level at which the
    /// innermost repeated ancestor has an element.
    var slotDefinition: Int
    /// The Arrow type of the values.
    var type: DataType
    var conversion: ValueConversion

    var isFlat: Bool { repetitionMax == 0 }
}

/// How a stored value becomes Arrow's.
enum ValueConversion: Hashable, Sendable {
    /// As it is: 4 or 8 bytes, or those of a fixed-length byte array.
    case none
    /// Booleans: a byte each while decoding, bits at the end.
    case bits
    /// Byte arrays to views.
    case views
    /// The lower bytes of an int32.
    case narrow(byteCount: Int)
    case int32ToInt64
    case int32ToInt128
    case int64ToInt128
    /// Big-endian two's complement of the stored length to so many bytes, 8, 16 or 32.
    case bigEndian(byteCount: Int)
    case int96(TimeUnit)
    /// Months, days, milliseconds.
    case interval
    /// Nothing: every value is null.
    case null
}

extension LeafColumn {
    /// Bytes of a value as stored; `nil` for byte arrays and booleans.
    var physicalByteWidth: Int? {
        switch physicalType {
        case .int32, .float: 4
        case .int64, .double: 8
        case .int96: 12
        case .fixedLengthByteArray: typeLength
        case .boolean, .byteArray: nil
        }
    }

    /// Bytes of a decoded value.
    var outputByteWidth: Int { conversion.outputByteWidth(stored: physicalByteWidth ?? 0) }
}
