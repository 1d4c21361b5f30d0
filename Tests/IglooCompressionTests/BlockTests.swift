// SPDX-License-Identifier: MIT

import Testing

import IglooCompression

/// Text-like bytes, the same for the same seed.
func sample(_ count: Int, seed: UInt64 = 7) -> [UInt8] {
    var state = seed
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(97 + (state >> 33) % 6)
    }
}

func compress(
    _ bytes: [UInt8], _ compression: Compression
) throws -> [UInt8] {
    let compressor = BlockCompressor(compression)
    var output = [UInt8](repeating: 0, count: compressor.byteCountMax(for: bytes.count))
    let count = try bytes.withUnsafeBytes { input throws in
        try output.withUnsafeMutableBytes { buffer throws in
            try compressor.compress(input, into: buffer)
        }
    }
    return Array(output[..<count])
}

func decompress(
    _ bytes: [UInt8], _ compression: Compression, capacity: Int,
    with decompressor: BlockDecompressor = BlockDecompressor()
) throws -> [UInt8] {
    var output = [UInt8](repeating: 0, count: capacity)
    let count = try bytes.withUnsafeBytes { input throws in
        try output.withUnsafeMutableBytes { buffer throws in
            try decompressor.decompress(input, into: buffer, compression)
        }
    }
    return Array(output[..<count])
}

private let written: [Compression] = [.snappy, .gzip, .zstd, .lz4Raw, .lz4Frame]

struct BlockTests {
    @Test(arguments: written, [0, 1, 100, 70_000, 1_000_000])
    func `what was compressed comes back`(compression: Compression, count: Int) throws {
        let bytes = sample(count)
        let packed = try compress(bytes, compression)
        #expect(try decompress(packed, compression, capacity: count) == bytes)
        #expect(try decompress(packed, compression, capacity: count + 10) == bytes)
    }

    @Test(arguments: written)
    func `too small a buffer is an error`(compression: Compression) throws {
        let packed = try compress(sample(5000), compression)
        for capacity in [0, 1, 4999] {
            #expect(throws: CompressionError.self) {
                try decompress(packed, compression, capacity: capacity)
            }
        }
    }

    @Test(arguments: [Compression.gzip, .zstd, .lz4Frame])
    func `members and frames in a row are one block`(compression: Compression) throws {
        let first = sample(3000)
        let second = sample(2000, seed: 9)
        let packed = try compress(first, compression) + compress(second, compression)
        #expect(try decompress(packed, compression, capacity: 5000) == first + second)
    }

    @Test(arguments: written)
    func `a decoder survives torn data and reads on`(compression: Compression) throws {
        let bytes = sample(3000)
        let packed = try compress(bytes, compression)
        let decompressor = BlockDecompressor()
        for count in stride(from: 0, to: packed.count - 1, by: 7) {
            let torn = try? decompress(
                Array(packed[..<count]), compression, capacity: 3000, with: decompressor)
            #expect(torn != bytes)
        }
        #expect(try decompress(packed, compression, capacity: 3000, with: decompressor) == bytes)
    }

    @Test(arguments: Compression.allCases)
    func `rubbish is an error or some bytes`(compression: Compression) {
        let decompressor = BlockDecompressor()
        for seed in 0..<500 {
            _ = try? decompress(
                sample(seed, seed: UInt64(seed)), compression, capacity: 4096, with: decompressor)
        }
    }

    @Test func `hadoop's framing, a frame and a bare block are told apart`() throws {
        let bytes = sample(4000)
        func bigEndian(_ value: Int) -> [UInt8] {
            (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
        }
        let first = try compress(Array(bytes[..<1500]), .lz4Raw)
        let second = try compress(Array(bytes[1500...]), .lz4Raw)
        let twoBlocks =
            bigEndian(1500) + bigEndian(first.count) + first
            + bigEndian(2500) + bigEndian(second.count) + second
        let twoChunks =
            bigEndian(4000) + bigEndian(first.count) + first + bigEndian(second.count) + second
        let forms = [
            twoBlocks, twoChunks, try compress(bytes, .lz4Raw), try compress(bytes, .lz4Frame),
        ]
        for form in forms {
            #expect(try decompress(form, .lz4Hadoop, capacity: 4000) == bytes)
        }
    }

    @Test func `brotli is read`() throws {
        // pyarrow.compress(b"igloo igloo igloo igloo", codec="brotli")
        let packed: [UInt8] = [
            0x1B, 0x16, 0x00, 0x00, 0x04, 0x36, 0xC6, 0xD6, 0xF5, 0x3F, 0x09, 0x02, 0x43, 0x9E,
            0x38, 0x3C, 0x5F, 0x00,
        ]
        let text = Array("igloo igloo igloo igloo".utf8)
        #expect(try decompress(packed, .brotli, capacity: 23) == text)
        #expect(throws: CompressionError.self) {
            try decompress(packed, .brotli, capacity: 22)
        }
    }
}

/// What the format demands, whoever decompresses it.
struct SnappyTests {
    @Test(arguments: 1...20)
    func `patterns of any period come back`(period: Int) throws {
        for count in [1, 15, 16, 17, 63, 64, 65, 79, 80, 81, 100, 1000, 70_000] {
            let pattern = sample(period, seed: UInt64(count))
            var bytes = (0..<count).map { pattern[$0 % period] }
            let packed = try compress(bytes, .snappy)
            #expect(try decompress(packed, .snappy, capacity: count) == bytes)
            // With something else now and then, so that copies begin anywhere.
            for index in stride(from: 7, to: count, by: 41) { bytes[index] = UInt8(index & 0xFF) }
            let mixed = try compress(bytes, .snappy)
            #expect(try decompress(mixed, .snappy, capacity: count) == bytes)
        }
    }

    @Test func `rows of little difference come back`() throws {
        var bytes: [UInt8] = []
        for row in 0..<20_000 { bytes += Array("row \(row * 7) of a table, \(row % 13)\n".utf8) }
        let packed = try compress(bytes, .snappy)
        #expect(try decompress(packed, .snappy, capacity: bytes.count) == bytes)
    }

    @Test func `each element of the format`() throws {
        // Literals of long byte counts, copies with offsets of 1, 2 and 4 bytes.
        let text = sample(300)
        let literal: [UInt8] = [61 << 2, 43, 1] + text
        let forms: [([UInt8], [UInt8])] = [
            ([0xAC, 2] + literal, text),
            ([0xB0, 2] + literal + [1 | 1 << 5, 44], text + text[0..<4]),
            ([0xB1, 2] + literal + [2 | 4 << 2, 44, 1], text + text[0..<5]),
            ([0xB1, 2] + literal + [3 | 4 << 2, 44, 1, 0, 0], text + text[0..<5]),
            ([0], []),
        ]
        for (packed, bytes) in forms {
            #expect(try decompress(packed, .snappy, capacity: 400) == bytes)
        }
    }

    @Test func `what cannot be is refused`() {
        let refused: [[UInt8]] = [
            [], [0x80], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], [5], [1, 0], [2, 0, 65],
            [1, 0, 65, 66], [4, 1, 0], [4, 1, 1], [5, 0, 65, 1, 0], [5, 0, 65, 1, 2],
            [5, 0, 65, 2, 1], [5, 0, 65, 3 | 3 << 2, 1, 0, 0], [100, 63 << 2, 255, 255, 255, 255],
            [3, 0, 65, 1, 1],
        ]
        for bytes in refused {
            #expect(throws: CompressionError.self, "\(bytes)") {
                try decompress(bytes, .snappy, capacity: 200)
            }
        }
    }

    @Test func `flipped bytes never lead out of the buffers`() throws {
        var bytes: [UInt8] = []
        for row in 0..<300 { bytes += Array("row \(row * 7) of a table\n".utf8) }
        let packed = try compress(bytes, .snappy)
        for index in packed.indices {
            for flip in [1, 0x10, 0x80, 0xFF] as [UInt8] {
                var broken = packed
                broken[index] ^= flip
                _ = try? decompress(broken, .snappy, capacity: bytes.count)
            }
        }
    }
}
