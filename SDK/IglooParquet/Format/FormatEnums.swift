// SPDX-License-Identifier: MIT

import IglooCompression

/// How values are stored.
///
/// - Source: `parquet.thrift`, as all of this folder.
public enum PhysicalType: Int32, Sendable {
    case boolean = 0, int32, int64, int96, float, double, byteArray, fixedLengthByteArray
}

/// How a page's values or levels are written.
public enum Encoding: Int32, Sendable {
    case plain = 0
    case plainDictionary = 2
    case runLength = 3
    case bitPacked = 4
    case deltaBinaryPacked = 5
    case deltaLengthByteArray = 6
    case deltaByteArray = 7
    case dictionary = 8
    case byteStreamSplit = 9

    /// Indexes into the dictionary page.
    var isDictionary: Bool { self == .plainDictionary || self == .dictionary }
}

enum Repetition: Int32, Sendable { case required = 0, optional, repeated }

/// The older, smaller brother of `LogicalType`.
enum ConvertedType: Int32, Sendable {
    case utf8 = 0, map, mapKeyValue, list, enumeration, decimal, date, timeMillis, timeMicros
    case timestampMillis, timestampMicros
    case uint8, uint16, uint32, uint64, int8, int16, int32, int64, json, bson, interval
}

/// What values mean.
enum LogicalType: Hashable, Sendable {
    enum Unit: Hashable, Sendable { case milliseconds, microseconds, nanoseconds }

    case string, map, list, enumeration
    case decimal(scale: Int32, precision: Int32)
    case date
    case time(Unit)
    case timestamp(Unit, isUTC: Bool)
    case integer(bitWidth: Int8, isSigned: Bool)
    case null, json, bson, uuid, float16
    /// One that this reader does not know: values are shown as they are stored.
    case other
}

enum Codec: Int32, Sendable {
    case uncompressed = 0, snappy, gzip, lzo, brotli, lz4, zstd, lz4Raw

    /// - Returns: `nil` for what no library of the system reads (LZO).
    var compression: Compression? {
        switch self {
        case .uncompressed, .lzo: nil
        case .snappy: .snappy
        case .gzip: .gzip
        case .brotli: .brotli
        case .lz4: .lz4Hadoop
        case .zstd: .zstd
        case .lz4Raw: .lz4Raw
        }
    }
}
