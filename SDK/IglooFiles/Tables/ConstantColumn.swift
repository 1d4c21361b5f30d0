// SPDX-License-Identifier: MIT

public import IglooArrow

/// Columns that have one value throughout.
public enum ConstantColumn {
    /// Nothing but NULL, of any type that file connectors deliver.
    public static func null(_ type: DataType, count: Int) -> ArrayData {
        if type == .null { return ArrayData(type: .null, count: count) }
        var buffers: [Buffer] = []
        var children: [ArrayData] = []
        switch type {
        case .bool: buffers = [zeros(Bitmap.byteCount(forBits: count))]
        case .utf8View, .binaryView: buffers = [zeros(count * 16)]
        case .list(let field):
            buffers = [zeros((count + 1) * 4)]
            children = [null(field.type, count: 0)]
        case .map(let entries, _):
            buffers = [zeros((count + 1) * 4)]
            children = [null(entries.type, count: 0)]
        case .structure(let fields): children = fields.map { null($0.type, count: count) }
        default: buffers = [zeros(count * (type.fixedByteWidth ?? 0))]
        }
        return ArrayData(
            type: type, count: count, nullCount: count,
            validity: zeros(Bitmap.byteCount(forBits: count)), buffers: buffers,
            children: children)
    }

    /// `value`, which is of one of the types that texts are read as.
    public static func make(_ type: DataType, _ value: Scalar, count: Int) -> ArrayData {
        switch value {
        case .text(let text): texts(text, count: count)
        case .bool(let flag):
            array(type, count, copies(flag ? UInt8.max : 0, Bitmap.byteCount(forBits: count)))
        case .float(let number) where type == .float32:
            array(type, count, copies(Float(number), count))
        case .float(let number): array(type, count, copies(number, count))
        case .decimal(let number) where type.fixedByteWidth == 16:
            array(type, count, copies(number, count))
        case .decimal(let number):
            array(type, count, copies(Int64(truncatingIfNeeded: number), count))
        case .int(let number): integers(type, UInt64(bitPattern: number), count)
        case .uint(let number): integers(type, number, count)
        default: null(type, count: count)
        }
    }

    private static func integers(_ type: DataType, _ bits: UInt64, _ count: Int) -> ArrayData {
        switch type.fixedByteWidth {
        case 1: array(type, count, copies(UInt8(truncatingIfNeeded: bits), count))
        case 2: array(type, count, copies(UInt16(truncatingIfNeeded: bits), count))
        case 4: array(type, count, copies(UInt32(truncatingIfNeeded: bits), count))
        default: array(type, count, copies(bits, count))
        }
    }

    private static func texts(_ text: String, count: Int) -> ArrayData {
        let bytes = Buffer(copying: Array(text.utf8))
        let view = BinaryView(bytes.baseAddress, count: bytes.byteCount, bufferIndex: 0, offset: 0)
        return ArrayData(
            type: .utf8View, count: count, nullCount: 0, buffers: [copies(view, count), bytes])
    }

    private static func array(_ type: DataType, _ count: Int, _ values: Buffer) -> ArrayData {
        ArrayData(type: type, count: count, nullCount: 0, buffers: [values])
    }

    private static func copies<Value: BitwiseCopyable>(_ value: Value, _ count: Int) -> Buffer {
        Buffer(copying: Array(repeating: value, count: count))
    }

    private static func zeros(_ byteCount: Int) -> Buffer {
        var builder = BufferBuilder(zeroed: byteCount)
        return builder.finish()
    }
}
