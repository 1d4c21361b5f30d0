// SPDX-License-Identifier: MIT

import IglooArrow

/// What statistics say of a column's values in a row group or page.
struct ColumnBounds {
    /// No value is less; `nil` = unknown. Of floats, no value but NaN, which is greater anyway.
    var minimum: FilterValue?
    /// No value is greater, but NaN of floats.
    var maximum: FilterValue?
    var nullCount: Int64?
    /// Nulls included; `nil` = unknown.
    var valueCount: Int64?
    var isFloat = false

    var isAllNull: Bool { nullCount != nil && nullCount == valueCount }

    init(
        _ statistics: ChunkStatistics?, _ leaf: LeafColumn, hasTypeOrder: Bool,
        valueCount: Int64?
    ) {
        self.valueCount = valueCount
        isFloat = leaf.type.isFloat
        guard let statistics else { return }
        if let count = statistics.nullCount, count >= 0 { nullCount = count }
        let decoder = StatisticsDecoder(leaf: leaf)
        if hasTypeOrder, statistics.minimum != nil || statistics.maximum != nil {
            minimum = statistics.minimum.flatMap(decoder.value)
            maximum = statistics.maximum.flatMap(decoder.value)
        } else if decoder.trustsLegacy {
            minimum = statistics.legacyMinimum.flatMap(decoder.value)
            maximum = statistics.legacyMaximum.flatMap(decoder.value)
        }
        // A writer that put NaN there did not order by it.
        if isNaN(minimum) || isNaN(maximum) { (minimum, maximum) = (nil, nil) }
        if let low = minimum, let high = maximum, low.compared(high) > 0 {
            (minimum, maximum) = (nil, nil)
        }
    }

    private func isNaN(_ value: FilterValue?) -> Bool {
        if case .float(let value)? = value { value.isNaN } else { false }
    }
}

/// Reads the bounds that writers left, in plain encoding.
struct StatisticsDecoder {
    let leaf: LeafColumn

    /// The older fields are in signed order: right for signed numbers only.
    var trustsLegacy: Bool {
        switch leaf.physicalType {
        case .int32, .int64: !leaf.type.isUnsignedInteger
        case .boolean, .float, .double: true
        case .int96, .byteArray, .fixedLengthByteArray: false
        }
    }

    func value(_ bytes: [UInt8]) -> FilterValue? {
        switch leaf.physicalType {
        case .boolean: return bytes.count == 1 ? .integer(bytes[0] == 0 ? 0 : 1) : nil
        case .int32:
            guard bytes.count == 4 else { return nil }
            let word = Self.load(bytes, UInt32.self)
            return .integer(
                leaf.type.isUnsignedInteger ? Int128(word) : Int128(Int32(bitPattern: word)))
        case .int64:
            guard bytes.count == 8 else { return nil }
            let word = Self.load(bytes, UInt64.self)
            return .integer(
                leaf.type.isUnsignedInteger ? Int128(word) : Int128(Int64(bitPattern: word)))
        case .float:
            guard bytes.count == 4 else { return nil }
            return .float(Double(Float(bitPattern: Self.load(bytes, UInt32.self))))
        case .double:
            guard bytes.count == 8 else { return nil }
            return .float(Double(bitPattern: Self.load(bytes, UInt64.self)))
        case .byteArray, .fixedLengthByteArray: return byteArray(bytes)
        case .int96: return nil
        }
    }

    private func byteArray(_ bytes: [UInt8]) -> FilterValue? {
        switch leaf.type {
        case .utf8View, .binaryView: return .bytes(bytes)
        case .decimal64, .decimal128:
            guard !bytes.isEmpty, bytes.count <= 16 else { return nil }
            var value: Int128 = bytes[0] & 0x80 != 0 ? -1 : 0
            for byte in bytes { value = value << 8 | Int128(byte) }
            return .integer(value)
        default: return nil
        }
    }

    private static func load<Word: FixedWidthInteger>(_ bytes: [UInt8], _ type: Word.Type) -> Word {
        bytes.withUnsafeBytes { Word(littleEndian: $0.loadUnaligned(as: Word.self)) }
    }

    /// A literal as the chunk's Bloom filter hashes it; `nil` where that is not certain.
    func plain(_ value: FilterValue) -> [UInt8]? {
        switch (leaf.physicalType, value) {
        case (.int32, .integer(let value)):
            return Self.store(UInt32(truncatingIfNeeded: value))
        case (.int64, .integer(let value)):
            return Self.store(UInt64(truncatingIfNeeded: value))
        case (.byteArray, .bytes(let bytes)): return bytes
        default: return nil
        }
    }

    private static func store<Word: FixedWidthInteger>(_ word: Word) -> [UInt8] {
        withUnsafeBytes(of: word.littleEndian) { Array($0) }
    }
}
