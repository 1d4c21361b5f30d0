// SPDX-License-Identifier: MIT

extension DataType: CustomStringConvertible {
    /// Arrow's own spelling, as other Arrow libraries print it. SQL names are IglooPlan's business.
    public var description: String {
        switch self {
        case .null: "null"
        case .bool: "bool"
        case .int8: "int8"
        case .int16: "int16"
        case .int32: "int32"
        case .int64: "int64"
        case .uint8: "uint8"
        case .uint16: "uint16"
        case .uint32: "uint32"
        case .uint64: "uint64"
        case .float16: "halffloat"
        case .float32: "float"
        case .float64: "double"
        case .decimal32(let precision, let scale): "decimal32(\(precision), \(scale))"
        case .decimal64(let precision, let scale): "decimal64(\(precision), \(scale))"
        case .decimal128(let precision, let scale): "decimal128(\(precision), \(scale))"
        case .decimal256(let precision, let scale): "decimal256(\(precision), \(scale))"
        case .utf8: "string"
        case .largeUtf8: "large_string"
        case .utf8View: "string_view"
        case .binary: "binary"
        case .largeBinary: "large_binary"
        case .binaryView: "binary_view"
        case .fixedSizeBinary(let byteCount): "fixed_size_binary[\(byteCount)]"
        case .date32: "date32[day]"
        case .date64: "date64[ms]"
        case .time32(let unit): "time32[\(unit)]"
        case .time64(let unit): "time64[\(unit)]"
        case .timestamp(let unit, .some(let zone)): "timestamp[\(unit), tz=\(zone)]"
        case .timestamp(let unit, .none): "timestamp[\(unit)]"
        case .duration(let unit): "duration[\(unit)]"
        case .interval(.yearMonth): "month_interval"
        case .interval(.dayTime): "day_time_interval"
        case .interval(.monthDayNano): "month_day_nano_interval"
        case .list(let field): "list<\(field)>"
        case .largeList(let field): "large_list<\(field)>"
        case .listView(let field): "list_view<\(field)>"
        case .largeListView(let field): "large_list_view<\(field)>"
        case .fixedSizeList(let field, let count): "fixed_size_list<\(field)>[\(count)]"
        case .structure(let fields): "struct<\(Self.joined(fields))>"
        case .map(let entries, let keysSorted):
            "map<\(Self.joined(entries.type.childFields))\(keysSorted ? ", keys_sorted" : "")>"
        case .dictionary(let index, let value, let isOrdered):
            "dictionary<values=\(value), indices=\(index), ordered=\(isOrdered ? 1 : 0)>"
        case .runEndEncoded(let runEnds, let values):
            "run_end_encoded<run_ends: \(runEnds.type), values: \(values.type)>"
        case .union(.sparse, _, let fields): "sparse_union<\(Self.joined(fields))>"
        case .union(.dense, _, let fields): "dense_union<\(Self.joined(fields))>"
        case .logical(.enumeration(let type)): "enum<\(type.name)>"
        case .logical(let type): "\(type)"
        }
    }

    private static func joined(_ fields: [Field]) -> String {
        fields.map(\.description).joined(separator: ", ")
    }
}

extension TimeUnit: CustomStringConvertible {
    public var description: String {
        switch self {
        case .second: "s"
        case .millisecond: "ms"
        case .microsecond: "us"
        case .nanosecond: "ns"
        }
    }
}
