// SPDX-License-Identifier: MIT

internal import IglooArrow
internal import IglooContracts
internal import IglooPlan

// LIMIT, OFFSET and FETCH FIRST.
extension Binder {
    func limited(_ plan: LogicalPlan, _ query: Query) throws(IglooError) -> LogicalPlan {
        let offset =
            try query.offset.map { (value) throws(IglooError) in
                try rowCount(value, "OFFSET") ?? 0
            } ?? 0
        var count: Int64?
        switch query.limit {
        case .count(let expression)?: count = try rowCount(expression, "LIMIT")
        case .percent(let expression)?:
            return try limited(plan, percent: expression, offset)
        case .withTies(let expression)?:
            guard let count = try rowCount(expression, "FETCH FIRST") else { return plan }
            return try limited(plan, withTies: count, offset, expression.range)
        case .all?, nil: break
        }
        return count == nil && offset == 0 ? plan : .limit(plan, count: count, offset: offset)
    }

    // MARK: - By the rows' numbers

    /// FETCH FIRST n ROWS WITH TIES: rows of the rank of the last one belong to it.
    private func limited(
        _ plan: LogicalPlan, withTies count: Int64, _ offset: Int64, _ range: SourceRange
    ) throws(IglooError) -> LogicalPlan {
        let (end, overflow) = offset.addingReportingOverflow(count)
        let last = Expression.literal(.int(overflow ? .max : end), .int64)
        return try numbered(plan) { (keys, number) throws(IglooError) in
            guard !keys.isEmpty else {
                throw error(
                    .syntaxError, "WITH TIES cannot be specified without ORDER BY clause", range)
            }
            let rank = newColumn("rank", .int64)
            let call = WindowCall(AggregateCall("rank", [], type: .int64), frame: Self.allRows)
            let isWanted =
                [Expression.call("<=", [rank.reference, last], .bool)]
                + Self.isPast(offset, number)
            return ([WindowColumn(column: rank, call: call)], .conjunction(isWanted))
        }
    }

    /// LIMIT n%: of so many rows as there are, rounded down.
    private func limited(
        _ plan: LogicalPlan, percent expression: ExpressionSyntax, _ offset: Int64
    ) throws(IglooError) -> LogicalPlan {
        let share = Expression.literal(.float(try percentage(expression, "LIMIT")), .float64)
        return try numbered(plan) { (_, number) throws(IglooError) in
            let total = newColumn("total", .int64)
            let call = WindowCall(AggregateCall("count", [], type: .int64), frame: Self.allRows)
            let wanted = Expression.call(
                "/",
                [
                    .call(
                        "*", [.cast(total.reference, .float64, isTry: false), share], .float64),
                    .literal(.float(100), .float64),
                ], .float64)
            let rowNumber = Expression.call(
                "-", [number.reference, .literal(.int(offset), .int64)], .int64)
            let isWanted =
                [
                    Expression.call(
                        "<=", [.cast(rowNumber, .float64, isTry: false), wanted], .bool)
                ] + Self.isPast(offset, number)
            return ([WindowColumn(column: total, call: call)], .conjunction(isWanted))
        }
    }

    private static let allRows = IglooPlan.WindowFrame(
        .rows, from: .unboundedPreceding, to: .unboundedFollowing)

    private static func isPast(_ offset: Int64, _ number: PlanColumn) -> [Expression] {
        offset == 0
            ? []
            : [.call(">", [number.reference, .literal(.int(offset), .int64)], .bool)]
    }

    /// The rows for which a condition on their number, and on what else is computed over all of
    /// them in their order, holds; still in that order.
    private func numbered(
        _ plan: LogicalPlan,
        _ condition: (_ keys: [SortKey], _ number: PlanColumn) throws(IglooError) -> (
            [WindowColumn], Expression
        )
    ) throws(IglooError) -> LogicalPlan {
        // Columns that were only sorted by are dropped afterwards, as is the number.
        if case .project(let sorted, let projections) = plan, case .sort = sorted {
            return .project(try kept(sorted, condition), projections)
        }
        return .project(
            try kept(plan, condition),
            plan.columns.map {
                Projection(column: newColumn($0.name, $0.type), expression: $0.reference)
            })
    }

    /// As `numbered`, with the columns of the conditions behind the others.
    private func kept(
        _ plan: LogicalPlan,
        _ condition: (_ keys: [SortKey], _ number: PlanColumn) throws(IglooError) -> (
            [WindowColumn], Expression
        )
    ) throws(IglooError) -> LogicalPlan {
        var (input, keys): (LogicalPlan, [SortKey]) = (plan, [])
        if case .sort(let below, let order) = plan { (input, keys) = (below, order) }
        let number = newColumn("number", .int64)
        let call = WindowCall(AggregateCall("row_number", [], type: .int64), frame: Self.allRows)
        let (calls, isWanted) = try condition(keys, number)
        let window = Window(
            input, partition: [], order: keys,
            calls: [WindowColumn(column: number, call: call)] + calls)
        let kept = LogicalPlan.filter(.window(window), isWanted)
        return keys.isEmpty ? kept : .sort(kept, [SortKey(number.reference)])
    }

    /// A constant from 0 to 100.
    func percentage(
        _ expression: ExpressionSyntax, _ clause: String
    ) throws(IglooError) -> Double {
        let context = ExpressionContext(Scope(parent: nil), clause: clause, common: nil)
        let value: Double? =
            switch try bind(expression, context).expression {
            case .literal(.int(let number), _): Double(number)
            case .literal(.float(let number), _): number
            case .literal(.decimal(let number), let type):
                type.decimalShape.map { shape in
                    (0..<shape.scale).reduce(Double(number)) { value, _ in value / 10 }
                }
            default: nil
            }
        guard let value, (0...100).contains(value) else {
            throw error(
                .invalidParameterValue, "\(clause) takes a number from 0 to 100 percent",
                expression.range)
        }
        return value
    }

    // MARK: - Constants

    /// A constant number of rows; `nil` for NULL, which is no limit.
    func rowCount(
        _ expression: ExpressionSyntax, _ clause: String
    ) throws(IglooError) -> Int64? {
        let scope = ExpressionContext(Scope(parent: nil), clause: clause, common: nil)
        let bound = try bind(expression, scope)
        let value = try implicitlyCast(bound, to: .int64, clause)
        var folded = Self.folded(value)
        if case .literal = folded {
        } else {
            // A query, or a function of constants: what it comes to now.
            let plan = LogicalPlan.values([[value]], columns: [newColumn("count", .int64)])
            let rows = try evaluated(plan, expression.range)
            folded = .literal(rows.first?.first ?? .null, .int64)
        }
        switch folded {
        case .literal(.null, _): return nil
        case .literal(.int(let count), _):
            guard count >= 0 else {
                throw IglooError(
                    .invalidArgument, "\(clause) must not be negative",
                    sqlState: SQLState(rawValue: clause == "LIMIT" ? "2201W" : "2201X"),
                    position: expression.range.start)
            }
            return count
        default: throw unsupported("\(clause) that is not a constant is", expression.range)
        }
    }

    /// Sums, differences and products of whole literals, worked out; all else as it is.
    private static func folded(_ value: Expression) -> Expression {
        switch value {
        case .cast(let operand, .int64, _):
            guard case .literal(.int(let number), _) = folded(operand) else { return value }
            return .literal(.int(number), .int64)
        case .call(let name, let arguments, let type) where arguments.count == 2:
            guard case .literal(.int(let left), _) = folded(arguments[0]),
                case .literal(.int(let right), _) = folded(arguments[1])
            else { return value }
            let (result, overflow): (Int64, Bool)
            switch name {
            case "+": (result, overflow) = left.addingReportingOverflow(right)
            case "-": (result, overflow) = left.subtractingReportingOverflow(right)
            case "*": (result, overflow) = left.multipliedReportingOverflow(by: right)
            default: return value
            }
            return overflow ? value : .literal(.int(result), type)
        default: return value
        }
    }
}
