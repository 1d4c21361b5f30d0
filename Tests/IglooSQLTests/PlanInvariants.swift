// SPDX-License-Identifier: MIT

import IglooArrow
import IglooPlan

/// What must hold of every plan the binder makes; each violation as a sentence.
struct PlanInvariants {
    private(set) var violations: [String] = []
    private var produced: Set<ColumnId> = []

    static func violations(of plan: LogicalPlan) -> [String] {
        var check = PlanInvariants()
        check.visit(plan, outer: [])
        return check.violations
    }

    private mutating func visit(_ plan: LogicalPlan, outer: Set<ColumnId>) {
        var visible = outer
        for input in plan.inputs {
            var around = outer
            if case .join(let join) = plan, join.isDependent {
                around.formUnion(join.left.columns.map(\.id))
            }
            visit(input, outer: around)
            visible.formUnion(input.columns.map(\.id))
        }
        for expression in plan.expressions { visit(expression, visible: visible) }
        checkOutput(plan)
    }

    private mutating func checkOutput(_ plan: LogicalPlan) {
        switch plan {
        case .scan, .values, .project, .aggregate, .setOperation:
            for column in plan.columns where !produced.insert(column.id).inserted {
                violations.append("\(column.id) is produced twice")
            }
        default: break
        }
        switch plan {
        case .project(_, let projections):
            for projection in projections where projection.column.type != projection.expression.type
            {
                violations.append("\(projection.column) has another type than its expression")
            }
        case .setOperation(let operation):
            let types = operation.columns.map(\.type)
            if operation.left.columns.map(\.type) != types
                || operation.right.columns.map(\.type) != types
            {
                violations.append("types of a set operation differ")
            }
        case .filter(_, let condition) where condition.type != .bool:
            violations.append("a filter of type \(condition.type)")
        case .join(let join) where join.condition.type != .bool:
            violations.append("a join condition of type \(join.condition.type)")
        case .values(let rows, let columns):
            for row in rows where row.map(\.type) != columns.map(\.type) {
                violations.append("a row of VALUES has other types")
            }
        default: break
        }
    }

    private mutating func visit(_ expression: Expression, visible: Set<ColumnId>) {
        switch expression {
        case .column(let id, _) where !visible.contains(id):
            violations.append("\(id) is not in sight")
        case .input: violations.append("an input in a logical plan")
        case .call(let name, let arguments, let type):
            checkCall(name, arguments, type)
        case .isIn(let value, let list, _):
            for element in list where element.type != value.type {
                violations.append("IN of \(value.type) and \(element.type)")
            }
        case .conditional(let branches, let otherwise, let type):
            let types = branches.map(\.result.type) + [otherwise.type]
            if types.contains(where: { $0 != type }) { violations.append("a CASE of mixed types") }
            if branches.contains(where: { $0.condition.type != .bool }) {
                violations.append("a WHEN that is not boolean")
            }
        case .subquery(let subquery): visit(subquery.plan, outer: visible)
        default: break
        }
        for child in expression.children { visit(child, visible: visible) }
    }

    /// Arguments have exactly the types the overload takes.
    private mutating func checkCall(_ name: String, _ arguments: [Expression], _ type: DataType) {
        guard FunctionTable.entry(name) != nil else {
            violations.append("no function \(name)")
            return
        }
        if FunctionTable.boundByName.contains(name) { return }
        let types = arguments.map(\.type)
        guard let resolution = FunctionTable.resolve(name, types), resolution.parameters == types
        else {
            violations.append("\(name) does not take \(types)")
            return
        }
        if resolution.result != type {
            violations.append("\(name) gives \(resolution.result), not \(type)")
        }
    }
}
