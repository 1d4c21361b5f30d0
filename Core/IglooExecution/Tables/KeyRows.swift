// SPDX-License-Identifier: MIT

import CIglooKernels
import IglooArrow
import IglooContracts

/// Keys that a table keeps, in the layout of `KeyLayout`, with the bytes of long texts beside.
struct KeyRows: ~Copyable {
    let layout: KeyLayout
    private var words = GroupValues<UInt64>()
    private(set) var count = 0
    private let heap = ByteHeap()

    init(_ layout: KeyLayout) { self.layout = layout }

    var byteCount: Int { words.byteCount + heap.byteCount }

    /// The words of all keys; stays while there is room.
    var base: UnsafeMutablePointer<UInt64> { words.base }

    mutating func reserve(_ additional: Int) { words.reserve((count + additional) * layout.stride) }

    /// Copies a key of a batch, for which room was reserved.
    @inline(__always)
    mutating func append(_ key: UnsafePointer<UInt64>) {
        let to = words.base + count &* layout.stride
        var word = 0
        while word < layout.stride {
            to[word] = key[word]
            word &+= 1
        }
        if !layout.viewWords.isEmpty { keepBytes(to) }
        count &+= 1
    }

    /// Moves the bytes of long texts of a key just copied from a batch to where they stay.
    func keepBytes(_ key: UnsafeMutablePointer<UInt64>) {
        for word in layout.viewWords where key[word] & 0xFFFF_FFFF > 12 {
            key[word + 1] = heap.append(KeyBatch.bytes(key + word))
        }
    }

    /// Whether a kept key and one of a batch are equal, where their words are not alike.
    @inline(never)
    func isEqualByBytes(_ row: Int, _ other: UnsafePointer<UInt64>) -> Bool {
        let own = words.base + row * layout.stride
        var views = layout.viewWords[...]
        var word = 0
        while word < layout.stride {
            if own[word] != other[word] { return false }
            guard views.first == word else {
                word += 1
                continue
            }
            views = views.dropFirst()
            if own[word] & 0xFFFF_FFFF > 12 {
                let bytes = KeyBatch.bytes(other + word)
                let kept = heap.address(own[word + 1])
                if igloo_compare(kept, bytes.baseAddress, bytes.count) != 0 { return false }
            } else if own[word + 1] != other[word + 1] {
                return false
            }
            word += 2
        }
        return true
    }

    /// Whether a kept key is equal to one that other rows of the same layout keep.
    func isEqual(_ row: Int, to other: Int, of rows: borrowing KeyRows) -> Bool {
        let own = words.base + row * layout.stride
        let theirs = rows.words.base + other * layout.stride
        var views = layout.viewWords[...]
        var word = 0
        while word < layout.stride {
            if own[word] != theirs[word] { return false }
            let isView = views.first == word
            if isView { views = views.dropFirst() }
            if isView && own[word] & 0xFFFF_FFFF > 12 {
                let count = Int(own[word] & 0xFFFF_FFFF)
                let (mine, yours) = (
                    heap.address(own[word + 1]), rows.heap.address(theirs[word + 1])
                )
                if igloo_compare(mine, yours, count) != 0 { return false }
                word += 1
            }
            word += 1
        }
        return true
    }

    /// A kept key as one of a batch: with addresses.
    func copy(_ row: Int, to key: UnsafeMutablePointer<UInt64>) {
        key.update(from: words.base + row * layout.stride, count: layout.stride)
        for word in layout.viewWords where key[word] & 0xFFFF_FFFF > 12 {
            let address = UInt(bitPattern: heap.address(key[word + 1]))
            key[word + 1] = UInt64(address) | KeyBatch.addressBit
        }
    }

    // MARK: - Columns

    /// The values of a column whose form is not lossy, in a range of rows.
    func column(_ index: Int, _ range: Range<Int>) -> ArrayData {
        let column = layout.columns[index]
        let validity = self.validity(index, range)
        let values: [Buffer]
        switch column.form {
        case .null: return ArrayData(type: .null, count: range.count)
        case .bool:
            let (base, stride) = start(column, range)
            values = [Bits.make(range.count) { base[$0 &* stride] != 0 }]
        case .word, .float: values = [wordBuffer(column, range)]
        case .wide: values = [pairBuffer(column, range)]
        case .text: values = [pairBuffer(column, range)] + heap.buffers
        case .interval, .nested: preconditionFailure("a value that its key does not tell")
        }
        return ArrayData(
            type: column.type, count: range.count, validity: validity, buffers: values)
    }

    /// Says that the keys up to `wanted`, for which room was reserved, have been written.
    mutating func count(upTo wanted: Int) { count = wanted }

    private func start(
        _ column: KeyLayout.Column, _ range: Range<Int>
    ) -> (UnsafePointer<UInt64>, stride: Int) {
        let stride = layout.stride
        return (UnsafePointer(words.base) + range.lowerBound * stride + column.word, stride)
    }

    private func validity(_ index: Int, _ range: Range<Int>) -> Buffer? {
        if layout.isWord { return nil }
        let stride = layout.stride
        let base = UnsafePointer(words.base) + range.lowerBound * stride + index >> 6
        let shift = UInt64(index & 63)
        var any: UInt64 = 0
        for row in 0..<range.count { any |= base[row &* stride] }
        if any >> shift & 1 == 0 { return nil }
        return Bits.make(range.count) { base[$0 &* stride] &>> shift & 1 == 0 }
    }

    private func wordBuffer(_ column: KeyLayout.Column, _ range: Range<Int>) -> Buffer {
        let (base, stride) = start(column, range)
        switch column.type {
        case .float32:
            return Self.buffer(range.count) { Float(Double(bitPattern: base[$0 &* stride])) }
        case .float64: return Self.buffer(range.count) { base[$0 &* stride] }
        default: break
        }
        let shift = column.shift
        switch column.type.fixedByteWidth ?? 8 {
        case 1:
            return Self.buffer(range.count) {
                UInt8(truncatingIfNeeded: base[$0 &* stride] &>> shift)
            }
        case 2:
            return Self.buffer(range.count) {
                UInt16(truncatingIfNeeded: base[$0 &* stride] &>> shift)
            }
        case 4:
            return Self.buffer(range.count) {
                UInt32(truncatingIfNeeded: base[$0 &* stride] &>> shift)
            }
        default: return Self.buffer(range.count) { base[$0 &* stride] }
        }
    }

    private func pairBuffer(_ column: KeyLayout.Column, _ range: Range<Int>) -> Buffer {
        let (base, stride) = start(column, range)
        return Self.buffer(range.count) {
            BinaryView(low: base[$0 &* stride], high: base[$0 &* stride &+ 1])
        }
    }

    @inline(__always)
    private static func buffer<Value: BitwiseCopyable>(
        _ count: Int, _ value: (Int) -> Value
    ) -> Buffer {
        var builder = BufferBuilder(byteCapacity: count * MemoryLayout<Value>.stride)
        let to = builder.pointer(as: Value.self)
        var row = 0
        while row < count {
            to[row] = value(row)
            row &+= 1
        }
        builder.setByteCount(count * MemoryLayout<Value>.stride)
        return builder.finish()
    }
}
