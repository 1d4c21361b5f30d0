// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Evaluates what has no columns, and takes casts off columns that are compared with constants.
///
/// An expression that fails stays as it is: it fails when, and only if, a row reaches it.
struct ConstantFolding: PlannerRule {
    let name = "constant_folding"
    private let planner: Planner

    init(_ planner: Planner) { self.planner = planner }

    func rewrite(_ plan: LogicalPlan) throws(IglooError) -> LogicalPlan {
        let plan = try plan.mapInputs { (input) throws(IglooError) in try rewrite(input) }
        return try plan.mapExpressions { (expression) throws(IglooError) in
            try folded(expression)
        }
    }

    private func folded(_ expression: Expression) throws(IglooError) -> Expression {
        let expression = try expression.mapChildren { (child) throws(IglooError) in
            try folded(child)
        }
        if case .subquery(var subquery) = expression {
            subquery.plan = try rewrite(subquery.plan)
            return .subquery(subquery)
        }
        if let value = constant(expression) { return value }
        return CastUnwrapping.unwrapped(expression)
    }

    /// A function that gives NULL for NULL is not called for the other arguments: they may fail.
    private static func isAlwaysNull(_ expression: Expression) -> Bool {
        switch expression {
        case .call(let name, _, _):
            guard let entry = FunctionTable.entry(name), entry.kind == .scalar,
                entry.propagatesNull
            else { return false }
        case .foreign(let call, _):
            if !call.isStrict { return false }
        default: return false
        }
        let arguments = expression.children
        if arguments.contains(where: { $0.contains(where: \.isVolatile) }) { return false }
        return arguments.contains { if case .literal(.null, _) = $0 { true } else { false } }
    }

    private func constant(_ expression: Expression) -> Expression? {
        switch expression {
        case .column, .input, .literal, .subquery: return nil
        case .foreign:
            if expression.isVolatile { return nil }
        case .call(let name, _, _):
            guard let entry = FunctionTable.entry(name), entry.volatility != .volatile else {
                return nil
            }
        default: break
        }
        if Self.isAlwaysNull(expression) { return .null(expression.type) }
        let isConstant = expression.children.allSatisfy { child in
            if case .literal = child { true } else { false }
        }
        guard isConstant, let value = try? planner.evaluateConstant(expression) else { return nil }
        return .literal(value, expression.type)
    }
}

/// `cast(column) < constant` to `column < constant of the column's type`, where both mean the
/// same, so that sources and statistics can make use of it.
enum CastUnwrapping {
    static func unwrapped(_ expression: Expression) -> Expression {
        guard case .call(let comparison, let sides, .bool) = expression, sides.count == 2,
            ["=", "<>", "<", "<=", ">", ">="].contains(comparison)
        else { return expression }
        if case .literal = sides[0] {
            return unwrap(mirrored(comparison), sides[1], sides[0]) ?? expression
        }
        return unwrap(comparison, sides[0], sides[1]) ?? expression
    }

    /// The comparison with its sides swapped.
    static func mirrored(_ comparison: String) -> String {
        switch comparison {
        case "<": ">"
        case "<=": ">="
        case ">": "<"
        case ">=": "<="
        default: comparison
        }
    }

    private static func unwrap(
        _ comparison: String, _ left: Expression, _ right: Expression
    ) -> Expression? {
        guard case .literal(let value, let type) = right, !value.isNull else { return nil }
        guard case .cast(let operand, _, isTry: false) = left else {
            // Constants stand on the right from here on.
            return .call(comparison, [left, right], .bool)
        }
        switch (operand.type, type) {
        case (.date32, .timestamp(.microsecond, timeZone: nil)):
            return date(comparison, operand, value)
        default:
            return exact(comparison, operand, value, type)
        }
    }

    private static func date(
        _ comparison: String, _ operand: Expression, _ value: Scalar
    ) -> Expression? {
        guard case .int(let microseconds) = value else { return nil }
        let day: Int64 = 86_400_000_000
        var days = microseconds / day
        let rest = microseconds % day
        if rest < 0 { days -= 1 }
        guard let days = Int32(exactly: days) else { return nil }
        let literal = Expression.literal(.int(Int64(days)), .date32)
        if rest == 0 { return .call(comparison, [operand, literal], .bool) }
        switch comparison {
        case "<", "<=": return .call("<=", [operand, literal], .bool)
        case ">", ">=": return .call(">", [operand, literal], .bool)
        default: return nil
        }
    }

    /// Integers and decimals whose constant is a value of the narrower type, too.
    private static func exact(
        _ comparison: String, _ operand: Expression, _ value: Scalar, _ type: DataType
    ) -> Expression? {
        guard Coercion.isImplicit(from: operand.type, to: type),
            let narrowed = narrowed(value, from: type, to: operand.type)
        else { return nil }
        return .call(comparison, [operand, .literal(narrowed, operand.type)], .bool)
    }

    static func narrowed(_ value: Scalar, from: DataType, to: DataType) -> Scalar? {
        guard let unscaled = unscaled(value), let (_, fromScale) = Coercion.asDecimal(from),
            let (precision, toScale) = Coercion.asDecimal(to)
        else { return nil }
        var result = unscaled
        for _ in 0..<max(0, fromScale - toScale) {
            guard result % 10 == 0 else { return nil }
            result /= 10
        }
        for _ in 0..<max(0, toScale - fromScale) {
            let (product, overflow) = result.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            result = product
        }
        switch to {
        case .int8: return Int8(exactly: result).map { .int(Int64($0)) }
        case .int16: return Int16(exactly: result).map { .int(Int64($0)) }
        case .int32: return Int32(exactly: result).map { .int(Int64($0)) }
        case .int64: return Int64(exactly: result).map { .int($0) }
        case .uint8: return UInt8(exactly: result).map { .uint(UInt64($0)) }
        case .uint16: return UInt16(exactly: result).map { .uint(UInt64($0)) }
        case .uint32: return UInt32(exactly: result).map { .uint(UInt64($0)) }
        case .uint64: return UInt64(exactly: result).map { .uint($0) }
        default:
            var limit: Int128 = 1
            for _ in 0..<min(precision, 38) { limit *= 10 }
            return result > -limit && result < limit ? .decimal(result) : nil
        }
    }

    private static func unscaled(_ value: Scalar) -> Int128? {
        switch value {
        case .int(let value): Int128(value)
        case .uint(let value): Int128(value)
        case .decimal(let value): value
        default: nil
        }
    }
}
