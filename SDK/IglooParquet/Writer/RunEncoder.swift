// SPDX-License-Identifier: MIT

/// Writes small numbers as runs, or packed bit by bit where they change.
///
/// - Source: parquet-format, `Encodings.md`, "Run Length Encoding / Bit-Packing Hybrid".
enum RunEncoder {
    /// A run shorter than this is packed.
    private static let runMin = 8

    /// How many bits the numbers up to `maximum` take.
    static func bitWidth(_ maximum: Int) -> Int { Int.bitWidth - maximum.leadingZeroBitCount }

    static func encode<Value: FixedWidthInteger>(
        _ values: UnsafeBufferPointer<Value>, bitWidth: Int, into bytes: inout [UInt8]
    ) {
        var start = 0
        while start < values.count {
            let run = runLength(values, start)
            if run >= runMin {
                bytes.append(varint: UInt64(run) << 1)
                append(UInt64(truncatingIfNeeded: values[start]), bitWidth, to: &bytes)
                start += run
                continue
            }
            var end = start
            repeat { end += 8 } while end < values.count && runLength(values, end) < runMin
            bytes.append(varint: UInt64((end - start) / 8) << 1 | 1)
            pack(values, start, end, bitWidth, into: &bytes)
            start = end
        }
    }

    private static func runLength<Value: FixedWidthInteger>(
        _ values: UnsafeBufferPointer<Value>, _ start: Int
    ) -> Int {
        let value = values[start]
        var end = start + 1
        while end < values.count && values[end] == value { end &+= 1 }
        return end - start
    }

    private static func append(_ value: UInt64, _ bitWidth: Int, to bytes: inout [UInt8]) {
        for byte in 0..<(bitWidth + 7) / 8 {
            bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * byte)))
        }
    }

    /// The values up to `end`, zeros where there are none any more; lowest bits first.
    private static func pack<Value: FixedWidthInteger>(
        _ values: UnsafeBufferPointer<Value>, _ start: Int, _ end: Int, _ bitWidth: Int,
        into bytes: inout [UInt8]
    ) {
        var bits: UInt64 = 0
        var count = 0
        for index in start..<end {
            if index < values.count {
                bits |= UInt64(truncatingIfNeeded: values[index]) << UInt64(count)
            }
            count += bitWidth
            while count >= 8 {
                bytes.append(UInt8(truncatingIfNeeded: bits))
                bits >>= 8
                count -= 8
            }
        }
    }
}
