// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooConformance
import IglooConnectorTesting
import Testing

@testable import PostgresConnector

private typealias X = PushdownExpression

private func call(_ operation: PushdownOperation, _ arguments: X...) -> X {
    .call(operation, arguments, .bool)
}

/// Conditions as the server evaluates them against what Igloo's rules say, over values on which
/// others disagree: case, padding, collations, NaN, the ends of ranges.
@Suite struct PostgresPushdownTests {
    private let connector: any Connector
    private let whole: [[Scalar]]
    private let schema: Schema

    private static let table = Result {
        try PostgresServer.shared.get().run(
            """
            CREATE COLLATION IF NOT EXISTS loose
                (provider = icu, locale = 'und-u-ks-level2', deterministic = false)
            """,
            """
            CREATE TABLE hostile (
                i integer, b bigint, r real, f double precision, n numeric(12, 3), t text,
                c text COLLATE "en-x-icu", g text COLLATE "de-x-icu",
                y text COLLATE "POSIX", l text COLLATE loose, p char(4), u uuid, d date,
                s timestamp, z timestamptz, o boolean, x bytea, j jsonb, e interval)
            """,
            """
            INSERT INTO hostile
            SELECT k - 12, k * 400000000000 - 9000000000000,
                   (ARRAY['NaN', '-0', '0', 'Infinity', '-Infinity', '1.5', '-1.5']::real[])[k % 8],
                   (ARRAY['NaN', '-0', '0', 'Infinity', '-Infinity', '0.1', '1e300']::float8[])[k % 8],
                   (k - 10) * 1000.125, w, w, w, w, w, left(w, 4),
                   (ARRAY['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
                          'B0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11']::uuid[])[k % 3],
                   date '1969-12-25' + k::int, timestamp '1999-12-31 23:59:59.5' + k * interval '7 hours',
                   timestamptz '2024-03-31 00:30+00' + k * interval '1 hour', k % 3 = 0,
                   decode(to_hex(k % 5 + 16), 'hex'), to_jsonb(k % 4), k % 5 * interval '1 day'
            FROM unnest(ARRAY['a', 'A', 'a ', ' a', 'ab', 'aB', '', 'ä', 'z', 'Z', 'é', 'e', 'É',
                              '日本', '😀', '～', 'a%b', 'a_b', 'a\\b', 'ss', 'ß', '10', '9',
                              E'a\\nb', '_']) WITH ORDINALITY AS g(w, k)
            """,
            "INSERT INTO hostile DEFAULT VALUES", "ANALYZE hostile")
    }

    init() throws {
        _ = try Self.table.get()
        connector = try PostgresServer.shared.get().connector()
        let scan = try Scan(connector, "hostile")
        whole = scan.rows
        schema = scan.answer.schema
    }

    /// Compares a condition with Igloo's rules, row by row; says what the server promised.
    @discardableResult
    private func check(_ x: X) throws -> Verdict {
        let scan = try Scan(connector, "hostile", conjuncts: [x])
        let verdict = scan.answer.conjuncts[0]
        let wanted = whole.filter { Oracle.holds(x, $0) == true }
        let text = scan.answer.remoteText ?? ""
        if verdict == .exact {
            #expect(scan.rows.map { "\($0)" } == wanted.map { "\($0)" }, "\(x): \(text)")
        } else {
            #expect(scan.rows.count == whole.count && !scan.answer.reasons[0].isEmpty)
        }
        return verdict
    }

    private static let comparisons: [PushdownOperation] = [
        .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .isDistinct,
    ]

    @Test func everyComparisonWithEveryValue() throws {
        for (index, field) in schema.fields.enumerated() {
            let column = X.column(index, field.type)
            var literals = whole.map { $0[index] }.filter { !$0.isNull }
            if field.type == .utf8View { literals += [.text("aa"), .text("'; --"), .text("\\")] }
            for value in literals.enumerated().filter({ $0.offset % 4 == 0 }).map(\.element) {
                for operation in Self.comparisons {
                    let x = call(operation, column, .literal(value, field.type))
                    let verdict = try check(x)
                    #expect(verdict == (field.name == "e" ? .unsupported : .exact), "\(x)")
                    try check(call(.not, x))
                }
            }
            try check(call(.isNull, column))
            try check(call(.not, call(.isNull, column)))
            try check(
                .call(.isIn, [column] + literals.prefix(5).map { .literal($0, field.type) }, .bool))
            try check(
                call(
                    .or, call(.isNull, column),
                    call(.equal, column, .literal(literals[1], field.type))))
        }
    }

    @Test func patterns() throws {
        for (index, field) in schema.fields.enumerated()
        where ["t", "c", "l", "p"].contains(field.name) {
            let column = X.column(index, .utf8View)
            for pattern in ["a%", "%b", "_", "%", "", "ä", "日_", "A%", "a\n%", "%s%"] {
                let like = call(.like, column, .literal(.text(pattern), .utf8View))
                #expect(try check(like) == .exact)
            }
            for start in ["a", "ab", "A", "日", "😀", ""] {
                let prefix = call(.hasPrefix, column, .literal(.text(start), .utf8View))
                #expect(try check(prefix) == .exact)
            }
        }
    }

    @Test func columnsWithColumns() throws {
        let text = schema.fields.indices.filter {
            ["t", "c", "g", "y", "l"].contains(schema.fields[$0].name)
        }
        for left in text {
            for right in text {
                for operation in Self.comparisons {
                    try check(
                        call(operation, .column(left, .utf8View), .column(right, .utf8View)))
                }
            }
        }
    }

    /// Orders and limits, and that together with a condition they still are exact.
    @Test func orderAndLimit() throws {
        for (index, field) in schema.fields.enumerated() where !["e"].contains(field.name) {
            for (isDescending, nullsFirst) in [(false, false), (true, true)] {
                let scan = try Scan(connector, "hostile", columns: [index]) { request in
                    request.sort = [
                        PushdownSort(
                            .column(0, field.type), isDescending: isDescending,
                            nullsFirst: nullsFirst)
                    ]
                    request.limit = 9
                }
                #expect(scan.answer.sort == .exact && scan.answer.limit == .exact)
                let sorted = whole.map { $0[index] }.sorted { left, right in
                    if left.isNull || right.isNull {
                        return nullsFirst
                            ? left.isNull && !right.isNull : !left.isNull && right.isNull
                    }
                    let order = Oracle.compare(left, right)
                    return isDescending ? order > 0 : order < 0
                }
                let zero = { (scalar: Scalar) in "\(scalar)".replacing("(-0.0)", with: "(0.0)") }
                #expect(
                    scan.rows.map { zero($0[0]) } == sorted.prefix(9).map(zero), "\(field.name)")
            }
        }
        let filtered = try Scan(
            connector, "hostile", columns: [0],
            conjuncts: [call(.greater, .column(0, .int32), .literal(.int(0), .int32))]
        ) { $0.limit = 3 }
        #expect(filtered.answer.limit == .exact && filtered.rows.count == 3)
        let refused = try Scan(
            connector, "hostile", columns: [0],
            conjuncts: [
                call(
                    .greater, .column(16, schema.fields[16].type),
                    .literal(.interval(months: 0, days: 1, nanoseconds: 0), schema.fields[16].type))
            ]
        ) { $0.limit = 3 }
        #expect(refused.answer.limit == .unsupported && refused.rows.count == whole.count)
    }

    @Test func groupsAndAggregates() throws {
        let scan = try Scan(connector, "hostile") { request in
            request.aggregateMode = .full
            request.groupBy = [.column(15, .bool)]
            request.aggregates = [
                PushdownAggregate(.countRows, [], type: .int64),
                PushdownAggregate(.sum, [.column(0, .int32)], type: .int64),
                PushdownAggregate(.maximum, [.column(5, .utf8View)], type: .utf8View),
                PushdownAggregate(
                    .count, [.column(6, .utf8View)], isDistinct: true,
                    filter: call(.greater, .column(0, .int32), .literal(.int(0), .int32)),
                    type: .int64),
            ]
            request.sort = [PushdownSort(.column(0, .bool), isDescending: false, nullsFirst: false)]
        }
        #expect(scan.answer.aggregate == .exact && scan.answer.sort == .exact)
        #expect(scan.rows.count == 3)
        for row in scan.rows {
            let group = whole.filter { $0[15] == row[0] }
            #expect(row[1] == .int(Int64(group.count)))
            let sum = group.reduce(into: Int64(0)) { sum, row in
                if case .int(let number) = row[0] { sum += number }
            }
            #expect(row[0].isNull ? row[2].isNull : row[2] == .int(sum))
            let texts = group.map { $0[5] }.filter { !$0.isNull }
            let greatest = texts.max { Oracle.compare($0, $1) < 0 }
            #expect(row[3] == greatest ?? .null)
        }
        // What the server would not compute as Igloo does stays here.
        let float = try Scan(connector, "hostile") { request in
            request.aggregateMode = .full
            request.aggregates = [
                PushdownAggregate(.sum, [.column(3, .float64)], type: .float64)
            ]
        }
        #expect(float.answer.aggregate == .unsupported && float.rows.count == whole.count)
    }

    @Test func flippedHandlesAreErrors() throws {
        let context = CallContext()
        let scan = try Scan(
            connector, "hostile", columns: [0, 4, 5],
            conjuncts: [call(.greater, .column(0, .int32), .literal(.int(0), .int32))])
        let split = PostgresSplit(fromPage: 0, toPage: 1).encoded()
        for index in scan.answer.handle.indices {
            var flipped = scan.answer.handle
            flipped[index] ^= UInt8(1 << (index % 8))
            guard let reader = try? connector.open(handle: flipped, split: split, context) else {
                continue
            }
            while let batch = try? reader.next(context) { try batch.validate() }
        }
        for index in split.indices {
            var flipped = split
            flipped[index] ^= 3
            _ = try? connector.open(handle: scan.answer.handle, split: flipped, context)
        }
    }
}
