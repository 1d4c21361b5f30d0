// SPDX-License-Identifier: MIT

import IglooArrow
import IglooConnectorTesting
import IglooContracts
import Testing

@testable import SQLiteConnector

private typealias X = PushdownExpression

/// Groups that SQLite makes are those that Igloo would have made, or it is not asked for them.
@Suite struct SQLiteGroupingTests {
    private static let wide = DataType.decimal128(precision: 38, scale: 0)

    private func grouped(
        _ database: Database, _ keys: [X], _ aggregates: [PushdownAggregate],
        _ options: [String: OptionValue] = [:], adjust: (inout ScanRequest) -> Void = { _ in }
    ) throws -> (answer: ScanAnswer, rows: [[Scalar]]) {
        let context = CallContext()
        let connector = try makeConnector(database.path, options)
        let table = try connector.openTable(schema: "", name: "t", context)
        var request = ScanRequest(
            table: table.handle, columns: [], groupBy: keys, aggregates: aggregates,
            aggregateMode: .full)
        adjust(&request)
        let answer = try connector.plan(request, context)
        let reader = try connector.open(
            handle: answer.handle, split: SQLiteRange().encoded(), context)
        var rows: [[Scalar]] = []
        while let batch = try reader.next(context) {
            try batch.validate()
            for row in 0..<batch.rowCount { rows.append(batch.columns.map { $0.scalar(at: row) }) }
        }
        return (answer, rows)
    }

    private static let number = X.column(0, .int64)
    private static let sum = PushdownAggregate(.sum, [number], type: wide)
    private static let count = PushdownAggregate(.count, [number], type: .int64)

    @Test func sumsHaveMoreThan64Bits() throws {
        let database = try Database(
            "CREATE TABLE t (i INTEGER)",
            "INSERT INTO t VALUES (9223372036854775807), (9223372036854775807), (NULL), (5)")
        let (answer, rows) = try grouped(database, [], [Self.sum, Self.count])
        #expect(answer.aggregate == .exact)
        #expect(rows == [[.decimal(2 * Int128(Int64.max) + 5), .int(3)]])
        database.run("DELETE FROM t")
        database.run(
            "INSERT INTO t VALUES (-9223372036854775808), (-9223372036854775808), (-1), (1), (-7)")
        #expect(
            try grouped(database, [], [Self.sum]).rows == [[.decimal(2 * Int128(Int64.min) - 7)]])
        database.run("DELETE FROM t")
        #expect(try grouped(database, [], [Self.sum, Self.count]).rows == [[.null, .int(0)]])
    }

    @Test func textsAreGroupedByTheirBytes() throws {
        let database = try Database(
            "CREATE TABLE t (i INTEGER, n TEXT COLLATE NOCASE)",
            "INSERT INTO t VALUES (1, 'a'), (2, 'A'), (3, 'a'), (4, NULL), (5, 'a ')")
        let key = X.column(1, .utf8View)
        let most = PushdownAggregate(.maximum, [key], type: .utf8View)
        let (answer, rows) = try grouped(database, [key], [Self.sum, most]) {
            $0.sort = [
                PushdownSort(.column(0, .utf8View), isDescending: true, nullsFirst: true)
            ]
            $0.limit = 3
        }
        #expect(answer.sort == .exact && answer.limit == .exact)
        #expect(
            rows == [
                [.null, .decimal(4), .null], [.text("a "), .decimal(5), .text("a ")],
                [.text("a"), .decimal(4), .text("a")],
            ])
    }

    /// A plain scan ends at a value that does not fit; so do groups, although they do not show it.
    @Test func valuesThatDoNotFitAreErrors() throws {
        let database = try Database(
            "CREATE TABLE t (i INTEGER)", "INSERT INTO t VALUES (1), ('one'), (2.5)")
        #expect {
            try grouped(database, [], [Self.count])
        } throws: { error in
            let error = error as? IglooError
            return error?.code == .invalidData && error?.message.contains("2 values") == true
                && error?.message.contains("column 'i'") == true
        }
        let strict = try Database(
            "CREATE TABLE t (i INTEGER) STRICT", "INSERT INTO t VALUES (1), (2)")
        let (answer, rows) = try grouped(strict, [], [Self.count])
        #expect(rows == [[.int(2)]] && answer.remoteText?.contains("typeof") == false)
    }

    @Test func whatSQLiteMayGetWrongIsRefused() throws {
        let database = try Database(
            "CREATE TABLE t (i INTEGER, r REAL, m DECIMAL(10, 2), ok BOOLEAN, at DATETIME, u STRING)",
            "INSERT INTO t VALUES (1, 1.5, 2.25, 1, '2024-01-01 00:00:00', 'x')")
        let decimal = DataType.decimal64(precision: 10, scale: 2)
        let time = DataType.timestamp(.microsecond, timeZone: nil)
        let refused: [([X], [PushdownAggregate])] = [
            ([], [PushdownAggregate(.sum, [.column(1, .float64)], type: .float64)]),
            ([], [PushdownAggregate(.sum, [Self.number], isDistinct: true, type: Self.wide)]),
            ([], [PushdownAggregate(.maximum, [.column(2, decimal)], type: decimal)]),
            ([], [PushdownAggregate(.boolAnd, [.column(3, .bool)], type: .bool)]),
            ([.column(4, time)], [Self.count]), ([.column(5, .utf8View)], [Self.count]),
        ]
        for (keys, aggregates) in refused {
            let (answer, _) = try grouped(database, keys, aggregates)
            #expect(answer.aggregate == .unsupported, "\(aggregates)")
            #expect(answer.remoteText?.contains("GROUP BY:") == true)
        }
        let null: [String: OptionValue] = ["on_mismatch": .string("null")]
        #expect(try grouped(database, [], [Self.count], null).answer.aggregate == .unsupported)
    }
}
