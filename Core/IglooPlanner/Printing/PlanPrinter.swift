// SPDX-License-Identifier: MIT

import IglooContracts
public import IglooPlan

/// Plans as text, one operator a line, inputs below and to the right.
public enum PlanPrinter {
    /// What became of a step, and the text of what the source runs where it has a part in it.
    public typealias PushdownLine = (record: PushdownRecord, remote: String?)

    public static func logical(_ plan: LogicalPlan) -> String {
        var lines: [String] = []
        logical(plan, "", "", &lines)
        return lines.joined(separator: "\n")
    }

    /// - Parameter annotate: more on the operator of that id, such as what it did.
    public static func physical(
        _ plan: PhysicalPlan, annotate: (Int) -> String? = { _ in nil }
    ) -> String {
        var lines: [String] = []
        physical(plan, "", "", annotate, &lines)
        return lines.joined(separator: "\n")
    }

    public static func pushdown(_ plan: PhysicalPlan) -> [PushdownLine] {
        var lines: [PushdownLine] = plan.pushdown.map { ($0, nil) }
        if case .scan(let scan) = plan.operation {
            lines += scan.pushdown.map {
                ($0, $0.outcome == .refused ? nil : scan.answer.remoteText)
            }
        }
        return lines + plan.inputs.flatMap { pushdown($0) }
    }

    // MARK: - Logical

    private static func logical(
        _ plan: LogicalPlan, _ first: String, _ rest: String, _ lines: inout [String]
    ) {
        lines.append(first + describe(plan))
        for (index, input) in plan.inputs.enumerated() {
            let isLast = index == plan.inputs.count - 1
            logical(
                input, rest + (isLast ? "└─ " : "├─ "), rest + (isLast ? "   " : "│  "), &lines)
        }
    }

    private static func describe(_ plan: LogicalPlan) -> String {
        let printer = ExpressionPrinter(plan.inputs.flatMap(\.columns) + plan.columns)
        switch plan {
        case .scan(let scan):
            return "Scan \(scan.table.name) [\(scan.columns.map(\.name).joined(separator: ", "))]"
        case .values(let rows, _): return "Values (\(rows.count) rows)"
        case .filter(_, let predicate): return "Filter \(printer.text(predicate))"
        case .project(_, let projections):
            return "Project \(list(projections.map { named(printer, $0) }))"
        case .aggregate(_, let keys, let calls):
            return aggregate(
                keys.map { printer.text($0.expression) }, calls.map { printer.text($0.call) })
        case .join(let join):
            return "Join \(join.kind.rawValue) on \(printer.text(join.condition))"
        case .window(let window):
            return self.window(printer, window.calls.map(\.call), window.partition, window.order)
        case .unnest(let unnest):
            return self.unnest(printer, unnest.generators.map(\.source))
        case .shared(let shared): return "Shared \(shared.name)"
        case .sharedRead(let read):
            return "Read \(read.name) [\(list(read.columns.map(\.name)))]"
        case .recursion(let recursion): return "Recursion \(recursion.name)"
        case .sort(_, let keys): return "Sort \(printer.text(keys))"
        case .limit(_, let count, let offset): return limit(count, offset)
        case .distinct: return "Distinct"
        case .setOperation(let operation):
            return operation.kind.rawValue.uppercased() + (operation.keepsDuplicates ? " ALL" : "")
        case .operation(let operation): return "Operator \(operation.call.name)"
        }
    }

    private static func named(_ printer: ExpressionPrinter, _ projection: Projection) -> String {
        let text = printer.text(projection.expression)
        return text == projection.column.name ? text : "\(text) AS \(projection.column.name)"
    }

    private static func list(_ texts: [String]) -> String { texts.joined(separator: ", ") }

    private static func limit(_ count: Int64?, _ offset: Int64) -> String {
        "Limit \(count.map(String.init) ?? "all")" + (offset > 0 ? " offset \(offset)" : "")
    }

    private static func aggregate(_ keys: [String], _ calls: [String]) -> String {
        if calls.isEmpty { return "Distinct \(list(keys))" }
        return "Aggregate \(list(calls))" + (keys.isEmpty ? "" : " by \(list(keys))")
    }

    private static func window(
        _ printer: ExpressionPrinter, _ calls: [WindowCall], _ partition: [Expression],
        _ order: [SortKey]
    ) -> String {
        var line = "Window \(list(calls.map { printer.text($0.function) }))"
        if !partition.isEmpty { line += " by \(list(partition.map { printer.text($0) }))" }
        return line + (order.isEmpty ? "" : " order \(printer.text(order))")
    }

    private static func unnest(
        _ printer: ExpressionPrinter, _ generators: [Unnest.Generator.Source]
    ) -> String {
        let texts = generators.map { generator in
            switch generator {
            case .elements(let expression): printer.text(expression)
            case .series(let start, let stop, let step, _):
                "series(\(printer.text(start)), \(printer.text(stop)), \(printer.text(step)))"
            }
        }
        return "Unnest \(list(texts))"
    }

    // MARK: - Physical

    private static func physical(
        _ plan: PhysicalPlan, _ first: String, _ rest: String, _ annotate: (Int) -> String?,
        _ lines: inout [String]
    ) {
        var line = first + describe(plan)
        if let note = annotate(plan.id) {
            line += "  (\(note))"
        } else if let rows = plan.estimatedRowCount {
            line += "  (about \(rounded(rows)) rows)"
        }
        lines.append(line)
        if case .scan(let scan) = plan.operation {
            let indent = rest + (plan.inputs.isEmpty ? "   " : "│  ")
            lines += details(scan).map { indent + $0 }
        }
        for (index, input) in plan.inputs.enumerated() {
            let isLast = index == plan.inputs.count - 1
            physical(
                input, rest + (isLast ? "└─ " : "├─ "), rest + (isLast ? "   " : "│  "), annotate,
                &lines)
        }
    }

    private static func rounded(_ rows: Double) -> String {
        rows.isFinite && rows < 1e15 ? String(Int64(rows.rounded())) : "very many"
    }

    private static func details(_ scan: PhysicalScan) -> [String] {
        let pushed = scan.pushdown.filter { $0.step == .filter && $0.outcome == .pushed }
        let residual = scan.pushdown.filter { $0.step == .filter && $0.outcome == .residual }
        var lines: [String] = []
        if !pushed.isEmpty { lines.append("pushed: " + list(pushed.map(\.text))) }
        if !residual.isEmpty { lines.append("pushed in part: " + list(residual.map(\.text))) }
        if let remote = scan.answer.remoteText, !remote.isEmpty { lines.append("runs: \(remote)") }
        return lines
    }

    private static func describe(_ plan: PhysicalPlan) -> String {
        let printer = ExpressionPrinter(plan.inputs.flatMap(\.columns))
        switch plan.operation {
        case .scan(let scan):
            return "Scan \(scan.table.connectorName) \(scan.table.name) "
                + "[\(list(plan.columns.map(\.name)))]"
        case .values(let rows): return "Values (\(rows.count) rows)"
        case .filter(_, let predicate): return "Filter \(printer.text(predicate))"
        case .project(_, let expressions):
            return "Project \(list(expressions.map { printer.text($0) }))"
        case .aggregate(_, let keys, let calls):
            return aggregate(keys.map { printer.text($0) }, calls.map { printer.text($0) })
        case .hashJoin(let join):
            let left = ExpressionPrinter(join.left.columns)
            let right = ExpressionPrinter(join.right.columns)
            let keys = zip(join.leftKeys, join.rightKeys).map {
                "\(left.text($0)) = \(right.text($1))"
            }
            let rest = join.residual.map { " and \(printer.text($0))" } ?? ""
            let side = join.buildsLeft ? ", left side built," : ""
            return "Hash join \(join.kind.rawValue)\(side) on \(list(keys))\(rest)"
        case .nestedLoopJoin(let kind, _, _, let condition):
            return "Nested loop join \(kind.rawValue) on \(printer.text(condition))"
        case .window(_, let partition, let order, let calls):
            return window(printer, calls, partition, order)
        case .unnest(_, let generators, _): return unnest(printer, generators)
        case .shared(let id, _, _): return "Shared #\(id)"
        case .sharedRead(let id, _): return "Read #\(id) [\(list(plan.columns.map(\.name)))]"
        case .recursion(let id, _, _, _): return "Recursion #\(id)"
        case .sort(_, let keys): return "Sort \(printer.text(keys))"
        case .topN(_, let keys, let count, let offset):
            return "Top \(count)" + (offset > 0 ? " offset \(offset)" : "")
                + " by \(printer.text(keys))"
        case .limit(_, let count, let offset): return limit(count, offset)
        case .distinctOn(_, let on, _):
            return "Distinct on \(list(on.map { printer.text($0) }))"
        case .unionAll: return "Union all"
        case .setOperation(let kind, let keepsDuplicates, _, _):
            return kind.rawValue.capitalizedFirst + (keepsDuplicates ? " all" : "")
        case .operation(let call, _): return "Operator \(call.name)"
        }
    }
}

extension String {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
