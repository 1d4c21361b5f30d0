// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Several sums of one column and constants need the column's sum and count alone:
/// `sum(x + 2)` is `sum(x) + 2 * count(x)`, where `x + 2` cannot overflow.
struct ShiftedSums: PlannerRule {
    let name = "shifted_sums"
    private let planner: Planner

    init(_ planner: Planner) { self.planner = planner }

    func rewrite(_ plan: LogicalPlan) throws(IglooError) -> LogicalPlan {
        let plan = try plan.mapInputs { (input) throws(IglooError) in try rewrite(input) }
        guard case .aggregate(let input, let keys, let calls) = plan else { return plan }
        let shifts = calls.map { Shift($0.call) }
        var uses: [AggregateCall: Int] = [:]
        for shift in shifts { if let shift { uses[shift.sum, default: 0] += 1 } }
        guard uses.values.contains(where: { $0 > 1 }) else { return plan }
        var kept: [AggregateColumn] = []
        func column(_ call: AggregateCall) -> Expression {
            if let known = kept.first(where: { $0.call == call }) { return known.column.reference }
            let column = planner.newColumn(call.function, call.type)
            kept.append(AggregateColumn(column: column, call: call))
            return column.reference
        }
        var outputs = keys.map { Projection(column: $0.column, expression: $0.column.reference) }
        for (call, shift) in zip(calls, shifts) {
            guard let shift, uses[shift.sum, default: 0] > 1 else {
                kept.append(call)
                outputs.append(
                    Projection(column: call.column, expression: call.column.reference))
                continue
            }
            let (sum, count) = (column(shift.sum), column(shift.count))
            let added = Expression.call(
                "*", [.literal(.int(shift.constant), .int64), count], .int64)
            outputs.append(
                Projection(column: call.column, expression: .call("+", [sum, added], .int64)))
        }
        return .project(.aggregate(input, keys: keys, calls: kept), outputs)
    }

    /// A sum of `x + constant`; or of `x` itself, with 0.
    private struct Shift {
        let sum: AggregateCall
        let count: AggregateCall
        let constant: Int64

        init?(_ call: AggregateCall) {
            guard call.function == "sum", call.type == .int64, !call.isDistinct, call.order.isEmpty,
                call.arguments.count == 1, let (base, constant) = Self.parts(call.arguments[0])
            else { return nil }
            self.constant = constant
            sum = AggregateCall("sum", [base], filter: call.filter, type: .int64)
            count = AggregateCall("count", [base], filter: call.filter, type: .int64)
        }

        /// Only columns of up to 16 bits, which were widened before the constant was added.
        private static func parts(_ argument: Expression) -> (Expression, Int64)? {
            if isNarrow(argument) { return (argument, 0) }
            guard case .call(let name, let operands, .int32) = argument, operands.count == 2,
                case .cast(let base, .int32, isTry: false) = operands[0], isNarrow(base),
                case .literal(.int(let constant), _) = operands[1],
                constant.magnitude < 1 << 30
            else { return nil }
            switch name {
            case "+": return (base, constant)
            case "-": return (base, -constant)
            default: return nil
            }
        }

        private static func isNarrow(_ expression: Expression) -> Bool {
            guard case .column(_, let type) = expression else { return false }
            return type.isInteger && (type.fixedByteWidth ?? 8) <= 2
        }
    }
}
