// SPDX-License-Identifier: MIT

import Foundation
import IglooArrow
import IglooConnectorTesting
import IglooContracts
import IglooFiles
import Testing

@testable import CSVConnector

/// SplitMix64: small, seeded, the same everywhere.
struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

private let seed: UInt64 =
    ProcessInfo.processInfo.environment["IGLOO_SEED"].flatMap { UInt64($0) } ?? 42

@Suite struct CSVPropertyTests {
    private func field(_ random: inout Seeded, _ newline: String) -> (
        written: String, value: String?
    ) {
        let kind = Int.random(in: 0..<10, using: &random)
        if kind == 0 { return ("", nil) }
        if kind == 1 { return ("\"\"", "") }
        let alphabet = kind < 6 ? Array("abcäé 1.") : Array("ab\",\(newline);'\\")
        let text = String(
            (0..<Int.random(in: 1..<20, using: &random)).map { _ in
                alphabet.randomElement(using: &random)!
            })
        let mustQuote = text.contains { "\",\n\r".contains($0) } || text.contains("\r\n")
        guard mustQuote || kind == 9 else { return (text, text) }
        return ("\"" + text.replacingOccurrences(of: "\"", with: "\"\"") + "\"", text)
    }

    @Test(arguments: 0..<12) func splitsGiveTheSameRows(round: Int) throws {
        var random = Seeded(state: seed &+ UInt64(round))
        let newline = round % 3 == 0 ? "\r\n" : "\n"
        let columnCount = Int.random(in: 1...5, using: &random)
        var content = (0..<columnCount).map { "c\($0)" }.joined(separator: ",") + newline
        var expected: [[String?]] = []
        for _ in 0..<400 {
            let fields = (0..<columnCount).map { _ in field(&random, newline) }
            content += fields.map(\.written).joined(separator: ",") + newline
            expected.append(fields.map(\.value))
        }
        if round % 2 == 0 { content.removeLast() }
        let folder = try Folder()
        let path = try folder.write("t.csv", content)
        let options: [String: OptionValue] = [
            "delim": .string(","), "quote": .string("\""), "header": .bool(true),
            "all_varchar": .bool(true), "escape": .string("\""),
        ]
        #expect(try readTable(path, options).rows == expected, "seed \(seed), round \(round)")
        for size in [1, 7, 64, 100, 1000, 4096] {
            let answer = try readTable(path, options, splitByteCount: size)
            #expect(answer.rows == expected, "seed \(seed), round \(round), split \(size)")
            if size < 100 { #expect(answer.splitCount > 10) }
        }
    }

    /// The scanner's shortcut over 64 bytes and its state machine agree on any bytes.
    @Test func scannerAgreesWithItsStateMachine() throws {
        var random = Seeded(state: seed)
        let alphabet = Array("a\",\n\r\" ".utf8)
        for _ in 0..<3000 {
            let count = Int.random(in: 1..<300, using: &random)
            let chunk = TextChunk(byteCapacity: count)
            for index in 0..<count { chunk.bytes[index] = alphabet.randomElement(using: &random)! }
            var plain = CSVDialect()
            var stepped = CSVDialect()
            plain.comment = nil
            stepped.comment = 0x01
            func ends(_ dialect: CSVDialect) -> ([Int], [Int], Bool) {
                var scanner = CSVScanner(dialect)
                var (fields, lines): ([Int], [Int]) = ([], [])
                scanner.scan(UnsafePointer(chunk.bytes), count) { offset, ends, newlines in
                    for bit in 0..<64 {
                        if ends >> UInt64(bit) & 1 != 0 { fields.append(offset + bit) }
                        if newlines >> UInt64(bit) & 1 != 0 { lines.append(offset + bit) }
                    }
                    return true
                }
                return (fields, lines, scanner.isInsideQuotes)
            }
            #expect(ends(plain) == ends(stepped), "seed \(seed)")
            plain.escape = 0x22
        }
    }

    @Test func randomBytesAreRowsOrErrors() throws {
        var random = Seeded(state: seed)
        let folder = try Folder()
        let alphabet = Array("a1\",\n\r\"; \t|'\\#.-:".utf8) + [0, 0xFF, 0xC3, 0xA4]
        for round in 0..<400 {
            let count = Int.random(in: 0..<600, using: &random)
            let bytes = (0..<count).map { _ in
                round % 4 == 0
                    ? UInt8.random(in: 0...255, using: &random)
                    : alphabet.randomElement(using: &random)!
            }
            let path = try folder.write("t.csv", bytes)
            for policy in ["fail", "skip", "null"] {
                for size in [1, 50, 1 << 20] {
                    _ = failure {
                        _ = try readTable(
                            path, ["on_error": .string(policy)], splitByteCount: size)
                    }
                }
            }
        }
    }

    @Test func flippedHandlesAreErrors() throws {
        let folder = try Folder()
        let path = try folder.write("t.csv", "a,b\n1,x\n")
        let context = CallContext()
        let connector = try csvConnector.create(OptionValues(), context)
        let table = try connector.openTable(schema: "", name: path, context)
        let plan = try connector.plan(ScanRequest(table: table.handle, columns: [0, 1]), context)
        let split = try #require(
            try connector.splits(handle: plan.handle, targetByteCount: 100, context)
                .next(countMax: 1, context)?.first)
        for (bytes, isPlan) in [(plan.handle, true), (split.payload, false)] {
            for index in bytes.indices {
                for bit in 0..<8 {
                    var flipped = bytes
                    flipped[index] ^= 1 << UInt8(bit)
                    _ = failure {
                        let reader = try connector.open(
                            handle: isPlan ? flipped : plan.handle,
                            split: isPlan ? split.payload : flipped, context)
                        while try reader.next(context) != nil {}
                    }
                }
            }
        }
    }
}
