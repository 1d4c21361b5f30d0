// SPDX-License-Identifier: MIT

extension SchemaElement {
    init(_ reader: inout ThriftReader) throws(ThriftError) {
        var element = SchemaElement()
        try reader.forEachField { reader, id, kind throws(ThriftError) in
            switch id {
            case 1: element.type = try ColumnChunkMetadata.physicalType(try reader.int32(kind))
            case 2: element.typeLength = try reader.int32(kind)
            case 3:
                let raw = try reader.int32(kind)
                guard let repetition = Repetition(rawValue: raw) else {
                    throw .malformed("repetition \(raw) is unknown")
                }
                element.repetition = repetition
            case 4: element.name = try reader.string(kind)
            case 5: element.childCount = try reader.int32(kind)
            case 6: element.convertedType = ConvertedType(rawValue: try reader.int32(kind))
            case 7: element.scale = try reader.int32(kind)
            case 8: element.precision = try reader.int32(kind)
            case 10: element.logicalType = try LogicalType(&reader, kind)
            default: return false
            }
            return true
        }
        self = element
    }
}

extension LogicalType {
    /// A union: a structure of which one field is set.
    init(_ reader: inout ThriftReader, _ kind: ThriftReader.Kind) throws(ThriftError) {
        guard kind == .structure else { throw .malformed("a logical type is \(kind)") }
        var type = LogicalType.other
        try reader.forEachField { reader, id, kind throws(ThriftError) in
            guard kind == .structure else { return false }
            switch id {
            case 1: type = .string
            case 2: type = .map
            case 3: type = .list
            case 4: type = .enumeration
            case 5:
                type = try Self.decimal(&reader)
                return true
            case 6: type = .date
            case 7, 8:
                let (isUTC, unit) = try Self.time(&reader)
                type =
                    unit.map { id == 7 ? .time($0) : .timestamp($0, isUTC: isUTC) } ?? .other
                return true
            case 10:
                type = try Self.integer(&reader)
                return true
            case 11: type = .null
            case 12: type = .json
            case 13: type = .bson
            case 14: type = .uuid
            case 15: type = .float16
            default: type = .other
            }
            return false
        }
        self = type
    }

    private static func decimal(_ reader: inout ThriftReader) throws(ThriftError) -> LogicalType {
        var (scale, precision): (Int32, Int32) = (0, 0)
        try reader.forEachField { reader, id, kind throws(ThriftError) in
            switch id {
            case 1: scale = try reader.int32(kind)
            case 2: precision = try reader.int32(kind)
            default: return false
            }
            return true
        }
        return .decimal(scale: scale, precision: precision)
    }

    private static func time(_ reader: inout ThriftReader) throws(ThriftError) -> (Bool, Unit?) {
        var isUTC = false
        var unit: Unit?
        try reader.forEachField { reader, id, kind throws(ThriftError) in
            switch id {
            case 1: isUTC = try reader.bool(kind)
            case 2:
                guard kind == .structure else { return false }
                try reader.forEachField { _, id, _ throws(ThriftError) in
                    switch id {
                    case 1: unit = .milliseconds
                    case 2: unit = .microseconds
                    case 3: unit = .nanoseconds
                    default: break
                    }
                    return false
                }
            default: return false
            }
            return true
        }
        return (isUTC, unit)
    }

    private static func integer(_ reader: inout ThriftReader) throws(ThriftError) -> LogicalType {
        var bitWidth: Int64 = 0
        var isSigned = true
        try reader.forEachField { reader, id, kind throws(ThriftError) in
            switch id {
            case 1: bitWidth = try reader.int64(kind)
            case 2: isSigned = try reader.bool(kind)
            default: return false
            }
            return true
        }
        return .integer(bitWidth: Int8(clamping: bitWidth), isSigned: isSigned)
    }
}
