// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Why a value could not be read, without its place.
struct PostgresValueError: Error {
    var message: String
    var hint: String?

    init(_ message: String, hint: String? = nil) {
        self.message = message
        self.hint = hint
    }

    static func length(_ found: Int, _ type: String) -> PostgresValueError {
        PostgresValueError(
            "\(found) bytes are no \(type): the table's columns changed while it was read",
            hint: "run the statement again")
    }
}

/// Takes the binary values of one column and makes an array of them.
///
/// - Threads: one at a time.
class PostgresColumnDecoder {
    /// Appends the value in `bytes`.
    func append(_ bytes: UnsafeRawBufferPointer) throws(PostgresValueError) {
        preconditionFailure("a decoder without a type")
    }

    func appendNull() throws(PostgresValueError) {}

    /// The values so far; the decoder starts empty again.
    func finish() -> ArrayData { preconditionFailure("a decoder without a type") }

    static func make(_ type: PostgresType) -> PostgresColumnDecoder {
        switch type {
        case .bool: PostgresBoolDecoder()
        case .int16: PostgresIntegerDecoder<Int16>(.int16)
        case .int32: PostgresIntegerDecoder<Int32>(.int32)
        case .int64: PostgresIntegerDecoder<Int64>(.int64)
        case .oid: PostgresOidDecoder()
        case .float32: PostgresFloat32Decoder()
        case .float64, .roundedNumeric: PostgresFloat64Decoder()
        case .decimal(let precision, let scale):
            if precision <= 18 {
                PostgresDecimalDecoder<Int64>(precision: precision, scale: scale, zero: 0)
            } else {
                PostgresDecimalDecoder<Int128>(precision: precision, scale: scale, zero: 0)
            }
        case .text, .castText: PostgresTextDecoder()
        case .bytes: PostgresBytesDecoder()
        case .date: PostgresDateDecoder()
        case .time: PostgresTimeDecoder()
        case .timestamp: PostgresInstantDecoder(timeZone: nil)
        case .timestamptz: PostgresInstantDecoder(timeZone: "UTC")
        case .interval: PostgresIntervalDecoder()
        case .array(let element): PostgresArrayDecoder(element)
        }
    }
}

/// Integers in network order.
enum PostgresBytes {
    @inline(__always)
    static func integer<Number: FixedWidthInteger>(
        _ bytes: UnsafeRawBufferPointer, at offset: Int = 0, as type: Number.Type = Number.self
    ) -> Number {
        Number(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Number.self))
    }
}

final class PostgresBoolDecoder: PostgresColumnDecoder {
    private var builder = BoolBuilder()

    override func append(_ bytes: UnsafeRawBufferPointer) throws(PostgresValueError) {
        guard bytes.count == 1 else { throw .length(bytes.count, "bool") }
        builder.append(bytes[0] != 0)
    }

    override func appendNull() { builder.appendNull() }
    override func finish() -> ArrayData { builder.finish() }
}

final class PostgresIntegerDecoder<Number: FixedWidthInteger & BitwiseCopyable>:
    PostgresColumnDecoder
{
    private var builder: PrimitiveBuilder<Number>

    init(_ type: DataType) { builder = PrimitiveBuilder(type, zero: 0) }

    override func append(_ bytes: UnsafeRawBufferPointer) throws(PostgresValueError) {
        guard bytes.count == MemoryLayout<Number>.size else {
            throw .length(bytes.count, "integer of \(MemoryLayout<Number>.size) bytes")
        }
        builder.append(PostgresBytes.integer(bytes))
    }

    override func appendNull() { builder.appendNull() }
    override func finish() -> ArrayData { builder.finish() }
}

final class PostgresOidDecoder: PostgresColumnDecoder {
    private var builder = PrimitiveBuilder<Int64>(.int64, zero: 0)

    override func append(_ bytes: UnsafeRawBufferPointer) throws(PostgresValueError) {
        guard bytes.count == 4 else { throw .length(bytes.count, "oid") }
        builder.append(Int64(PostgresBytes.integer(bytes, as: UInt32.self)))
    }

    override func appendNull() { builder.appendNull() }
    override func finish() -> ArrayData { builder.finish() }
}

final class PostgresFloat32Decoder: PostgresColumnDecoder {
    private var builder = PrimitiveBuilder<Float>(.float32, zero: 0)

    override func append(_ bytes: UnsafeRawBufferPointer) throws(PostgresValueError) {
        guard bytes.count == 4 else { throw .length(bytes.count, "real") }
        builder.append(Float(bitPattern: PostgresBytes.integer(bytes)))
    }

    override func appendNull() { builder.appendNull() }
    override func finish() -> ArrayData { builder.finish() }
}

final class PostgresFloat64Decoder: PostgresColumnDecoder {
    private var builder = PrimitiveBuilder<Double>(.float64, zero: 0)

    override func append(_ bytes: UnsafeRawBufferPointer) throws(PostgresValueError) {
        guard bytes.count == 8 else { throw .length(bytes.count, "double precision") }
        builder.append(Double(bitPattern: PostgresBytes.integer(bytes)))
    }

    override func appendNull() { builder.appendNull() }
    override func finish() -> ArrayData { builder.finish() }
}

/// Text, which the server has checked to be UTF-8 (the connection's encoding).
final class PostgresTextDecoder: PostgresColumnDecoder {
    private var builder = BinaryViewBuilder(.utf8View)

    override func append(_ bytes: UnsafeRawBufferPointer) throws(PostgresValueError) {
        builder.append(bytes)
    }

    override func appendNull() { builder.appendNull() }
    override func finish() -> ArrayData { builder.finish() }
}

final class PostgresBytesDecoder: PostgresColumnDecoder {
    private var builder = BinaryViewBuilder(.binaryView)

    override func append(_ bytes: UnsafeRawBufferPointer) throws(PostgresValueError) {
        builder.append(bytes)
    }

    override func appendNull() { builder.appendNull() }
    override func finish() -> ArrayData { builder.finish() }
}
