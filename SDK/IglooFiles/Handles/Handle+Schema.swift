// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooContracts

/// How deep a type may be nested before its handle is called malformed.
private let depthMax = 256

extension HandleEncoder {
    /// Appends the fields of a schema: names, types, nullability. Metadata stays behind.
    ///
    /// - Throws: `internalError` for a type no file connector makes.
    public mutating func append(_ schema: Schema) throws(IglooError) {
        append(unsigned: UInt64(schema.fields.count))
        for field in schema.fields { try append(field) }
    }

    private mutating func append(_ field: Field) throws(IglooError) {
        append(field.name)
        append(field.isNullable)
        try append(field.type)
    }

    private mutating func append(_ type: DataType) throws(IglooError) {
        switch type {
        case .null: append(UInt8(0))
        case .bool: append(UInt8(1))
        case .int64: append(UInt8(2))
        case .float64: append(UInt8(3))
        case .utf8View: append(UInt8(4))
        case .binaryView: append(UInt8(5))
        case .date32: append(UInt8(6))
        case .time64(.microsecond): append(UInt8(7))
        case .timestamp(.microsecond, let zone):
            append(UInt8(8))
            append(zone)
        case .decimal64(let precision, let scale):
            append(UInt8(9))
            append([precision, scale])
        case .decimal128(let precision, let scale):
            append(UInt8(10))
            append([precision, scale])
        case .list(let field):
            append(UInt8(11))
            try append(field)
        case .structure(let fields):
            append(UInt8(12))
            append(unsigned: UInt64(fields.count))
            for field in fields { try append(field) }
        case .int8: append(UInt8(13))
        case .int16: append(UInt8(14))
        case .int32: append(UInt8(15))
        case .uint8: append(UInt8(16))
        case .uint16: append(UInt8(17))
        case .uint32: append(UInt8(18))
        case .uint64: append(UInt8(19))
        case .float32: append(UInt8(20))
        default:
            throw IglooError(.internalError, "type \(type) has no form in a file handle")
        }
    }
}

extension HandleDecoder {
    public mutating func schema() throws(IglooError) -> Schema {
        Schema(try fields(depth: 0))
    }

    private mutating func fields(depth: Int) throws(IglooError) -> [Field] {
        let count = try count()
        var fields: [Field] = []
        for _ in 0..<count { fields.append(try field(depth: depth)) }
        return fields
    }

    private mutating func field(depth: Int) throws(IglooError) -> Field {
        guard depth < depthMax else { throw malformed("a type is nested too deeply") }
        let name = try string()
        let isNullable = try bool()
        return Field(name, try type(depth: depth), isNullable: isNullable)
    }

    private mutating func type(depth: Int) throws(IglooError) -> DataType {
        switch try byte() {
        case 0: return .null
        case 1: return .bool
        case 2: return .int64
        case 3: return .float64
        case 4: return .utf8View
        case 5: return .binaryView
        case 6: return .date32
        case 7: return .time64(.microsecond)
        case 8: return .timestamp(.microsecond, timeZone: try optionalString())
        case 9:
            let shape = try decimalShape(digitsMax: 18)
            return .decimal64(precision: shape.0, scale: shape.1)
        case 10:
            let shape = try decimalShape(digitsMax: 38)
            return .decimal128(precision: shape.0, scale: shape.1)
        case 11: return .list(try field(depth: depth + 1))
        case 12: return .structure(try fields(depth: depth + 1))
        case 13: return .int8
        case 14: return .int16
        case 15: return .int32
        case 16: return .uint8
        case 17: return .uint16
        case 18: return .uint32
        case 19: return .uint64
        case 20: return .float32
        case let other: throw malformed("type code \(other) is unknown")
        }
    }

    private mutating func decimalShape(digitsMax: Int) throws(IglooError) -> (Int, Int) {
        let shape = try ints()
        guard shape.count == 2, shape[0] >= 1, shape[0] <= digitsMax, shape[1] >= 0,
            shape[1] <= shape[0]
        else { throw malformed("decimal\(shape) is no type") }
        return (shape[0], shape[1])
    }
}
