// SPDX-License-Identifier: MIT

/// The type of a column, as Apache Arrow defines it.
///
/// - Source: Arrow columnar format 1.5, `Schema.fbs`.
public indirect enum DataType: Hashable, Sendable {
    case null
    case bool
    case int8, int16, int32, int64
    case uint8, uint16, uint32, uint64
    case float16, float32, float64
    /// Exact numbers of `precision` digits, `scale` of them after the point, stored unscaled.
    case decimal32(precision: Int, scale: Int)
    case decimal64(precision: Int, scale: Int)
    case decimal128(precision: Int, scale: Int)
    case decimal256(precision: Int, scale: Int)
    case utf8, largeUtf8, utf8View
    case binary, largeBinary, binaryView
    case fixedSizeBinary(byteCount: Int)
    /// Days since 1970-01-01.
    case date32
    /// Milliseconds since 1970-01-01, always whole days.
    case date64
    case time32(TimeUnit)
    case time64(TimeUnit)
    /// Units since 1970-01-01 00:00. With a zone it is an instant in UTC, to be shown in that
    /// zone; without one it is a wall clock's reading.
    case timestamp(TimeUnit, timeZone: String?)
    case duration(TimeUnit)
    case interval(IntervalUnit)
    case list(Field), largeList(Field), listView(Field), largeListView(Field)
    case fixedSizeList(Field, count: Int)
    case structure([Field])
    /// `entries` is a structure of key and value.
    case map(entries: Field, keysSorted: Bool)
    /// Indexes of type `index` into a dictionary of type `value`.
    case dictionary(index: DataType, value: DataType, isOrdered: Bool)
    /// `runEnds` is an int16, int32 or int64.
    case runEndEncoded(runEnds: Field, values: Field)
    case union(UnionMode, typeIds: [Int8], fields: [Field])
    /// A type of SQL that is kept as one of Arrow's.
    case logical(LogicalType)
}

public enum TimeUnit: UInt8, Hashable, Sendable, CaseIterable {
    case second, millisecond, microsecond, nanosecond

    /// How many of this unit make a second.
    public var unitsPerSecond: Int64 {
        switch self {
        case .second: 1
        case .millisecond: 1_000
        case .microsecond: 1_000_000
        case .nanosecond: 1_000_000_000
        }
    }
}

public enum IntervalUnit: UInt8, Hashable, Sendable, CaseIterable {
    /// An int32 of months.
    case yearMonth
    /// Two int32: days, milliseconds.
    case dayTime
    /// int32 months, int32 days, int64 nanoseconds.
    case monthDayNano
}

public enum UnionMode: UInt8, Hashable, Sendable {
    case sparse, dense
}

extension DataType {
    /// Bytes of one value in the (only) data buffer, or `nil` for types of another layout.
    ///
    /// Dictionaries answer for their indexes. Booleans are bits, hence `nil`.
    public var fixedByteWidth: Int? {
        switch self {
        case .int8, .uint8: 1
        case .int16, .uint16, .float16: 2
        case .int32, .uint32, .float32, .decimal32, .date32, .time32: 4
        case .int64, .uint64, .float64, .decimal64, .date64, .time64, .timestamp, .duration: 8
        case .decimal128: 16
        case .decimal256: 32
        case .interval(.yearMonth): 4
        case .interval(.dayTime): 8
        case .interval(.monthDayNano): 16
        case .fixedSizeBinary(let byteCount): byteCount
        case .dictionary(let index, _, _): index.fixedByteWidth
        case .logical(let type): type.storage.fixedByteWidth
        default: nil
        }
    }

    public var isInteger: Bool { isSignedInteger || isUnsignedInteger }

    public var isSignedInteger: Bool {
        switch self {
        case .int8, .int16, .int32, .int64: true
        default: false
        }
    }

    public var isUnsignedInteger: Bool {
        switch self {
        case .uint8, .uint16, .uint32, .uint64: true
        default: false
        }
    }

    public var isFloat: Bool {
        switch self {
        case .float16, .float32, .float64: true
        default: false
        }
    }

    public var isDecimal: Bool { decimalShape != nil }

    public var isNumeric: Bool { isInteger || isFloat || isDecimal }

    public var isText: Bool {
        switch self {
        case .utf8, .largeUtf8, .utf8View: true
        default: false
        }
    }

    public var isBinary: Bool {
        switch self {
        case .binary, .largeBinary, .binaryView, .fixedSizeBinary: true
        default: false
        }
    }

    /// Precision and scale of any of the four decimal types.
    public var decimalShape: (precision: Int, scale: Int)? {
        switch self {
        case .decimal32(let precision, let scale), .decimal64(let precision, let scale),
            .decimal128(let precision, let scale), .decimal256(let precision, let scale):
            (precision, scale)
        default: nil
        }
    }

    /// The fields of the children, in Arrow's order; empty for types without.
    public var childFields: [Field] {
        switch self {
        case .list(let field), .largeList(let field), .listView(let field),
            .largeListView(let field), .fixedSizeList(let field, _), .map(let field, _):
            [field]
        case .structure(let fields), .union(_, _, let fields): fields
        case .runEndEncoded(let runEnds, let values): [runEnds, values]
        default: []
        }
    }
}
