// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Writes the views of a text or binary vector row by row.
struct ViewWriter: ~Copyable {
    /// Data buffers are closed at this size, so that int32 offsets always reach.
    private static let dataByteCountMax = 1 << 30
    /// What the texts of one vector may take together.
    private static let totalByteCountMax = 1 << 32

    private var views: BufferBuilder
    private var data = BufferBuilder()
    private var full: [Buffer] = []
    private var total = 0
    private var start = 0

    init(count: Int) { views = BufferBuilder(byteCapacity: count * 16) }

    @inline(__always)
    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if bytes.count <= BinaryView.inlineByteCountMax {
            guard let base = bytes.baseAddress else { return appendEmpty() }
            views.append(BinaryView(inline: base, count: bytes.count))
            return
        }
        write(bytes)
        close()
    }

    @inline(__always)
    mutating func appendEmpty() { views.append(BinaryView()) }

    mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    // MARK: - Values put together from parts; `close` ends each

    @inline(__always)
    mutating func write(_ bytes: UnsafeRawBufferPointer) { data.append(bytes) }

    /// Each byte as `body` changes it.
    @inline(__always)
    mutating func write(_ bytes: UnsafeRawBufferPointer, _ body: (UInt8) -> UInt8) {
        let before = data.byteCount
        data.reserve(bytes.count)
        let to = data.baseAddress + before
        var i = 0
        while i < bytes.count {
            to.storeBytes(of: body(bytes[i]), toByteOffset: i, as: UInt8.self)
            i &+= 1
        }
        data.setByteCount(before + bytes.count)
    }

    @inline(__always)
    mutating func write(_ byte: UInt8) { data.append(byte) }

    mutating func write(_ scalar: Unicode.Scalar) {
        if scalar.value < 0x80 { return write(UInt8(truncatingIfNeeded: scalar.value)) }
        for byte in UTF8.encode(scalar)! { write(byte) }
    }

    /// A place in the value that is being put together.
    var openByteCount: Int { data.byteCount &- start }

    func withOpenBytes<Value>(
        from mark: Int, _ body: (UnsafeRawBufferPointer) -> Value
    ) -> Value {
        let base = UnsafeRawPointer(data.baseAddress) + start + mark
        return body(UnsafeRawBufferPointer(start: base, count: openByteCount - mark))
    }

    mutating func removeOpenBytes(from mark: Int) { data.setByteCount(start &+ mark) }

    @inline(__always)
    mutating func close() {
        let count = data.byteCount &- start
        let bytes = UnsafeRawPointer(data.baseAddress) + start
        views.append(
            BinaryView(
                bytes, count: count, bufferIndex: Int32(truncatingIfNeeded: full.count),
                offset: Int32(truncatingIfNeeded: start)))
        if count <= BinaryView.inlineByteCountMax {
            data.setByteCount(start)
        } else {
            start = data.byteCount
            if start >= Self.dataByteCountMax {
                full.append(data.finish())
                start = 0
            }
        }
    }

    /// Says beforehand how much longer a value becomes, where that is not bound to its arguments.
    mutating func plan(_ byteCount: Int) throws(IglooError) {
        total += min(byteCount, Self.totalByteCountMax)
        let length = openByteCount.addingReportingOverflow(byteCount)
        if length.overflow || length.partialValue > Self.dataByteCountMax
            || total > Self.totalByteCountMax
        {
            throw IglooError(
                .outOfRange, "requested text of \(length.partialValue) bytes is too long",
                hint: "a text has at most 1 GiB", sqlState: .programLimitExceeded)
        }
    }

    mutating func finish(_ call: KernelCall, _ type: DataType = .utf8View) -> ArrayData {
        finish(type, count: call.count, validity: call.validity)
    }

    mutating func finish(_ type: DataType, count: Int, validity: Buffer?) -> ArrayData {
        if data.byteCount > 0 { full.append(data.finish()) }
        return ArrayData(
            type: type, count: count, nullCount: validity == nil ? 0 : nil, validity: validity,
            buffers: [views.finish()] + full)
    }
}
