// SPDX-License-Identifier: MIT

import Testing

import IglooCompression

private func stream(_ compression: Compression) throws -> any StreamDecompressor {
    switch compression {
    case .gzip: try GzipStreamDecompressor()
    case .zstd: try ZstdStreamDecompressor()
    default: try LZ4StreamDecompressor()
    }
}

/// Reads `bytes` in pieces of `inputStep`, writing pieces of `outputStep`.
private func readAll(
    _ bytes: [UInt8], _ compression: Compression, inputStep: Int, outputStep: Int
) throws -> [UInt8] {
    let decompressor = try stream(compression)
    var result: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: outputStep)
    var position = 0
    while position < bytes.count {
        var piece = bytes[position..<min(position + inputStep, bytes.count)]
        position += piece.count
        while true {
            let progress = try piece.withUnsafeBytes { input throws in
                try buffer.withUnsafeMutableBytes { output throws in
                    try decompressor.decompress(input, into: output)
                }
            }
            result += buffer[..<progress.produced]
            piece = piece.dropFirst(progress.consumed)
            if progress.produced < outputStep { break }
        }
        #expect(piece.isEmpty)
    }
    try decompressor.finish()
    return result
}

struct StreamTests {
    @Test(
        arguments: [Compression.gzip, .zstd, .lz4Frame],
        [(1, 1), (1, 4096), (13, 17), (65536, 1000), (65536, 65536)])
    func `members in a row, in pieces of any count`(
        compression: Compression, steps: (Int, Int)
    ) throws {
        let bytes = sample(20_000)
        let packed =
            try compress(Array(bytes[..<9000]), compression) + compress([], compression)
            + compress(Array(bytes[9000...]), compression)
        let read = try readAll(
            packed, compression, inputStep: steps.0, outputStep: steps.1)
        #expect(read == bytes)
    }

    @Test(arguments: [Compression.gzip, .zstd, .lz4Frame])
    func `nothing is an empty stream, a torn one an error`(compression: Compression) throws {
        #expect(try readAll([], compression, inputStep: 10, outputStep: 10) == [])
        let packed = try compress(sample(1000), compression)
        for count in 1..<packed.count {
            #expect(throws: CompressionError.self) {
                try readAll(
                    Array(packed[..<count]), compression, inputStep: 64, outputStep: 4096)
            }
        }
    }

    @Test func `zeros may follow gzip, rubbish may not`() throws {
        let bytes = sample(100)
        let packed = try compress(bytes, .gzip)
        let padded = packed + [0, 0, 0]
        #expect(try readAll(padded, .gzip, inputStep: 5, outputStep: 50) == bytes)
        #expect(throws: CompressionError.self) {
            try readAll(packed + [0, 1], .gzip, inputStep: 500, outputStep: 500)
        }
        #expect(throws: CompressionError.self) {
            try readAll(packed + [7, 7, 7], .gzip, inputStep: 500, outputStep: 500)
        }
    }
}
