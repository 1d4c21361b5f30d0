// SPDX-License-Identifier: MIT

/// What stands before each page.
struct PageHeader {
    enum Kind { case data, dataV2, dictionary, other }

    var kind = Kind.other
    var uncompressedByteCount = 0
    var compressedByteCount = 0
    /// CRC-32 of the compressed bytes.
    var checksum: UInt32?
    /// Entries, nulls included; for dictionaries, values.
    var valueCount = 0
    var encoding: Encoding?
    /// As written, for errors.
    var rawEncoding: Int32 = 0
    var definitionEncoding = Encoding.runLength
    var repetitionEncoding = Encoding.runLength
    // Version 2 only.
    var definitionByteCount = 0
    var repetitionByteCount = 0
    var isCompressed = true
}

extension PageHeader {
    init(_ reader: inout ThriftReader) throws(ThriftError) {
        var header = PageHeader()
        try reader.forEachField { reader, id, kind throws(ThriftError) in
            switch id {
            case 1:
                switch try reader.int32(kind) {
                case 0: header.kind = .data
                case 2: header.kind = .dictionary
                case 3: header.kind = .dataV2
                default: header.kind = .other
                }
            case 2: header.uncompressedByteCount = try Self.count(&reader, kind)
            case 3: header.compressedByteCount = try Self.count(&reader, kind)
            case 4: header.checksum = UInt32(bitPattern: try reader.int32(kind))
            case 5: try header.readData(&reader, kind)
            case 7: try header.readDictionary(&reader, kind)
            case 8: try header.readDataV2(&reader, kind)
            default: return false
            }
            return true
        }
        self = header
    }

    private static func count(
        _ reader: inout ThriftReader, _ kind: ThriftReader.Kind
    ) throws(ThriftError) -> Int {
        let value = try reader.int32(kind)
        guard value >= 0 else { throw .malformed("a count is \(value)") }
        return Int(value)
    }

    private mutating func setEncoding(_ raw: Int32) {
        rawEncoding = raw
        encoding = Encoding(rawValue: raw)
    }

    private static func levels(_ raw: Int32) throws(ThriftError) -> Encoding {
        guard let encoding = Encoding(rawValue: raw),
            encoding == .runLength || encoding == .bitPacked
        else { throw .malformed("levels are in encoding \(raw)") }
        return encoding
    }

    private mutating func readData(
        _ reader: inout ThriftReader, _ kind: ThriftReader.Kind
    ) throws(ThriftError) {
        guard kind == .structure else { throw .malformed("a page's header is \(kind)") }
        var header = self
        try reader.forEachField { reader, id, kind throws(ThriftError) in
            switch id {
            case 1: header.valueCount = try Self.count(&reader, kind)
            case 2: header.setEncoding(try reader.int32(kind))
            case 3: header.definitionEncoding = try Self.levels(try reader.int32(kind))
            case 4: header.repetitionEncoding = try Self.levels(try reader.int32(kind))
            default: return false
            }
            return true
        }
        self = header
    }

    private mutating func readDictionary(
        _ reader: inout ThriftReader, _ kind: ThriftReader.Kind
    ) throws(ThriftError) {
        guard kind == .structure else { throw .malformed("a page's header is \(kind)") }
        var header = self
        try reader.forEachField { reader, id, kind throws(ThriftError) in
            switch id {
            case 1: header.valueCount = try Self.count(&reader, kind)
            case 2: header.setEncoding(try reader.int32(kind))
            default: return false
            }
            return true
        }
        self = header
    }

    private mutating func readDataV2(
        _ reader: inout ThriftReader, _ kind: ThriftReader.Kind
    ) throws(ThriftError) {
        guard kind == .structure else { throw .malformed("a page's header is \(kind)") }
        var header = self
        try reader.forEachField { reader, id, kind throws(ThriftError) in
            switch id {
            case 1: header.valueCount = try Self.count(&reader, kind)
            case 4: header.setEncoding(try reader.int32(kind))
            case 5: header.definitionByteCount = try Self.count(&reader, kind)
            case 6: header.repetitionByteCount = try Self.count(&reader, kind)
            case 7: header.isCompressed = try reader.bool(kind)
            default: return false
            }
            return true
        }
        self = header
    }
}
