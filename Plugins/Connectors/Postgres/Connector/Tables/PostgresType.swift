// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFiles

/// How values of a column come over the wire, and what they are read as.
///
/// - Source: the `send` functions of PostgreSQL 15, src/backend/utils/adt.
indirect enum PostgresType: Hashable, Sendable {
    case bool, int16, int32, int64, oid, float32, float64
    /// With at most 38 digits.
    case decimal(precision: Int, scale: Int)
    /// Numeric read as the nearest double.
    case roundedNumeric
    /// What is sent as its text: text, varchar, json, enums.
    case text
    /// What is sent as text after a cast: everything without a type of its own here.
    case castText
    case bytes, date, time, timestamp, timestamptz, interval
    case array(PostgresType)

    /// The type of Arrow that Igloo works with.
    var arrow: DataType {
        switch self {
        case .bool: .bool
        case .int16: .int16
        case .int32: .int32
        case .int64, .oid: .int64
        case .float32: .float32
        case .float64, .roundedNumeric: .float64
        case .decimal(let precision, let scale):
            precision <= 18
                ? .decimal64(precision: precision, scale: scale)
                : .decimal128(precision: precision, scale: scale)
        case .text, .castText: .utf8View
        case .bytes: .binaryView
        case .date: .date32
        case .time: .time64(.microsecond)
        case .timestamp: .timestamp(.microsecond, timeZone: nil)
        case .timestamptz: .timestamp(.microsecond, timeZone: "UTC")
        case .interval: .interval(.monthDayNano)
        case .array(let element): .list(Field("item", element.arrow))
        }
    }

    /// The cast a select list needs, with the type of every value named: `::text`, `::float8[]`.
    var cast: String? {
        switch self {
        case .castText: "::text"
        case .roundedNumeric: "::float8"
        case .array(let element): element.cast.map { $0 + "[]" }
        default: nil
        }
    }

    /// The type's name in casts of literals; `nil` where literals are not written.
    var literalName: String? {
        switch self {
        case .bool: "bool"
        case .int16: "int2"
        case .int32: "int4"
        case .int64: "int8"
        case .oid: "oid"
        case .float32: "float4"
        case .float64: "float8"
        case .decimal: "numeric"
        case .text, .castText: "text"
        case .bytes: "bytea"
        case .date: "date"
        case .time: "time"
        case .timestamp: "timestamp"
        case .timestamptz: "timestamptz"
        case .roundedNumeric, .interval, .array: nil
        }
    }

    /// The type of a column, by its object id in `pg_type` (which never changes for these) and its
    /// modifier.
    init(oid: Int, modifier: Int, numericForm: PostgresNumericForm) {
        switch oid {
        case 16: self = .bool
        case 17: self = .bytes
        case 20: self = .int64
        case 21: self = .int16
        case 23: self = .int32
        case 26: self = .oid
        case 25, 114, 1043: self = .text
        case 700: self = .float32
        case 701: self = .float64
        case 1082: self = .date
        case 1083: self = .time
        case 1114: self = .timestamp
        case 1184: self = .timestamptz
        case 1186: self = .interval
        case 1700: self = Self.numeric(modifier: modifier, numericForm)
        default: self = .castText
        }
    }

    /// - Source: `make_numeric_typmod` in src/backend/utils/adt/numeric.c.
    private static func numeric(modifier: Int, _ form: PostgresNumericForm) -> PostgresType {
        if modifier >= 4 {
            let precision = ((modifier - 4) >> 16) & 0xFFFF
            // Eleven bits with a sign: scales may be negative.
            let scale = (((modifier - 4) & 0x7FF) ^ 1024) - 1024
            if precision <= 38 && scale >= 0 && scale <= precision {
                return .decimal(precision: precision, scale: scale)
            }
            // numeric(3, -2) has five digits before the point, numeric(3, 5) five after it.
            if scale < 0 && precision - scale <= 38 {
                return .decimal(precision: precision - scale, scale: 0)
            }
            if scale > precision && scale <= 38 { return .decimal(precision: scale, scale: scale) }
        }
        switch form {
        case .decimal: return .decimal(precision: 38, scale: 9)
        case .text: return .castText
        case .double: return .roundedNumeric
        }
    }

    // MARK: - Bytes

    func encode(into encoder: inout HandleEncoder) {
        switch self {
        case .bool: encoder.append(UInt8(0))
        case .int16: encoder.append(UInt8(1))
        case .int32: encoder.append(UInt8(2))
        case .int64: encoder.append(UInt8(3))
        case .oid: encoder.append(UInt8(4))
        case .float32: encoder.append(UInt8(5))
        case .float64: encoder.append(UInt8(6))
        case .decimal(let precision, let scale):
            encoder.append(UInt8(7))
            encoder.append([precision, scale])
        case .roundedNumeric: encoder.append(UInt8(8))
        case .text: encoder.append(UInt8(9))
        case .castText: encoder.append(UInt8(10))
        case .bytes: encoder.append(UInt8(11))
        case .date: encoder.append(UInt8(12))
        case .time: encoder.append(UInt8(13))
        case .timestamp: encoder.append(UInt8(14))
        case .timestamptz: encoder.append(UInt8(15))
        case .interval: encoder.append(UInt8(16))
        case .array(let element):
            encoder.append(UInt8(17))
            element.encode(into: &encoder)
        }
    }

    init(from decoder: inout HandleDecoder) throws(IglooError) {
        let simple: [PostgresType?] = [
            .bool, .int16, .int32, .int64, .oid, .float32, .float64, nil, .roundedNumeric, .text,
            .castText, .bytes, .date, .time, .timestamp, .timestamptz, .interval, nil,
        ]
        let code = Int(try decoder.byte())
        guard code < simple.count else { throw decoder.malformed("\(code) is no type") }
        if let type = simple[code] {
            self = type
        } else if code == 17 {
            let element = try PostgresType(from: &decoder)
            if case .array = element { throw decoder.malformed("an array of arrays") }
            self = .array(element)
        } else {
            let shape = try decoder.ints()
            guard shape.count == 2, (1...38).contains(shape[0]), (0...shape[0]).contains(shape[1])
            else { throw decoder.malformed("decimal\(shape) is no type") }
            self = .decimal(precision: shape[0], scale: shape[1])
        }
    }
}
