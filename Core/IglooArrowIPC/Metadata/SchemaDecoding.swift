// SPDX-License-Identifier: MIT
import IglooArrow

extension IPCSchema {
    /// Reads a table `Schema`.
    init(_ table: FlatTable) throws(ArrowError) {
        guard try table.integer(0, default: Int16(0)) == 0 else {
            throw ArrowError(
                .unsupported, "big-endian Arrow data is not supported: convert it to little-endian",
                byteOffset: table.buffer.byteOffset + table.position)
        }
        var fields: [IPCField] = []
        for field in try table.tables(1) { fields.append(try IPCField(field, depth: 0)) }
        self.init(fields: fields, metadata: try table.metadata(2))
    }
}

extension FlatTable {
    /// Reads a vector of `KeyValue`.
    func metadata(_ index: Int) throws(ArrowError) -> Metadata {
        var pairs: [Metadata.Pair] = []
        for pair in try tables(index) {
            pairs.append(
                Metadata.Pair(key: try pair.text(0) ?? "", value: try pair.text(1) ?? ""))
        }
        return Metadata(pairs)
    }
}

extension IPCField {
    /// Reads a table `Field`.
    init(_ table: FlatTable, depth: Int) throws(ArrowError) {
        guard depth < DataType.nestingDepthMax else {
            throw table.error("types nested deeper than \(DataType.nestingDepthMax) levels")
        }
        var children: [IPCField] = []
        for child in try table.tables(5) {
            children.append(try IPCField(child, depth: depth + 1))
        }
        let name = try table.text(0) ?? ""
        var type = try TypeDecoder(table, children: children.map(\.field)).type()
        var id: Int64?
        if let encoding = try table.table(4) {
            id = try encoding.integer(0, default: 0)
            var index = DataType.int32
            if let indexType = try encoding.table(1) {
                index = try TypeDecoder.integerType(indexType)
            }
            type = .dictionary(index: index, value: type, isOrdered: try encoding.bool(2))
            guard try encoding.integer(3, default: Int16(0)) == 0 else {
                throw table.error("field \"\(name)\" has a dictionary of an unknown kind")
            }
        }
        self.init(
            field: Field(
                name, type, isNullable: try table.bool(1), metadata: try table.metadata(6)),
            dictionaryId: id, children: children)
    }
}

/// Reads the type of a table `Field`, whose parameters stand in a table of their own.
private struct TypeDecoder {
    private let field: FlatTable
    private let children: [Field]

    init(_ field: FlatTable, children: [Field]) {
        self.field = field
        self.children = children
    }

    func type() throws(ArrowError) -> DataType {
        let number = try field.integer(2, default: UInt8(0))
        guard let code = TypeCode(rawValue: number) else {
            throw ArrowError(
                .unsupported, "unknown type number \(number) of a field",
                byteOffset: field.buffer.byteOffset + field.position)
        }
        let table = try field.requiredTable(3, "a field's type")
        let type: DataType
        do throws(ArrowError) {
            type = try decode(code, table)
            try type.checkShape()
        } catch {
            throw error.byteOffset == nil ? table.error(error.message) : error
        }
        guard type.childFields.count == children.count else {
            throw table.error("type \(type) cannot have \(children.count) children")
        }
        return type
    }

    private func decode(_ code: TypeCode, _ table: FlatTable) throws(ArrowError) -> DataType {
        switch code {
        case .null: .null
        case .int: try Self.integerType(table)
        case .floatingPoint: try floatType(table)
        case .binary: .binary
        case .utf8: .utf8
        case .bool: .bool
        case .decimal: try decimalType(table)
        case .date: try table.integer(0, default: Int16(1)) == 0 ? .date32 : .date64
        case .time: try timeType(table)
        case .timestamp: try timestampType(table)
        case .interval: try intervalType(table)
        case .list: .list(try only(table))
        case .structure: .structure(children)
        case .union: try unionType(table)
        case .fixedSizeBinary:
            .fixedSizeBinary(byteCount: Int(try table.integer(0, default: Int32(0))))
        case .fixedSizeList:
            .fixedSizeList(try only(table), count: Int(try table.integer(0, default: Int32(0))))
        case .map: .map(entries: try only(table), keysSorted: try table.bool(0))
        case .duration: .duration(try unit(table, default: 1))
        case .largeBinary: .largeBinary
        case .largeUtf8: .largeUtf8
        case .largeList: .largeList(try only(table))
        case .runEndEncoded: try runEndType(table)
        case .binaryView: .binaryView
        case .utf8View: .utf8View
        case .listView: .listView(try only(table))
        case .largeListView: .largeListView(try only(table))
        }
    }

    private func only(_ table: FlatTable) throws(ArrowError) -> Field {
        guard children.count == 1 else {
            throw table.error("a list or map has \(children.count) children")
        }
        return children[0]
    }

    static func integerType(_ table: FlatTable) throws(ArrowError) -> DataType {
        let bitWidth = try table.integer(0, default: Int32(0))
        switch (bitWidth, try table.bool(1)) {
        case (8, true): return .int8
        case (16, true): return .int16
        case (32, true): return .int32
        case (64, true): return .int64
        case (8, false): return .uint8
        case (16, false): return .uint16
        case (32, false): return .uint32
        case (64, false): return .uint64
        default: throw table.error("integers of \(bitWidth) bits")
        }
    }

    private func floatType(_ table: FlatTable) throws(ArrowError) -> DataType {
        let precision = try table.integer(0, default: Int16(0))
        switch precision {
        case 0: return .float16
        case 1: return .float32
        case 2: return .float64
        default: throw table.error("unknown precision \(precision) of floating-point numbers")
        }
    }

    private func decimalType(_ table: FlatTable) throws(ArrowError) -> DataType {
        let precision = Int(try table.integer(0, default: Int32(0)))
        let scale = Int(try table.integer(1, default: Int32(0)))
        let bitWidth = try table.integer(2, default: Int32(128))
        switch bitWidth {
        case 32: return .decimal32(precision: precision, scale: scale)
        case 64: return .decimal64(precision: precision, scale: scale)
        case 128: return .decimal128(precision: precision, scale: scale)
        case 256: return .decimal256(precision: precision, scale: scale)
        default: throw table.error("decimals of \(bitWidth) bits")
        }
    }

    private func unit(_ table: FlatTable, default fallback: Int16) throws(ArrowError) -> TimeUnit {
        let number = try table.integer(0, default: fallback)
        guard let unit = UInt8(exactly: number).flatMap(TimeUnit.init) else {
            throw table.error("unknown unit of time \(number)")
        }
        return unit
    }

    private func timeType(_ table: FlatTable) throws(ArrowError) -> DataType {
        let unit = try unit(table, default: 1)
        let bitWidth = try table.integer(1, default: Int32(32))
        switch bitWidth {
        case 32: return .time32(unit)
        case 64: return .time64(unit)
        default: throw table.error("times of \(bitWidth) bits")
        }
    }

    private func timestampType(_ table: FlatTable) throws(ArrowError) -> DataType {
        let zone = try table.text(1) ?? ""
        return .timestamp(try unit(table, default: 0), timeZone: zone.isEmpty ? nil : zone)
    }

    private func intervalType(_ table: FlatTable) throws(ArrowError) -> DataType {
        let number = try table.integer(0, default: Int16(0))
        guard let unit = UInt8(exactly: number).flatMap(IntervalUnit.init) else {
            throw table.error("unknown unit of intervals \(number)")
        }
        return .interval(unit)
    }

    private func unionType(_ table: FlatTable) throws(ArrowError) -> DataType {
        let mode = try table.integer(0, default: Int16(0))
        guard let mode = UInt8(exactly: mode).flatMap(UnionMode.init) else {
            throw table.error("unknown mode \(mode) of a union")
        }
        let vector = try table.vector(1, byteWidth: 4)
        var typeIds: [Int8] = []
        for index in 0..<vector.count {
            guard index < children.count else { break }
            let id: Int32 = try vector.integer(index)
            guard let id = Int8(exactly: id) else { throw table.error("type id \(id) of a union") }
            typeIds.append(id)
        }
        if vector.count == 0 {
            guard children.count <= 128 else { throw table.error("a union of too many members") }
            typeIds = children.indices.map { Int8($0) }
        }
        return .union(mode, typeIds: typeIds, fields: children)
    }

    private func runEndType(_ table: FlatTable) throws(ArrowError) -> DataType {
        guard children.count == 2 else {
            throw table.error("a run-end encoded type has \(children.count) children")
        }
        return .runEndEncoded(runEnds: children[0], values: children[1])
    }
}
