// SPDX-License-Identifier: MIT

import Foundation
import IglooArrow
import IglooContracts
import Testing

@testable import PostgresConnector

/// Values of every type, as the server's own text says they are.
@Suite struct PostgresTypeTests {
    private let server: PostgresServer

    init() throws { server = try PostgresServer.shared.get() }

    /// A table of one column `v` with these literals, read back in order.
    private func read(
        _ type: String, _ literals: [String], _ options: [String: OptionValue] = [:],
        name: String = "types_\(UInt32.random(in: 0 ... .max))"
    ) throws -> (type: DataType, values: [Scalar]) {
        let rows = literals.enumerated().map { "(\($0.offset), \($0.element))" }
        try server.run(
            "CREATE TABLE \(name) (id int, v \(type))",
            "INSERT INTO \(name) VALUES \(rows.joined(separator: ", "))")
        defer { _ = try? server.run("DROP TABLE \(name)") }
        let connector = try server.connector(options)
        let scan = try Scan(connector, name)
        let sorted = scan.rows.sorted { PushdownOrder.precedes($0[0], $1[0]) }
        return (scan.answer.schema.fields[1].type, sorted.map { $0[1] })
    }

    private enum PushdownOrder {
        static func precedes(_ left: Scalar, _ right: Scalar) -> Bool {
            guard case .int(let left) = left, case .int(let right) = right else { return false }
            return left < right
        }
    }

    @Test func numbers() throws {
        let small = try read("smallint", ["-32768", "NULL", "32767"])
        #expect(small.type == .int16 && small.values == [.int(-32768), .null, .int(32767)])
        let medium = try read("integer", ["-2147483648", "NULL", "2147483647"])
        #expect(medium.type == .int32)
        #expect(medium.values == [.int(-2_147_483_648), .null, .int(2_147_483_647)])
        let big = try read("bigint", ["-9223372036854775808", "9223372036854775807"])
        #expect(big.values == [.int(.min), .int(.max)])
        let oid = try read("oid", ["4294967295", "0"])
        #expect(oid.values == [.int(4_294_967_295), .int(0)])
        let single = try read("real", ["'1.5'", "'-Infinity'", "'NaN'", "'1e-45'"])
        #expect(single.type == .float32)
        #expect(single.values[0] == .float(1.5) && single.values[1] == .float(-.infinity))
        #expect("\(single.values[2])" == "float(nan)")
        let double = try read("double precision", ["'0.1'", "'-0'", "'1.7976931348623157e308'"])
        #expect(
            double.values[0] == .float(0.1) && double.values[2] == .float(.greatestFiniteMagnitude))
        #expect(
            try read("boolean", ["true", "NULL", "false"]).values == [
                .bool(true), .null, .bool(false),
            ])
    }

    @Test func decimalsWithoutLoss() throws {
        let small = try read("numeric(15, 2)", ["0.01", "-9999999999999.99", "10000", "NULL", "0"])
        #expect(small.type == .decimal64(precision: 15, scale: 2))
        #expect(
            small.values.map { "\($0)" } == [
                "decimal(1)", "decimal(-999999999999999)", "decimal(1000000)", "null", "decimal(0)",
            ])
        let large = String(repeating: "9", count: 28) + ".9999999999"
        let wide = try read("numeric(38, 10)", [large, "-" + large, "0.0000000001", "1e20"])
        let nines = Int128(String(repeating: "9", count: 38))!
        #expect(
            wide.values == [
                .decimal(nines), .decimal(-nines), .decimal(1),
                .decimal(Int128(1_000_000_000_000_000) * 1_000_000_000_000_000),
            ])
        #expect(
            try read("numeric(3, -2)", ["12300", "99900"]).values == [
                .decimal(12_300), .decimal(99_900),
            ])
        #expect(try read("numeric(3, 5)", ["0.00123"]).values == [.decimal(123)])
        let open = try read("numeric", ["1.5", "123456789.000000001"])
        #expect(open.type == .decimal128(precision: 38, scale: 9))
        #expect(open.values == [.decimal(1_500_000_000), .decimal(123_456_789_000_000_001)])
    }

    @Test func numericThatDoesNotFitIsAnError() throws {
        for literal in ["'NaN'", "1.0000000001", "1e30", "'Infinity'"] {
            do {
                _ = try read("numeric", ["1", literal])
                Issue.record("\(literal) was read as a decimal")
            } catch let error as IglooError {
                #expect(error.code == .outOfRange && error.message.contains("column 'v'"))
                #expect(error.hint?.contains("numeric = 'text'") == true)
            }
        }
        let text = try read(
            "numeric", ["'NaN'", "1.0000000001", "1e30"], ["numeric": .string("text")])
        #expect(text.values[0] == .text("NaN") && text.values[1] == .text("1.0000000001"))
        let double = try read("numeric", ["1.0000000001"], ["numeric": .string("double")])
        #expect(double.values == [.float(1.0000000001)])
    }

    @Test func textAndWhatIsReadAsText() throws {
        let cases: [(type: String, literal: String, text: String)] = [
            ("text", "'日本 😀'", "日本 😀"), ("varchar(5)", "''", ""),
            ("char(5)", "'ab'", "ab"), ("name", "'n'", "n"), ("\"char\"", "'c'", "c"),
            ("json", "'{\"a\": [1, null]}'", "{\"a\": [1, null]}"),
            ("jsonb", "'{\"b\":1,\"a\":2}'", "{\"a\": 2, \"b\": 1}"),
            (
                "uuid", "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'",
                "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"
            ),
            ("inet", "'10.0.0.1/8'", "10.0.0.1/8"), ("cidr", "'10.0.0.0/8'", "10.0.0.0/8"),
            ("macaddr", "'08:00:2b:01:02:03'", "08:00:2b:01:02:03"),
            ("timetz", "'12:00:00+02'", "12:00:00+02"), ("money", "12.5", "$12.50"),
            ("bit(4)", "B'1010'", "1010"), ("varbit", "B'1'", "1"), ("xml", "'<a/>'", "<a/>"),
            ("point", "'(1,2)'", "(1,2)"), ("int4range", "'[1,5)'", "[1,5)"),
            ("int4multirange", "'{[1,2),[5,6)}'", "{[1,2),[5,6)}"),
            ("tstzrange", "'[2024-01-01,)'", "[\"2024-01-01 00:00:00+00\",)"),
            ("tsvector", "'a b'", "'a' 'b'"), ("regclass", "'pg_class'", "pg_class"),
            ("pg_lsn", "'16/B374D848'", "16/B374D848"),
        ]
        for (type, literal, text) in cases {
            let found = try read(type, [literal, "NULL"])
            #expect(found.type == .utf8View && found.values == [.text(text), .null], "\(type)")
        }
        #expect(
            try read("bytea", ["'\\x00ff'", "''"]).values == [.binary([0, 255]), .binary([])])
    }

    @Test func typesThatUsersMake() throws {
        try server.run(
            "CREATE TYPE mood AS ENUM ('sad', 'ok')", "CREATE TYPE pair AS (a int, b text)",
            "CREATE DOMAIN price AS numeric(10, 2) CHECK (VALUE >= 0)",
            "CREATE DOMAIN nice_price AS price")
        #expect(try read("mood", ["'ok'"]).values == [.text("ok")])
        #expect(try read("pair", ["ROW(1, 'x y')::pair"]).values == [.text("(1,\"x y\")")])
        let domain = try read("nice_price", ["12.34"])
        #expect(domain.type == .decimal64(precision: 10, scale: 2))
        #expect(domain.values == [.decimal(1_234)] || domain.values == [.int(1_234)])
        #expect(try read("mood[]", ["'{sad,NULL}'"]).values == [.list([.text("sad"), .null])])
    }

    @Test func times() throws {
        #expect(
            try read("date", ["'1970-01-01'", "'0001-01-01'", "'4713-01-01 BC'", "NULL"]).values
                == [.int(0), .int(-719_162), .int(-2_440_550), .null])
        #expect(
            try read("time", ["'00:00'", "'23:59:59.999999'"]).values
                == [.int(0), .int(86_399_999_999)])
        let plain = try read("timestamp", ["'2000-01-01'", "'1969-12-31 23:59:59.999999'"])
        #expect(plain.type == .timestamp(.microsecond, timeZone: nil))
        #expect(plain.values == [.int(946_684_800_000_000), .int(-1)])
        let zoned = try read("timestamptz", ["'2000-01-01 01:00+01'"])
        #expect(zoned.type == .timestamp(.microsecond, timeZone: "UTC"))
        #expect(zoned.values == [.int(946_684_800_000_000)])
        #expect(
            try read("interval", ["'1 year 2 mons -3 days 04:05:06.000007'"]).values
                == [.interval(months: 14, days: -3, nanoseconds: 14_706_000_007_000)])
        #expect(
            try read("date", ["'infinity'", "'-infinity'"]).values
                == [.int(Int64(Int32.max)), .int(Int64(Int32.min))])
        for type in ["timestamp", "timestamptz"] {
            #expect(
                try read(type, ["'infinity'", "'-infinity'"]).values == [.int(.max), .int(.min)])
        }
    }

    @Test func arrays() throws {
        let found = try read("integer[]", ["'{1,NULL,3}'", "'{}'", "NULL"])
        #expect(found.type == .list(Field("item", .int32)))
        #expect(found.values == [.list([.int(1), .null, .int(3)]), .list([]), .null])
        #expect(
            try read("text[]", ["ARRAY['a,b', '', NULL]"]).values
                == [.list([.text("a,b"), .text(""), .null])])
        #expect(
            try read("numeric(10, 1)[]", ["'{1.5}'"]).values.map { "\($0)" }.first?.contains("15")
                == true)
        #expect(
            try read("uuid[]", ["'{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}'"]).values
                == [.list([.text("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")])])
        do {
            _ = try read("int[]", ["'{{1,2},{3,4}}'"])
            Issue.record("an array of two dimensions was read as a list")
        } catch let error as IglooError {
            #expect(error.message.contains("2 dimensions"))
        }
    }
}
