// SPDX-License-Identifier: MIT

import Foundation
import IglooEngineTesting
import IglooSQLLogic
import Testing

/// Records of others' sqllogictest files that this engine is to answer.
struct Corpus: Sendable, CustomTestStringConvertible {
    /// Which records count.
    enum Selection: Sendable {
        /// Those on which DuckDB and PostgreSQL agree, and that lean on no others.
        case core
        /// All that DuckDB answers as its files say.
        case duckdb
    }

    /// As the ratchet names it.
    var name: String
    var source: String
    var selection: Selection
    /// Every n-th query is run.
    var step: Int

    static let all = [
        Corpus(name: "datafusion", source: "datafusion", selection: .core, step: 1),
        Corpus(name: "duckdb", source: "duckdb", selection: .core, step: 1),
        Corpus(name: "sqlite", source: "sqlite", selection: .core, step: 61),
        Corpus(name: "duckdb-own", source: "duckdb", selection: .duckdb, step: 1),
    ]

    var testDescription: String { name }

    /// How a run went.
    struct Outcome {
        var run = 0
        var agreed = 0
        var failures: [Failure] = []
        /// Statements without rows that did not run; they make queries fail.
        var refusals: [Failure] = []

        var share: Double { Double(agreed) / Double(max(run, 1)) }
    }

    struct Failure {
        /// `file:line` or `file:line/iteration`, without the folder of the corpora.
        var place: String
        var sql: String
        var reason: String
    }

    func run(in folder: String) throws -> Outcome {
        var outcome = Outcome()
        for (path, wanted) in try records(in: folder) {
            try run(path, wanted, folder, &outcome)
        }
        return outcome
    }

    private func run(
        _ path: String, _ wanted: [String: Wanted], _ folder: String, _ outcome: inout Outcome
    ) throws {
        let places = CorpusPlaces(folder: folder, source: source)
        let file = try LogicFile(contentsOf: "\(folder)/\(path)", canRequire: { _ in true })
        var connection = try EngineSession()
        // A file that is not understood must not end in a query without end.
        connection.secondsMax = 10
        connection.showsCounts = source == "duckdb"
        let engine = connection
        let session = CorpusSession(engine)
        if selection == .duckdb {
            for setting in Self.duckdbSettings { _ = session.run(setting) }
        }
        let runner = LogicRunner(session, engine: "igloo", .lenient) { _ in
            CorpusSession(engine.another())
        }
        for included in Self.includes(of: file, at: "\(folder)/\(path)") {
            for record in try LogicFile(contentsOf: included).records { _ = runner.run(record) }
        }
        var number = 0
        for var record in file.records {
            guard let order = wanted["\(record.line)/\(record.iteration)"] else { continue }
            record.sql = places.resolved(record.sql)
            guard case .rows(var expected) = record.expectation else {
                guard case .success = record.expectation else { continue }
                let verdict = runner.run(record)
                if verdict.kind != .agrees {
                    outcome.refusals.append(failure(path, record, verdict))
                }
                continue
            }
            number += 1
            guard number % step == 0 else { continue }
            outcome.run += 1
            if order == .anyOrder, expected.sort == .nosort {
                expected.sort = .rowsort
                record.expectation = .rows(expected)
            }
            let verdict = runner.run(record)
            if verdict.kind == .agrees {
                outcome.agreed += 1
                continue
            }
            outcome.failures.append(failure(path, record, verdict))
        }
    }

    /// Files whose records come before those of this one.
    private static func includes(of file: LogicFile, at path: String) -> [String] {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        return file.text.split(separator: "\n").filter { $0.hasPrefix("include ") }.map {
            folder.appendingPathComponent(String($0.dropFirst("include ".count))).path
        }
    }

    private func failure(
        _ path: String, _ record: LogicRecord, _ verdict: LogicVerdict
    ) -> Failure {
        let loop = record.iteration.isEmpty ? "" : "/\(record.iteration)"
        return Failure(
            place: "\(path):\(record.line)\(loop)", sql: record.sql, reason: verdict.reason)
    }

    /// DuckDB's choices of dialect.
    private static let duckdbSettings = [
        "SET integer_division = false", "SET default_null_order = 'nulls_last'",
    ]

    /// How a record is to agree.
    private enum Wanted {
        case asWritten
        /// DuckDB or PostgreSQL gives the rows in another order, for none was asked for.
        case anyOrder
    }

    /// By file, the records that are run as `line/iteration`.
    private func records(in folder: String) throws -> [(path: String, records: [String: Wanted])] {
        var files: [(path: String, records: [String: Wanted])] = []
        let list = try Places.text("\(folder)/portable_shared_\(source).txt")
        for line in list.split(separator: "\n") {
            if line.hasPrefix("@ ") {
                files.append((String(line.dropFirst(2)), [:]))
                continue
            }
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard fields.count > 5, fields[2] != "e", !files.isEmpty else { continue }
            let isWanted =
                switch selection {
                // What a session is set to belongs to what follows.
                case .core:
                    fields[5] == "Y"
                        || fields[2] == "s" && fields[3] == "Y"
                            && fields[6].split(separator: ",").contains("set")
                case .duckdb: fields[3] == "Y" || fields[3] == "U"
                }
            if isWanted {
                files[files.count - 1].records["\(fields[0])/\(fields[1])"] =
                    fields[3] == "U" || fields[4] == "U" ? .anyOrder : .asWritten
            }
        }
        return files.filter { !$0.records.isEmpty }
    }
}

/// Where the files that a corpus names stand on this machine.
struct CorpusPlaces {
    private let replacements: [(String, String)]

    init(folder: String, source: String) {
        let root = "\(folder)/sqllogictest-\(source)"
        let scratch = NSTemporaryDirectory() + "igloo-corpus-\(getpid())"
        try? FileManager.default.createDirectory(
            atPath: scratch, withIntermediateDirectories: true)
        replacements =
            source == "duckdb"
            ? [
                ("'data/", "'\(root)/data/"), ("{DATA_DIR}", "\(root)/data"),
                ("{TEST_DIR}", scratch), ("__TEST_DIR__", scratch), ("{TEMP_DIR}", scratch),
            ]
            : [
                ("'../core/tests/data/", "'\(root)/data/core-tests-data/"),
                ("'../../testing/", "'\(root)/data/testing/"),
                ("'../../parquet-testing/", "'\(folder)/parquet-testing/"),
                ("'test_files/scratch/", "'\(scratch)/"),
            ]
    }

    func resolved(_ sql: String) -> String {
        var sql = sql
        for (written, place) in replacements {
            sql = sql.replacingOccurrences(of: written, with: place)
        }
        return sql
    }
}
