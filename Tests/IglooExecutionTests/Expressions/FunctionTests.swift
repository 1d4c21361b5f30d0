// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import Testing

@testable import IglooExecution

@Suite struct FunctionTests {
    private static let types: [DataType] = [
        .bool, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .float32,
        .float64, .decimal64(precision: 10, scale: 2), .decimal128(precision: 30, scale: 4),
        .decimal128(precision: 38, scale: 0), .utf8View, .binaryView, .date32,
        .time64(.microsecond), .timestamp(.microsecond, timeZone: nil),
        .timestamp(.nanosecond, timeZone: nil), .timestamp(.microsecond, timeZone: "UTC"),
        .interval(.monthDayNano), .list(Field("item", .int64)),
        .structure([Field("a", .int64)]), .list(of: .utf8View), .list(of: .float64),
        .list(of: .bool),
        .list(of: .list(of: .int64)), EngineType.map(key: .utf8View, value: .int64),
        .list(of: .structure([Field("k", .utf8View), Field("v", .int64)])), .null,
    ]

    /// Functions that want some argument as a constant, or not NULL, when they have so many.
    private static let wantingConstants: [String: Int] = [
        "list_sort": 2, "encode": 2, "decode": 2, "similar_to": 3,
        "json_object": 1, "json_build_object": 1, "array_fill": 2, "list_position": 3,
    ]

    /// Functions that do nothing but wait.
    private static let waiting: Set<String> = ["pg_sleep", "pg_sleep_for"]

    /// What needs a session with sequences: Tests/SQL/sequences.slt.
    private static let ofSequences: Set<String> = ["nextval", "currval", "lastval", "setval"]

    /// Functions of addresses alone, which are none of `types`: Tests/SQL/network_addresses.slt.
    private static let ofAddresses: Set<String> = Set(
        FunctionTable.sections.filter { $0.title == "Network addresses" }
            .flatMap { $0.entries.map(\.name) })

    /// Every overload that any combination of types resolves to can be compiled and, where all
    /// rows are null or there are none, run.
    @Test func everyOverloadCompilesAndRuns() throws {
        var resolved = 0
        for entry in FunctionTable.entries
        where entry.kind == .scalar && !FunctionTable.boundByName.contains(entry.name)
            && !Self.waiting.contains(entry.name) && !Self.ofSequences.contains(entry.name)
        {
            var signatures: Set<Overload.Resolution> = []
            for count in 0...3 {
                for arguments in Self.combinations(count) {
                    for overload in entry.overloads {
                        if let resolution = overload.resolve(arguments),
                            count < Self.wantingConstants[entry.name] ?? 9
                        {
                            signatures.insert(resolution)
                        }
                    }
                }
            }
            #expect(
                !signatures.isEmpty || Self.wantingConstants[entry.name] != nil
                    || Self.ofAddresses.contains(entry.name),
                "\(entry.name) has no overload")
            for signature in signatures {
                resolved += 1
                try check(entry.name, signature)
                try stress(entry.name, signature)
            }
        }
        #expect(resolved > 500)
    }

    private static func combinations(_ count: Int) -> [[DataType]] {
        switch count {
        case 0: return [[]]
        case 1: return types.map { [$0] }
        case 2: return types.flatMap { a in types.map { [a, $0] } }
        default:
            // Three arguments only occur with these.
            let some: [DataType] = [
                .utf8View, .int64, .date32, timestamp, .bool, .list(of: .int64),
                .interval(.monthDayNano),
            ]
            return some.flatMap { a in some.flatMap { b in some.map { [a, b, $0] } } }
                + [
                    [.int64, .int64, .int64, .int64, .int64, .float64],
                    [timestamp, timestamp, timestamp, timestamp],
                    [.binaryView, .int64, .int64], [.binaryView, .utf8View, .utf8View],
                    [.binaryView, .binaryView, .int64],
                    [.utf8View, .list(of: .utf8View), .utf8View],
                    [.utf8View, .list(of: .utf8View), .utf8View, .bool],
                ]
        }
    }

    private func check(_ name: String, _ signature: Overload.Resolution) throws {
        let inputs = signature.parameters.enumerated().map { Expression.input($0, $1) }
        let program: ExpressionProgram
        do {
            program = try ExpressionProgram(
                .call(name, inputs, signature.result), EvaluationContext())
        } catch {
            Issue.record("\(name)\(signature.parameters) -> \(signature.result): \(error)")
            return
        }
        for count in [0, 3] {
            let columns = try signature.parameters.map {
                try array($0, [Scalar](repeating: .null, count: count))
            }
            let result = try program.evaluate(Batch(columns: columns, rowCount: count))
            #expect(result.count == count)
            #expect(
                result.type == signature.result.storage,
                "\(name)\(signature.parameters) is \(result.type)")
        }
    }

    /// No value may bring the process down: extremes meet one another, errors are fine.
    private func stress(_ name: String, _ signature: Overload.Resolution) throws {
        let inputs = signature.parameters.enumerated().map { Expression.input($0, $1) }
        let program = try ExpressionProgram(
            .call(name, inputs, signature.result), EvaluationContext())
        for shift in 0..<4 {
            var columns: [ArrayData] = []
            for (place, type) in signature.parameters.enumerated() {
                let values = extremes(type)
                let turned = (0..<8).map { values[($0 + shift * place) % values.count] }
                columns.append(try sliced(type, turned))
            }
            // One row at a time, for the first error would hide the others.
            for row in 0..<(columns.first?.count ?? 1) {
                let batch = Batch(columns: columns.map { $0.slice(row, count: 1) }, rowCount: 1)
                do throws(IglooError) {
                    let result = try program.evaluate(batch)
                    try? result.validate()
                    #expect(result.count == 1)
                } catch {
                    #expect(error.code != .internalError, "\(name): \(error)")
                }
            }
        }
    }

    private func extremes(_ type: DataType) -> [Scalar] {
        let signed: [Int64] = [.min, .max, 0, -1, 1, 59, -719_468, 64]
        switch type {
        case .bool: return [.bool(true), .bool(false), .null, .bool(true)]
        case .int8: return signed.map { .int(Int64(Int8(clamping: $0))) }
        case .int16: return signed.map { .int(Int64(Int16(clamping: $0))) }
        case .int32, .date32: return signed.map { .int(Int64(Int32(clamping: $0))) }
        case .int64, .time64, .timestamp: return signed.map { .int($0) }
        case .uint8: return signed.map { .uint(UInt64(UInt8(clamping: $0))) }
        case .uint16: return signed.map { .uint(UInt64(UInt16(clamping: $0))) }
        case .uint32: return signed.map { .uint(UInt64(UInt32(clamping: $0))) }
        case .uint64: return [.uint(.max), .uint(0), .uint(1), .uint(64)]
        case .float32, .float64:
            let values: [Double] = [.nan, .infinity, -.infinity, 0, -0.0, 1e38, -1e-38, 308]
            return values.map { .float($0) }
        case .decimal64(let precision, _), .decimal128(let precision, _):
            let most = DecimalPower.ten(precision) - 1
            return [.decimal(most), .decimal(-most), .decimal(0), .decimal(1)]
        case .interval:
            return [
                .interval(months: .min, days: .min, nanoseconds: .min),
                .interval(months: .max, days: .max, nanoseconds: .max),
                .interval(months: 0, days: 0, nanoseconds: 0),
                .interval(months: -1, days: 1, nanoseconds: -1),
            ]
        case .utf8View:
            return [
                .text(""), .text("year"), .text("%_\\%"), .text("ä€😀"), .text("%Y-%m-%d %j"),
                .text("a text of more than twelve bytes"), .null, .text("hour"),
            ]
        case .list(let field):
            let items = extremes(field.type)
            return [.list(items), .list([]), .null, .list([items[0], .null, items[0]])]
        case .structure(let fields):
            let values = fields.map { extremes($0.type)[0] }
            return [.structure(values), .null, .structure(values.map { _ in .null }), .null]
        case .map(let entries, _):
            let values = entries.type.childFields.map { extremes($0.type) }
            return [.map([.structure([values[0][1], values[1][0]])]), .map([]), .null, .map([])]
        case .binaryView: return [.binary([]), .binary([0, 255]), .null, .binary([1])]
        default: return [.null, .null, .null, .null]
        }
    }

    @Test func likeAgainstReference() throws {
        func matches(_ text: Substring, _ pattern: Substring) -> Bool {
            guard let first = pattern.first else { return text.isEmpty }
            let rest = pattern.dropFirst()
            if first == "%" {
                return matches(text, rest) || !text.isEmpty && matches(text.dropFirst(), pattern)
            }
            guard let character = text.first else { return false }
            return (first == "_" || first == character) && matches(text.dropFirst(), rest)
        }
        var random = Random()
        func word(_ letters: [Character], _ countMax: Int) -> String {
            String(
                (0..<Int.random(in: 0...countMax, using: &random)).map { _ in
                    letters.randomElement(using: &random) ?? "a"
                })
        }
        for _ in 0..<2_000 {
            let string = word(["a", "b", "ä"], 10)
            let pattern = word(["a", "b", "ä", "%", "%", "_"], 7)
            let expected = matches(string[...], pattern[...]) ? "true" : "false"
            let found = try shown(call("like", literal(string), literal(pattern)))
            #expect(found == expected, "\(string) like \(pattern), seed \(seed)")
        }
    }

    @Test func operatorsAndMathematics() throws {
        func d(_ s: String, _ p: Int, _ scale: Int) -> Expression {
            value(s, EngineType.decimal(p, scale))
        }
        #expect(try shown(call("+", literal(1), literal(2))) == "3")
        #expect(try shown(call("/", literal(7), literal(2))) == "3")
        #expect(try shown(call("/", literal(-7), literal(2))) == "-3")
        #expect(try shown(call("%", literal(-7), literal(3))) == "-1")
        #expect(try shown(call("+", d("1.25", 5, 2), d("2.005", 6, 3))) == "3.255")
        #expect(try shown(call("*", d("1.25", 5, 2), d("-2.5", 3, 1))) == "-3.125")
        #expect(
            try shown(call("*", d("12345678901234.5", 18, 1), d("99999.9", 8, 1)))
                == "1234566655555559876.55")
        #expect(try shown(call("round", d("2.345", 5, 3), .literal(.int(2), .int32))) == "2.350")
        #expect(try shown(call("round", d("-2.5", 3, 1))) == "-3")
        #expect(try shown(call("ceil", d("1.2", 3, 1))) == "2")
        #expect(try shown(call("floor", d("-1.2", 3, 1))) == "-2")
        #expect(try shown(call("trunc", d("-1.9", 3, 1))) == "-1")
        #expect(try shown(call("abs", literal(-2))) == "2")
        #expect(try shown(call("mod", literal(7), literal(3))) == "1")
        #expect(try shown(call("power", literal(2.0), literal(10.0))) == "1024")
        #expect(try shown(call("log", literal(100.0))) == "2")
        #expect(try shown(call("xor", literal(6), literal(3))) == "5")
        #expect(try shown(call("<<", literal(1), literal(4))) == "16")
        #expect(state(try call("/", literal(1), literal(0))) == "22012")
        #expect(state(try call("/", literal(1.0), literal(0.0))) == "22012")
        #expect(state(try call("+", literal(Int64.max), literal(1))) == "22003")
        #expect(state(try call("*", literal(Int64.max), literal(2))) == "22003")
        #expect(state(try call("/", literal(Int64.min), literal(-1))) == "22003")
        #expect(try shown(call("%", literal(Int64.min), literal(-1))) == "0")
        #expect(state(try call("sqrt", literal(-1.0))) == "2201F")
        #expect(state(try call("ln", literal(0.0))) == "2201E")
        let huge = d("99999999999999999999999999999999999999", 38, 0)
        #expect(state(try call("+", huge, d("1", 38, 0))) == "22003")
    }

    @Test func texts() throws {
        #expect(try shown(call("||", literal("a"), literal("b"))) == "ab")
        #expect(try shown(call("length", literal("äb"))) == "2")
        #expect(try shown(call("octet_length", literal("äb"))) == "3")
        #expect(try shown(call("upper", literal("äb"))) == "ÄB")
        #expect(try shown(call("initcap", literal("hi there"))) == "Hi There")
        #expect(try shown(call("substring", literal("igloo"), literal(2), literal(3))) == "glo")
        #expect(try shown(call("substring", literal("iglöö"), literal(4))) == "öö")
        #expect(try shown(call("substring", literal("igloo"), literal(-1), literal(4))) == "ig")
        #expect(try shown(call("left", literal("igloo"), literal(-2))) == "igl")
        #expect(try shown(call("right", literal("igloo"), literal(2))) == "oo")
        #expect(try shown(call("right", literal("igloo"), literal(-2))) == "loo")
        #expect(try shown(call("trim", literal("  a "))) == "a")
        #expect(try shown(call("ltrim", literal("xxa"), literal("x"))) == "a")
        #expect(try shown(call("lpad", literal("7"), literal(3), literal("0"))) == "007")
        #expect(try shown(call("rpad", literal("7"), literal(3), literal("."))) == "7..")
        #expect(try shown(call("replace", literal("abab"), literal("b"), literal("c"))) == "acac")
        #expect(try shown(call("position", literal("äbc"), literal("c"))) == "3")
        #expect(try shown(call("reverse", literal("abä"))) == "äba")
        #expect(try shown(call("repeat", literal("ab"), literal(2))) == "abab")
        #expect(try shown(call("split_part", literal("a-b-c"), literal("-"), literal(-1))) == "c")
        #expect(try shown(call("concat", literal("a"), .null(text), literal("1"))) == "a1")
        #expect(
            try shown(call("concat_ws", literal("-"), literal("a"), .null(text), literal("b")))
                == "a-b")
        #expect(try shown(call("md5", literal("a"))) == "0cc175b9c0f1b6a831c399e269772661")
        #expect(try shown(call("md5", literal(""))) == "d41d8cd98f00b204e9800998ecf8427e")
        #expect(try shown(call("chr", .literal(.int(228), .int32))) == "ä")
        #expect(try shown(call("ascii", literal("A"))) == "65")
        #expect(state(try call("repeat", literal("ab"), literal(Int64.max))) == "54000")
        #expect(state(try call("lpad", literal("ab"), literal(Int64.max))) == "54000")
    }

    @Test func likePatterns() throws {
        func like(_ string: String, _ pattern: String, _ name: String = "like") throws -> String {
            try shown(call(name, literal(string), literal(pattern)))
        }
        #expect(try like("abc", "a%") == "true")
        #expect(try like("abc", "%c") == "true")
        #expect(try like("abc", "%b%") == "true")
        #expect(try like("abc", "abc") == "true")
        #expect(try like("abc", "ab") == "false")
        #expect(try like("", "%") == "true")
        #expect(try like("", "_") == "false")
        #expect(try like("äbc", "_b_") == "true")
        #expect(try like("aXbXc", "a%X%c") == "true")
        #expect(try like("aXc", "aX%Xc") == "false")
        #expect(try like("a%c", "a\\%c") == "true")
        #expect(try like("abc", "a\\%c") == "false")
        #expect(try like("mississippi", "%s_p%") == "true")
        #expect(try like("ÄBC", "ä%", "ilike") == "true")
        #expect(state(try call("like", literal("a"), literal("a\\"))) == "22025")
    }

    @Test func datesAndTimes() throws {
        func date(_ s: String) -> Expression { value(s, .date32) }
        func at(_ s: String) -> Expression { value(s, timestamp) }
        #expect(try shown(call("date_part", literal("year"), date("2026-03-01"))) == "2026")
        #expect(try shown(call("date_part", literal("week"), date("2027-01-01"))) == "53")
        #expect(try shown(call("date_part", literal("dow"), date("2026-03-01"))) == "0")
        #expect(try shown(call("date_part", literal("doy"), date("2024-12-31"))) == "366")
        #expect(try shown(call("date_part", literal("century"), date("2000-12-31"))) == "20")
        #expect(try shown(call("hour", at("1969-12-31 23:59:59.5"))) == "23")
        #expect(try shown(call("epoch", date("1970-01-02"))) == "86400")
        #expect(
            try shown(call("date_trunc", literal("month"), date("2026-03-15")))
                == "2026-03-01 00:00:00")
        #expect(
            try shown(call("date_diff", literal("day"), date("2026-01-01"), date("2026-01-31")))
                == "30")
        #expect(
            try shown(call("age", at("2026-03-01"), at("2026-01-31"))) == "1 mon 1 day")
        #expect(
            try shown(call("make_date", literal(2026), literal(3), literal(1))) == "2026-03-01")
        #expect(state(try call("make_date", literal(2026), literal(2), literal(30))) == "22008")
        #expect(try shown(call("last_day", date("2026-02-01"))) == "2026-02-28")
        #expect(
            try shown(call("strftime", at("2026-03-01 04:05:06"), literal("%d.%m.%Y %H:%M %a")))
                == "01.03.2026 04:05 Sun")
        #expect(
            try shown(call("+", date("2026-01-31"), value("1 month", interval)))
                == "2026-02-28 00:00:00")
        #expect(
            try shown(call("-", at("2026-01-02 03:00:00"), at("2026-01-01"))) == "1 day 03:00:00")
        #expect(try shown(call("-", date("2026-03-01"), date("2026-02-01"))) == "28")
        #expect(
            try shown(call("*", value("1 month 1 day", interval), literal(1.5)))
                == "1 mon 16 days 12:00:00")
    }
}
