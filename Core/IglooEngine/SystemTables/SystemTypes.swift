// SPDX-License-Identifier: MIT

import IglooArrow
import IglooPlan

/// PostgreSQL's names and numbers of types, as tools know them.
struct PostgresType: Sendable {
    var oid: Int
    var name: String
    /// In information_schema.
    var standardName: String
    var byteCount: Int
    /// The number of the array type; 0 without.
    var arrayOid: Int
    /// pg_type's typcategory.
    var category: String

    static let text = PostgresType(
        oid: 25, name: "text", standardName: "text", byteCount: -1, arrayOid: 1009, category: "S")
    static let varchar = PostgresType(
        oid: 1043, name: "varchar", standardName: "character varying", byteCount: -1,
        arrayOid: 1015, category: "S")
    static let all: [PostgresType] = [
        text, varchar,
        .init(
            oid: 16, name: "bool", standardName: "boolean", byteCount: 1, arrayOid: 1000,
            category: "B"),
        .init(
            oid: 17, name: "bytea", standardName: "bytea", byteCount: -1, arrayOid: 1001,
            category: "U"),
        .init(
            oid: 20, name: "int8", standardName: "bigint", byteCount: 8, arrayOid: 1016,
            category: "N"),
        .init(
            oid: 21, name: "int2", standardName: "smallint", byteCount: 2, arrayOid: 1005,
            category: "N"),
        .init(
            oid: 23, name: "int4", standardName: "integer", byteCount: 4, arrayOid: 1007,
            category: "N"),
        .init(
            oid: 26, name: "oid", standardName: "oid", byteCount: 4, arrayOid: 1028,
            category: "N"),
        .init(
            oid: 114, name: "json", standardName: "json", byteCount: -1, arrayOid: 199,
            category: "U"),
        .init(
            oid: 650, name: "cidr", standardName: "cidr", byteCount: -1, arrayOid: 651,
            category: "I"),
        .init(
            oid: 700, name: "float4", standardName: "real", byteCount: 4, arrayOid: 1021,
            category: "N"),
        .init(
            oid: 701, name: "float8", standardName: "double precision", byteCount: 8,
            arrayOid: 1022, category: "N"),
        .init(
            oid: 869, name: "inet", standardName: "inet", byteCount: -1, arrayOid: 1041,
            category: "I"),
        .init(
            oid: 1082, name: "date", standardName: "date", byteCount: 4, arrayOid: 1182,
            category: "D"),
        .init(
            oid: 1083, name: "time", standardName: "time without time zone", byteCount: 8,
            arrayOid: 1183, category: "D"),
        .init(
            oid: 1114, name: "timestamp", standardName: "timestamp without time zone",
            byteCount: 8, arrayOid: 1115, category: "D"),
        .init(
            oid: 1184, name: "timestamptz", standardName: "timestamp with time zone",
            byteCount: 8, arrayOid: 1185, category: "D"),
        .init(
            oid: 1186, name: "interval", standardName: "interval", byteCount: 16,
            arrayOid: 1187, category: "T"),
        .init(
            oid: 1266, name: "timetz", standardName: "time with time zone", byteCount: 12,
            arrayOid: 1270, category: "D"),
        .init(
            oid: 1700, name: "numeric", standardName: "numeric", byteCount: -1, arrayOid: 1231,
            category: "N"),
        .init(
            oid: 2249, name: "record", standardName: "record", byteCount: -1, arrayOid: 2287,
            category: "P"),
        .init(
            oid: 2950, name: "uuid", standardName: "uuid", byteCount: 16, arrayOid: 2951,
            category: "U"),
        .init(
            oid: 3802, name: "jsonb", standardName: "jsonb", byteCount: -1, arrayOid: 3807,
            category: "U"),
    ]

    private static let byName: [String: PostgresType] = Dictionary(
        all.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

    init(
        oid: Int, name: String, standardName: String, byteCount: Int, arrayOid: Int,
        category: String
    ) {
        self.oid = oid
        self.name = name
        self.standardName = standardName
        self.byteCount = byteCount
        self.arrayOid = arrayOid
        self.category = category
    }

    /// The type that stands for one of the engine's: the next wider where there is none.
    init(_ type: DataType) {
        if let element = type.anyListElement {
            let inner = PostgresType(element)
            self.init(
                oid: inner.arrayOid, name: "_\(inner.name)", standardName: "ARRAY", byteCount: -1,
                arrayOid: 0, category: "A")
            return
        }
        let name =
            switch type {
            case .bool: "bool"
            case .int8, .int16, .uint8: "int2"
            case .int32, .uint16: "int4"
            case .int64, .uint32: "int8"
            case .float16, .float32: "float4"
            case .float64: "float8"
            case .uint64, .decimal32, .decimal64, .decimal128, .decimal256: "numeric"
            case .binary, .largeBinary, .binaryView, .fixedSizeBinary: "bytea"
            case .date32, .date64: "date"
            case .time32, .time64: "time"
            case .timestamp(_, .none): "timestamp"
            case .timestamp: "timestamptz"
            case .duration, .interval: "interval"
            case .structure, .map, .union: "record"
            case .logical(let type): "\(type)"
            default: "text"
            }
        self = Self.byName[name] ?? .text
    }
}

extension DataType {
    fileprivate var anyListElement: DataType? {
        switch self {
        case .list(let field), .largeList(let field), .listView(let field),
            .largeListView(let field), .fixedSizeList(let field, _):
            field.type
        default: nil
        }
    }

    /// Precision and scale of a number, in digits.
    var numericPrecision: (precision: Int, scale: Int)? {
        switch self {
        case .int8, .uint8: (8, 0)
        case .int16, .uint16: (16, 0)
        case .int32, .uint32: (32, 0)
        case .int64, .uint64: (64, 0)
        case .decimal32(let precision, let scale), .decimal64(let precision, let scale),
            .decimal128(let precision, let scale), .decimal256(let precision, let scale):
            (Int(precision), Int(scale))
        case .float32: (24, 0)
        case .float64: (53, 0)
        default: nil
        }
    }
}
