// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// What rows are ordered by.
struct SortOrder: Sendable {
    var type: DataType
    var isDescending: Bool
    var nullsFirst: Bool

    init(type: DataType, isDescending: Bool = false, nullsFirst: Bool = false) {
        self.type = type
        self.isDescending = isDescending
        self.nullsFirst = nullsFirst
    }
}

/// Keys of many rows as bytes, such that comparing the bytes compares the rows.
///
/// A key is a byte that tells NULL, then its value: integers big-endian with the sign bit flipped,
/// floats by their ordered bits (-0 as 0, NaN above all), text with 0x00 written as 0x00 0xFF and
/// ended by 0x00 0x00. Descending keys have all value bits flipped. Equal keys have equal bytes,
/// so that joins and groups can use them, too.
///
/// - Source: G. Graefe, "Implementing Sorting in Database Systems", 2006, 4.1.
struct NormalizedKeys: ~Copyable {
    private let order: [SortOrder]
    private var bytes = BufferBuilder()
    /// Where each row's key begins; one more at the end.
    private var offsets = GroupValues<Int>()

    init(_ order: [SortOrder]) {
        self.order = order
        offsets.resize(1, filling: 0)
    }

    var rowCount: Int { offsets.count - 1 }
    var byteCount: Int { bytes.byteCount }
    var baseAddress: UnsafeRawPointer { UnsafeRawPointer(bytes.baseAddress) }

    func key(_ row: Int) -> UnsafeRawBufferPointer {
        let start = offsets[row]
        return UnsafeRawBufferPointer(
            start: baseAddress + start, count: offsets[row &+ 1] &- start)
    }

    /// The first eight bytes of a key as a number that compares alike, zeros behind short ones.
    func prefix(_ row: Int) -> UInt64 { Self.prefix(key(row)) }

    static func prefix(_ key: UnsafeRawBufferPointer) -> UInt64 {
        guard let start = key.baseAddress else { return 0 }
        if key.count >= 8 { return UInt64(bigEndian: start.loadUnaligned(as: UInt64.self)) }
        var value: UInt64 = 0
        for (index, byte) in key.enumerated() { value |= UInt64(byte) << (56 - index * 8) }
        return value
    }

    /// Whether all keys have as many bytes as the first one.
    var hasOneByteCount: Bool {
        let first = offsets.count > 1 ? offsets[1] : 0
        var row = 1
        while row < rowCount {
            if offsets[row + 1] - offsets[row] != first { return false }
            row += 1
        }
        return true
    }

    mutating func append(_ columns: [ArrayData], rowCount: Int) throws(IglooError) {
        let readers = try zip(columns, order).mapThrowing(KeyReader.init)
        let width = readers.reduce(0 as Int?) { sum, reader in
            sum.flatMap { sum in reader.fixedByteCount.map { sum + $0 } }
        }
        if let width { return appendFixed(readers, width, rowCount) }
        var row = 0
        while row < rowCount {
            for reader in readers { reader.write(row, to: &bytes) }
            noteEnd()
            row += 1
        }
    }

    /// Keys of one width are written column by column.
    private mutating func appendFixed(_ readers: [KeyReader], _ width: Int, _ rowCount: Int) {
        let start = bytes.byteCount
        bytes.reserve(rowCount * width)
        var column = bytes.baseAddress + start
        for reader in readers {
            reader.writeAll(rowCount, to: column, stride: width)
            column += reader.fixedByteCount ?? 0
        }
        bytes.setByteCount(start + rowCount * width)
        let count = offsets.count
        offsets.reserve(count + rowCount)
        let ends = offsets.base + count
        var row = 0
        while row < rowCount {
            ends[row] = start &+ (row &+ 1) &* width
            row &+= 1
        }
        offsets.count(upTo: count + rowCount)
    }

    private mutating func noteEnd() { offsets.resize(offsets.count + 1, filling: bytes.byteCount) }

    /// Adds a key that was made in the same order.
    mutating func append(_ key: UnsafeRawBufferPointer) {
        bytes.append(key)
        noteEnd()
    }
}

extension Sequence {
    /// As `map`, for bodies that throw `IglooError`.
    func mapThrowing<Result>(
        _ body: (Element) throws(IglooError) -> Result
    ) throws(IglooError) -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try body(element)) }
        return results
    }
}

/// Writes one column's keys.
private struct KeyReader {
    private enum Layout {
        case null, bool, signed(Int), unsigned(Int), float32, float64, int128
        case view, dictionary, interval, nested
    }

    private let array: ArrayData
    private let layout: Layout
    private let flip: UInt8
    private let nullByte: UInt8
    private let validByte: UInt8
    /// Within a value NULL is greater than all, whatever is said of the key's own.
    private let innerNullByte: UInt8

    init(_ array: ArrayData, _ order: SortOrder) throws(IglooError) {
        self.array = array
        flip = order.isDescending ? 0xFF : 0
        nullByte = order.nullsFirst ? 0 : 2
        validByte = 1
        innerNullByte = order.isDescending ? 0 : 2
        layout = try Self.layout(array.type)
    }

    private static func layout(_ type: DataType) throws(IglooError) -> Layout {
        switch type {
        case .null: return .null
        case .bool: return .bool
        case .int8, .int16, .int32, .int64, .date32, .time64, .timestamp, .decimal64, .duration:
            return .signed(type.fixedByteWidth ?? 8)
        case .uint8, .uint16, .uint32, .uint64: return .unsigned(type.fixedByteWidth ?? 8)
        case .float32: return .float32
        case .float64: return .float64
        case .decimal128: return .int128
        case .utf8View, .binaryView: return .view
        case .dictionary: return .dictionary
        case .interval: return .interval
        case .list, .structure, .map: return .nested
        default:
            throw IglooError(.unsupported, "values of type \(type) cannot be ordered")
        }
    }

    func write(_ row: Int, to bytes: inout BufferBuilder) {
        if array.isNull(row) {
            bytes.append(nullByte)
            return
        }
        bytes.append(validByte)
        switch layout {
        case .null: break
        case .bool:
            let isSet = Bitmap.isSet(array.buffers[0].pointer(), array.offset + row)
            bytes.append((isSet ? 1 : 0) ^ flip)
        case .signed(let width): signed(row, width, &bytes)
        case .unsigned(let width): unsigned(row, width, &bytes)
        case .float32: float(Double(array.values(as: Float.self)[row]), &bytes)
        case .float64: float(array.values(as: Double.self)[row], &bytes)
        case .int128:
            let value = (array.buffers[0].baseAddress + (array.offset + row) * 16)
                .loadUnaligned(as: Int128.self)
            word(UInt64(truncatingIfNeeded: value >> 64) ^ (1 << 63), &bytes)
            word(UInt64(truncatingIfNeeded: value), &bytes)
        case .view: view(array, row, &bytes)
        case .dictionary:
            guard let dictionary = array.dictionary else { return }
            view(dictionary, Int(array.values(as: Int32.self)[row]), &bytes)
        case .interval: interval(row, &bytes)
        case .nested: scalar(array.scalar(at: row), &bytes)
        }
    }

    // MARK: - Whole columns

    /// What a key takes here, where all take the same.
    var fixedByteCount: Int? {
        guard array.nullCount == 0 else { return nil }
        switch layout {
        case .signed(let width): return 1 + width
        case .unsigned(let width): return 1 + max(width, 8)
        case .float64: return 9
        default: return nil
        }
    }

    /// Writes the keys of a column of fixed width, `stride` bytes apart.
    func writeAll(_ rowCount: Int, to start: UnsafeMutableRawPointer, stride: Int) {
        let flip = UInt64(flip) &* 0x0101_0101_0101_0101
        switch (layout, array.type.fixedByteWidth ?? 8) {
        case (.signed, 1):
            let values = array.values(as: UInt8.self)
            write(rowCount, start, stride) {
                values[$0] ^ 0x80 ^ UInt8(truncatingIfNeeded: flip)
            }
        case (.signed, 2):
            let values = array.values(as: UInt16.self)
            write(rowCount, start, stride) {
                (values[$0] ^ 0x8000 ^ UInt16(truncatingIfNeeded: flip)).bigEndian
            }
        case (.signed, 4):
            let values = array.values(as: UInt32.self)
            write(rowCount, start, stride) {
                (values[$0] ^ 0x8000_0000 ^ UInt32(truncatingIfNeeded: flip)).bigEndian
            }
        case (.signed, _):
            let values = array.values(as: UInt64.self)
            write(rowCount, start, stride) { (values[$0] ^ 1 << 63 ^ flip).bigEndian }
        case (.unsigned, 1):
            let values = array.values(as: UInt8.self)
            write(rowCount, start, stride) { (UInt64(values[$0]) ^ flip).bigEndian }
        case (.unsigned, 2):
            let values = array.values(as: UInt16.self)
            write(rowCount, start, stride) { (UInt64(values[$0]) ^ flip).bigEndian }
        case (.unsigned, 4):
            let values = array.values(as: UInt32.self)
            write(rowCount, start, stride) { (UInt64(values[$0]) ^ flip).bigEndian }
        case (.unsigned, _):
            let values = array.values(as: UInt64.self)
            write(rowCount, start, stride) { (values[$0] ^ flip).bigEndian }
        default:
            let values = array.values(as: Double.self)
            write(rowCount, start, stride) { (Self.ordered(values[$0]) ^ flip).bigEndian }
        }
    }

    @inline(__always)
    private func write<Value: BitwiseCopyable>(
        _ rowCount: Int, _ start: UnsafeMutableRawPointer, _ stride: Int,
        _ value: (Int) -> Value
    ) {
        var to = start
        var row = 0
        while row < rowCount {
            to.storeBytes(of: validByte, as: UInt8.self)
            to.storeBytes(of: value(row), toByteOffset: 1, as: Value.self)
            to += stride
            row &+= 1
        }
    }

    private func word(_ value: UInt64, _ bytes: inout BufferBuilder) {
        bytes.append((flip == 0 ? value : ~value).bigEndian)
    }

    private func signed(_ row: Int, _ width: Int, _ bytes: inout BufferBuilder) {
        let mask = UInt64(flip) * 0x0101_0101_0101_0101
        switch width {
        case 1:
            let value = UInt8(bitPattern: array.values(as: Int8.self)[row]) ^ 0x80
            bytes.append(value ^ flip)
        case 2:
            let value = UInt16(bitPattern: array.values(as: Int16.self)[row]) ^ 0x8000
            bytes.append((value ^ UInt16(truncatingIfNeeded: mask)).bigEndian)
        case 4:
            let value = UInt32(bitPattern: array.values(as: Int32.self)[row]) ^ 0x8000_0000
            bytes.append((value ^ UInt32(truncatingIfNeeded: mask)).bigEndian)
        default:
            word(UInt64(bitPattern: array.values(as: Int64.self)[row]) ^ (1 << 63), &bytes)
        }
    }

    private func unsigned(_ row: Int, _ width: Int, _ bytes: inout BufferBuilder) {
        switch width {
        case 1: word(UInt64(array.values(as: UInt8.self)[row]), &bytes)
        case 2: word(UInt64(array.values(as: UInt16.self)[row]), &bytes)
        case 4: word(UInt64(array.values(as: UInt32.self)[row]), &bytes)
        default: word(array.values(as: UInt64.self)[row], &bytes)
        }
    }

    private func float(_ value: Double, _ bytes: inout BufferBuilder) {
        word(Self.ordered(value), &bytes)
    }

    /// Bits that compare as the floats do: -0 as 0, NaN above all.
    @inline(__always)
    private static func ordered(_ value: Double) -> UInt64 {
        let canonical = value.isNaN ? Double.nan : value == 0 ? 0 : value
        let bits = canonical.bitPattern
        return bits >> 63 == 0 ? bits ^ (1 << 63) : ~bits
    }

    private func view(_ array: ArrayData, _ row: Int, _ bytes: inout BufferBuilder) {
        array.withViewBytes(row) { text in
            // The bytes that need an escape are rare: copy what stands between them.
            for byte in text {
                bytes.append(byte ^ flip)
                if byte == 0 { bytes.append(0xFF ^ flip) }
            }
        }
        bytes.append(0 ^ flip)
        bytes.append(0 ^ flip)
    }

    /// Intervals compare by their length, months of 30 days, as in PostgreSQL.
    private func interval(_ row: Int, _ bytes: inout BufferBuilder) {
        guard case .interval(let months, let days, let nanoseconds) = array.scalar(at: row) else {
            return
        }
        let total =
            (Int128(months) * 30 + Int128(days)) * 86_400_000_000_000 + Int128(nanoseconds)
        word(UInt64(truncatingIfNeeded: total >> 64) ^ (1 << 63), &bytes)
        word(UInt64(truncatingIfNeeded: total), &bytes)
    }

    /// Lists and structures: element by element, an end that sorts below every element.
    private func scalar(_ value: Scalar, _ bytes: inout BufferBuilder) {
        switch value {
        case .null: bytes.append(innerNullByte)
        case .bool(let value):
            bytes.append(validByte)
            bytes.append((value ? 1 : 0) ^ flip)
        case .int(let value):
            bytes.append(validByte)
            word(UInt64(bitPattern: value) ^ (1 << 63), &bytes)
        case .uint(let value):
            bytes.append(validByte)
            word(value, &bytes)
        case .float(let value):
            bytes.append(validByte)
            float(value, &bytes)
        case .decimal(let value), .wideDecimal(let value, _):
            bytes.append(validByte)
            word(UInt64(truncatingIfNeeded: value >> 64) ^ (1 << 63), &bytes)
            word(UInt64(truncatingIfNeeded: value), &bytes)
        case .text(let text): escaped(Array(text.utf8), &bytes)
        case .binary(let value): escaped(value, &bytes)
        case .interval(let months, let days, let nanoseconds):
            bytes.append(validByte)
            let total =
                (Int128(months) * 30 + Int128(days)) * 86_400_000_000_000 + Int128(nanoseconds)
            word(UInt64(truncatingIfNeeded: total >> 64) ^ (1 << 63), &bytes)
            word(UInt64(truncatingIfNeeded: total), &bytes)
        case .list(let values), .structure(let values), .map(let values):
            bytes.append(validByte)
            for value in values { scalar(value, &bytes) }
            bytes.append(0 ^ flip)
        }
    }

    private func escaped(_ text: [UInt8], _ bytes: inout BufferBuilder) {
        bytes.append(validByte)
        for byte in text {
            bytes.append(byte ^ flip)
            if byte == 0 { bytes.append(0xFF ^ flip) }
        }
        bytes.append(0 ^ flip)
        bytes.append(0 ^ flip)
    }
}

extension ArrayData {
    /// The bytes of a value of a view array.
    @inline(__always)
    func withViewBytes<Result>(
        _ row: Int, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        let views = values(as: BinaryView.self)
        let view = views[row]
        if view.isInline {
            return body(
                UnsafeRawBufferPointer(
                    start: UnsafeRawPointer(views + row) + 4, count: view.count))
        }
        return body(
            UnsafeRawBufferPointer(
                start: buffers[1 + view.bufferIndex].baseAddress + view.offset,
                count: view.count))
    }
}
