// SPDX-License-Identifier: MIT

import Foundation
import IglooEngineTesting
import IglooSQLLogic
import Testing

/// How much of others' SQL comes out right: the records on which DuckDB and PostgreSQL agree.
///
/// Every n-th query is run, `IGLOO_CORPUS_STEP` sets n; `IGLOO_VERBOSE` prints what differs.
@Suite(
    .serialized,
    .enabled(if: Places.corpora != nil, "the shared corpora are absent: set IGLOO_SHARED"))
struct CorpusTests {
    private struct Count {
        var run = 0
        var agreed = 0
        var refused = 0
        var leftOut = 0
    }

    @Test(arguments: [("datafusion", 1), ("duckdb", 1), ("sqlite", 61)])
    func coreRecords(name: String, step: Int) throws {
        let step =
            ProcessInfo.processInfo.environment["IGLOO_CORPUS_STEP"].flatMap { Int($0) } ?? step
        let folder = try #require(Places.corpora)
        var count = Count()
        var reasons: [String] = []
        for (path, wanted) in try Self.core(of: name, in: folder) {
            try run("\(folder)/\(path)", wanted, max(1, step), &count, &reasons)
        }
        let share = Double(count.agreed) / Double(max(count.run, 1))
        print(
            "\(name): \(count.agreed) of \(count.run) core queries agree "
                + "(\(String(format: "%.2f", share * 100)) %), \(count.refused) were refused, "
                + "\(count.leftOut) left out for want of tables")
        if ProcessInfo.processInfo.environment["IGLOO_VERBOSE"] != nil {
            print(reasons.joined(separator: "\n---\n"))
        }
        #expect(share >= Self.ratchet[name] ?? 0, "fewer agree than before")
    }

    private func run(
        _ path: String, _ wanted: Set<String>, _ step: Int, _ count: inout Count,
        _ reasons: inout [String]
    ) throws {
        let file = try LogicFile(contentsOf: path, canRequire: { _ in true })
        let runner = LogicRunner(TablesAsViews(try EngineSession()), engine: "igloo", .lenient)
        var hasTables = true
        var number = 0
        for record in file.records where wanted.contains("\(record.line)/\(record.iteration)") {
            guard case .rows = record.expectation else {
                if case .success = record.expectation, hasTables {
                    hasTables = runner.run(record).kind == .agrees || !Self.isDefinition(record.sql)
                }
                continue
            }
            number += 1
            guard number % step == 0 || step == 1 else { continue }
            guard hasTables else {
                count.leftOut += 1
                continue
            }
            let verdict = runner.run(record)
            count.run += 1
            if verdict.kind == .agrees {
                count.agreed += 1
            } else {
                if verdict.kind == .fails { count.refused += 1 }
                reasons.append("\(path):\(record.line): \(record.sql)\n\(verdict.reason)")
            }
        }
    }

    /// Whether later records build on the statement.
    private static func isDefinition(_ sql: String) -> Bool {
        let word = sql.prefix { !$0.isWhitespace }.lowercased()
        return !["set", "pragma", "reset", "load", "analyze", "vacuum", "checkpoint"].contains(word)
    }

    /// By file, the core records as `line/iteration`.
    private static func core(
        of name: String, in folder: String
    ) throws -> [(path: String, records: Set<String>)] {
        var files: [(path: String, records: Set<String>)] = []
        for line in try Places.text("\(folder)/portable_shared_\(name).txt").split(separator: "\n")
        {
            if line.hasPrefix("@ ") {
                files.append((String(line.dropFirst(2)), []))
                continue
            }
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard fields.count > 5, fields[2] != "e", fields[5] == "Y", !files.isEmpty else {
                continue
            }
            files[files.count - 1].records.insert("\(fields[0])/\(fields[1])")
        }
        return files.filter { !$0.records.isEmpty }
    }

    /// The least share that must agree, by corpus; it may only grow.
    private static let ratchet: [String: Double] = {
        let path = Places.root.appendingPathComponent("Tests/SQL/corpora.ratchet").path
        var shares: [String: Double] = [:]
        for line in ((try? Places.text(path)) ?? "").split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, let share = Double(words[1]) { shares[String(words[0])] = share }
        }
        return shares
    }()
}
