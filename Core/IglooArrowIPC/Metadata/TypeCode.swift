// SPDX-License-Identifier: MIT

/// The members of the union `Type` in Arrow's Schema.fbs.
enum TypeCode: UInt8 {
    case null = 1
    case int, floatingPoint, binary, utf8, bool, decimal, date, time, timestamp, interval
    case list, structure, union, fixedSizeBinary, fixedSizeList, map, duration
    case largeBinary, largeUtf8, largeList, runEndEncoded, binaryView, utf8View
    case listView, largeListView
}

/// The members of the union `MessageHeader` in Arrow's Message.fbs.
enum HeaderCode: UInt8 {
    case schema = 1
    case dictionaryBatch, recordBatch, tensor, sparseTensor
}

/// Versions of the format, as `MetadataVersion` numbers them.
enum MetadataVersion {
    /// The last in which unions had validity bitmaps.
    static let v4: Int16 = 3
    static let v5: Int16 = 4
}
