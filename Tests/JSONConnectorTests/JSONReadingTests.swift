// SPDX-License-Identifier: MIT

import Foundation
import IglooArrow
import IglooConnectorTesting
import IglooContracts
import IglooFiles
import Testing

@testable import JSONConnector

private func types(_ answer: Answer) -> [String] {
    answer.schema.fields.map { "\($0.name) \(SQLTypeName.name($0.type))" }
}

@Suite struct JSONReadingTests {
    private static let records = [
        #"{"i": 1, "d": 1, "b": true, "s": "a\u00e4\ud83d\ude00\n", "o": {"x": 1, "y": [1, 2]}}"#,
        #"{"d": 2.5, "i": -9223372036854775808, "o": {"y": [], "z": null}, "m": 1}"#,
        #"{"s": null, "o": null, "m": [true], "day": "2024-02-29", "at": "2024-01-01T00:00:00Z"}"#,
    ]

    private func check(_ answer: Answer) {
        #expect(
            types(answer) == [
                "i BIGINT", "d DOUBLE", "b BOOLEAN", "s VARCHAR",
                "o STRUCT(x BIGINT, y BIGINT[], z VARCHAR)", "m VARCHAR", "day DATE",
                "at TIMESTAMPTZ",
            ])
        #expect(
            answer.rows[0] == ["1", "1.0", "true", "aä😀\n", "{1, [1, 2], NULL}", nil, nil, nil])
        #expect(
            answer.rows[1]
                == ["-9223372036854775808", "2.5", nil, nil, "{NULL, [], NULL}", "1", nil, nil])
        #expect(
            answer.rows[2]
                == [nil, nil, nil, nil, nil, "[true]", "19782", "1704067200000000"])
    }

    @Test func layouts() throws {
        let folder = try Folder()
        let lines = Self.records.joined(separator: "\n")
        check(try readTable(try folder.write("a.ndjson", lines)))
        check(try readTable(try folder.write("b.ndjson", "\u{FEFF}\n" + lines + "\r\n\n")))
        check(
            try readTable(
                try folder.write("c.json", "[" + Self.records.joined(separator: ",") + "]")))
        let pretty = lines.replacingOccurrences(of: ", ", with: ",\n  ")
        check(try readTable(try folder.write("d.json", pretty)))
        check(
            try readTable(
                try folder.write(
                    "e.json",
                    " [ \n"
                        + pretty.replacingOccurrences(of: "}\n{", with: "}\n,\n{") + "\n]\n")))
        let one = try readTable(try folder.write("f.json", "{\"a\": {\n\"b\": 1}}"))
        #expect(one.rows == [["{1}"]])
        #expect(
            try readTable(try folder.write("g.json", "[1, 2.5, null]")).rows == [
                ["1.0"], ["2.5"], [nil],
            ])
        #expect(
            try readTable(try folder.write("h.json", "[1]\n[2, 3]\n")).rows == [
                ["[1]"], ["[2, 3]"],
            ])
        for (name, content) in [("i.json", ""), ("j.json", "[]"), ("k.ndjson", " \n\n")] {
            let nothing = try readTable(try folder.write(name, content))
            #expect(nothing.names == ["json"] && nothing.rows.isEmpty)
        }
    }

    @Test func projectionsAndDuplicates() throws {
        let folder = try Folder()
        let path = try folder.write(
            "a.json", "{\"a\": 1, \"a\": 2, \"b\": \"x\"}\n{\"b\": \"y\", \"a\": 3, \"a\": null}\n")
        #expect(try readTable(path).rows == [["2", "x"], [nil, "y"]])
        #expect(try readTable(path, columns: [1, 0, 1]).rows[0] == ["x", "2", "x"])
        #expect(try readTable(path, columns: []).rows.count == 2)
        #expect(try readTable(path, limit: 1).rows.count == 1)
        let asked = try readTable(path, ["columns": .list(["b VARCHAR", "z BIGINT"])])
        #expect(asked.rows == [["x", nil], ["y", nil]])
    }

    @Test func bigNumbers() throws {
        let folder = try Folder()
        let path = try folder.write(
            "a.json", "{\"a\": 18446744073709551616}\n{\"a\": 1e400}\n{\"a\": -0}")
        let rows = try readTable(path).rows
        #expect(rows.map { Double($0[0] ?? "") } == [18_446_744_073_709_551_616.0, .infinity, 0])
    }

    @Test func faultsSayWhere() throws {
        let folder = try Folder()
        let path = try folder.write(
            "a.json", "{\"a\": 1}\n{\"a\": 2,}\n{\"a\": \"x\"}\n{\"a\": 3} 4\n{\"a\": 5}\n")
        let options: [String: OptionValue] = ["columns": .list(["a BIGINT"])]
        let error = try #require(failure { _ = try readTable(path, options) })
        #expect(error.code == .invalidData)
        #expect(error.message.contains("line 2, column 9"), "\(error)")
        #expect(failure { _ = try readTable(path) }?.message.contains("line 2") == true)
        var skipping = options
        skipping["on_error"] = .string("skip")
        let skipped = try readTable(path, skipping)
        #expect(skipped.rows == [["1"], ["5"]] && skipped.notices.count == 1)
        #expect(try readTable(path, skipping, columns: []).rows.count == 2)
        var nulling = options
        nulling["on_error"] = .string("null")
        #expect(try readTable(path, nulling).rows == [["1"], [nil], [nil], [nil], ["5"]])
        let array = try folder.write("b.json", "[{\"a\": 1},\n{\"a\": {\"b\": 2}}\n,{\"a\": 5}]")
        #expect(try readTable(array, skipping).rows == [["1"], ["5"]])
        let mismatch = try #require(failure { _ = try readTable(array, options) })
        #expect(mismatch.message.contains("line 2") && mismatch.message.contains("field 'a'"))
        let open = try folder.write("c.json", "[{\"a\": 1}")
        #expect(failure { _ = try readTable(open) }?.code == .invalidData)
    }

    @Test func sampleAndLaterValues() throws {
        let folder = try Folder()
        let path = try folder.write(
            "a.ndjson",
            (0..<30_000).map { "{\"a\": \($0 == 25_000 ? "\"x\"" : "\($0)")}" }
                .joined(separator: "\n"))
        let error = try #require(failure { _ = try readTable(path) })
        #expect(error.message.contains("line 25001") && error.hint?.contains("sample_size") == true)
        let whole = try readTable(path, ["sample_size": .integer(-1)])
        #expect(types(whole) == ["a VARCHAR"] && whole.rows.count == 30_000)
    }

    @Test func longRecordsAndDeepOnes() throws {
        let folder = try Folder()
        let long = String(repeating: "abcdefghij", count: 200_000)
        var path = try folder.write("a.json", "[{\"a\": \"\(long)\"}, {\"a\": \"b\"}]")
        #expect(try readTable(path).rows.map { $0[0]?.count } == [2_000_000, 1])
        #expect(
            failure { _ = try readTable(path, ["maximum_object_size": .integer(1000)]) }?.code
                == .invalidData)
        path = try folder.write("b.json", "{\"a\": \"\(long)\"}\n{\"a\": \"b\"}\n")
        #expect(try readTable(path, splitByteCount: 1000).rows.count == 2)
        path = try folder.write("c.json", String(repeating: "[", count: 100_000))
        #expect(failure { _ = try readTable(path) }?.code == .invalidData)
        let deep =
            String(repeating: "{\"a\":", count: 500) + "1" + String(repeating: "}", count: 500)
        path = try folder.write("d.json", deep)
        #expect(try readTable(path).rows.count == 1)
    }

    @Test func compressed() throws {
        let folder = try Folder()
        let lines = (0..<50_000).map { "{\"a\": \($0), \"b\": [\"x\", \($0)]}" }
        let path = try folder.write("a.ndjson", lines.joined(separator: "\n"))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["gzip", "-k", path]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            print("skipped: no gzip on this machine")
            return
        }
        #expect(try readTable(path + ".gz").rows == (try readTable(path).rows))
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path + ".gz")))
        let torn = try folder.write("torn.json", Array(bytes.prefix(bytes.count / 2)))
        #expect(failure { _ = try readTable(torn) }?.message.contains("decompressed") == true)
    }

    @Test func changedWhileRead() throws {
        let folder = try Folder()
        let path = try folder.write("t.json", "{\"a\": 1}\n")
        let context = CallContext()
        let connector = try jsonConnector.create(OptionValues(), context)
        let table = try connector.openTable(schema: "", name: path, context)
        let plan = try connector.plan(ScanRequest(table: table.handle, columns: [0]), context)
        try folder.write("t.json", "{\"a\": 1}\n{\"a\": 2}\n")
        let error = failure {
            let source = try connector.splits(handle: plan.handle, targetByteCount: 100, context)
            _ = try source.next(countMax: 1, context)
        }
        #expect(error?.code == .invalidState)
    }
}

/// The corpus JSONTestSuite: `y_` must be accepted, `n_` refused, `i_` either, without a crash.
@Suite struct JSONSuiteTests {
    private static var folder: String {
        let shared =
            ProcessInfo.processInfo.environment["IGLOO_SHARED"]
            ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../shared").standardizedFileURL.path
        return shared + "/corpora/json-suite"
    }

    private func accepts(_ content: [UInt8]) -> Bool {
        let chunk = TextChunk(byteCapacity: content.count)
        for (index, byte) in content.enumerated() { chunk.bytes[index] = byte }
        var parser = JSONParser(chunk.bytes, content.count)
        do throws(JSONFault) {
            try parser.skipValue()
            try parser.expectEnd()
            return true
        } catch {
            return false
        }
    }

    @Test func parser() throws {
        let folder = Self.folder + "/test_parsing"
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            print("skipped: no JSONTestSuite at \(folder) (set IGLOO_SHARED)")
            return
        }
        for name in names.sorted() {
            let content = Array(try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name)))
            let isAccepted = accepts(content)
            if name.hasPrefix("y_") { #expect(isAccepted, "\(name)") }
            if name.hasPrefix("n_") { #expect(!isAccepted, "\(name)") }
        }
    }

    @Test func connector() throws {
        for part in ["/test_parsing", "/test_transform"] {
            let folder = Self.folder + part
            guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
                return
            }
            for name in names.sorted() where name.hasSuffix(".json") {
                let error = failure { _ = try readTable(folder + "/" + name) }
                if name.hasPrefix("n_") { #expect(error != nil, "\(name)") }
                // An empty array or object has no columns to read.
                if name.hasPrefix("y_"), let error {
                    #expect(error.message.contains("no records"), "\(name): \(error)")
                }
            }
        }
    }
}

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

@Suite struct JSONPropertyTests {
    @Test func splitsGiveTheSameRows() throws {
        var random = Seeded(state: seed)
        let folder = try Folder()
        let lines = (0..<500).map { number in
            let text = String(
                (0..<Int.random(in: 0..<30, using: &random)).map { _ in
                    Array("ab ä{}[],:").randomElement(using: &random)!
                })
            return "{\"n\": \(number), \"t\": \"\(text)\\n\\\"\"}"
        }
        let path = try folder.write("a.ndjson", lines.joined(separator: "\n"))
        let whole = try readTable(path).rows
        #expect(whole.count == 500)
        for size in [1, 10, 50, 100, 1000, 10_000] {
            #expect(try readTable(path, splitByteCount: size).rows == whole, "seed \(seed)")
        }
    }

    @Test func randomBytesAreRowsOrErrors() throws {
        var random = Seeded(state: seed)
        let folder = try Folder()
        let alphabet = Array("{}[]\",:\\ \n1-.eEtrufalsn0au".utf8) + [0xC3, 0xA4, 0xFF, 0]
        let valid = Array(
            "{\"a\": [1, {\"b\": \"x\\u00e4\"}], \"c\": null}\n{\"a\": [], \"c\": 1.5e3}\n".utf8)
        for round in 0..<1500 {
            var bytes = valid
            if round % 2 == 0 {
                bytes = (0..<Int.random(in: 0..<60, using: &random)).map { _ in
                    alphabet.randomElement(using: &random)!
                }
            } else {
                for _ in 0..<3 {
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] =
                        alphabet.randomElement(using: &random)!
                }
            }
            let path = try folder.write("t.json", bytes)
            for policy in ["fail", "skip", "null"] {
                _ = failure {
                    _ = try readTable(
                        path, ["on_error": .string(policy)],
                        splitByteCount: round % 5 == 0 ? 7 : 1000)
                }
                _ = failure {
                    _ = try readTable(
                        path,
                        ["on_error": .string(policy), "columns": .list(["a BIGINT", "c VARCHAR"])])
                }
            }
        }
    }

    @Test func flippedHandlesAreErrors() throws {
        let folder = try Folder()
        let path = try folder.write("t.json", "{\"a\": [1], \"b\": {\"c\": \"x\"}}\n")
        let context = CallContext()
        let connector = try jsonConnector.create(OptionValues(), context)
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

@Suite struct JSONOptionTests {
    @Test func pathColumns() throws {
        let folder = try Folder()
        try folder.write("k=1/x.json", #"{"a": 1}"#)
        try folder.write("k=2/x.json", #"[{"a": 2}, {"a": 3, "b": "x"}]"#)
        let answer = try readTable(folder.path, ["filename": .bool(true)])
        #expect(answer.names == ["a", "b", "filename", "k"])
        #expect(answer.rows.map { $0[3] } == ["1", "2", "2"])
        #expect(answer.rows[0][2] == folder.path + "/k=1/x.json")
        let some = try readTable(folder.path, columns: [2])
        #expect(some.rows == [["1"], ["2"], ["2"]])
        var question = Question()
        question.conjuncts = [
            .call(.equal, [.column(2, .int64), .literal(.int(2), .int64)], .bool)
        ]
        #expect(try jsonConnector.answer(folder.path, [:], question).rows.count == 2)
    }

    @Test func encodingsAndFormats() throws {
        let folder = try Folder()
        let text = #"{"d": "31.12.2024", "t": "31.12.2024 10:00", "s": "Zoë"}"# + "\n"
        let wide: [UInt8] =
            [0xFF, 0xFE] + text.utf16.flatMap { unit in [unit & 255, unit >> 8].map { UInt8($0) } }
        let path = try folder.write("w.json", wide)
        let answer = try readTable(
            path,
            [
                "dateformat": .string("%d.%m.%Y"), "timestampformat": .string("%d.%m.%Y %H:%M"),
            ])
        #expect(answer.rows == [["20088", "1735639200000000", "Zoë"]])
        let bare = try folder.write("b.json", Array(wide.dropFirst(2)))
        #expect(failure { _ = try readTable(bare) }?.code == .invalidData)
        #expect(try readTable(bare, ["encoding": .string("utf-16le")]).rows[0][2] == "Zoë")
    }

    @Test func oneFaultIsSingular() throws {
        let folder = try Folder()
        let path = try folder.write("t.ndjson", "{\"a\": 1}\n{\"a\":\n{\"a\": 3}\n")
        let answer = try readTable(path, ["on_error": .string("skip")])
        #expect(answer.rows == [["1"], ["3"]])
        #expect(answer.notices[0].message.hasPrefix("1 malformed record of '\(path)' was left out"))
    }
}

@Suite struct JSONMemoryTests {
    @Test func readersAccountForWhatTheyHold() throws {
        let folder = try Folder()
        let records = (0..<100_000).map { "{\"a\": \($0), \"b\": \"some text of the row \($0)\"}" }
        let path = try folder.write("t.json", "[" + records.joined(separator: ",") + "]")
        var question = Question()
        let memory = CountingMemory()
        question.memory = memory
        #expect(try jsonConnector.answer(path, [:], question).rows.count == 100_000)
        #expect(memory.held == 0 && memory.peak > 1 << 20 && memory.peak < 8 << 20)
        question.memory = CountingMemory(limit: 1 << 20)
        let error = failure { _ = try jsonConnector.answer(path, [:], question) }
        #expect(error?.code == .resourceExhausted)
    }
}
