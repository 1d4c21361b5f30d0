// SPDX-License-Identifier: MIT

extension ArrayData {
    /// Element `index` as a value of its own.
    ///
    /// Dictionaries and runs answer with the value itself. A union answers with a structure of
    /// type id and value. A day-time interval's milliseconds become nanoseconds; a decimal256 that
    /// 128 bits hold becomes a `decimal`.
    public func scalar(at index: Int) -> Scalar {
        precondition(index >= 0 && index < count, "element \(index) of \(count)")
        if isNull(index) { return .null }
        switch type {
        case .null: return .null
        case .utf8, .largeUtf8, .utf8View:
            return .text(String(decoding: bytes(at: index), as: UTF8.self))
        case .binary, .largeBinary, .binaryView, .fixedSizeBinary:
            return .binary(Array(bytes(at: index)))
        case .list, .largeList, .listView, .largeListView, .fixedSizeList:
            return .list(listRange(at: index).map { children[0].scalar(at: $0) })
        case .map: return .map(listRange(at: index).map { children[0].scalar(at: $0) })
        case .structure: return .structure(children.map { $0.scalar(at: offset + index) })
        case .dictionary: return dictionary?.scalar(at: dictionaryIndex(at: index)) ?? .null
        case .runEndEncoded: return children[1].scalar(at: runIndex(at: index))
        case .logical: return stored.scalar(at: index)
        case .union:
            let place = unionPlace(at: index)
            return .structure([
                .int(Int64(values(as: Int8.self)[index])),
                children[place.child].scalar(at: place.index),
            ])
        default: return fixedScalar(at: index)
        }
    }

    private func fixedScalar(at index: Int) -> Scalar {
        switch type {
        case .bool: .bool(Bitmap.isSet(buffers[0].pointer(), offset + index))
        case .int8: .int(Int64(values(as: Int8.self)[index]))
        case .int16: .int(Int64(values(as: Int16.self)[index]))
        case .int32, .date32, .time32: .int(Int64(values(as: Int32.self)[index]))
        case .int64, .date64, .time64, .timestamp, .duration:
            .int(values(as: Int64.self)[index])
        case .uint8: .uint(UInt64(values(as: UInt8.self)[index]))
        case .uint16: .uint(UInt64(values(as: UInt16.self)[index]))
        case .uint32: .uint(UInt64(values(as: UInt32.self)[index]))
        case .uint64: .uint(values(as: UInt64.self)[index])
        case .float16: .float(Double(values(as: Float16.self)[index]))
        case .float32: .float(Double(values(as: Float.self)[index]))
        case .float64: .float(values(as: Double.self)[index])
        case .decimal32: .decimal(Int128(values(as: Int32.self)[index]))
        case .decimal64: .decimal(Int128(values(as: Int64.self)[index]))
        case .decimal128: .decimal(values(as: Int128.self)[index])
        case .decimal256: Scalar(values(as: Int256.self)[index])
        case .interval(let unit): interval(at: index, unit)
        default: preconditionFailure("\(type) is not of fixed width")
        }
    }

    private func interval(at index: Int, _ unit: IntervalUnit) -> Scalar {
        switch unit {
        case .yearMonth:
            return .interval(months: values(as: Int32.self)[index], days: 0, nanoseconds: 0)
        case .dayTime:
            let value = values(as: DayTimeInterval.self)[index]
            return .interval(
                months: 0, days: value.days, nanoseconds: Int64(value.milliseconds) * 1_000_000)
        case .monthDayNano:
            let value = values(as: MonthDayNanoInterval.self)[index]
            return .interval(
                months: value.months, days: value.days, nanoseconds: value.nanoseconds)
        }
    }
}

extension Scalar {
    /// A decimal: narrow when 128 bits hold it.
    public init(_ unscaled: Int256) {
        if let narrow = unscaled.narrowed {
            self = .decimal(narrow)
        } else {
            self = .wideDecimal(high: unscaled.high, low: unscaled.low)
        }
    }

    /// The unscaled value of either kind of decimal.
    public var unscaledDecimal: Int256? {
        switch self {
        case .decimal(let value): Int256(value)
        case .wideDecimal(let high, let low): Int256(high: high, low: low)
        default: nil
        }
    }
}

/// How `interval(.dayTime)` stores a value.
@frozen
public struct DayTimeInterval: BitwiseCopyable, Hashable, Sendable {
    public var days: Int32
    public var milliseconds: Int32

    @inlinable
    public init(days: Int32, milliseconds: Int32) {
        self.days = days
        self.milliseconds = milliseconds
    }
}

/// How `interval(.monthDayNano)` stores a value.
@frozen
public struct MonthDayNanoInterval: BitwiseCopyable, Hashable, Sendable {
    public var months: Int32
    public var days: Int32
    public var nanoseconds: Int64

    @inlinable
    public init(months: Int32, days: Int32, nanoseconds: Int64) {
        self.months = months
        self.days = days
        self.nanoseconds = nanoseconds
    }
}
