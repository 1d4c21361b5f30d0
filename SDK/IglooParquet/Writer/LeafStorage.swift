// SPDX-License-Identifier: MIT

import IglooArrow

/// How an Arrow type's values are stored.
///
/// - Source: parquet-format, `LogicalTypes.md`.
struct LeafStorage {
    /// How values become those of the physical type.
    enum Conversion {
        case bits
        /// Integers of `byteCount` bytes, widened to 4 where they are smaller.
        case integer(byteCount: Int, isSigned: Bool)
        /// Seconds to milliseconds and the like, 4 or 8 bytes.
        case scaled(by: Int64, byteCount: Int)
        /// Milliseconds to days.
        case days
        case bytes
        /// As it lies in memory, so many bytes.
        case fixed(byteCount: Int)
        /// A decimal of `from` bytes as big-endian two's complement of `to` bytes.
        case bigEndian(from: Int, to: Int)
        /// A decimal of 16 or 32 bytes that fits into 4 or 8.
        case lower(from: Int, to: Int)
        /// Months, days and milliseconds from an interval of Arrow's.
        case interval(IntervalUnit)
        /// All values are null.
        case null
    }

    /// What "smaller" means, for statistics.
    enum Order { case signed, unsigned, float, float16, bytes, bigEndian, none }

    var element = SchemaElement()
    var conversion: Conversion
    var order: Order

    /// `nil` where Parquet has no form for the type.
    init?(_ type: DataType) {
        guard let (physical, conversion, order) = Self.physical(type) else { return nil }
        element.type = physical
        self.conversion = conversion
        self.order = order
        if case .fixed(let byteCount) = conversion { element.typeLength = Int32(byteCount) }
        if case .bigEndian(_, let byteCount) = conversion { element.typeLength = Int32(byteCount) }
        if case .interval = conversion { element.typeLength = 12 }
        annotate(type)
    }

    private static func physical(_ type: DataType) -> (PhysicalType, Conversion, Order)? {
        switch type {
        case .null: (.int32, .null, .signed)
        case .bool: (.boolean, .bits, .unsigned)
        case .int8, .int16, .int32:
            (.int32, .integer(byteCount: type.fixedByteWidth ?? 4, isSigned: true), .signed)
        case .uint8, .uint16, .uint32:
            (.int32, .integer(byteCount: type.fixedByteWidth ?? 4, isSigned: false), .unsigned)
        case .int64, .duration: (.int64, .integer(byteCount: 8, isSigned: true), .signed)
        case .uint64: (.int64, .integer(byteCount: 8, isSigned: false), .unsigned)
        case .float16: (.fixedLengthByteArray, .fixed(byteCount: 2), .float16)
        case .float32: (.float, .integer(byteCount: 4, isSigned: true), .float)
        case .float64: (.double, .integer(byteCount: 8, isSigned: true), .float)
        case .utf8, .largeUtf8, .utf8View, .binary, .largeBinary, .binaryView:
            (.byteArray, .bytes, .bytes)
        case .fixedSizeBinary(let byteCount):
            byteCount > 0 ? (.fixedLengthByteArray, .fixed(byteCount: byteCount), .bytes) : nil
        case .date32: (.int32, .integer(byteCount: 4, isSigned: true), .signed)
        case .date64: (.int32, .days, .signed)
        case .time32(.second): (.int32, .scaled(by: 1_000, byteCount: 4), .signed)
        case .time32: (.int32, .integer(byteCount: 4, isSigned: true), .signed)
        case .time64: (.int64, .integer(byteCount: 8, isSigned: true), .signed)
        case .timestamp(.second, _): (.int64, .scaled(by: 1_000, byteCount: 8), .signed)
        case .timestamp: (.int64, .integer(byteCount: 8, isSigned: true), .signed)
        case .interval(let unit): (.fixedLengthByteArray, .interval(unit), .none)
        default: decimal(type)
        }
    }

    /// Up to 9 digits in 4 bytes, up to 18 in 8, more in as few bytes as they need.
    private static func decimal(_ type: DataType) -> (PhysicalType, Conversion, Order)? {
        guard let (precision, scale) = type.decimalShape, let width = type.fixedByteWidth,
            precision >= 1, (0...precision).contains(scale)
        else { return nil }
        if precision <= 18 {
            let to = precision <= 9 ? 4 : 8
            let conversion: Conversion =
                width == to
                ? .integer(byteCount: to, isSigned: true) : .lower(from: width, to: to)
            return (to == 4 ? .int32 : .int64, conversion, .signed)
        }
        return (
            .fixedLengthByteArray, .bigEndian(from: width, to: byteCount(digits: precision)),
            .bigEndian
        )
    }

    /// The fewest bytes of two's complement that hold so many decimal digits.
    static func byteCount(digits: Int) -> Int {
        // log2(10) = 3.3219..., and a bit for the sign.
        (digits * 33_220 / 10_000 + 2 + 7) / 8
    }

    // MARK: - Annotations

    private mutating func annotate(_ type: DataType) {
        switch type {
        case .null: element.logicalType = .null
        case .int8: integer(8, isSigned: true, .int8)
        case .int16: integer(16, isSigned: true, .int16)
        case .uint8: integer(8, isSigned: false, .uint8)
        case .uint16: integer(16, isSigned: false, .uint16)
        case .uint32: integer(32, isSigned: false, .uint32)
        case .uint64: integer(64, isSigned: false, .uint64)
        case .float16: element.logicalType = .float16
        case .utf8, .largeUtf8, .utf8View:
            (element.logicalType, element.convertedType) = (.string, .utf8)
        case .date32, .date64: (element.logicalType, element.convertedType) = (.date, .date)
        case .time32:
            (element.logicalType, element.convertedType) = (.time(.milliseconds), .timeMillis)
        case .time64(let unit):
            element.logicalType = .time(unit == .nanosecond ? .nanoseconds : .microseconds)
            element.convertedType = unit == .nanosecond ? nil : .timeMicros
        case .timestamp(let unit, let zone): timestamp(unit, isUTC: zone != nil)
        case .interval: element.convertedType = .interval
        default:
            guard let (precision, scale) = type.decimalShape else { return }
            (element.precision, element.scale) = (Int32(precision), Int32(scale))
            element.convertedType = .decimal
            element.logicalType = .decimal(scale: Int32(scale), precision: Int32(precision))
        }
    }

    private mutating func integer(_ bitWidth: Int8, isSigned: Bool, _ converted: ConvertedType) {
        element.logicalType = .integer(bitWidth: bitWidth, isSigned: isSigned)
        element.convertedType = converted
    }

    private mutating func timestamp(_ unit: TimeUnit, isUTC: Bool) {
        switch unit {
        case .second, .millisecond:
            element.logicalType = .timestamp(.milliseconds, isUTC: isUTC)
            element.convertedType = isUTC ? .timestampMillis : nil
        case .microsecond:
            element.logicalType = .timestamp(.microseconds, isUTC: isUTC)
            element.convertedType = isUTC ? .timestampMicros : nil
        case .nanosecond: element.logicalType = .timestamp(.nanoseconds, isUTC: isUTC)
        }
    }
}
