// SPDX-License-Identifier: MIT

import IglooArrow

/// The values of a page that is being filled, in their physical type, and the chunk's dictionary.
protocol ValueBuffer {
    /// Bytes of the page's values in plain encoding.
    var byteCount: Int { get }
    var dictionary: PageDictionary { get set }

    /// Adds the elements of the array that the entries point to.
    ///
    /// - Throws: `invalid` for values that the physical type does not hold.
    mutating func append(_ array: ArrayData, _ indexes: [Int32]) throws(ArrowError)

    /// Finds a code for each of the page's values; false when the dictionary is given up.
    mutating func assignCodes() -> Bool
    func plainBytes() -> [UInt8]
    func bounds() -> ValueBounds?
    mutating func clear()
}

/// A chunk's dictionary as it is written, and the codes of the page that is being filled.
struct PageDictionary {
    /// In plain encoding: the values that whole pages use.
    fileprivate(set) var bytes: [UInt8] = []
    fileprivate(set) var count = 0
    /// Whether pages are written with codes.
    fileprivate(set) var isUsed: Bool
    fileprivate var codes: [UInt32] = []
    fileprivate let byteCountMax: Int

    init(byteCountMax: Int) {
        self.byteCountMax = byteCountMax
        isUsed = byteCountMax > 0
    }

    /// Whether the first page says that values hardly ever repeat.
    fileprivate func isVain(valueCount: Int, distinctCount: Int) -> Bool {
        count == 0 && valueCount > 1_000 && distinctCount * 2 > valueCount
    }
}

extension ValueBuffer {
    /// The page's values, encoded, and the page emptied.
    mutating func takePage() -> (bytes: [UInt8], encoding: Encoding, bounds: ValueBounds?) {
        let bounds = bounds()
        defer { clear() }
        // A page of nulls alone needs no dictionary, and there may be none.
        guard byteCount > 0, dictionary.isUsed, assignCodes() else {
            return (plainBytes(), .plain, bounds)
        }
        var bytes: [UInt8] = []
        let bitWidth = max(1, RunEncoder.bitWidth(dictionary.count - 1))
        bytes.append(UInt8(bitWidth))
        dictionary.codes.withUnsafeBufferPointer {
            RunEncoder.encode($0, bitWidth: bitWidth, into: &bytes)
        }
        return (bytes, .dictionary, bounds)
    }
}

extension LeafStorage {
    func makeBuffer(dictionaryByteCountMax: Int) -> any ValueBuffer {
        let dictionary = PageDictionary(byteCountMax: dictionaryByteCountMax)
        switch element.type {
        case .boolean: return BoolBuffer()
        case .int32, .float: return FixedBuffer<UInt32>(self, dictionary)
        case .int64, .double: return FixedBuffer<UInt64>(self, dictionary)
        default: return BytesBuffer(self, dictionary)
        }
    }
}

/// Booleans, as bits.
private struct BoolBuffer: ValueBuffer {
    var dictionary = PageDictionary(byteCountMax: 0)
    private var values: [UInt8] = []

    init() {}

    mutating func assignCodes() -> Bool { false }

    var byteCount: Int { values.count / 8 }

    mutating func append(_ array: ArrayData, _ indexes: [Int32]) throws(ArrowError) {
        let bits = array.buffers[0].pointer(as: UInt8.self)
        for index in indexes where index >= 0 {
            values.append(Bitmap.isSet(bits, array.offset + Int(index)) ? 1 : 0)
        }
    }

    func plainBytes() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: (values.count + 7) / 8)
        for (index, value) in values.enumerated() where value != 0 {
            bytes[index >> 3] |= 1 << UInt8(index & 7)
        }
        return bytes
    }

    func bounds() -> ValueBounds? {
        guard let least = values.min(), let greatest = values.max() else { return nil }
        return ValueBounds(minimum: [least], maximum: [greatest])
    }

    mutating func clear() { values.removeAll(keepingCapacity: true) }
}

/// Numbers of 4 or 8 bytes. Reached through the protocol, hence specialised by hand.
private struct FixedBuffer<Word: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>:
    ValueBuffer
{
    var dictionary: PageDictionary
    private let storage: LeafStorage
    private var values: [Word] = []
    private var table = CodeTable()
    private var known: [Word] = []

    init(_ storage: LeafStorage, _ dictionary: PageDictionary) {
        self.storage = storage
        self.dictionary = dictionary
    }

    var byteCount: Int { values.count * MemoryLayout<Word>.size }

    @_specialize(where Word == UInt32)
    @_specialize(where Word == UInt64)
    mutating func append(_ array: ArrayData, _ indexes: [Int32]) throws(ArrowError) {
        switch storage.conversion {
        case .integer(1, true):
            add(array, indexes) { (value: Int8) in Word(truncatingIfNeeded: value) }
        case .integer(1, false): add(array, indexes) { (value: UInt8) in Word(value) }
        case .integer(2, true):
            add(array, indexes) { (value: Int16) in Word(truncatingIfNeeded: value) }
        case .integer(2, false):
            add(array, indexes) { (value: UInt16) in Word(truncatingIfNeeded: value) }
        case .integer: addAsTheyAre(array, indexes)
        case .days:
            add(array, indexes) { (value: Int64) in
                Word(truncatingIfNeeded: (value - (value < 0 ? 86_399_999 : 0)) / 86_400_000)
            }
        case .lower(4, _): add(array, indexes) { (value: Int32) in Word(truncatingIfNeeded: value) }
        case .lower(8, _): add(array, indexes) { (value: Int64) in Word(truncatingIfNeeded: value) }
        case .lower(let from, _): addLower(array, indexes, from)
        case .scaled(let factor, let byteCount): try addScaled(array, indexes, factor, byteCount)
        default: break
        }
    }

    @inline(__always)
    private mutating func add<Value: BitwiseCopyable>(
        _ array: ArrayData, _ indexes: [Int32], _ convert: (Value) -> Word
    ) {
        let source = array.values(as: Value.self)
        values.reserveCapacity(values.count + indexes.count)
        for index in indexes where index >= 0 { values.append(convert(source[Int(index)])) }
    }

    @_specialize(where Word == UInt32)
    @_specialize(where Word == UInt64)
    private mutating func addAsTheyAre(_ array: ArrayData, _ indexes: [Int32]) {
        let source = array.values(as: Word.self)
        if array.nullCount == 0, indexes.count == array.count, indexes.first == 0 {
            // All of a flat column, in order.
            values.append(contentsOf: UnsafeBufferPointer(start: source, count: array.count))
            return
        }
        add(array, indexes) { (value: Word) in value }
    }

    /// The lower bytes of wide decimals: their precision says that the value fits.
    private mutating func addLower(_ array: ArrayData, _ indexes: [Int32], _ width: Int) {
        let base = array.buffers[0].baseAddress + array.offset * width
        for index in indexes where index >= 0 {
            values.append(base.loadUnaligned(fromByteOffset: Int(index) * width, as: Word.self))
        }
    }

    private mutating func addScaled(
        _ array: ArrayData, _ indexes: [Int32], _ factor: Int64, _ byteCount: Int
    ) throws(ArrowError) {
        for index in indexes where index >= 0 {
            let value =
                byteCount == 4
                ? Int64(array.values(as: Int32.self)[Int(index)])
                : array.values(as: Int64.self)[Int(index)]
            let (product, overflow) = value.multipliedReportingOverflow(by: factor)
            guard !overflow, byteCount == 8 || Int32(exactly: product) != nil else {
                throw ArrowError(
                    .invalid, "\(value) seconds are too many to be stored as milliseconds")
            }
            values.append(Word(truncatingIfNeeded: product))
        }
    }

    @_specialize(where Word == UInt32)
    @_specialize(where Word == UInt64)
    mutating func assignCodes() -> Bool {
        dictionary.codes.removeAll(keepingCapacity: true)
        dictionary.codes.reserveCapacity(values.count)
        let countMax = dictionary.byteCountMax / MemoryLayout<Word>.size
        for value in values {
            let code = table.code(CodeTable.mixed(UInt64(value)), count: known.count) {
                known[$0] == value
            }
            if code == known.count {
                known.append(value)
                if known.count > countMax { return giveUp() }
            }
            dictionary.codes.append(UInt32(truncatingIfNeeded: code))
        }
        if dictionary.isVain(valueCount: values.count, distinctCount: known.count) {
            return giveUp()
        }
        for value in known[dictionary.count...] { dictionary.bytes.append(littleEndian: value) }
        dictionary.count = known.count
        return true
    }

    private mutating func giveUp() -> Bool {
        dictionary.isUsed = false
        known = []
        return false
    }

    func plainBytes() -> [UInt8] { values.withUnsafeBytes { Array($0) } }

    @_specialize(where Word == UInt32)
    @_specialize(where Word == UInt64)
    func bounds() -> ValueBounds? {
        values.withUnsafeBufferPointer { ValueBounds($0, storage.order) }
    }

    mutating func clear() { values.removeAll(keepingCapacity: true) }
}

/// Texts, binary data and numbers of more than 8 bytes.
private struct BytesBuffer: ValueBuffer {
    var dictionary: PageDictionary
    private let storage: LeafStorage
    private let isFixed: Bool
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    private var table = CodeTable()
    private var known: [UInt8] = []
    private var knownEnds: [Int] = []

    init(_ storage: LeafStorage, _ dictionary: PageDictionary) {
        self.storage = storage
        self.dictionary = dictionary
        isFixed = storage.element.type == .fixedLengthByteArray
    }

    var byteCount: Int { bytes.count + (isFixed ? 0 : 4 * ends.count) }

    mutating func append(_ array: ArrayData, _ indexes: [Int32]) throws(ArrowError) {
        switch storage.conversion {
        case .bytes:
            for index in indexes where index >= 0 {
                bytes.append(contentsOf: array.bytes(at: Int(index)))
                ends.append(bytes.count)
            }
        case .fixed(let byteCount):
            let base = array.buffers[0].baseAddress + array.offset * byteCount
            for index in indexes where index >= 0 {
                bytes.append(
                    contentsOf: UnsafeRawBufferPointer(
                        start: base + Int(index) * byteCount, count: byteCount))
                ends.append(bytes.count)
            }
        case .bigEndian(let from, let to):
            let base = array.buffers[0].baseAddress + array.offset * from
            for index in indexes where index >= 0 {
                let value = UnsafeRawBufferPointer(start: base + Int(index) * from, count: from)
                let sign: UInt8 = value[from - 1] & 0x80 == 0 ? 0 : 0xFF
                for place in (0..<to).reversed() {
                    bytes.append(place < from ? value[place] : sign)
                }
                ends.append(bytes.count)
            }
        case .interval(let unit):
            for index in indexes where index >= 0 { try appendInterval(array, Int(index), unit) }
        default: break
        }
    }

    /// Months, days, milliseconds: three numbers without sign.
    private mutating func appendInterval(
        _ array: ArrayData, _ index: Int, _ unit: IntervalUnit
    ) throws(ArrowError) {
        var (months, days, milliseconds): (Int64, Int64, Int64) = (0, 0, 0)
        var rest: Int64 = 0
        let base =
            array.buffers[0].baseAddress + (array.offset + index) * (array.type.fixedByteWidth ?? 0)
        switch unit {
        case .yearMonth: months = Int64(base.loadUnaligned(as: Int32.self))
        case .dayTime:
            days = Int64(base.loadUnaligned(as: Int32.self))
            milliseconds = Int64(base.loadUnaligned(fromByteOffset: 4, as: Int32.self))
        case .monthDayNano:
            months = Int64(base.loadUnaligned(as: Int32.self))
            days = Int64(base.loadUnaligned(fromByteOffset: 4, as: Int32.self))
            (milliseconds, rest) = base.loadUnaligned(fromByteOffset: 8, as: Int64.self)
                .quotientAndRemainder(dividingBy: 1_000_000)
        }
        for part in [months, days, milliseconds] {
            guard rest == 0, let number = UInt32(exactly: part) else {
                throw ArrowError(
                    .invalid,
                    "an interval is negative or finer than a millisecond, which Parquet cannot hold"
                )
            }
            bytes.append(littleEndian: number)
        }
        ends.append(bytes.count)
    }

    mutating func assignCodes() -> Bool {
        dictionary.codes.removeAll(keepingCapacity: true)
        dictionary.codes.reserveCapacity(ends.count)
        let isComplete = bytes.withUnsafeBytes { page in
            var start = 0
            for end in ends {
                let value = UnsafeRawBufferPointer(rebasing: page[start..<end])
                start = end
                let code = table.code(CodeTable.hash(value), count: knownEnds.count) {
                    Self.isEqual(value, known, knownEnds, $0)
                }
                if code == knownEnds.count {
                    known.append(contentsOf: value)
                    knownEnds.append(known.count)
                    if known.count + 4 * code > dictionary.byteCountMax { return false }
                }
                dictionary.codes.append(UInt32(truncatingIfNeeded: code))
            }
            return true
        }
        if !isComplete
            || dictionary.isVain(valueCount: ends.count, distinctCount: knownEnds.count)
        {
            return giveUp()
        }
        for code in dictionary.count..<knownEnds.count {
            let range = place(of: code)
            if !isFixed { dictionary.bytes.append(littleEndian: UInt32(range.count)) }
            dictionary.bytes += known[range]
        }
        dictionary.count = knownEnds.count
        return true
    }

    private func place(of code: Int) -> Range<Int> {
        (code == 0 ? 0 : knownEnds[code - 1])..<knownEnds[code]
    }

    @inline(__always)
    private static func isEqual(
        _ value: UnsafeRawBufferPointer, _ known: [UInt8], _ knownEnds: [Int], _ code: Int
    ) -> Bool {
        let start = code == 0 ? 0 : knownEnds[code - 1]
        guard knownEnds[code] - start == value.count else { return false }
        return known.withUnsafeBytes { known in
            value.isEmpty
                || PlatformMemory.compare(
                    known.baseAddress! + start, value.baseAddress!, value.count) == 0
        }
    }

    private mutating func giveUp() -> Bool {
        dictionary.isUsed = false
        (known, knownEnds) = ([], [])
        return false
    }

    func plainBytes() -> [UInt8] {
        if isFixed { return bytes }
        var plain: [UInt8] = []
        plain.reserveCapacity(byteCount)
        var start = 0
        for end in ends {
            plain.append(littleEndian: UInt32(end - start))
            plain += bytes[start..<end]
            start = end
        }
        return plain
    }

    func bounds() -> ValueBounds? { ValueBounds(bytes, ends: ends, storage.order) }

    mutating func clear() {
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
    }
}

/// Finds equal values: open addressing over hashes, codes in the order of first sight.
private struct CodeTable {
    private var slots = [UInt32](repeating: .max, count: 1_024)
    private var hashes: [UInt64] = []

    static func mixed(_ value: UInt64) -> UInt64 {
        let mixed = (value ^ (value >> 32)) &* 0x9E37_79B9_7F4A_7C15
        return mixed ^ (mixed >> 29)
    }

    static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash = UInt64(bytes.count)
        var index = 0
        while index + 8 <= bytes.count {
            hash = mixed(hash ^ bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            index += 8
        }
        while index < bytes.count {
            hash = mixed(hash ^ UInt64(bytes[index]))
            index += 1
        }
        return mixed(hash)
    }

    /// The code of the value; `count`, the next one, for a new value, which the caller keeps.
    @inline(__always)
    mutating func code(_ hash: UInt64, count: Int, isEqual: (Int) -> Bool) -> Int {
        if 2 * (count + 1) > slots.count { grow() }
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] != .max {
            let code = Int(slots[slot])
            if hashes[code] == hash && isEqual(code) { return code }
            slot = (slot + 1) & (slots.count - 1)
        }
        slots[slot] = UInt32(count)
        hashes.append(hash)
        return count
    }

    private mutating func grow() {
        slots = [UInt32](repeating: .max, count: 2 * slots.count)
        for (code, hash) in hashes.enumerated() {
            var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
            while slots[slot] != .max { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = UInt32(code)
        }
    }
}
