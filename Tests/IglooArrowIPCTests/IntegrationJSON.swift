// SPDX-License-Identifier: MIT
import Foundation
import IglooArrow

/// Reads the JSON form of Arrow data that the implementations compare themselves by.
///
/// - Source: Arrow documentation, "Integration testing", "JSON test data format".
struct IntegrationJSON {
    typealias Object = [String: Any]

    let schema: Schema
    let batches: [[[Scalar]]]

    struct Malformed: Error { let what: String }

    init(_ data: Data) throws {
        guard let root = try JSONSerialization.jsonObject(with: data) as? Object,
            let schema = root["schema"] as? Object
        else { throw Malformed(what: "root") }
        let fields = schema["fields"] as? [Object] ?? []
        self.schema = Schema(try fields.map(Self.field), metadata: Self.metadata(schema))
        var reader = ColumnReader()
        var dictionaryFields: [Int: Object] = [:]
        for field in fields { Self.collect(field, &dictionaryFields) }
        reader.fields = dictionaryFields
        for dictionary in root["dictionaries"] as? [Object] ?? [] {
            guard let id = dictionary["id"] as? Int, let data = dictionary["data"] as? Object else {
                throw Malformed(what: "dictionary")
            }
            reader.data[id] = data
        }
        var batches: [[[Scalar]]] = []
        for batch in root["batches"] as? [Object] ?? [] {
            let columns = batch["columns"] as? [Object] ?? []
            batches.append(try zip(columns, fields).map { try reader.values($0, $1) })
        }
        self.batches = batches
    }

    private static func collect(_ field: Object, _ found: inout [Int: Object]) {
        if let id = (field["dictionary"] as? Object)?["id"] as? Int { found[id] = field }
        for child in field["children"] as? [Object] ?? [] { collect(child, &found) }
    }

    private static func metadata(_ object: Object) -> Metadata {
        Metadata(
            (object["metadata"] as? [Object] ?? []).map {
                Metadata.Pair(key: $0["key"] as? String ?? "", value: $0["value"] as? String ?? "")
            })
    }

    private static func field(_ object: Object) throws -> Field {
        var type = try self.type(object)
        if let dictionary = object["dictionary"] as? Object {
            let index = try self.type(["type": dictionary["indexType"] ?? [:]])
            type = .dictionary(
                index: index, value: type, isOrdered: dictionary["isOrdered"] as? Bool ?? false)
        }
        return Field(
            object["name"] as? String ?? "", type, isNullable: object["nullable"] as? Bool ?? true,
            metadata: metadata(object))
    }

    static func type(_ object: Object) throws -> DataType {
        guard let type = object["type"] as? Object, let name = type["name"] as? String else {
            throw Malformed(what: "type of \(object["name"] ?? "")")
        }
        let children = try (object["children"] as? [Object] ?? []).map(field)
        func int(_ key: String) -> Int { type[key] as? Int ?? 0 }
        func unit() throws -> TimeUnit {
            switch type["unit"] as? String {
            case "SECOND": .second
            case "MILLISECOND": .millisecond
            case "MICROSECOND": .microsecond
            case "NANOSECOND": .nanosecond
            default: throw Malformed(what: "unit")
            }
        }
        switch name {
        case "null": return .null
        case "bool": return .bool
        case "int":
            let isSigned = type["isSigned"] as? Bool ?? true
            switch int("bitWidth") {
            case 8: return isSigned ? .int8 : .uint8
            case 16: return isSigned ? .int16 : .uint16
            case 32: return isSigned ? .int32 : .uint32
            default: return isSigned ? .int64 : .uint64
            }
        case "floatingpoint":
            switch type["precision"] as? String {
            case "HALF": return .float16
            case "SINGLE": return .float32
            default: return .float64
            }
        case "decimal":
            let (precision, scale) = (int("precision"), int("scale"))
            switch type["bitWidth"] as? Int ?? 128 {
            case 32: return .decimal32(precision: precision, scale: scale)
            case 64: return .decimal64(precision: precision, scale: scale)
            case 128: return .decimal128(precision: precision, scale: scale)
            default: return .decimal256(precision: precision, scale: scale)
            }
        case "utf8": return .utf8
        case "largeutf8": return .largeUtf8
        case "utf8view": return .utf8View
        case "binary": return .binary
        case "largebinary": return .largeBinary
        case "binaryview": return .binaryView
        case "fixedsizebinary": return .fixedSizeBinary(byteCount: int("byteWidth"))
        case "date": return type["unit"] as? String == "DAY" ? .date32 : .date64
        case "time": return int("bitWidth") == 32 ? .time32(try unit()) : .time64(try unit())
        case "timestamp": return .timestamp(try unit(), timeZone: type["timezone"] as? String)
        case "duration": return .duration(try unit())
        case "interval":
            switch type["unit"] as? String {
            case "YEAR_MONTH": return .interval(.yearMonth)
            case "DAY_TIME": return .interval(.dayTime)
            default: return .interval(.monthDayNano)
            }
        case "list": return .list(children[0])
        case "largelist": return .largeList(children[0])
        case "listview": return .listView(children[0])
        case "largelistview": return .largeListView(children[0])
        case "fixedsizelist": return .fixedSizeList(children[0], count: int("listSize"))
        case "struct": return .structure(children)
        case "map":
            return .map(entries: children[0], keysSorted: type["keysSorted"] as? Bool ?? false)
        case "runendencoded": return .runEndEncoded(runEnds: children[0], values: children[1])
        case "union":
            return .union(
                type["mode"] as? String == "DENSE" ? .dense : .sparse,
                typeIds: (type["typeIds"] as? [Int] ?? []).map { Int8($0) }, fields: children)
        default: throw Malformed(what: "type \(name)")
        }
    }
}

/// Makes values of the JSON form of columns.
private struct ColumnReader {
    typealias Object = IntegrationJSON.Object
    typealias Malformed = IntegrationJSON.Malformed

    var fields: [Int: Object] = [:]
    var data: [Int: Object] = [:]

    func values(_ column: Object, _ field: Object) throws -> [Scalar] {
        if let dictionary = field["dictionary"] as? Object {
            return try dictionaryValues(column, dictionary)
        }
        let type = try IntegrationJSON.type(field)
        let count = column["count"] as? Int ?? 0
        let isValid = column["VALIDITY"] as? [Int]
        let childFields = field["children"] as? [Object] ?? []
        let children = try zip(column["children"] as? [Object] ?? [], childFields).map {
            try values($0, $1)
        }
        return try (0..<count).map { index in
            if isValid?[index] == 0 { return .null }
            return try value(type, column, index, children)
        }
    }

    private func dictionaryValues(_ column: Object, _ encoding: Object) throws -> [Scalar] {
        guard let id = encoding["id"] as? Int, var field = fields[id],
            let columns = data[id]?["columns"] as? [Object]
        else { throw Malformed(what: "dictionary") }
        field["dictionary"] = nil
        let values = try self.values(columns[0], field)
        let indexes = column["DATA"] as? [Any] ?? []
        let isValid = column["VALIDITY"] as? [Int]
        return try indexes.enumerated().map { place, index in
            isValid?[place] == 0 ? .null : values[Int(try integer(index))]
        }
    }

    private func integer(_ value: Any?) throws -> Int64 {
        if let number = value as? NSNumber { return number.int64Value }
        if let text = value as? String, let number = Int64(text) { return number }
        throw Malformed(what: "integer \(String(describing: value))")
    }

    private func bytes(_ hex: Any?) throws -> [UInt8] {
        guard let hex = hex as? String else { throw Malformed(what: "bytes") }
        var bytes: [UInt8] = []
        var digits = Substring(hex)
        while !digits.isEmpty {
            guard let byte = UInt8(digits.prefix(2), radix: 16) else { throw Malformed(what: hex) }
            bytes.append(byte)
            digits = digits.dropFirst(2)
        }
        return bytes
    }

    private func value(
        _ type: DataType, _ column: Object, _ index: Int, _ children: [[Scalar]]
    ) throws -> Scalar {
        func numbers(_ key: String) throws -> [Int] {
            try (column[key] as? [Any] ?? []).map { Int(try integer($0)) }
        }
        switch type {
        case .null: return .null
        case .utf8View, .binaryView: return try view(type, column, index)
        case .list, .largeList:
            let offsets = try numbers("OFFSET")
            return .list(Array(children[0][offsets[index]..<offsets[index + 1]]))
        case .map:
            let offsets = try numbers("OFFSET")
            return .map(Array(children[0][offsets[index]..<offsets[index + 1]]))
        case .listView, .largeListView:
            let (start, count) = (try numbers("OFFSET")[index], try numbers("SIZE")[index])
            return .list(Array(children[0][start..<start + count]))
        case .fixedSizeList(_, let width):
            return .list(Array(children[0][index * width..<(index + 1) * width]))
        case .structure: return .structure(children.map { $0[index] })
        case .union(let mode, let typeIds, _):
            let id = try numbers("TYPE_ID")[index]
            let child = typeIds.firstIndex(of: Int8(id)) ?? 0
            let place = mode == .dense ? try numbers("OFFSET")[index] : index
            return .structure([.int(Int64(id)), children[child][place]])
        case .runEndEncoded:
            let run = children[0].firstIndex {
                if case .int(let end) = $0 { end > index } else { false }
            }
            return children[1][run ?? 0]
        default:
            guard let data = column["DATA"] as? [Any] else { throw Malformed(what: "DATA") }
            return try number(type, data[index])
        }
    }

    private func view(_ type: DataType, _ column: Object, _ index: Int) throws -> Scalar {
        guard let view = (column["VIEWS"] as? [Object])?[index], let count = view["SIZE"] as? Int
        else { throw Malformed(what: "view") }
        if type == .utf8View, let inline = view["INLINED"] as? String { return .text(inline) }
        if let inline = view["INLINED"] { return .binary(try bytes(inline)) }
        let buffers = column["VARIADIC_DATA_BUFFERS"] as? [String] ?? []
        let data = try bytes(buffers[Int(try integer(view["BUFFER_INDEX"]))])
        let start = Int(try integer(view["OFFSET"]))
        let value = Array(data[start..<start + count])
        return type == .utf8View ? .text(String(decoding: value, as: UTF8.self)) : .binary(value)
    }

    private func number(_ type: DataType, _ value: Any) throws -> Scalar {
        switch type {
        case .bool: return .bool(try integer(value) != 0)
        case .utf8, .largeUtf8: return .text(value as? String ?? "")
        case .binary, .largeBinary, .fixedSizeBinary: return .binary(try bytes(value))
        case .uint8, .uint16, .uint32, .uint64:
            if let text = value as? String, let number = UInt64(text) { return .uint(number) }
            return .uint((value as? NSNumber)?.uint64Value ?? 0)
        case .float16: return .float(Double(Float16((value as? NSNumber)?.doubleValue ?? 0)))
        case .float32: return .float(Double(Float((value as? NSNumber)?.doubleValue ?? 0)))
        case .float64: return .float((value as? NSNumber)?.doubleValue ?? 0)
        case .decimal32, .decimal64, .decimal128, .decimal256:
            guard let unscaled = (value as? String).flatMap(Int256.init) else {
                throw Malformed(what: "decimal \(value)")
            }
            return Scalar(unscaled)
        case .interval(.yearMonth):
            return .interval(months: Int32(try integer(value)), days: 0, nanoseconds: 0)
        case .interval:
            let parts = value as? Object ?? [:]
            func part(_ key: String) throws -> Int64 {
                try parts[key].map { try integer($0) } ?? 0
            }
            return .interval(
                months: Int32(try part("months")), days: Int32(try part("days")),
                nanoseconds: try part("nanoseconds") + (try part("milliseconds")) * 1_000_000)
        default: return .int(try integer(value))
        }
    }
}
