// SPDX-License-Identifier: MIT
import IglooArrow

extension IPCSchema {
    /// Numbers the dictionaries of `schema` in the order in which they stand in it.
    init(_ schema: Schema) {
        var next: Int64 = 0
        self.init(
            fields: schema.fields.map { IPCField($0, nextId: &next) }, metadata: schema.metadata)
    }

    /// A table `Schema`.
    var flatTable: [Int: FlatValue] {
        [
            0: .int16(0), 1: .tables(fields.map(\.flatTable)), 2: .tables(metadata.flatTables),
        ]
    }
}

extension Metadata {
    /// A vector of `KeyValue`.
    var flatTables: [[Int: FlatValue]] { pairs.map { [0: .text($0.key), 1: .text($0.value)] } }
}

extension IPCField {
    init(_ field: Field, nextId: inout Int64) {
        var valueType = field.type
        var id: Int64?
        if case .dictionary(_, let value, _) = field.type {
            valueType = value
            id = nextId
            nextId += 1
        }
        self.init(
            field: field, dictionaryId: id,
            children: valueType.childFields.map { IPCField($0, nextId: &nextId) })
    }

    /// A table `Field`.
    var flatTable: [Int: FlatValue] {
        var table: [Int: FlatValue] = [
            0: .text(field.name), 1: .bool(field.isNullable),
            5: .tables(children.map(\.flatTable)), 6: .tables(field.metadata.flatTables),
        ]
        var type = field.type
        if case .dictionary(let index, let value, let isOrdered) = field.type, let dictionaryId {
            type = value
            table[4] = .table([
                0: .int64(dictionaryId), 1: .table(index.flatType.parameters), 2: .bool(isOrdered),
            ])
        }
        let (code, parameters) = type.flatType
        table[2] = .uint8(code.rawValue)
        table[3] = .table(parameters)
        return table
    }
}

extension DataType {
    /// The member of the union `Type` and its table.
    fileprivate var flatType: (code: TypeCode, parameters: [Int: FlatValue]) {
        switch self {
        case .null: (.null, [:])
        case .bool: (.bool, [:])
        case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64:
            (.int, [0: .int32(Int32(8 * (fixedByteWidth ?? 0))), 1: .bool(isSignedInteger)])
        case .float16: (.floatingPoint, [0: .int16(0)])
        case .float32: (.floatingPoint, [0: .int16(1)])
        case .float64: (.floatingPoint, [0: .int16(2)])
        case .decimal32(let precision, let scale), .decimal64(let precision, let scale),
            .decimal128(let precision, let scale), .decimal256(let precision, let scale):
            (
                .decimal,
                [
                    0: .int32(Int32(clamping: precision)), 1: .int32(Int32(clamping: scale)),
                    2: .int32(Int32(8 * (fixedByteWidth ?? 0))),
                ]
            )
        case .utf8: (.utf8, [:])
        case .largeUtf8: (.largeUtf8, [:])
        case .utf8View: (.utf8View, [:])
        case .binary: (.binary, [:])
        case .largeBinary: (.largeBinary, [:])
        case .binaryView: (.binaryView, [:])
        case .fixedSizeBinary(let byteCount):
            (.fixedSizeBinary, [0: .int32(Int32(clamping: byteCount))])
        case .date32: (.date, [0: .int16(0)])
        case .date64: (.date, [0: .int16(1)])
        case .time32(let unit): (.time, [0: unit.flatValue, 1: .int32(32)])
        case .time64(let unit): (.time, [0: unit.flatValue, 1: .int32(64)])
        case .timestamp(let unit, .some(let zone)):
            (.timestamp, [0: unit.flatValue, 1: .text(zone)])
        case .timestamp(let unit, .none): (.timestamp, [0: unit.flatValue])
        case .duration(let unit): (.duration, [0: unit.flatValue])
        case .interval(let unit): (.interval, [0: .int16(Int16(unit.rawValue))])
        case .list: (.list, [:])
        case .largeList: (.largeList, [:])
        case .listView: (.listView, [:])
        case .largeListView: (.largeListView, [:])
        case .fixedSizeList(_, let count): (.fixedSizeList, [0: .int32(Int32(clamping: count))])
        case .structure: (.structure, [:])
        case .map(_, let keysSorted): (.map, [0: .bool(keysSorted)])
        case .runEndEncoded: (.runEndEncoded, [:])
        case .union(let mode, let typeIds, _):
            (.union, [0: .int16(Int16(mode.rawValue)), 1: .int32s(typeIds.map { Int32($0) })])
        case .logical(let type): type.storage.flatType
        case .dictionary:
            preconditionFailure("a dictionary's values cannot be a dictionary themselves")
        }
    }
}

extension TimeUnit {
    fileprivate var flatValue: FlatValue { .int16(Int16(rawValue)) }
}
