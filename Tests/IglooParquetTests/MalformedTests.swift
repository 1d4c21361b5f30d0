// SPDX-License-Identifier: MIT

import Foundation
import IglooContracts
import IglooParquet
import Testing

/// Broken files are errors, whatever is broken: nothing here may crash.
struct MalformedTests {
    /// Reads all of it, or throws an `IglooError` that is nobody's defect.
    private func read(_ bytes: [UInt8], _ what: String) {
        do {
            var options = ParquetOptions()
            options.keepsDictionaries = true
            _ = try readAll(try Places.open(bytes, options))
        } catch let error as IglooError {
            #expect(error.code != .internalError, "\(what): \(error)")
        } catch {
            Issue.record("\(what): \(error)")
        }
    }

    @Test(arguments: ["small", "small_plain"])
    func `a file cut short anywhere is an error`(name: String) throws {
        let bytes = try Places.bytes(name)
        for count in 0..<bytes.count {
            #expect(throws: IglooError.self, "\(count) bytes") {
                _ = try readAll(try Places.open(Array(bytes[..<count])))
            }
        }
    }

    @Test(arguments: ["small", "small_plain"])
    func `any byte may be anything`(name: String) throws {
        let bytes = try Places.bytes(name)
        for index in bytes.indices {
            for value in [0, 1, 0x7F, 0x80, 0xFF, bytes[index] ^ 1, bytes[index] &+ 1] {
                var broken = bytes
                broken[index] = value
                read(broken, "byte \(index) = \(value)")
            }
        }
    }

    /// `IGLOO_FLIPS` makes it longer.
    @Test(arguments: [
        "encodings_holes_v1", "encodings_full_v2", "nested_v1", "nested_v2", "codec_lz4",
        "codec_snappy", "codec_zstd_v2", "codec_gzip", "codec_brotli", "dictionary_holes_v2",
        "sorted", "decimal_integers", "int96",
    ])
    func `bytes flipped here and there`(name: String) throws {
        let bytes = try Places.bytes(name)
        let seed = ProcessInfo.processInfo.environment["IGLOO_SEED"].flatMap(UInt64.init) ?? 2026
        let count = ProcessInfo.processInfo.environment["IGLOO_FLIPS"].flatMap(Int.init) ?? 150
        var state = seed
        func next(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(limit))
        }
        for round in 0..<count {
            var broken = bytes
            for _ in 0..<(1 + next(4)) {
                // Half of them in the footer, where the structure is.
                let index =
                    next(2) == 0 ? next(bytes.count) : bytes.count - 1 - next(bytes.count / 4)
                broken[index] = UInt8(next(256))
            }
            read(broken, "\(name), seed \(seed), round \(round)")
        }
    }
}
