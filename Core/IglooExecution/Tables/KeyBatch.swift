// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// The keys of some rows and their hashes, made column by column.
///
/// - Threads: one at a time.
final class KeyBatch {
    static let rowCountMax = Batch.rowCountMax

    let layout: KeyLayout
    let words: UnsafeMutablePointer<UInt64>
    let hashes: UnsafeMutablePointer<UInt64>
    /// Bytes of nested values, to which views point.
    private var nestedKeys: [NestedKeys] = []
    private let hashMask: UInt64

    /// In the second word of a view that is not inline: what follows is an address.
    static let addressBit: UInt64 = 1 << 63

    private final class NestedKeys {
        var keys: NormalizedKeys
        init(_ type: DataType) { keys = NormalizedKeys([SortOrder(type: type)]) }
    }

    init(_ layout: KeyLayout, hashMask: UInt64 = .max) {
        self.layout = layout
        self.hashMask = hashMask
        words = .allocate(capacity: max(Self.rowCountMax * layout.stride, 1))
        hashes = .allocate(capacity: Self.rowCountMax)
    }

    deinit {
        words.deallocate()
        hashes.deallocate()
    }

    /// Makes the keys of the rows `start..<start + count`, at most `rowCountMax`. The arrays must
    /// live as long as the keys are used.
    func encode(_ keys: [ArrayData], _ start: Int, count: Int) throws(IglooError) {
        precondition(count <= Self.rowCountMax, "too many keys at once")
        nestedKeys.removeAll(keepingCapacity: true)
        for word in 0..<layout.nullWordCount { fill(word, count) { _ in 0 } }
        for index in keys.indices {
            let column = layout.columns[index]
            try encode(keys[index], column, start, count)
            if !layout.isWord && (keys[index].nullCount > 0 || keys[index].type == .null) {
                markNulls(keys[index], index, column, start, count)
            }
        }
        hash(count)
    }

    // MARK: - Values

    @inline(__always)
    private func fill(_ word: Int, _ count: Int, _ value: (Int) -> UInt64) {
        let stride = layout.stride
        var to = words + word
        var row = 0
        while row < count {
            to.pointee = value(row)
            to += stride
            row &+= 1
        }
    }

    @inline(__always)
    private func fillPairs(_ word: Int, _ count: Int, _ value: (Int) -> (UInt64, UInt64)) {
        let stride = layout.stride
        var to = words + word
        var row = 0
        while row < count {
            (to[0], to[1]) = value(row)
            to += stride
            row &+= 1
        }
    }

    private func encode(
        _ array: ArrayData, _ column: KeyLayout.Column, _ start: Int, _ count: Int
    ) throws(IglooError) {
        switch column.form {
        case .null: break
        case .bool:
            let bits = array.buffers[0].pointer(as: UInt8.self)
            let first = array.offset + start
            fill(column.word, count) { Bitmap.isSet(bits, first &+ $0) ? 1 : 0 }
        case .word where column.isHalf: encodeHalves(array, column, start, count)
        case .word: encodeWords(array, column.word, start, count)
        case .float: encodeFloats(array, column.word, start, count)
        case .wide:
            let values = array.values(as: Int128.self) + start
            fillPairs(column.word, count) { Self.halves(values[$0]) }
        case .interval:
            fillPairs(column.word, count) { Self.halves(array.intervalLength(at: start &+ $0)) }
        case .text: encodeTexts(array, column.word, start, count)
        case .nested: try encodeNested(array, column, start, count)
        }
    }

    private func encodeWords(_ array: ArrayData, _ word: Int, _ start: Int, _ count: Int) {
        switch array.type {
        case .int8: encode(array, Int8.self, word, start, count)
        case .int16: encode(array, Int16.self, word, start, count)
        case .int32, .date32: encode(array, Int32.self, word, start, count)
        case .uint8: encode(array, UInt8.self, word, start, count)
        case .uint16: encode(array, UInt16.self, word, start, count)
        case .uint32: encode(array, UInt32.self, word, start, count)
        default: encode(array, UInt64.self, word, start, count)
        }
    }

    @inline(__always)
    private func encode<Value: FixedWidthInteger & BitwiseCopyable>(
        _ array: ArrayData, _: Value.Type, _ word: Int, _ start: Int, _ count: Int
    ) {
        let values = array.values(as: Value.self) + start
        fill(word, count) { UInt64(truncatingIfNeeded: values[$0]) }
    }

    private func encodeHalves(
        _ array: ArrayData, _ column: KeyLayout.Column, _ start: Int, _ count: Int
    ) {
        switch array.type {
        case .int8: encodeHalf(array, Int8.self, column, start, count)
        case .int16: encodeHalf(array, Int16.self, column, start, count)
        case .uint8: encodeHalf(array, UInt8.self, column, start, count)
        case .uint16: encodeHalf(array, UInt16.self, column, start, count)
        default: encodeHalf(array, UInt32.self, column, start, count)
        }
    }

    /// Lower halves are written before upper ones.
    @inline(__always)
    private func encodeHalf<Value: FixedWidthInteger & BitwiseCopyable>(
        _ array: ArrayData, _: Value.Type, _ column: KeyLayout.Column, _ start: Int, _ count: Int
    ) {
        let values = array.values(as: Value.self) + start
        if column.shift == 0 {
            fill(column.word, count) { UInt64(UInt32(truncatingIfNeeded: values[$0])) }
            return
        }
        let stride = layout.stride
        var to = words + column.word
        var row = 0
        while row < count {
            to.pointee |= UInt64(UInt32(truncatingIfNeeded: values[row])) &<< 32
            to += stride
            row &+= 1
        }
    }

    private func encodeFloats(_ array: ArrayData, _ word: Int, _ start: Int, _ count: Int) {
        if array.type == .float32 {
            let values = array.values(as: Float.self) + start
            fill(word, count) { Self.bits(Double(values[$0])) }
        } else {
            let values = array.values(as: Double.self) + start
            fill(word, count) { Self.bits(values[$0]) }
        }
    }

    /// -0 is 0, and all NaNs are one.
    @inline(__always)
    private static func bits(_ value: Double) -> UInt64 {
        value.isNaN ? Double.nan.bitPattern : value == 0 ? 0 : value.bitPattern
    }

    @inline(__always)
    private static func halves(_ value: Int128) -> (UInt64, UInt64) {
        (UInt64(truncatingIfNeeded: value), UInt64(truncatingIfNeeded: value &>> 64))
    }

    private func encodeTexts(_ array: ArrayData, _ word: Int, _ start: Int, _ count: Int) {
        let dictionary = array.dictionary
        let texts = TextAddresses(dictionary ?? array)
        guard let dictionary else {
            fillPairs(word, count) { texts.words(start &+ $0) }
            return
        }
        let codes = array.values(as: UInt32.self) + start
        // What stands under a NULL may be any number.
        let limit = array.nullCount == 0 ? UInt32.max : UInt32(dictionary.count)
        fillPairs(word, count) { row in
            codes[row] < limit ? texts.words(Int(truncatingIfNeeded: codes[row])) : (0, 0)
        }
    }

    private func encodeNested(
        _ array: ArrayData, _ column: KeyLayout.Column, _ start: Int, _ count: Int
    ) throws(IglooError) {
        let nested = NestedKeys(column.type)
        try nested.keys.append([array.slice(start, count: count)], rowCount: count)
        nestedKeys.append(nested)
        fillPairs(column.word, count) { row in
            let bytes = nested.keys.key(row)
            return TextAddresses.words(of: bytes.baseAddress.unsafelyUnwrapped, bytes.count)
        }
    }

    private func markNulls(
        _ array: ArrayData, _ index: Int, _ column: KeyLayout.Column, _ start: Int, _ count: Int
    ) {
        let bit: UInt64 = 1 << UInt64(index & 63)
        let width = column.form == .null ? 0 : column.form.wordCount
        var row = 0
        while row < count {
            if array.isNull(start + row) {
                let key = words + row * layout.stride
                if column.isHalf {
                    key[column.word] &= ~(0xFFFF_FFFF &<< column.shift)
                } else {
                    for word in 0..<width { key[column.word + word] = 0 }
                }
                key[index >> 6] |= bit
            }
            row += 1
        }
    }

    // MARK: - Hashes

    private func hash(_ count: Int) {
        let stride = layout.stride
        if layout.isWord {
            var row = 0
            while row < count {
                hashes[row] = KeyHash.mixed(words[row])
                row &+= 1
            }
        } else {
            var views = layout.viewWords[...]
            hashes.update(repeating: 0x9AE1_6A3B_2F90_404F, count: count)
            var word = 0
            while word < stride {
                if views.first == word {
                    views = views.dropFirst()
                    hashViews(word, count)
                    word += 2
                } else {
                    mix(count) { [words] in words[$0 &* stride &+ word] }
                    word += 1
                }
            }
        }
        if hashMask != .max { for row in 0..<count { hashes[row] &= hashMask } }
    }

    @inline(__always)
    private func mix(_ count: Int, _ value: (Int) -> UInt64) {
        let hashes = hashes
        var row = 0
        while row < count {
            hashes[row] = KeyHash.folded(hashes[row] ^ value(row))
            row &+= 1
        }
    }

    private func hashViews(_ word: Int, _ count: Int) {
        let stride = layout.stride
        mix(count) { [words] row in
            let view = words + (row &* stride &+ word)
            if view[0] & 0xFFFF_FFFF <= 12 {
                return KeyHash.folded(view[0]) ^ view[1]
            }
            return KeyHash.hash(Self.bytes(view))
        }
    }

    /// The bytes of a view that is not inline.
    @inline(__always)
    static func bytes(_ view: UnsafePointer<UInt64>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: UnsafeRawPointer(bitPattern: UInt(view[1] & ~addressBit)),
            count: Int(truncatingIfNeeded: view[0] & 0xFFFF_FFFF))
    }

    @inline(__always)
    static func bytes(_ view: UnsafeMutablePointer<UInt64>) -> UnsafeRawBufferPointer {
        bytes(UnsafePointer(view))
    }
}

/// Views of an array with addresses in the place of buffers and offsets.
struct TextAddresses {
    private let views: UnsafePointer<BinaryView>
    private let buffers: [UnsafeRawPointer]

    init(_ array: ArrayData) {
        views = array.values(as: BinaryView.self)
        buffers = array.buffers.dropFirst().map(\.baseAddress)
    }

    @inline(__always)
    func words(_ row: Int) -> (UInt64, UInt64) {
        let view = views[row]
        if view.isInline { return (view.low, view.high) }
        let address = buffers[view.bufferIndex] + view.offset
        return (view.low, UInt64(UInt(bitPattern: address)) | KeyBatch.addressBit)
    }

    static func words(of bytes: UnsafeRawPointer, _ count: Int) -> (UInt64, UInt64) {
        let view = BinaryView(bytes, count: count, bufferIndex: 0, offset: 0)
        if view.isInline { return (view.low, view.high) }
        return (view.low, UInt64(UInt(bitPattern: bytes)) | KeyBatch.addressBit)
    }
}

extension KeyLayout.Form {
    var wordCount: Int {
        switch self {
        case .null: 0
        case .bool, .word, .float: 1
        case .wide, .interval, .text, .nested: 2
        }
    }
}

extension ArrayData {
    /// An interval's length in nanoseconds, months of 30 days, as in PostgreSQL.
    func intervalLength(at row: Int) -> Int128 {
        guard case .interval(let months, let days, let nanoseconds) = scalar(at: row) else {
            return 0
        }
        return (Int128(months) * 30 + Int128(days)) * 86_400_000_000_000 + Int128(nanoseconds)
    }
}
