// SPDX-License-Identifier: MIT

/// Builds a `utf8View` or `binaryView` array, copying the bytes of long values into data buffers.
public struct BinaryViewBuilder: ~Copyable {
    /// Data buffers are closed at this size, so that int32 offsets always reach.
    private static let dataByteCountMax = 1 << 30

    private let type: DataType
    private var views = BufferBuilder()
    private var validity = ValidityBuilder()
    private var data = BufferBuilder()
    private var full: [Buffer] = []

    public init(_ type: DataType = .utf8View) {
        precondition(type == .utf8View || type == .binaryView, "\(type) is not made of views")
        self.type = type
    }

    public var count: Int { validity.count }

    /// Appends a copy of the bytes; for `utf8View` they must be valid UTF-8.
    public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count <= Int(Int32.max), "a value is longer than 2 GiB")
        if bytes.count <= BinaryView.inlineByteCountMax {
            if let base = bytes.baseAddress {
                views.append(BinaryView(inline: base, count: bytes.count))
            } else {
                views.append(BinaryView())
            }
        } else {
            if data.byteCount > 0 && data.byteCount + bytes.count > Self.dataByteCountMax {
                full.append(data.finish())
            }
            let view = BinaryView(
                bytes.baseAddress!, count: bytes.count, bufferIndex: Int32(full.count),
                offset: Int32(data.byteCount))
            data.append(bytes)
            views.append(view)
        }
        validity.appendValid()
    }

    public mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    public mutating func appendNull() {
        views.append(BinaryView())
        validity.appendNull()
    }

    public mutating func finish() -> ArrayData {
        if data.byteCount > 0 { full.append(data.finish()) }
        defer { full = [] }
        let count = validity.count
        let nullCount = validity.nullCount
        return ArrayData(
            type: type, count: count, nullCount: nullCount, validity: validity.finish(),
            buffers: [views.finish()] + full)
    }
}
