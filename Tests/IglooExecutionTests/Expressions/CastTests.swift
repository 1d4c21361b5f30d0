// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import Testing

@testable import IglooExecution

@Suite struct CastTests {
    private func roundTrip(_ string: String, _ type: DataType) throws -> String {
        try shown(value(string, type))
    }

    @Test func textForms() throws {
        #expect(try roundTrip("yes", .bool) == "true")
        #expect(try roundTrip(" -9223372036854775808 ", .int64) == "-9223372036854775808")
        #expect(try roundTrip("1e20", .float64) == "1e+20")
        #expect(try roundTrip("1024.0", .float64) == "1024")
        #expect(try roundTrip("0.1", .float64) == "0.1")
        #expect(try roundTrip("0.00001", .float64) == "1e-05")
        #expect(try roundTrip("123456789012345680", .float64) == "1.2345678901234568e+17")
        #expect(try roundTrip("-inf", .float64) == "-Infinity")
        #expect(try roundTrip("nan", .float64) == "NaN")
        #expect(try roundTrip("1234567", .float32) == "1.234567e+06")
        #expect(try roundTrip("-0.005", EngineType.decimal(10, 2)) == "-0.01")
        #expect(try roundTrip("1.5e3", EngineType.decimal(30, 2)) == "1500.00")
        #expect(try roundTrip("2026-03-01", .date32) == "2026-03-01")
        #expect(try roundTrip("0044-03-15 BC", .date32) == "0044-03-15 BC")
        #expect(try roundTrip("04:05:06.7800", .time64(.microsecond)) == "04:05:06.78")
        #expect(
            try roundTrip("1969-12-31T23:59:59.999999", timestamp) == "1969-12-31 23:59:59.999999")
        let instant = DataType.timestamp(.microsecond, timeZone: "UTC")
        #expect(try roundTrip("2026-03-01 04:00:00+02", instant) == "2026-03-01 02:00:00+00")
        #expect(
            try roundTrip("1 year 2 months 3 days 04:05:06.5", interval)
                == "1 year 2 mons 3 days 04:05:06.5")
        #expect(try roundTrip("-1 days 02:00", interval) == "-1 days +02:00:00")
        #expect(try roundTrip("P1Y2M3DT4H", interval) == "1 year 2 mons 3 days 04:00:00")
        #expect(try roundTrip("0 s", interval) == "00:00:00")
        #expect(try roundTrip("\\xDEAD", .binaryView) == "\\xdead")
    }

    @Test func malformedText() {
        #expect(state(value("abc", .int32)) == "22P02")
        #expect(state(value("", .int32)) == "22P02")
        #expect(state(value("3000000000", .int32)) == "22003")
        #expect(state(value("x", .date32)) == "22007")
        #expect(state(value("2026-02-30", .date32)) == "22008")
        #expect(state(value("1000", EngineType.decimal(3, 0))) == "22003")
        #expect(state(value("1e400", .float64)) == "22003")
    }

    @Test func tryGivesNull() throws {
        let column = try sliced(text, [.text("1"), .text("x"), .null, .text("300")])
        let result = try run(.cast(.input(0, text), .int8, isTry: true), [column])
        #expect(result == [.int(1), .null, .null, .null])
        let numbers = try sliced(.int64, [.int(1), .int(300), .null])
        let narrow = try run(.cast(.input(0, .int64), .int8, isTry: true), [numbers])
        #expect(narrow == [.int(1), .null, .null])
    }

    /// Text of any kind is read or refused, never fatal.
    @Test func randomText() throws {
        var random = Random()
        let letters = Array("0123456789-+.:eE /TZaxinfPYMDHWS\\\"ä")
        let types: [DataType] = [
            .bool, .int8, .int64, .uint64, .float32, .float64, EngineType.decimal(18, 4),
            EngineType.decimal(38, 10), .date32, .time64(.microsecond), timestamp,
            .timestamp(.nanosecond, timeZone: "UTC"), interval, .binaryView,
        ]
        let values = (0..<3_000).map { _ -> Scalar in
            .text(
                String(
                    (0..<Int.random(in: 0...24, using: &random)).map { _ in
                        letters.randomElement(using: &random) ?? "0"
                    }))
        }
        let column = try sliced(text, values)
        for type in types {
            let cast = Expression.cast(.input(0, text), type, isTry: true)
            #expect(try run(.cast(cast, text, isTry: false), [column]).count == values.count)
        }
    }

    @Test func numbers() throws {
        func cast(_ value: Double, _ type: DataType) throws -> String {
            try shown(.cast(literal(value), type, isTry: false))
        }
        #expect(try cast(2.5, .int32) == "2")
        #expect(try cast(3.5, .int32) == "4")
        #expect(try cast(2.345, EngineType.decimal(10, 2)) == "2.35")
        #expect(try cast(-2.345, EngineType.decimal(10, 2)) == "-2.35")
        #expect(state(.cast(literal(1e10), .int32, isTry: false)) == "22003")
        #expect(state(.cast(literal(Double.nan), .int32, isTry: false)) == "22003")
        let decimal = value("2.5", EngineType.decimal(5, 1))
        #expect(try shown(.cast(decimal, .int32, isTry: false)) == "3")
        #expect(try shown(.cast(decimal, .float64, isTry: false)) == "2.5")
        #expect(state(.cast(literal(-1), .uint8, isTry: false)) == "22003")
        #expect(state(.cast(literal(Int64.min), .uint64, isTry: false)) == "22003")
    }

    @Test func nestedText() throws {
        let type = DataType.list(Field("item", .int64))
        let column = try sliced(type, [.list([.int(1), .null]), .null, .list([])])
        #expect(
            scalars(try TextRendering.text(of: column)) == [.text("[1, NULL]"), .null, .text("[]")])
        let pair = DataType.structure([Field("a", .int32), Field("b", .utf8)])
        let rows = try sliced(pair, [.structure([.int(1), .text("x")])])
        #expect(scalars(try TextRendering.text(of: rows)) == [.text("{'a': 1, 'b': x}")])
    }

    @Test func zones() throws {
        let column = try array(
            .timestamp(.microsecond, timeZone: "UTC"),
            [.int(1_772_323_200_000_000), .int(1_782_864_000_000_000), .int(4_102_444_800_000_000)])
        let shown = scalars(try TextRendering.text(of: column, timeZone: "Europe/Berlin"))
        #expect(
            shown == [
                .text("2026-03-01 01:00:00+01"), .text("2026-07-01 02:00:00+02"),
                .text("2100-01-01 01:00:00+01"),
            ])
        #expect(throws: IglooError.self) { try TextRendering.text(of: column, timeZone: "../x") }
    }
}
