// SPDX-License-Identifier: MIT

import IglooArrow

/// How a join's keys are kept: one small key as a word, all others as normalised bytes.
struct JoinKeyLayout {
    let order: [SortOrder]
    /// One key of at most eight bytes whose bits tell it wholly.
    let isWord: Bool

    init(_ types: [DataType], nullsMatch: Bool) {
        order = types.map { SortOrder(type: $0) }
        isWord = types.count == 1 && !nullsMatch && Self.fitsWord(types[0])
    }

    private static func fitsWord(_ type: DataType) -> Bool {
        switch type {
        case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .date32, .time64,
            .timestamp, .decimal64, .float32, .float64:
            true
        default: false
        }
    }

    /// The keys as words; equal keys give equal words, neighbours neighbouring ones.
    func writeWords(_ key: ArrayData, _ count: Int, to words: UnsafeMutablePointer<UInt64>) {
        switch key.type {
        case .int8: signed(key.values(as: Int8.self), count, words)
        case .int16: signed(key.values(as: Int16.self), count, words)
        case .int32, .date32: signed(key.values(as: Int32.self), count, words)
        case .uint8: unsigned(key.values(as: UInt8.self), count, words)
        case .uint16: unsigned(key.values(as: UInt16.self), count, words)
        case .uint32: unsigned(key.values(as: UInt32.self), count, words)
        case .uint64: unsigned(key.values(as: UInt64.self), count, words)
        case .float32:
            let values = key.values(as: Float.self)
            for row in 0..<count { words[row] = Self.word(Double(values[row])) }
        case .float64:
            let values = key.values(as: Double.self)
            for row in 0..<count { words[row] = Self.word(values[row]) }
        default: signed(key.values(as: Int64.self), count, words)
        }
    }

    private func signed<Value: FixedWidthInteger & SignedInteger>(
        _ values: UnsafePointer<Value>, _ count: Int, _ words: UnsafeMutablePointer<UInt64>
    ) {
        var row = 0
        while row < count {
            words[row] = UInt64(bitPattern: Int64(truncatingIfNeeded: values[row])) ^ (1 << 63)
            row &+= 1
        }
    }

    private func unsigned<Value: FixedWidthInteger & UnsignedInteger>(
        _ values: UnsafePointer<Value>, _ count: Int, _ words: UnsafeMutablePointer<UInt64>
    ) {
        var row = 0
        while row < count {
            words[row] = UInt64(truncatingIfNeeded: values[row])
            row &+= 1
        }
    }

    private static func word(_ value: Double) -> UInt64 {
        value.isNaN ? Double.nan.bitPattern : value == 0 ? 0 : value.bitPattern
    }

    /// Spreads a word over all bits; the upper ones are the place.
    @inline(__always)
    static func mixed(_ word: UInt64) -> UInt64 {
        var hash = word &* 0x9E37_79B9_7F4A_7C15
        hash ^= hash &>> 32
        return hash &* 0xD6E8_FEB8_6659_FD93
    }

    /// - Source: the multiply-and-fold step of wyhash (Wang Yi, public domain).
    static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash: UInt64 = 0xA076_1D64_78BD_642F ^ UInt64(bytes.count)
        guard let base = bytes.baseAddress else { return hash }
        var offset = 0
        while offset &+ 8 <= bytes.count {
            hash = folded(hash ^ base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            offset &+= 8
        }
        var rest: UInt64 = 0
        while offset < bytes.count {
            rest = rest << 8 | UInt64(base.load(fromByteOffset: offset, as: UInt8.self))
            offset &+= 1
        }
        return folded(hash ^ rest)
    }

    @inline(__always)
    private static func folded(_ value: UInt64) -> UInt64 {
        let (high, low) = value.multipliedFullWidth(by: 0xE703_7ED1_A0B4_28DB)
        return high ^ low
    }
}
