// SPDX-License-Identifier: MIT

import IglooArrow

/// The Arrow type and conversion of a leaf.
///
/// - Source: parquet-format, `LogicalTypes.md`; where it leaves a choice, what pyarrow does.
struct LeafType {
    var type: DataType
    var conversion: ValueConversion

    init(_ type: DataType, _ conversion: ValueConversion = .none) {
        self.type = type
        self.conversion = conversion
    }

    /// An annotation that does not fit the storage is ignored: the values are shown as stored.
    static func of(_ element: SchemaElement, _ options: ParquetOptions) -> LeafType {
        guard let physical = element.type else { return LeafType(.null, .null) }
        if let logical = element.logicalType {
            if logical == .null { return LeafType(.null, .null) }
            if let type = annotated(logical, element, physical, options) { return type }
        } else if let type = converted(element, physical, options) {
            return type
        }
        return plain(element, physical, options)
    }

    private static func plain(
        _ element: SchemaElement, _ physical: PhysicalType, _ options: ParquetOptions
    ) -> LeafType {
        switch physical {
        case .boolean: LeafType(.bool, .bits)
        case .int32: LeafType(.int32)
        case .int64: LeafType(.int64)
        case .int96:
            LeafType(.timestamp(options.int96Unit, timeZone: nil), .int96(options.int96Unit))
        case .float: LeafType(.float32)
        case .double: LeafType(.float64)
        case .byteArray: LeafType(readsText(element, options) ? .utf8View : .binaryView, .views)
        case .fixedLengthByteArray:
            LeafType(.fixedSizeBinary(byteCount: Int(element.typeLength)))
        }
    }

    private static func readsText(_ element: SchemaElement, _ options: ParquetOptions) -> Bool {
        options.readsBinaryAsText && element.logicalType == nil && element.convertedType == nil
    }

    private static func annotated(
        _ logical: LogicalType, _ element: SchemaElement, _ physical: PhysicalType,
        _ options: ParquetOptions
    ) -> LeafType? {
        switch logical {
        case .string, .enumeration, .json:
            return physical == .byteArray ? LeafType(.utf8View, .views) : nil
        case .decimal(let scale, let precision):
            return decimal(Int(precision), Int(scale), element, physical, options)
        case .date: return physical == .int32 ? LeafType(.date32) : nil
        case .time(let unit): return time(unit, physical)
        case .timestamp(let unit, let isUTC): return timestamp(unit, isUTC, physical)
        case .integer(let bitWidth, let isSigned): return integer(bitWidth, isSigned, physical)
        case .float16:
            return physical == .fixedLengthByteArray && element.typeLength == 2
                ? LeafType(.float16) : nil
        case .bson, .uuid, .map, .list, .null, .other: return nil
        }
    }

    private static func converted(
        _ element: SchemaElement, _ physical: PhysicalType, _ options: ParquetOptions
    ) -> LeafType? {
        switch element.convertedType {
        case .utf8, .enumeration, .json:
            return physical == .byteArray ? LeafType(.utf8View, .views) : nil
        case .decimal:
            let (precision, scale) = (Int(element.precision), Int(element.scale))
            return decimal(precision, scale, element, physical, options)
        case .date: return physical == .int32 ? LeafType(.date32) : nil
        case .timeMillis: return time(.milliseconds, physical)
        case .timeMicros: return time(.microseconds, physical)
        case .timestampMillis: return timestamp(.milliseconds, true, physical)
        case .timestampMicros: return timestamp(.microseconds, true, physical)
        case .int8: return integer(8, true, physical)
        case .int16: return integer(16, true, physical)
        case .int32: return integer(32, true, physical)
        case .int64: return integer(64, true, physical)
        case .uint8: return integer(8, false, physical)
        case .uint16: return integer(16, false, physical)
        case .uint32: return integer(32, false, physical)
        case .uint64: return integer(64, false, physical)
        case .interval:
            guard physical == .fixedLengthByteArray, element.typeLength == 12 else { return nil }
            return LeafType(.interval(.monthDayNano), .interval)
        case .bson, .map, .mapKeyValue, .list, nil: return nil
        }
    }

    private static func time(_ unit: LogicalType.Unit, _ physical: PhysicalType) -> LeafType? {
        switch (unit, physical) {
        case (.milliseconds, .int32): LeafType(.time32(.millisecond))
        case (.microseconds, .int64): LeafType(.time64(.microsecond))
        case (.nanoseconds, .int64): LeafType(.time64(.nanosecond))
        default: nil
        }
    }

    private static func timestamp(
        _ unit: LogicalType.Unit, _ isUTC: Bool, _ physical: PhysicalType
    ) -> LeafType? {
        guard physical == .int64 else { return nil }
        let arrow: TimeUnit =
            switch unit {
            case .milliseconds: .millisecond
            case .microseconds: .microsecond
            case .nanoseconds: .nanosecond
            }
        return LeafType(.timestamp(arrow, timeZone: isUTC ? "UTC" : nil))
    }

    private static func integer(
        _ bitWidth: Int8, _ isSigned: Bool, _ physical: PhysicalType
    ) -> LeafType? {
        switch (bitWidth, physical) {
        case (8, .int32): LeafType(isSigned ? .int8 : .uint8, .narrow(byteCount: 1))
        case (16, .int32): LeafType(isSigned ? .int16 : .uint16, .narrow(byteCount: 2))
        case (32, .int32): LeafType(isSigned ? .int32 : .uint32)
        case (64, .int64): LeafType(isSigned ? .int64 : .uint64)
        default: nil
        }
    }

    private static func decimal(
        _ precision: Int, _ scale: Int, _ element: SchemaElement, _ physical: PhysicalType,
        _ options: ParquetOptions
    ) -> LeafType? {
        guard precision >= 1, precision <= 76, scale >= 0, scale <= precision else { return nil }
        let isNarrow = options.prefersDecimal64 && precision <= 18
        let type: DataType =
            if isNarrow {
                .decimal64(precision: precision, scale: scale)
            } else if precision <= 38 {
                .decimal128(precision: precision, scale: scale)
            } else {
                .decimal256(precision: precision, scale: scale)
            }
        let byteCount = isNarrow ? 8 : precision <= 38 ? 16 : 32
        switch physical {
        case .int32:
            guard precision <= 38 else { return nil }
            return LeafType(type, isNarrow ? .int32ToInt64 : .int32ToInt128)
        case .int64:
            guard precision <= 38 else { return nil }
            return LeafType(type, isNarrow ? .none : .int64ToInt128)
        case .byteArray: return LeafType(type, .bigEndian(byteCount: byteCount))
        case .fixedLengthByteArray: return LeafType(type, .bigEndian(byteCount: byteCount))
        case .boolean, .int96, .float, .double: return nil
        }
    }
}
