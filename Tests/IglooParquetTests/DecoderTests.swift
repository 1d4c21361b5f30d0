// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import Testing

@testable import IglooParquet

private func padded(_ bytes: [UInt8]) throws -> PageMemory {
    let memory = try PooledMemory(byteCapacity: bytes.count)
    bytes.withUnsafeBytes {
        if bytes.count > 0 { memory.base.copyMemory(from: $0.baseAddress!, byteCount: bytes.count) }
    }
    return PageMemory(memory, byteCount: bytes.count)
}

private func decode<Element: BitwiseCopyable>(
    _ decoder: ValueDecoder, _ count: Int, _ zero: Element
) throws -> [Element] {
    let memory = try PooledMemory(byteCapacity: max(1, count) * MemoryLayout<Element>.stride)
    try decoder.decode(count, into: memory.base)
    return Array(
        UnsafeBufferPointer(
            start: memory.base.assumingMemoryBound(to: Element.self), count: count))
}

private func varint(_ value: UInt64) -> [UInt8] {
    var rest = value
    var bytes: [UInt8] = []
    while rest >= 0x80 {
        bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
        rest >>= 7
    }
    return bytes + [UInt8(rest)]
}

struct DecoderTests {
    @Test(arguments: 0...32)
    func `packed values of every width come out from every start`(width: Int) throws {
        let count = 67
        let mask = width == 0 ? 0 : UInt64.max >> UInt64(64 - width)
        let values = (0..<count).map { UInt64($0) &* 0x9E37_79B9_7F4A_7C15 >> 7 & mask }
        var bits = [UInt8](repeating: 0, count: (count * width + 7) / 8 + 8)
        for (index, value) in values.enumerated() {
            for bit in 0..<width where value >> UInt64(bit) & 1 == 1 {
                let place = index * width + bit
                bits[place / 8] |= 1 << UInt8(place % 8)
            }
        }
        let page = try padded(bits)
        for start in [0, 1, 5, 8, 13] {
            var found = [UInt32](repeating: 9, count: count - start)
            found.withUnsafeMutableBufferPointer {
                BitUnpacking.unpack(
                    page.values.baseAddress!, start: start, width: width, count: count - start,
                    into: $0.baseAddress!)
            }
            #expect(found.map(UInt64.init) == Array(values[start...]))
        }
    }

    @Test func `the specification's example of packed bits`() throws {
        // 0 to 7 in three bits each.
        let page = try padded([0x03, 0b1000_1000, 0b1100_0110, 0b1111_1010])
        var runs = RunDecoder(page.values, width: 3)
        var found = [UInt32](repeating: 0, count: 8)
        try found.withUnsafeMutableBufferPointer { try runs.decode(8, into: $0.baseAddress!) }
        #expect(found == [0, 1, 2, 3, 4, 5, 6, 7])
    }

    @Test func `runs and packed groups take turns, in steps of any count`() throws {
        // 10 fives, then 8 packed values of 0 to 7, then 3 twos.
        let page = try padded([20, 5, 0x03, 0b1000_1000, 0b1100_0110, 0b1111_1010, 6, 2])
        let all: [UInt32] = Array(repeating: 5, count: 10) + [0, 1, 2, 3, 4, 5, 6, 7, 2, 2, 2]
        for step in [1, 3, 21] {
            var runs = RunDecoder(page.values, width: 3)
            var found: [UInt32] = []
            while found.count < all.count {
                let count = min(step, all.count - found.count)
                var piece = [UInt32](repeating: 0, count: count)
                try piece.withUnsafeMutableBufferPointer {
                    try runs.decode(count, into: $0.baseAddress!)
                }
                found += piece
            }
            #expect(found == all)
            #expect(throws: IglooError.self) { try runs.skip(1) }
        }
    }

    @Test func `levels of the retired encoding run from the other end`() throws {
        // The specification's example: 0 to 7 in three bits each, most significant bit first.
        let bytes: [UInt8] = [0b0000_0101, 0b0011_1001, 0b0111_0111]
        let runs = bytes.withUnsafeBytes { BitPackedLevels.rewritten($0, 8, width: 3) }
        var decoder = RunDecoder(try padded(runs).values, width: 3)
        var levels = [UInt8](repeating: 9, count: 8)
        let full = try levels.withUnsafeMutableBufferPointer {
            try decoder.decodeLevels(8, into: $0.baseAddress!, max: 7)
        }
        #expect(levels == [0, 1, 2, 3, 4, 5, 6, 7])
        #expect(full == 1)
    }

    @Test func `levels above the highest and torn runs are refused`() throws {
        for bytes in [[2, 9], [0x03], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0x03, 0xFF]]
            as [[UInt8]]
        {
            var runs = RunDecoder(try padded(bytes).values, width: 2)
            var levels = [UInt8](repeating: 0, count: 8)
            #expect(throws: IglooError.self) {
                try levels.withUnsafeMutableBufferPointer {
                    _ = try runs.decodeLevels(8, into: $0.baseAddress!, max: 2)
                }
            }
        }
    }

    @Test func `the specification's example of deltas`() throws {
        // 7, 5, 3, 1, 2, 3, 4, 5: minimum delta -2, widths 2, in one miniblock of 32 of 4.
        let deltas: [UInt64] = [0, 0, 0, 3, 3, 3, 3]
        var packed = [UInt8](repeating: 0, count: 8)
        for (index, delta) in deltas.enumerated() {
            packed[index / 4] |= UInt8(delta) << UInt8(index % 4 * 2)
        }
        let page = try padded(
            varint(128) + varint(4) + varint(8) + varint(14) + varint(3) + [2, 0, 0, 0] + packed)
        let decoder = try DeltaIntegerDecoder(page, width: 8, .none)
        #expect(try decode(decoder, 8, Int64(0)) == [7, 5, 3, 1, 2, 3, 4, 5])
        #expect(throws: IglooError.self) { try decoder.skip(1) }
    }

    @Test func `deltas wrap around`() throws {
        // From the greatest to the least number is one step.
        let first = varint(UInt64.max - 1)
        let page = try padded(
            varint(128) + varint(4) + varint(2) + first + varint(2) + [0, 0, 0, 0])
        let decoder = try DeltaIntegerDecoder(page, width: 8, .none)
        #expect(try decode(decoder, 2, Int64(0)) == [Int64.max, Int64.min])
    }

    @Test func `delta headers that cannot be are refused`() throws {
        let headers: [[UInt8]] = [
            [], varint(0) + varint(1) + varint(1) + varint(0),
            varint(100) + varint(4) + varint(1) + varint(0),
            varint(128) + varint(0) + varint(1) + varint(0),
            varint(128) + varint(8) + varint(1) + varint(0),
            varint(128) + varint(4) + varint(UInt64.max) + varint(0),
            varint(UInt64.max) + varint(4) + varint(1) + varint(0),
        ]
        for header in headers {
            let page = try padded(header)
            #expect(throws: IglooError.self) {
                _ = try DeltaIntegerDecoder(page, width: 8, .none)
            }
        }
    }

    @Test func `split streams are joined`() throws {
        let values: [Int32] = [1, -2, 300_000, Int32.min]
        var bytes: [UInt8] = []
        for byte in 0..<4 {
            for value in values { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * byte))) }
        }
        let decoder = try ByteStreamSplitDecoder(try padded(bytes), width: 4, .none)
        try decoder.skip(1)
        #expect(try decode(decoder, 3, Int32(0)) == Array(values[1...]))
        #expect(throws: IglooError.self) { try decoder.skip(1) }
        #expect(throws: IglooError.self) {
            _ = try ByteStreamSplitDecoder(try padded([1, 2, 3]), width: 4, .none)
        }
    }

    @Test(arguments: [1, 2, 7, 8, 9, 16, 17])
    func `big-endian decimals of any width keep their sign`(width: Int) throws {
        for value in [0, 1, -1, 100, -128, 127] as [Int128] {
            let bytes = (0..<width).map {
                UInt8(truncatingIfNeeded: value >> Int128(8 * (width - 1 - $0)))
            }
            let page = try padded(bytes)
            for byteCount in [8, 16] {
                let decoder = PlainDecoder(page, width: width, .bigEndian(byteCount: byteCount))
                if byteCount == 8 {
                    #expect(try decode(decoder, 1, Int64(0)) == [Int64(value)])
                } else {
                    #expect(try decode(decoder, 1, Int128(0)) == [value])
                }
            }
        }
    }

    @Test func `a decimal that does not fit is refused`() throws {
        let page = try padded([1] + Array(repeating: 0, count: 8))
        let decoder = PlainDecoder(page, width: 9, .bigEndian(byteCount: 8))
        #expect(throws: IglooError.self) { _ = try decode(decoder, 1, Int64(0)) }
    }

    @Test func `byte arrays that lie about their length are refused`() throws {
        for bytes in [[5, 0, 0, 0, 65], [0xFF, 0xFF, 0xFF, 0xFF], [1, 0]] as [[UInt8]] {
            let decoder = PlainBytesDecoder(try padded(bytes), ViewSink(), isText: true)
            #expect(throws: IglooError.self) { _ = try decode(decoder, 1, BinaryView()) }
        }
    }

    @Test func `text must be UTF-8`() throws {
        let page = try padded([2, 0, 0, 0, 0xC3, 0x28])
        #expect(throws: IglooError.self) {
            _ = try decode(PlainBytesDecoder(page, ViewSink(), isText: true), 1, BinaryView())
        }
        let binary = PlainBytesDecoder(page, ViewSink(), isText: false)
        #expect(try decode(binary, 1, BinaryView())[0].count == 2)
    }

    @Test func `xxHash64 as its specification gives it`() {
        #expect(XXHash64.hash([]) == 0xEF46_DB37_51D8_E999)
        #expect(XXHash64.hash(Array("a".utf8)) == 0xD24E_C4F1_A98C_6E5B)
        #expect(XXHash64.hash(Array("abc".utf8)) == 0x44BC_2CF5_AD77_0999)
        let long = Array("Nobody inspects the spammish repetition".utf8)
        #expect(XXHash64.hash(long) == 0xFBCE_A83C_8A37_8BF1)
    }

    @Test func `floats are ordered as Igloo orders them`() {
        let ascending = [-Double.infinity, -1.5, -0.0, 1e-300, 2, .infinity, .nan]
        for (left, right) in zip(ascending, ascending.dropFirst()) {
            #expect(FloatOrder.key(left) < FloatOrder.key(right))
            #expect(FloatOrder.key(Float(left)) <= FloatOrder.key(Float(right)))
        }
        #expect(FloatOrder.key(-0.0) == FloatOrder.key(0.0))
        #expect(FloatOrder.key(Float(-0.0)) == FloatOrder.key(Float(0.0)))
        #expect(FloatOrder.key(-Double.nan) == FloatOrder.key(Double.nan))
    }

    @Test func `spread values stand where they belong`() throws {
        let memory = try PooledMemory(byteCapacity: 64)
        let values = memory.base.assumingMemoryBound(to: Int64.self)
        for index in 0..<3 { values[index] = Int64(index + 1) }
        let flags: [UInt8] = [1, 0, 0, 1, 1, 0]
        flags.withUnsafeBufferPointer {
            Gather.spread(
                memory.base, width: 8, isValid: $0.baseAddress!, count: 6, validCount: 3)
        }
        #expect((0..<6).map { values[$0] } == [1, 0, 0, 2, 3, 0])
    }
}
