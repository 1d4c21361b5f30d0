// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import Testing

@testable import IglooExecution

/// Random texts through everything that reads text: answers or errors, never a crash.
@Suite struct FunctionFuzzTests {
    private static let pieces: [String] = [
        "[", "]", "{", "}", "(", ")", "\\", "\"", "'", "%", ":", ",", ".", "0", "9", "12", "-", "+",
        "*", "?", "|", "^", "$", "a", "b", "ä", "😀", " ", "\n", "YYYY", "MM", "DD", "HH24", "FM",
        "TH", "%Y", "%d", "%z", "%s", "%5.2f", "%1$s", "#", "/", "$.", "[0]", "null", "true", "{}",
        "{0}", "a=1", "'k': 1", "2026-01-31", "12:34:56", "PR", "MI", "S", "e5", "x41", "\\u00e4",
        "\\d", "[:alpha:]", "(?i)", "{2,3}", "SSSSS", "J", "\u{0}", "BC", "am",
    ]

    private func text(_ random: inout Random) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0...7, using: &random) {
            text += Self.pieces.randomElement(using: &random) ?? ""
        }
        return text
    }

    private func column(_ random: inout Random, _ count: Int) throws -> ArrayData {
        try array(.utf8View, (0..<count).map { _ in .text(text(&random)) })
    }

    private func run(_ expression: Expression, _ columns: [ArrayData]) throws {
        let program: ExpressionProgram
        do throws(IglooError) {
            program = try ExpressionProgram(expression, EvaluationContext())
        } catch {
            #expect(error.code != .internalError, "\(expression): \(error)")
            return
        }
        let count = columns.first?.count ?? 1
        for row in 0..<count {
            let batch = Batch(columns: columns.map { $0.slice(row, count: 1) }, rowCount: 1)
            do throws(IglooError) {
                let result = try program.evaluate(batch)
                #expect(result.count == 1)
            } catch {
                #expect(error.code != .internalError, "\(expression): \(error)")
            }
        }
    }

    @Test func functionsOfTexts() throws {
        var random = Random()
        for entry in FunctionTable.entries
        where entry.kind == .scalar && !FunctionTable.boundByName.contains(entry.name) {
            for count in 1...3 {
                let types = [DataType](repeating: .utf8View, count: count)
                guard let resolution = FunctionTable.resolve(entry.name, types),
                    resolution.parameters == types
                else { continue }
                let columns = try types.map { _ in try column(&random, 60) }
                let inputs = types.indices.map { Expression.input($0, .utf8View) }
                try run(.call(entry.name, inputs, resolution.result), columns)
                // As constants patterns take another way.
                for _ in 0..<40 {
                    let constants = inputs.dropFirst().map { _ in
                        Expression.literal(.text(text(&random)), .utf8View)
                    }
                    try run(
                        .call(entry.name, [inputs[0]] + constants, resolution.result),
                        [try column(&random, 3)])
                }
            }
        }
    }

    @Test func templatesOfTimesAndNumbers() throws {
        var random = Random()
        let timestamp = DataType.timestamp(.microsecond, timeZone: nil)
        let values: [(DataType, [Scalar])] = [
            (timestamp, [.int(.min), .int(.max), .int(0), .int(-62_167_219_200_000_001)]),
            (.int64, [.int(.min), .int(.max), .int(0), .int(-7)]),
            (.float64, [.float(.nan), .float(-1e300), .float(0.5), .float(.infinity)]),
            (EngineType.decimal(38, 10), [.decimal(-1), .decimal(10), .decimal(0), .null]),
        ]
        for (type, scalars) in values {
            let column = try array(type, scalars)
            for _ in 0..<200 {
                try run(
                    .call(
                        "to_char",
                        [.input(0, type), .literal(.text(text(&random)), .utf8View)], .utf8View),
                    [column])
            }
        }
    }

    @Test func castsOfTexts() throws {
        var random = Random()
        let types: [DataType] = [
            .list(of: .int64), .list(of: .list(of: .utf8View)), .date32, .float64,
            .structure([Field("a", .int64), Field("k", .utf8View)]), .time64(.microsecond),
            EngineType.map(key: .utf8View, value: .int64), .interval(.monthDayNano),
            .timestamp(.microsecond, timeZone: "UTC"), EngineType.decimal(10, 2), .binaryView,
        ]
        for type in types {
            for isTry in [true, false] {
                try run(
                    .cast(.input(0, .utf8View), type, isTry: isTry), [try column(&random, 400)])
            }
        }
    }
}
