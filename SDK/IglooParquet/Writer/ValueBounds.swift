// SPDX-License-Identifier: MIT

/// The least and the greatest value of a page or chunk, in plain encoding.
///
/// - Source: `parquet.thrift`, `ColumnOrder` and `Statistics`.
struct ValueBounds {
    var minimum: [UInt8]
    var maximum: [UInt8]
    var isMinimumExact = true
    var isMaximumExact = true

    init(minimum: [UInt8], maximum: [UInt8]) {
        self.minimum = minimum
        self.maximum = maximum
    }

    /// Of numbers; `nil` where there are none, or only NaN.
    @_specialize(where Word == UInt32)
    @_specialize(where Word == UInt64)
    init?<Word: FixedWidthInteger & UnsignedInteger>(
        _ values: UnsafeBufferPointer<Word>, _ order: LeafStorage.Order
    ) {
        switch order {
        case .unsigned:
            guard let least = values.min(), let greatest = values.max() else { return nil }
            self.init(least, greatest)
        case .signed:
            // With its top bit flipped a signed number sorts as one without a sign.
            let flip = Word(1) << Word(Word.bitWidth - 1)
            guard var least = values.first.map({ $0 ^ flip }) else { return nil }
            var greatest = least
            for value in values {
                least = min(least, value ^ flip)
                greatest = max(greatest, value ^ flip)
            }
            self.init(least ^ flip, greatest ^ flip)
        case .float:
            if Word.bitWidth == 32 {
                self.init(floats: values.map { Float(bitPattern: UInt32($0)) }) {
                    Word($0.bitPattern)
                }
            } else {
                self.init(floats: values.map { Double(bitPattern: UInt64($0)) }) {
                    Word($0.bitPattern)
                }
            }
        default: return nil
        }
    }

    private init<Word: FixedWidthInteger>(_ least: Word, _ greatest: Word) {
        var bounds = (minimum: [UInt8](), maximum: [UInt8]())
        bounds.minimum.append(littleEndian: least)
        bounds.maximum.append(littleEndian: greatest)
        self.init(minimum: bounds.minimum, maximum: bounds.maximum)
    }

    /// NaN is left out; a zero may be of either sign, hence -0 as least and +0 as greatest.
    private init?<Number: BinaryFloatingPoint, Word: FixedWidthInteger>(
        floats: [Number], _ word: (Number) -> Word
    ) {
        var (least, greatest) = (Number.infinity, -Number.infinity)
        var isEmpty = true
        for value in floats where !value.isNaN {
            isEmpty = false
            if value < least { least = value }
            if value > greatest { greatest = value }
        }
        if isEmpty { return nil }
        if least == 0 { least = -0.0 }
        if greatest == 0 { greatest = 0.0 }
        self.init(word(least), word(greatest))
    }

    /// Of byte arrays, one after the other.
    init?(_ bytes: [UInt8], ends: [Int], _ order: LeafStorage.Order) {
        guard order == .bytes || order == .bigEndian, !ends.isEmpty else { return nil }
        var least = 0..<ends[0]
        var greatest = least
        var start = 0
        for end in ends {
            let value = start..<end
            if Self.isLess(bytes[value], bytes[least], order) { least = value }
            if Self.isLess(bytes[greatest], bytes[value], order) { greatest = value }
            start = end
        }
        self.init(minimum: Array(bytes[least]), maximum: Array(bytes[greatest]))
    }

    private static func isLess(
        _ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>, _ order: LeafStorage.Order
    ) -> Bool {
        if order == .bigEndian, let first = left.first, let other = right.first,
            first & 0x80 != other & 0x80
        {
            return first & 0x80 != 0
        }
        return left.lexicographicallyPrecedes(right)
    }

    // MARK: - Together

    /// Whether this one's values come before the other's.
    static func isLess(_ left: [UInt8], _ right: [UInt8], _ storage: LeafStorage) -> Bool {
        switch (storage.order, left.count) {
        case (.bytes, _), (.bigEndian, _): return isLess(left[...], right[...], storage.order)
        case (.unsigned, _): return left.reversed().lexicographicallyPrecedes(right.reversed())
        case (.signed, 4): return number(left, as: Int32.self) < number(right, as: Int32.self)
        case (.signed, _): return number(left, as: Int64.self) < number(right, as: Int64.self)
        case (.float, 4):
            return Float(bitPattern: number(left, as: UInt32.self))
                < Float(bitPattern: number(right, as: UInt32.self))
        case (.float, _):
            return Double(bitPattern: number(left, as: UInt64.self))
                < Double(bitPattern: number(right, as: UInt64.self))
        default: return false
        }
    }

    private static func number<Number: FixedWidthInteger>(
        _ bytes: [UInt8], as type: Number.Type
    ) -> Number {
        bytes.reversed().reduce(0) { $0 << 8 | Number(truncatingIfNeeded: $1) }
    }

    mutating func widen(_ other: ValueBounds, _ storage: LeafStorage) {
        if Self.isLess(other.minimum, minimum, storage) { minimum = other.minimum }
        if Self.isLess(maximum, other.maximum, storage) { maximum = other.maximum }
    }

    /// Bounds of at most so many bytes: a least value may be shorter, a greatest one is counted up.
    /// Text is cut between characters.
    func cut(to byteCount: Int, isText: Bool) -> ValueBounds? {
        var cut = self
        if minimum.count > byteCount {
            cut.minimum = Self.prefix(minimum, byteCount, isText)
            cut.isMinimumExact = false
        }
        if maximum.count > byteCount {
            cut.maximum = Self.prefix(maximum, byteCount, isText)
            cut.isMaximumExact = false
            // A text stays one only if its last character is one of a byte that can be raised.
            while let last = cut.maximum.last, last >= (isText ? 0x7F : 0xFF) {
                cut.maximum.removeLast()
            }
            guard let last = cut.maximum.popLast() else { return nil }
            cut.maximum.append(last + 1)
        }
        return cut
    }

    private static func prefix(_ bytes: [UInt8], _ count: Int, _ isText: Bool) -> [UInt8] {
        var end = count
        while isText && end > 0 && bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return Array(bytes[..<end])
    }
}
