// SPDX-License-Identifier: MIT

import IglooArrow
import IglooPlan
import Testing

@testable import IglooPlanner

@Suite struct RuleTests {
    private static let day = Expression.column(ColumnId(1), .date32)
    private static let timestamp = DataType.timestamp(.microsecond, timeZone: nil)
    private static let microsecondsPerDay: Int64 = 86_400_000_000

    private func compared(_ comparison: String, _ microseconds: Int64) -> String {
        let cast = Expression.cast(Self.day, Self.timestamp, isTry: false)
        let literal = Expression.literal(.int(microseconds), Self.timestamp)
        let rewritten = CastUnwrapping.unwrapped(.call(comparison, [cast, literal], .bool))
        return ExpressionPrinter([PlanColumn(id: ColumnId(1), name: "d", type: .date32)])
            .text(rewritten)
    }

    @Test func datesAreComparedAsDates() {
        let midnight = 10 * Self.microsecondsPerDay
        #expect(compared("<", midnight) == "d < DATE '1970-01-11'")
        #expect(compared(">=", midnight) == "d >= DATE '1970-01-11'")
        #expect(compared("=", midnight) == "d = DATE '1970-01-11'")
        // At noon, the day itself is before, and no day is equal.
        let noon = midnight + Self.microsecondsPerDay / 2
        #expect(compared("<", noon) == "d <= DATE '1970-01-11'")
        #expect(compared(">=", noon) == "d > DATE '1970-01-11'")
        #expect(compared("=", noon).contains("CAST"))
        let beforeEpoch = -Self.microsecondsPerDay / 2
        #expect(compared("<=", beforeEpoch) == "d <= DATE '1969-12-31'")
    }

    @Test func constantsKeepTheirValueOrTheCastStays() {
        let column = Expression.column(ColumnId(1), .int32)
        let cast = Expression.cast(column, .int64, isTry: false)
        let small = Expression.call("<", [cast, .literal(.int(7), .int64)], .bool)
        #expect(
            CastUnwrapping.unwrapped(small)
                == .call("<", [column, .literal(.int(7), .int32)], .bool))
        let large = Expression.call("<", [cast, .literal(.int(1 << 40), .int64)], .bool)
        #expect(CastUnwrapping.unwrapped(large) == large)
        #expect(
            CastUnwrapping.narrowed(
                .decimal(1_250), from: EngineType.decimal(10, 3), to: EngineType.decimal(5, 2))
                == .decimal(125))
        #expect(
            CastUnwrapping.narrowed(
                .decimal(1_255), from: EngineType.decimal(10, 3), to: EngineType.decimal(5, 2))
                == nil)
    }

    @Test func commonConditionsComeOutOfAnOr() {
        func flag(_ id: Int) -> Expression { .column(ColumnId(id), .bool) }
        func and(_ parts: Expression...) -> Expression { .call("and", parts, .bool) }
        let either = Expression.call(
            "or", [and(flag(1), flag(2)), and(flag(1), flag(3))], .bool)
        #expect(
            BooleanSimplification.simplified(either)
                == and(flag(1), .call("or", [flag(2), flag(3)], .bool)))
        #expect(BooleanSimplification.simplified(and(flag(1), .falseLiteral)) == .falseLiteral)
        #expect(BooleanSimplification.simplified(and(flag(1), .trueLiteral, flag(1))) == flag(1))
    }

    @Test func onlyWhatCannotFailMayMove() {
        let text = Expression.column(ColumnId(1), .utf8View)
        func like(_ pattern: String) -> Expression {
            .call("like", [text, .literal(.text(pattern), .utf8View)], .bool)
        }
        #expect(!like("a%").isPinned)
        #expect(like("a\\").isPinned)
        #expect(Expression.cast(text, .int64, isTry: false).isPinned)
        #expect(!Expression.cast(text, .int64, isTry: true).isPinned)
    }
}
