// SPDX-License-Identifier: MIT

public import IglooArrow

/// The types the engine computes with, a subset of Arrow's: each SQL type has one layout.
///
/// | SQL | engine |
/// |---|---|
/// | boolean | bool |
/// | tinyint, smallint, integer, bigint | int8, int16, int32, int64 |
/// | utinyint ... ubigint | uint8 ... uint64 |
/// | hugeint, and sums of bigint | decimal128(38, 0) |
/// | real, double | float32, float64 |
/// | decimal(p, s) | decimal64 up to 18 digits, decimal128 up to 38 |
/// | text, varchar | utf8View |
/// | bytea, blob | binaryView |
/// | date, time | date32, time64(microsecond) |
/// | timestamp, timestamptz | timestamp(microsecond); other units as the source has them: ns |
/// | interval | interval(monthDayNano) |
/// | T[], struct, map | list, structure, map of engine types |
/// | uuid, json, inet, timetz, enum | logical types |
public enum EngineType {
    /// The engine's type for a column that a source delivers as `type`, or `nil` when the engine
    /// has none (decimals of more than 38 digits, unions).
    ///
    /// The scan converts: nothing above it meets another layout, but for text that stays
    /// dictionary-encoded (a matter of encoding, not of type).
    public static func canonical(_ type: DataType) -> DataType? {
        switch type {
        case .null, .bool, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64,
            .float32, .float64, .utf8View, .binaryView, .date32:
            type
        case .float16: .float32
        case .decimal32(let precision, let scale), .decimal64(let precision, let scale),
            .decimal128(let precision, let scale):
            decimal(precision, scale)
        case .decimal256(let precision, let scale):
            precision <= 38 ? decimal(precision, scale) : nil
        case .utf8, .largeUtf8: .utf8View
        case .binary, .largeBinary, .fixedSizeBinary: .binaryView
        case .date64: .date32
        case .time32, .time64: .time64(.microsecond)
        case .timestamp(.nanosecond, let zone): .timestamp(.nanosecond, timeZone: zone)
        case .timestamp(_, let zone): .timestamp(.microsecond, timeZone: zone)
        case .duration, .interval: .interval(.monthDayNano)
        case .list(let field), .largeList(let field), .listView(let field),
            .largeListView(let field), .fixedSizeList(let field, _):
            canonicalField(field).map { .list($0) }
        case .structure(let fields):
            canonical(fields).map { .structure($0) }
        case .map(let entries, let keysSorted):
            canonicalField(entries).map { .map(entries: $0, keysSorted: keysSorted) }
        case .dictionary(_, let value, _): canonical(value)
        case .runEndEncoded(_, let values): canonical(values.type)
        case .logical: type
        case .union: nil
        }
    }

    /// The engine's type for a source's column: what its metadata say, else what its type does.
    public static func canonical(_ field: Field) -> DataType? {
        LogicalType(field).map { .logical($0) } ?? canonical(field.type)
    }

    private static func canonicalField(_ field: Field) -> Field? {
        canonical(field).map {
            let metadata = field.metadata.pairs.filter { !LogicalType.isOwn($0) }
            return Field(
                field.name, $0, isNullable: field.isNullable, metadata: Metadata(metadata))
        }
    }

    /// The field as it is known beyond the border of a plugin, where logical types are Arrow's
    /// extension types.
    ///
    /// - Parameter asText: all of them over text, which whoever does not know them can show.
    public static func exported(_ field: Field, asText: Bool = false) -> Field {
        guard field.type.hasLogicalType else { return field }
        func inner(_ field: Field) -> Field { exported(field, asText: asText) }
        var result = field
        switch field.type {
        case .logical(let type):
            result.type = asText ? .utf8View : type.exportedType
            result.metadata = Metadata(
                field.metadata.pairs + type.exportedMetadata(asText: asText))
        case .list(let item): result.type = .list(inner(item))
        case .structure(let fields): result.type = .structure(fields.map { inner($0) })
        case .map(let entries, let keysSorted):
            result.type = .map(entries: inner(entries), keysSorted: keysSorted)
        default: break
        }
        return result
    }

    private static func canonical(_ fields: [Field]) -> [Field]? {
        var result: [Field] = []
        for field in fields {
            guard let field = canonicalField(field) else { return nil }
            result.append(field)
        }
        return result
    }

    /// The decimal of so many digits. `precision` is at most 38.
    public static func decimal(_ precision: Int, _ scale: Int) -> DataType {
        precision <= 18
            ? .decimal64(precision: precision, scale: scale)
            : .decimal128(precision: precision, scale: scale)
    }

    public static func map(key: DataType, value: DataType) -> DataType {
        let entries = [Field("key", key, isNullable: false), Field("value", value)]
        return .map(
            entries: Field("entries", .structure(entries), isNullable: false), keysSorted: false)
    }

    public static let decimalPrecisionMax = 38

    /// What sums of bigint are: 128 bits.
    public static let hugeInt = DataType.decimal128(precision: 38, scale: 0)
}
