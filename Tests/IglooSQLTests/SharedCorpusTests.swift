// SPDX-License-Identifier: MIT

import Foundation
import IglooContracts
import Testing

@testable import IglooSQL

/// Statements of others, where the shared corpora are at hand (`IGLOO_SHARED`, else `../shared`
/// beside the repository).
enum SharedCorpus {
    static let directory: URL? = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let path =
            ProcessInfo.processInfo.environment["IGLOO_SHARED"].map { URL(fileURLWithPath: $0) }
            ?? root.deletingLastPathComponent().appendingPathComponent("shared")
        let corpora = path.appendingPathComponent("corpora")
        return FileManager.default.fileExists(atPath: corpora.path) ? corpora : nil
    }()

    static var isPresent: Bool { directory != nil }

    static func tpch() throws -> [(name: String, text: String)] {
        guard let folder = directory?.appendingPathComponent("tpch/queries") else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map {
            ($0, try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8))
        }
    }

    /// The queries of the core records of a portable list: those that every engine gets right.
    static func coreQueries(_ list: String, everyNth: Int = 1) throws -> [String] {
        guard let directory else { return [] }
        let records = try String(
            contentsOf: directory.appendingPathComponent("portable_shared_\(list).txt"),
            encoding: .utf8)
        var lines: [Substring] = []
        var queries: [String] = []
        var seen: Set<Int> = []
        var count = 0
        for record in records.split(separator: "\n") {
            if record.hasPrefix("@ ") {
                let file = directory.appendingPathComponent(String(record.dropFirst(2)))
                lines = try String(contentsOf: file, encoding: .utf8)
                    .split(separator: "\n", omittingEmptySubsequences: false)
                seen = []
                continue
            }
            let fields = record.split(separator: "\t", omittingEmptySubsequences: false)
            guard fields.count > 5, fields[2] == "q", fields[5] == "Y", let line = Int(fields[0]),
                seen.insert(line).inserted
            else { continue }
            count += 1
            guard count % everyNth == 0 else { continue }
            if let query = query(at: line, of: lines) { queries.append(query) }
        }
        return queries
    }

    /// The text below the `query` line at or behind `line`, up to its rows; none for loops' bodies.
    private static func query(at line: Int, of lines: [Substring]) -> String? {
        var index = line - 1
        while index < lines.count, !lines[index].hasPrefix("query") { index += 1 }
        index += 1
        var text: [Substring] = []
        while index < lines.count, !lines[index].isEmpty, lines[index] != "----" {
            text.append(lines[index])
            index += 1
        }
        let query = text.joined(separator: "\n")
        // `{x}` is a loop's variable.
        let isTemplate = query.firstMatch(of: /\{[A-Za-z_]+\}/) != nil
        return isTemplate || text.isEmpty ? nil : query
    }
}

@Suite(.enabled(if: SharedCorpus.isPresent, "the shared corpora are absent: set IGLOO_SHARED"))
struct SharedCorpusTests {
    @Test("the 22 queries of TPC-H parse, round-trip and bind")
    func tpch() throws {
        let queries = try SharedCorpus.tpch()
        #expect(queries.count == 22)
        for (name, text) in queries {
            let tree = try SQLParser.statement(text)
            #expect(try SQLParser.statement(SQLPrinter.text(of: tree)) == tree, "\(name)")
            _ = try BinderTests.bind(text)
        }
    }

    @Test(
        "core queries of others parse and round-trip",
        arguments: [
            ("datafusion", 1, 0.95), ("duckdb", 1, 0.95), ("sqlite", 37, 1.0),
        ])
    func coreQueries(_ list: String, _ everyNth: Int, _ share: Double) throws {
        let queries = try SharedCorpus.coreQueries(list, everyNth: everyNth)
        var parsed = 0
        var reasons: [String] = []
        for query in queries {
            do throws(IglooError) {
                let tree = try SQLParser.statement(query)
                parsed += 1
                let again = try SQLParser.statement(SQLPrinter.text(of: tree))
                #expect(again == tree, "\(query)\n\(SQLPrinter.text(of: tree))")
            } catch {
                reasons.append("\(error.message): \(query)")
            }
        }
        print("\(list): \(parsed) of \(queries.count) core queries parse")
        if ProcessInfo.processInfo.environment["IGLOO_VERBOSE"] != nil {
            print(reasons.joined(separator: "\n---\n"))
        }
        #expect(Double(parsed) >= share * Double(queries.count))
    }
}
