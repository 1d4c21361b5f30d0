// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import Testing

@testable import IglooExecution

@Suite struct EvaluationTests {
    private let x = Expression.input(0, .int64)

    @Test func branchesAreGuarded() throws {
        let column = try sliced(.int64, [.int(0), .int(2), .null, .int(5)])
        let quotient = try call("/", literal(10), x)
        let isZero = try call("=", x, literal(0))
        let guarded = Expression.conditional(
            [ConditionalBranch(condition: isZero, result: literal(-1))], otherwise: quotient, .int64
        )
        #expect(try run(guarded, [column]) == [.int(-1), .int(5), .null, .int(2)])
        let both = Expression.call(
            "and", [try call("<>", x, literal(0)), try call(">", quotient, literal(2))], .bool)
        #expect(try run(both, [column]) == [.bool(false), .bool(true), .null, .bool(false)])
        #expect(state(quotient, [column]) == "22012")
    }

    @Test func threeValuedLogic() throws {
        let values: [Scalar] = [.bool(true), .bool(false), .null]
        let pairs = values.flatMap { a in values.map { (a, $0) } }
        let columns = [try sliced(.bool, pairs.map(\.0)), try sliced(.bool, pairs.map(\.1))]
        let inputs = [Expression.input(0, .bool), .input(1, .bool)]
        let and = try run(.call("and", inputs, .bool), columns)
        let or = try run(.call("or", inputs, .bool), columns)
        let t = Scalar.bool(true)
        let f = Scalar.bool(false)
        #expect(and == [t, f, .null, f, f, f, .null, f, .null])
        #expect(or == [t, t, t, t, f, .null, t, .null, .null])
        let distinct = try run(.call("is_distinct_from", inputs, .bool), columns)
        #expect(distinct == [f, t, t, t, f, t, t, t, f])
    }

    @Test func membership() throws {
        let column = try sliced(.int64, [.int(1), .int(2), .null])
        func isIn(_ list: [Expression], _ isNegated: Bool = false) throws -> [Scalar] {
            try run(.isIn(x, list, isNegated: isNegated), [column])
        }
        #expect(try isIn([literal(1), literal(7)]) == [.bool(true), .bool(false), .null])
        #expect(try isIn([literal(1), .null(.int64)]) == [.bool(true), .null, .null])
        #expect(try isIn([literal(1)], true) == [.bool(false), .bool(true), .null])
        let texts = try sliced(text, [.text("a"), .text("a long text, not inline"), .null])
        let found = try run(
            .isIn(
                .input(0, text), [literal("a long text, not inline"), literal("b")],
                isNegated: false), [texts])
        #expect(found == [.bool(false), .bool(true), .null])
    }

    @Test func dictionariesStayEncoded() throws {
        let type = DataType.dictionary(index: .int32, value: text, isOrdered: false)
        let column = try sliced(type, [.text("ab"), .text("cd"), .null, .text("ab")])
        let upper = try ExpressionProgram(
            try call("upper", .input(0, text)), EvaluationContext())
        let result = try upper.evaluate(Batch(columns: [column], rowCount: 4))
        #expect(result.dictionary != nil)
        #expect(scalars(result) == [.text("AB"), .text("CD"), .null, .text("AB")])
        let like = try run(call("like", .input(0, text), literal("a%")), [column])
        #expect(like == [.bool(true), .bool(false), .null, .bool(true)])
    }

    @Test func coalesceAndExtremes() throws {
        let a = try sliced(.int64, [.null, .int(2), .null])
        let b = try sliced(.int64, [.int(1), .int(1), .null])
        let y = Expression.input(1, .int64)
        #expect(
            try run(call("coalesce", x, y, literal(9)), [a, b]) == [.int(1), .int(2), .int(9)])
        #expect(try run(call("greatest", x, y), [a, b]) == [.int(1), .int(2), .null])
        #expect(try run(call("least", x, y), [a, b]) == [.int(1), .int(1), .null])
        #expect(try run(call("nullif", y, literal(1)), [a, b]) == [.null, .null, .null])
        #expect(try run(call("is_null", x), [a, b]) == [.bool(true), .bool(false), .bool(true)])
    }

    /// Arithmetic and comparisons of random columns against Swift's own, nulls and offsets included.
    @Test func arithmeticAgainstReference() throws {
        var random = Random()
        for count in [1, 63, 64, 65, 1_000] {
            let left = (0..<count).map { _ in
                Int.random(in: 0..<5, using: &random) == 0
                    ? nil : Int64.random(in: -1_000...1_000, using: &random)
            }
            let right = (0..<count).map { _ in
                Int.random(in: 0..<5, using: &random) == 0
                    ? nil : Int64.random(in: 1...1_000, using: &random)
            }
            func column(_ values: [Int64?]) throws -> ArrayData {
                try sliced(.int64, values.map { $0.map { .int($0) } ?? .null })
            }
            let columns = [try column(left), try column(right)]
            let y = Expression.input(1, .int64)
            let operations: [(String, (Int64, Int64) -> Scalar)] = [
                ("+", { .int($0 + $1) }), ("-", { .int($0 - $1) }), ("*", { .int($0 * $1) }),
                ("/", { .int($0 / $1) }), ("%", { .int($0 % $1) }),
                ("<", { .bool($0 < $1) }), ("=", { .bool($0 == $1) }),
            ]
            for (name, reference) in operations {
                let expected = zip(left, right).map { a, b -> Scalar in
                    guard let a, let b else { return .null }
                    return reference(a, b)
                }
                #expect(try run(call(name, x, y), columns) == expected, "\(name), seed \(seed)")
            }
        }
    }

    @Test func textComparisonAgainstReference() throws {
        var random = Random()
        let words = ["", "a", "ab", "abcdefghijkl", "abcdefghijklm", "abcdefghijklmn", "b", "ä"]
        let left = (0..<300).map { _ in words.randomElement(using: &random) ?? "" }
        let right = (0..<300).map { _ in words.randomElement(using: &random) ?? "" }
        let columns = [
            try sliced(text, left.map { .text($0) }), try sliced(text, right.map { .text($0) }),
        ]
        for name in ["=", "<>", "<", "<=", ">", ">="] {
            let expected = zip(left, right).map { a, b -> Scalar in
                let isLess = Array(a.utf8).lexicographicallyPrecedes(Array(b.utf8))
                let isEqual = a == b
                return switch name {
                case "=": .bool(isEqual)
                case "<>": .bool(!isEqual)
                case "<": .bool(isLess)
                case "<=": .bool(isLess || isEqual)
                case ">": .bool(!isLess && !isEqual)
                default: .bool(!isLess)
                }
            }
            #expect(try run(call(name, .input(0, text), .input(1, text)), columns) == expected)
        }
    }

    @Test func constants() throws {
        let sum = try call("+", literal(1), literal(2))
        #expect(try ConstantEvaluator.evaluate(sum, EvaluationContext()) == .int(3))
    }
}
