// SPDX-License-Identifier: MIT

import Foundation
import IglooArrow
import IglooConformance
import IglooConnectorTesting
import IglooContracts
import Testing

@testable import SQLiteConnector

private typealias X = PushdownExpression

private func literal(_ scalar: Scalar, _ type: DataType) -> X { .literal(scalar, type) }
private func call(_ operation: PushdownOperation, _ arguments: X...) -> X {
    .call(operation, arguments, .bool)
}

/// Every condition, as it is pushed down, is compared with what Igloo's own rules say of a full
/// scan: exact ones must keep the same rows, inexact ones at least those.
@Suite struct SQLitePushdownTests {
    private static let columns: [(String, DataType)] = [
        ("i", .int64), ("r", .float64), ("t", .utf8View), ("n", .utf8View), ("d", .date32),
        ("at", .timestamp(.microsecond, timeZone: nil)), ("m", .decimal64(precision: 10, scale: 2)),
        ("ok", .bool), ("z", .timestamp(.microsecond, timeZone: "UTC")), ("u", .utf8View),
        ("b", .binaryView),
    ]

    private func database(_ encoding: String) throws -> Database {
        let database = try Database(
            "PRAGMA encoding = '\(encoding)'",
            """
            CREATE TABLE t (i INTEGER, r REAL, t TEXT, n TEXT COLLATE NOCASE, d DATE, at DATETIME,
                m DECIMAL(10,2), ok BOOLEAN, z TIMESTAMPTZ, u STRING, b BLOB)
            """)
        let texts = [
            "a", "A", "a ", "ab", "aB", "", "ä", "z", "é", "日本", "😀", "～", "a%b", "a_b",
            "a*b", "a[b", "a\u{0}b", "ab\u{0}", "10", "9", "a\nb",
        ]
        for (index, text) in texts.enumerated() {
            let quoted =
                text.contains("\u{0}")
                ? "CAST(x'\(text.utf8.map { String(format: "%02x", $0) }.joined())' AS TEXT)"
                : "'\(text)'"
            let stored = encoding == "UTF-8" || !text.contains("\u{0}") ? quoted : "'nul'"
            let day = String(format: "2024-%02d-%02d", index % 12 + 1, index + 1)
            database.run(
                """
                INSERT INTO t VALUES (\(index - 10), \(index % 3 == 0 ? "\(index)" : "\(index).25 - 10"),
                \(stored), \(stored), '\(day)', '\(day)\(index % 2 == 0 ? " 12:00:00" : "T00:00")',
                \(index % 2 == 0 ? "\(index).1" : "\(index)"), \(index % 3 == 0 ? "'true'" : "\(index % 2)"),
                '\(day)T23:30:00\(index % 2 == 0 ? "-05:00" : "+14:00")',
                \(index % 2 == 0 ? stored : "\(index)"), x'\(String(format: "%02x", index))')
                """)
        }
        database.run(
            "INSERT INTO t(i) VALUES (NULL), (9223372036854775807), (-9223372036854775808)")
        database.run("INSERT INTO t(r) VALUES (9e999), (-9e999), (-0.0), (0)")
        return database
    }

    /// The rows of the table for which SQLite finds the conditions true, as it was asked.
    private func scan(_ database: Database, _ conjuncts: [X]) throws -> ([[Scalar]], ScanAnswer) {
        let context = CallContext()
        let connector = try makeConnector(database.path)
        let table = try connector.openTable(schema: "", name: "t", context)
        #expect(table.schema.fields.map(\.type) == Self.columns.map(\.1))
        let plan = try connector.plan(
            ScanRequest(
                table: table.handle, columns: Array(table.schema.fields.indices),
                conjuncts: conjuncts), context)
        let reader = try connector.open(
            handle: plan.handle, split: SQLiteRange().encoded(), context)
        var rows: [[Scalar]] = []
        while let batch = try reader.next(context) {
            for row in 0..<batch.rowCount { rows.append(batch.columns.map { $0.scalar(at: row) }) }
        }
        return (rows, plan)
    }

    /// Compares a pushed condition with Igloo's rules over all rows.
    @discardableResult
    private func check(_ database: Database, _ x: X, _ whole: [[Scalar]]) throws -> Verdict {
        let (kept, plan) = try scan(database, [x])
        let wanted = whole.filter { Oracle.holds(x, $0) == true }
        switch plan.conjuncts[0] {
        case .exact: #expect(kept == wanted, "\(x): \(plan.remoteText ?? "")")
        case .inexact:
            for row in wanted {
                #expect(kept.contains(row), "\(x) lost \(row): \(plan.remoteText ?? "")")
            }
        case .unsupported: #expect(kept == whole && !plan.reasons[0].isEmpty)
        }
        return plan.conjuncts[0]
    }

    private static let comparisons: [PushdownOperation] = [
        .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .isDistinct,
    ]

    @Test(arguments: ["UTF-8", "UTF-16le"]) func everyComparisonWithEveryValue(encoding: String)
        throws
    {
        let database = try database(encoding)
        let whole = try scan(database, []).0
        var verdicts: [String: Set<Verdict>] = [:]
        for (index, (name, type)) in Self.columns.enumerated() {
            let column = X.column(index, type)
            var literals = whole.map { $0[index] }.filter { !$0.isNull }
            switch type {
            case .utf8View: literals += [.text("aa"), .text("b"), .text("5")]
            case .float64: literals += [.float(0.5), .float(.nan)]
            case .decimal64: literals += [.decimal(1011), .decimal(-5)]
            default: break
            }
            // Every other value keeps the test short; all of them are in the rows.
            for value in literals.enumerated().filter({ $0.offset % 3 == 0 }).map(\.element) {
                for operation in Self.comparisons {
                    let x = call(operation, column, literal(value, type))
                    let verdict = try check(database, x, whole)
                    verdicts["\(name)", default: []].insert(verdict)
                    if type == .int64 { #expect(verdict == .exact) }
                    try check(database, call(.not, x), whole)
                }
            }
            for x in [
                call(.isNull, column), call(.not, call(.isNull, column)),
                X.call(.isIn, [column] + literals.prefix(5).map { literal($0, type) }, .bool),
                call(.or, call(.isNull, column), call(.equal, column, literal(literals[1], type))),
            ] { try check(database, x, whole) }
        }
        #expect(verdicts["i"] == [.exact] && verdicts["d"] == [.exact])
        #expect(verdicts["at"]?.contains(.exact) == false)
    }

    @Test func patterns() throws {
        let database = try database("UTF-8")
        let whole = try scan(database, []).0
        for index in [2, 3, 9] {
            let column = X.column(index, .utf8View)
            for pattern in [
                "a%", "%b", "_", "a_b", "%", "", "a*b", "a[b", "%b%", "ä", "日_", "A%", "a\n%",
                "a\\%b", "\\%", "a\\_b",
            ] {
                let x = call(.like, column, literal(.text(pattern), .utf8View))
                #expect(try check(database, x, whole) == .inexact)
            }
            for start in ["a", "ab", "A", "日", "😀", "\u{10FFFF}", "\u{D7FF}"] {
                let x = call(.hasPrefix, column, literal(.text(start), .utf8View))
                #expect(try check(database, x, whole) == .exact)
            }
            let escaped = call(
                .like, column, literal(.text("a\\%b"), .utf8View), literal(.text("\\"), .utf8View))
            try check(database, escaped, whole)
        }
        let boolean = X.column(7, .bool)
        for x in [boolean, call(.equal, boolean, literal(.bool(false), .bool))] {
            #expect(try check(database, x, whole) == .inexact)
        }
    }

    @Test func orderAndLimit() throws {
        let database = try database("UTF-8")
        for (place, type) in [
            (0, DataType.int64), (1, .float64), (2, .utf8View), (3, .utf8View), (9, .utf8View),
            (4, .date32),
        ] {
            for (descending, first) in [(false, false), (true, true), (false, true), (true, false)]
            {
                let sort = PushdownSort(
                    .column(0, type), isDescending: descending, nullsFirst: first)
                let answer = try readTable(
                    database, "t", columns: [place], sort: [sort], limit: 7, splitByteCount: 1)
                #expect(answer.plan.sort == .exact && answer.plan.limit == .exact)
                let all = try scan(database, []).0.map { $0[place] }
                let sorted = all.sorted { l, r in
                    if l.isNull || r.isNull {
                        return first ? l.isNull && !r.isNull : !l.isNull && r.isNull
                    }
                    let order = Oracle.compare(l, r)
                    return descending ? order > 0 : order < 0
                }
                #expect(answer.rows.count == 7 && answer.splitCount == 1)
                let shown = sorted.prefix(7).map { scalar -> String? in
                    switch scalar {
                    case .null: nil
                    case .int(let number): "\(number)"
                    case .float(let number): "\(number)"
                    case .text(let text): text
                    default: "?"
                    }
                }
                #expect(
                    answer.rows.map { $0[0] }.map { $0 == "-0.0" ? "0.0" : $0 }
                        == shown.map { $0 == "-0.0" ? "0.0" : $0 })
            }
        }
        let refused = try readTable(
            database, "t", columns: [6],
            sort: [
                PushdownSort(.column(0, Self.columns[6].1), isDescending: false, nullsFirst: false)
            ],
            limit: 3)
        #expect(refused.plan.sort == .unsupported && refused.plan.limit == .unsupported)
        #expect(refused.rows.count == 28)
        let inexact = try readTable(
            database, "t", columns: [0], conjuncts: [.column(7, .bool)], limit: 1)
        #expect(
            inexact.plan.limit == .unsupported && inexact.schema.fields.map(\.name) == ["i", "ok"])
        let exact = try readTable(
            database, "t", columns: [2],
            conjuncts: [call(.greater, .column(0, .int64), literal(.int(0), .int64))], limit: 2)
        #expect(exact.plan.limit == .exact && exact.rows.count == 2)
        #expect(exact.plan.remoteText?.contains("\"i\" > 0") == true)
        #expect(try readTable(database, "t", limit: 0).rows.isEmpty)
        let nulling = try readTable(
            database, "t", ["on_mismatch": .string("null")],
            conjuncts: [call(.greater, .column(0, .int64), literal(.int(0), .int64))])
        #expect(nulling.plan.conjuncts == [.unsupported])
    }

    @Test func flippedHandlesAreErrors() throws {
        let database = try database("UTF-8")
        let context = CallContext()
        let connector = try makeConnector(database.path)
        let plan = try readTable(
            database, "t",
            conjuncts: [call(.greater, .column(0, .int64), literal(.int(0), .int64))]
        ).plan
        for index in plan.handle.indices {
            for bit in 0..<8 {
                var flipped = plan.handle
                flipped[index] ^= 1 << UInt8(bit)
                _ = failure {
                    let reader = try connector.open(
                        handle: flipped, split: SQLiteRange(upTo: 5).encoded(), context)
                    while try reader.next(context) != nil {}
                }
            }
        }
    }
}
