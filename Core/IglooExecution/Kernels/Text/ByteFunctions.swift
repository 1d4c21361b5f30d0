// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Functions of byte strings.
///
/// - Source: PostgreSQL 16, section 9.5.
enum ByteFunctions {
    static func kernel(_ call: FunctionCall) -> Kernel? {
        guard call.parameters.first == .binaryView else { return nil }
        switch call.name {
        case "get_bit":
            return element(8) { bytes, place in Int32(bytes[place >> 3] >> UInt8(place & 7) & 1) }
        case "get_byte": return element(1) { bytes, place in Int32(bytes[place]) }
        case "set_bit": return { (call) throws(IglooError) in try setBits(call) }
        case "set_byte": return { (call) throws(IglooError) in try setBytes(call) }
        case "bit_count":
            return { (call) throws(IglooError) in
                let reader = ViewReader(call.arguments[0])
                return TextFunctions.numbers(call, .int64) { bitCount(reader[$0]) }
            }
        case "crc32": return checksum(.crc32)
        case "crc32c": return checksum(.crc32c)
        case "trim": return trim(isLeft: true, isRight: true)
        case "ltrim": return trim(isLeft: true, isRight: false)
        case "rtrim": return trim(isLeft: false, isRight: true)
        case "substring": return { (call) throws(IglooError) in try substring(call) }
        case "overlay": return { (call) throws(IglooError) in try overlay(call) }
        case "position": return { (call) throws(IglooError) in position(call) }
        case "reverse":
            return { (call) throws(IglooError) in
                let reader = ViewReader(call.arguments[0])
                return try write(call) { (row, writer) throws(IglooError) in
                    for byte in reader[row].reversed() { writer.write(byte) }
                }
            }
        default: return nil
        }
    }

    private static func write(
        _ call: KernelCall, _ body: (Int, inout ViewWriter) throws(IglooError) -> Void
    ) throws(IglooError) -> ArrayData {
        var writer = ViewWriter(count: call.count)
        var row = 0
        while row < call.count {
            if call.isValid(row) { try body(row, &writer) }
            writer.close()
            row &+= 1
        }
        return writer.finish(call, .binaryView)
    }

    // MARK: - Single bits and bytes

    private static func outOfRange(_ place: Int64, _ count: Int) -> IglooError {
        IglooError(
            .outOfRange, "index \(place) out of valid range, 0..\(count - 1)",
            sqlState: SQLState(rawValue: "2202E"))
    }

    /// - Parameter unit: how many places a byte has.
    private static func element(
        _ unit: Int, _ body: @escaping (UnsafeRawBufferPointer, Int) -> Int32
    ) -> Kernel {
        { (call) throws(IglooError) in
            let reader = ViewReader(call.arguments[0])
            let places = call.value(1, Int64.self)
            var builder = BufferBuilder(byteCapacity: call.count * 4)
            for row in 0..<call.count {
                guard call.isValid(row) else {
                    builder.append(Int32(0))
                    continue
                }
                let (bytes, place) = (reader[row], places(row))
                guard place >= 0, place < Int64(bytes.count * unit) else {
                    throw outOfRange(place, bytes.count * unit)
                }
                builder.append(body(bytes, Int(place)))
            }
            return call.result(.int32, [builder.finish()], validity: call.validity)
        }
    }

    private static func setBits(_ call: KernelCall) throws(IglooError) -> ArrayData {
        try change(call, unit: 8) { (byte, place, value) throws(IglooError) in
            guard value == 0 || value == 1 else { throw Faults.invalid("new bit must be 0 or 1") }
            let bit = UInt8(1) << UInt8(place & 7)
            return value == 1 ? byte | bit : byte & ~bit
        }
    }

    private static func setBytes(_ call: KernelCall) throws(IglooError) -> ArrayData {
        try change(call, unit: 1) { (_, _, value) throws(IglooError) in
            UInt8(truncatingIfNeeded: value)
        }
    }

    private static func change(
        _ call: KernelCall, unit: Int,
        _ body: (UInt8, Int64, Int64) throws(IglooError) -> UInt8
    ) throws(IglooError) -> ArrayData {
        let reader = ViewReader(call.arguments[0])
        let (places, values) = (call.value(1, Int64.self), call.value(2, Int64.self))
        return try write(call) { (row, writer) throws(IglooError) in
            let (bytes, place) = (reader[row], places(row))
            guard place >= 0, place < Int64(bytes.count * unit) else {
                throw outOfRange(place, bytes.count * unit)
            }
            let at = Int(place) / unit
            let changed = try body(bytes[at], place, values(row))
            writer.write(UnsafeRawBufferPointer(rebasing: bytes[..<at]))
            writer.write(changed)
            writer.write(UnsafeRawBufferPointer(rebasing: bytes[(at + 1)...]))
        }
    }

    private static func bitCount(_ bytes: UnsafeRawBufferPointer) -> Int64 {
        var count = 0
        var place = 0
        while place &+ 8 <= bytes.count {
            count &+= bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self).nonzeroBitCount
            place &+= 8
        }
        while place < bytes.count {
            count &+= bytes[place].nonzeroBitCount
            place &+= 1
        }
        return Int64(count)
    }

    private static func checksum(_ polynomial: ByteChecksum) -> Kernel {
        { (call) throws(IglooError) in
            let reader = ViewReader(call.arguments[0])
            return TextFunctions.numbers(call, .int64) { Int64(polynomial.value(reader[$0])) }
        }
    }

    // MARK: - Parts

    /// Without the bytes of the second argument at the ends.
    private static func trim(isLeft: Bool, isRight: Bool) -> Kernel {
        { (call) throws(IglooError) in
            let (reader, sets) = (ViewReader(call.arguments[0]), ViewReader(call.arguments[1]))
            return try write(call) { (row, writer) throws(IglooError) in
                let (bytes, set) = (reader[row], sets[row])
                var (low, high) = (0, bytes.count)
                while isLeft && low < high && set.contains(bytes[low]) { low += 1 }
                while isRight && low < high && set.contains(bytes[high - 1]) { high -= 1 }
                writer.write(UnsafeRawBufferPointer(rebasing: bytes[low..<high]))
            }
        }
    }

    private static let negativeLength = IglooError(
        .outOfRange, "negative substring length not allowed",
        sqlState: SQLState(rawValue: "22011"))

    /// The places from 0 on of `length` bytes from `start` on, which counts from 1.
    private static func part(_ count: Int, _ start: Int64, _ length: Int64?) -> Range<Int> {
        let low = min(max(start, 1), Int64(count) + 1)
        let (end, overflow) = start.addingReportingOverflow(length ?? .max)
        let high = overflow ? Int64(count) + 1 : min(max(end, low), Int64(count) + 1)
        return Int(low) - 1..<Int(high) - 1
    }

    private static func substring(_ call: KernelCall) throws(IglooError) -> ArrayData {
        let reader = ViewReader(call.arguments[0])
        let starts = call.value(1, Int64.self)
        let lengths = call.arguments.count > 2 ? call.value(2, Int64.self) : nil
        return try write(call) { (row, writer) throws(IglooError) in
            let (bytes, length) = (reader[row], lengths?(row))
            if let length, length < 0 { throw negativeLength }
            let range = part(bytes.count, starts(row), length)
            writer.write(UnsafeRawBufferPointer(rebasing: bytes[range]))
        }
    }

    private static func overlay(_ call: KernelCall) throws(IglooError) -> ArrayData {
        let (reader, others) = (ViewReader(call.arguments[0]), ViewReader(call.arguments[1]))
        let starts = call.value(2, Int64.self)
        let lengths = call.arguments.count > 3 ? call.value(3, Int64.self) : nil
        return try write(call) { (row, writer) throws(IglooError) in
            let (bytes, other, start) = (reader[row], others[row], starts(row))
            guard start > 0 else { throw negativeLength }
            let (end, overflow) = start.addingReportingOverflow(
                lengths?(row) ?? Int64(other.count))
            if overflow { throw Faults.outOfRange(.int64) }
            writer.write(
                UnsafeRawBufferPointer(rebasing: bytes[part(bytes.count, 1, start - 1)]))
            writer.write(other)
            writer.write(UnsafeRawBufferPointer(rebasing: bytes[part(bytes.count, end, nil)]))
        }
    }

    private static func position(_ call: KernelCall) -> ArrayData {
        let (reader, parts) = (ViewReader(call.arguments[0]), ViewReader(call.arguments[1]))
        return TextFunctions.numbers(call, .int64) { row -> Int64 in
            Int64(TextFunctions.find(parts[row], in: reader[row], from: 0) + 1)
        }
    }
}
