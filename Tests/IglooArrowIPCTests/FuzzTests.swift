// SPDX-License-Identifier: MIT
import Foundation
import IglooArrow
import IglooArrowIPC
import IglooArrowTesting
import Testing

/// Damaged data: an error that says where, never a crash, never memory that is not there.
///
/// `IGLOO_SEED` repeats a run.
@Suite(.serialized) struct FuzzTests {
    static let seed: UInt64 = {
        let given = ProcessInfo.processInfo.environment["IGLOO_SEED"].flatMap(UInt64.init)
        let seed = given ?? UInt64.random(in: 0...UInt64.max)
        print("IGLOO_SEED=\(seed)")
        return seed
    }()

    struct Sample: Sendable {
        let form: IPCForm
        let bytes: [UInt8]
    }

    /// Small files that have a bit of everything between them.
    static func samples() throws -> [Sample] {
        var generator = SeededGenerator(seed: 21)
        var samples: [Sample] = []
        let groups: [([DataType], IPCCompression?)] = [
            ([.int32, .utf8, .bool], nil),
            ([.utf8View, .list(Field("item", .int16)), .null], nil),
            (Array(ArrowSamples.nestedTypes[8...10]), nil),
            (Array(ArrowSamples.nestedTypes[12...15]), nil),
            (Array(ArrowSamples.nestedTypes[16...18]), nil),
            ([.int64, .utf8], .lz4Frame),
            ([.decimal128(precision: 38, scale: 2), ArrowSamples.nestedTypes[9]], .zstd),
        ]
        for (types, compression) in groups {
            let batch = try ArrowSamples.batch(types, rowCount: 6, using: &generator)
            let more = try ArrowSamples.batch(types, rowCount: 3, using: &generator)
            for form in IPCForm.allCases {
                let options = IPCWriteOptions(compression: compression)
                let bytes = try form.encode([batch, more], options: options)
                samples.append(Sample(form: form, bytes: bytes))
            }
        }
        return samples
    }

    /// Reads everything and looks at it, as far as it makes sense for counts that lie.
    static func readAll(_ form: IPCForm, _ bytes: [UInt8]) throws(ArrowError) {
        for batch in try form.decode(bytes).batches {
            for column in batch.columns { touch(column) }
        }
    }

    private static func touch(_ array: ArrayData) {
        for index in 0..<min(array.count, 20) {
            if array.isLogicallyNull(at: index) { continue }
            switch array.type {
            case .list, .largeList, .listView, .largeListView, .map, .fixedSizeList:
                // Elements that take no memory may be any number.
                let range = array.listRange(at: index)
                if range.count > 20 { continue }
                touch(array.children[0].slice(range.lowerBound, count: range.count))
            case .structure, .union, .dictionary, .runEndEncoded: break
            default: _ = array.scalar(at: index)
            }
        }
        for child in array.children { touch(child) }
        if let dictionary = array.dictionary {
            touch(dictionary)
            for index in 0..<min(array.count, 20) where !array.isNull(index) {
                _ = dictionary.isNull(array.dictionaryIndex(at: index))
            }
        }
    }

    /// Answers whether an error came, and records one that does not say where.
    private static func survives(_ form: IPCForm, _ bytes: [UInt8], _ what: String) -> Bool {
        do throws(ArrowError) {
            try readAll(form, bytes)
            return false
        } catch {
            if error.byteOffset == nil {
                Issue.record("\(what): no position in \"\(error)\"")
            }
            return true
        }
    }

    /// What other implementations wrote is laid out in other ways.
    static func foreignSamples() throws -> [Sample] {
        var samples: [Sample] = []
        for name in CorpusTests.cases {
            for form in IPCForm.allCases {
                let path = CorpusTests.path(name, form)
                let bytes = Array(try Data(contentsOf: path))
                if bytes.count < 12_000 { samples.append(Sample(form: form, bytes: bytes)) }
            }
        }
        return samples
    }

    @Test(.enabled(if: CorpusTests.isPresent, CorpusTests.absence))
    func foreignFlips() throws {
        let samples = try Self.foreignSamples()
        var generator = SeededGenerator(seed: Self.seed)
        for round in 0..<10_000 {
            let sample = samples[round % samples.count]
            let bytes = Self.damaged(sample.bytes, using: &generator)
            _ = Self.survives(sample.form, bytes, "seed \(Self.seed), round \(round)")
        }
    }

    @Test func everyTruncation() throws {
        for sample in try Self.samples() {
            for count in 0..<sample.bytes.count {
                let failed = Self.survives(
                    sample.form, Array(sample.bytes.prefix(count)), "first \(count) bytes")
                // A stream may end between messages, a file may not end at all.
                if sample.form == .file { #expect(failed, "the first \(count) bytes") }
            }
        }
    }

    @Test func manyFlips() async throws {
        let samples = try Self.samples()
        let seed = Self.seed
        let workerCount = 8
        let before = Self.peakKilobytes()
        await withTaskGroup(of: Int.self) { group in
            for worker in 0..<workerCount {
                group.addTask {
                    var generator = SeededGenerator(seed: seed &+ UInt64(worker))
                    var failures = 0
                    for round in 0..<100_000 / workerCount {
                        let sample = samples[round % samples.count]
                        let bytes = Self.damaged(sample.bytes, using: &generator)
                        let what = "seed \(seed), worker \(worker), round \(round)"
                        if Self.survives(sample.form, bytes, what) { failures += 1 }
                    }
                    return failures
                }
            }
            let failures = await group.reduce(0, +)
            print("\(failures) of 100000 damaged files were refused")
            // The canary: damage that nothing notices would mean that nothing looks.
            #expect(failures > 10_000)
        }
        #expect(Self.peakKilobytes() - before < 512 * 1024, "memory beyond what the files hold")
    }

    private static func damaged(
        _ bytes: [UInt8], using generator: inout SeededGenerator
    ) -> [UInt8] {
        var bytes = bytes
        let place = Int.random(in: bytes.indices, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        case 2:
            // A number replaced by an extreme one.
            let extremes: [Int64] = [-1, .min, .max, 0, 1, 1 << 31, 1 << 32, 1 << 56, 0x7FFF_FFFF]
            let value = extremes.randomElement(using: &generator) ?? 0
            let start = place & ~7
            withUnsafeBytes(of: value.littleEndian) { word in
                for (index, byte) in word.enumerated() where start + index < bytes.count {
                    bytes[start + index] = byte
                }
            }
        default:
            for _ in 0..<Int.random(in: 2...6, using: &generator) {
                bytes[Int.random(in: bytes.indices, using: &generator)] =
                    UInt8.random(in: 0...255, using: &generator)
            }
        }
        return bytes
    }

    private static func peakKilobytes() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
        return Int(line.split(separator: " ").dropFirst().first ?? "") ?? 0
    }
}
