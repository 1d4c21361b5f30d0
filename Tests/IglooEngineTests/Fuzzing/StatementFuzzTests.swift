// SPDX-License-Identifier: MIT

import Foundation
import IglooArrow
import IglooArrowTesting
import IglooContracts
import IglooEngine
import IglooEngineTesting
import IglooSQLLogic
import Testing

/// Any text ends in an answer or an error, in bounded time and memory: from the lexer to the rows.
///
/// `IGLOO_SEED` repeats a run; `IGLOO_FUZZ_SECONDS` says how long each test looks, 4 unless told.
@Suite(.serialized) struct StatementFuzzTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let seed = environment["IGLOO_SEED"].flatMap { UInt64($0) } ?? 2026
    private static let seconds =
        environment["IGLOO_FUZZ_SECONDS"].flatMap { Double($0) } ?? 4
    /// No statement may take longer, in a debug build on a busy machine.
    private static let secondsMax = 60.0

    @Test func randomBytes() throws {
        var generator = SeededGenerator(seed: Self.seed)
        let fuzz = try FuzzSession()
        let pieces = ["SELECT ", "'", "\"", "/*", "--", "$$", "E'", "\\", "(", ")", "\u{0}", "é"]
        try whileTimeLasts { _ in
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 0...60, using: &generator) {
                if Int.random(in: 0..<4, using: &generator) == 0 {
                    bytes += Array((pieces.randomElement(using: &generator) ?? "").utf8)
                } else {
                    bytes.append(UInt8.random(in: 0...255, using: &generator))
                }
            }
            fuzz.check(String(decoding: bytes, as: UTF8.self))
        }
    }

    /// Records of Tests/SQL and random queries, with words cut, swapped, doubled or exchanged.
    @Test func changedStatements() throws {
        var generator = SeededGenerator(seed: Self.seed &+ 1)
        let statements = try Self.corpus()
        #expect(statements.count > 500)
        var fuzz = try FuzzSession()
        try whileTimeLasts { round in
            if round % 2_000 == 1_999 { fuzz = try FuzzSession() }
            var words = statements[Int.random(in: 0..<statements.count, using: &generator)]
            let other = statements[Int.random(in: 0..<statements.count, using: &generator)]
            for _ in 0..<Int.random(in: 1...3, using: &generator) where !words.isEmpty {
                let place = Int.random(in: 0..<words.count, using: &generator)
                let word = other.randomElement(using: &generator) ?? ""
                switch Int.random(in: 0..<5, using: &generator) {
                case 0: words.remove(at: place)
                case 1: words.insert(word, at: place)
                case 2: words[place] = word
                case 3: words.swapAt(place, Int.random(in: 0..<words.count, using: &generator))
                default: words.insert(contentsOf: other.suffix(10), at: place)
                }
            }
            fuzz.check(words.joined(separator: " "))
        }
    }

    /// What grows without end: each repeated 10,000 times, or to ten million bytes.
    @Test(arguments: [
        ("SELECT ", "(", "1", ")"), ("SELECT ", "-", "1", ""), ("SELECT ", "NOT ", "true", ""),
        ("SELECT ", "1 + ", "1", ""), ("SELECT ", "[", "1", "]"), ("SELECT ", "{'a': ", "1", "}"),
        ("SELECT ", "CASE WHEN true THEN ", "1", " END"), ("SELECT ", "abs(", "1", ")"),
        ("", "SELECT * FROM (", "SELECT 1", ")"), ("", "WITH a AS (", "SELECT 1", ") SELECT 1"),
        ("", "SELECT 1 UNION ", "SELECT 1", ""),
        (
            "SELECT 1 WHERE ", "EXISTS (SELECT 1 WHERE ",
            "true", ")"
        ), ("SELECT ", "(SELECT ", "1", ")"), ("SELECT 1 IN (", "1, ", "1", ")"),
        ("SELECT * FROM t0 ", "JOIN t0 USING (id) ", "", ""), ("SELECT ", "'a' || ", "'a'", ""),
        ("SELECT 1", "::bigint", "", ""), ("SELECT '", "[", "1", "]'::text[]"),
        ("SELECT '", "{\"a\":", "1", "}'::json"), ("SELECT regexp_matches('a', '", "(", "a", ")')"),
        ("SELECT 'a' LIKE '", "%a_", "", "'"), ("EXPLAIN ", "EXPLAIN ", "SELECT 1", ""),
        ("SELECT x ", "FROM t0 WHERE x = ANY (SELECT k ", "", ")"), ("SELECT ", "a.", "b", ""),
    ])
    func growth(before: String, piece: String, middle: String, after: String) throws {
        let fuzz = try FuzzSession()
        for count in [100, 1_000, 10_000] {
            let closing = after.count <= 1 || after == " END" ? after : ""
            let text =
                before + String(repeating: piece, count: count) + middle
                + (closing.isEmpty ? "" : String(repeating: closing, count: count))
                + (closing.isEmpty ? after : "")
            fuzz.check(text)
        }
    }

    @Test(arguments: [
        ("SELECT '", "a", "'"), ("SELECT ", "1", ""), ("SELECT 1.", "0", "1"),
        ("SELECT length('", "ä", "')"), ("SELECT 1 -- ", "x", ""), ("SELECT \"", "x", "\""),
        ("", " ", "SELECT 1"), ("SELECT 1 /*", "/**/", "*/"), ("SELECT x'", "00", "'"),
        ("", ";", ""),
    ])
    func tenMillionBytes(before: String, piece: String, after: String) throws {
        let fuzz = try FuzzSession()
        let count = 10_000_000 / piece.utf8.count
        fuzz.check(before + String(repeating: piece, count: count) + after)
    }

    // MARK: - Parts

    private func whileTimeLasts(_ body: (Int) throws -> Void) throws {
        let end = Date().addingTimeInterval(Self.seconds)
        var round = 0
        while Date() < end {
            try body(round)
            round += 1
        }
        print("\(round) statements, seed \(Self.seed)")
    }

    /// The words of statements that mean something.
    private static func corpus() throws -> [[String]] {
        var statements: [String] = []
        for name in SQLFileTests.names {
            let path = Places.root.appendingPathComponent("Tests/SQL/\(name)").path
            statements += try LogicFile(contentsOf: path).records.map(\.sql)
        }
        var queries = RandomQueries(seed: seed)
        for _ in 0..<300 { statements.append(queries.query()) }
        return statements.map { text in
            text.split(whereSeparator: \.isWhitespace).map(String.init)
        }
    }

    /// A session that gives up after a while, and says what must not be.
    private struct FuzzSession {
        private let session: Session

        init() throws {
            session = try Engine(
                EngineConfiguration(
                    pluginDirectories: [Places.plugins], memoryLimit: 512 << 20)
            ).makeSession()
            for table in RandomQueries(seed: seed).tables {
                for statement in table.definition { _ = try session.execute(statement) }
            }
        }

        func check(_ sql: String) {
            let start = Date()
            let cancellation = CancellationToken()
            let timer = Timer(cancellation)
            defer { timer.stop() }
            do throws(IglooError) {
                if case .rows(let stream) = try session.execute(sql, cancellation: cancellation) {
                    var count = 0
                    while count < 5_000, let batch = try stream.next() { count += batch.rowCount }
                    _ = session.takeNotices()
                }
            } catch {
                let shown = sql.utf8.count > 600 ? String(sql.prefix(600)) + "..." : sql
                #expect(error.code != .internalError, "\(error): \(shown)")
                #expect(error.sqlState.rawValue.utf8.count == 5, "\(error): \(shown)")
                #expect(error.message.utf8.count < 5_000, "the message is as long as the input")
            }
            let seconds = Date().timeIntervalSince(start)
            #expect(seconds < secondsMax, "\(seconds) s: \(sql.prefix(600))")
        }
    }

    /// Cancels what takes long.
    private final class Timer: @unchecked Sendable {
        // SAFETY: the item is made once, before it is shared, and may be cancelled by any thread.
        private let item: DispatchWorkItem

        init(_ cancellation: CancellationToken) {
            item = DispatchWorkItem { cancellation.cancel() }
            DispatchQueue.global().asyncAfter(deadline: .now() + 3, execute: item)
        }

        func stop() { item.cancel() }
    }
}
