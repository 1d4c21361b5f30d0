// SPDX-License-Identifier: MIT

public import IglooArrow

extension DataType {
    /// The name a user knows the type by: `bigint`, `decimal(12,2)`, `text`, `integer[]`.
    public var sqlName: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .int8: "tinyint"
        case .int16: "smallint"
        case .int32: "integer"
        case .int64: "bigint"
        case .uint8: "utinyint"
        case .uint16: "usmallint"
        case .uint32: "uinteger"
        case .uint64: "ubigint"
        case .float16: "half"
        case .float32: "real"
        case .float64: "double"
        case .decimal128(38, 0): "hugeint"
        case .decimal32(let precision, let scale), .decimal64(let precision, let scale),
            .decimal128(let precision, let scale), .decimal256(let precision, let scale):
            "decimal(\(precision),\(scale))"
        case .utf8, .largeUtf8, .utf8View: "text"
        case .binary, .largeBinary, .binaryView, .fixedSizeBinary: "bytea"
        case .date32, .date64: "date"
        case .time32, .time64: "time"
        case .timestamp(.nanosecond, .none): "timestamp_ns"
        case .timestamp(_, .none): "timestamp"
        case .timestamp: "timestamptz"
        case .duration, .interval: "interval"
        case .list(let field), .largeList(let field), .listView(let field),
            .largeListView(let field):
            "\(field.type.sqlName)[]"
        case .fixedSizeList(let field, let count): "\(field.type.sqlName)[\(count)]"
        case .structure(let fields):
            "struct(\(fields.map { "\($0.name) \($0.type.sqlName)" }.joined(separator: ", ")))"
        case .map(let entries, _):
            "map(\(entries.type.childFields.map(\.type.sqlName).joined(separator: ", ")))"
        case .dictionary(_, let value, _): value.sqlName
        case .runEndEncoded(_, let values): values.type.sqlName
        case .union(_, _, let fields):
            "union(\(fields.map { "\($0.name) \($0.type.sqlName)" }.joined(separator: ", ")))"
        case .logical(.enumeration(let type)): type.name
        case .logical(let type): "\(type)"
        }
    }
}
