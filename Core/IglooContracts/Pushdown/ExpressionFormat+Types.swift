// SPDX-License-Identifier: MIT

import IglooArrow

extension ExpressionFormat {
    /// A type as a node carries it.
    struct EncodedType {
        var code: UInt8
        var flags: Flags = []
        var indexCode: UInt8 = 0
        var aux: UInt32 = 0

        /// The byte `flags` of the node.
        var flagByte: UInt8 { flags.rawValue | indexCode << Flags.indexShift }
    }

    /// The codes of the types that need nothing but their code, in the order of `IGX_TYPE_`.
    private static let plainTypes: [UInt8: DataType] = [
        1: .null, 2: .bool, 3: .int8, 4: .int16, 5: .int32, 6: .int64, 7: .uint8, 8: .uint16,
        9: .uint32, 10: .uint64, 11: .float16, 12: .float32, 13: .float64, 18: .utf8,
        19: .largeUtf8, 20: .utf8View, 21: .binary, 22: .largeBinary, 23: .binaryView,
        25: .date32, 26: .date64,
    ]
    private static let plainCodes: [DataType: UInt8] = Dictionary(
        uniqueKeysWithValues: plainTypes.map { ($0.value, $0.key) })

    /// `nil` for types that do not travel: nested ones.
    ///
    /// - Parameter zone: puts a zone's name into the pool and returns its offset.
    static func encode(_ type: DataType, zone: (String) -> UInt32) -> EncodedType? {
        if let code = plainCodes[type] { return EncodedType(code: code) }
        switch type {
        case .decimal32(let precision, let scale): return decimal(14, precision, scale)
        case .decimal64(let precision, let scale): return decimal(15, precision, scale)
        case .decimal128(let precision, let scale): return decimal(16, precision, scale)
        case .decimal256(let precision, let scale): return decimal(17, precision, scale)
        case .fixedSizeBinary(let byteCount):
            return UInt32(exactly: byteCount).map { EncodedType(code: 24, aux: $0) }
        case .time32(let unit): return EncodedType(code: 27, aux: UInt32(unit.rawValue))
        case .time64(let unit): return EncodedType(code: 28, aux: UInt32(unit.rawValue))
        case .duration(let unit): return EncodedType(code: 29, aux: UInt32(unit.rawValue))
        case .timestamp(let unit, let name):
            return EncodedType(code: 30, aux: UInt32(unit.rawValue) | (name.map(zone) ?? 0))
        case .interval(let unit): return EncodedType(code: 31, aux: UInt32(unit.rawValue))
        case .dictionary(let index, let value, let isOrdered):
            guard let indexCode = plainCodes[index], (3...10).contains(indexCode),
                var encoded = encode(value, zone: zone), encoded.flags.isEmpty
            else { return nil }
            encoded.flags = isOrdered ? [.dictionary, .ordered] : .dictionary
            encoded.indexCode = indexCode - 3
            return encoded
        default: return nil
        }
    }

    private static func decimal(_ code: UInt8, _ precision: Int, _ scale: Int) -> EncodedType? {
        guard let precision = UInt16(exactly: precision), let scale = Int16(exactly: scale) else {
            return nil
        }
        return EncodedType(
            code: code, aux: UInt32(precision) | UInt32(UInt16(bitPattern: scale)) << 16)
    }

    /// - Parameter zone: reads a zone's name at an offset of the pool; `nil` = out of bounds.
    /// - Returns: `nil` for what is no type; `null` for IGX_TYPE_OTHER.
    static func decode(
        code: UInt8, flagByte: UInt8, aux: UInt32, zone: (UInt32) -> String?
    ) -> DataType? {
        guard let value = decodeValue(code: code, aux: aux, zone: zone) else { return nil }
        let flags = Flags(rawValue: flagByte & 0xF)
        guard flags.contains(.dictionary) else { return value }
        guard let index = plainTypes[(flagByte >> Flags.indexShift) + 3], index.isInteger else {
            return nil
        }
        return .dictionary(index: index, value: value, isOrdered: flags.contains(.ordered))
    }

    private static func decodeValue(
        code: UInt8, aux: UInt32, zone: (UInt32) -> String?
    ) -> DataType? {
        if let type = plainTypes[code] { return type }
        let precision = Int(aux & 0xFFFF)
        let scale = Int(Int16(truncatingIfNeeded: aux >> 16))
        let unit = TimeUnit(rawValue: UInt8(aux & 3))
        switch code {
        case 0: return .null
        case 14 where (1...9).contains(precision):
            return .decimal32(precision: precision, scale: scale)
        case 15 where (1...18).contains(precision):
            return .decimal64(precision: precision, scale: scale)
        case 16 where (1...38).contains(precision):
            return .decimal128(precision: precision, scale: scale)
        case 17 where (1...76).contains(precision):
            return .decimal256(precision: precision, scale: scale)
        case 24: return .fixedSizeBinary(byteCount: Int(aux))
        case 27 where aux < 4: return unit.map { .time32($0) }
        case 28 where aux < 4: return unit.map { .time64($0) }
        case 29 where aux < 4: return unit.map { .duration($0) }
        case 30:
            guard let unit else { return nil }
            if aux < 4 { return .timestamp(unit, timeZone: nil) }
            return zone(aux & ~3).map { .timestamp(unit, timeZone: $0) }
        case 31:
            return UInt8(exactly: aux).flatMap { IntervalUnit(rawValue: $0) }.map { .interval($0) }
        default: return nil
        }
    }

    /// Whether a literal's number lies in the range of its type's storage.
    static func holds(_ value: Int128, in type: DataType) -> Bool {
        switch type {
        case .int8: Int8(exactly: value) != nil
        case .int16: Int16(exactly: value) != nil
        case .int32, .date32, .time32, .decimal32: Int32(exactly: value) != nil
        case .int64, .date64, .time64, .timestamp, .duration, .decimal64:
            Int64(exactly: value) != nil
        case .uint8: UInt8(exactly: value) != nil
        case .uint16: UInt16(exactly: value) != nil
        case .uint32: UInt32(exactly: value) != nil
        case .uint64: UInt64(exactly: value) != nil
        case .decimal128, .decimal256: true
        default: false
        }
    }
}

extension DataType {
    /// The type of the values: of a dictionary, those that it holds.
    var valueType: DataType {
        if case .dictionary(_, let value, _) = self { value } else { self }
    }
}
