// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Asks a source, in one call, what it takes over of a scan; what it does not do exactly stays.
struct ScanNegotiation {
    private let scan: Scan
    /// The columns that are needed above the conditions.
    private let wanted: Set<ColumnId>
    private let conjuncts: [Expression]
    private let limit: Int64?
    private let context: CallContext
    private let isEnabled: Bool

    /// What came out.
    struct Agreement {
        var scan: PhysicalScan
        /// The scan's output.
        var columns: [PlanColumn]
        /// The conditions to be checked above the scan.
        var residual: [Expression]
    }

    init(
        _ scan: Scan, wanted: Set<ColumnId>, conjuncts: [Expression], limit: Int64?,
        context: CallContext, isEnabled: Bool
    ) {
        self.scan = scan
        self.wanted = wanted
        self.conjuncts = conjuncts
        self.limit = limit
        self.context = context
        self.isEnabled = isEnabled
    }

    func agree() throws(IglooError) -> Agreement {
        var offered: [(index: Int, expression: PushdownExpression)] = []
        var records: [PushdownRecord] = []
        let translation = PushdownTranslation(scan)
        var refused: [Int: String] = [:]
        for (index, conjunct) in conjuncts.enumerated() {
            if !isEnabled {
                refused[index] = "setting: pushdown is off"
            } else if conjunct.isPinned {
                refused[index] = "may_fail: errors would depend on the order of evaluation"
            } else if let expression = translation.expression(conjunct) {
                offered.append((index, expression))
            } else {
                refused[index] = "expression: not among the operations offered to sources"
            }
        }
        // The source keeps the columns of the conditions it is offered; not those of the others.
        let columns = tableColumns(with: refused.keys.map { conjuncts[$0] })
        records.append(projectionRecord(columns))
        let (request, answer) = try ask(offered.map(\.expression), columns)
        var residual: [Expression] = []
        var verdicts: [Int: (Verdict, String)] = [:]
        for (position, offer) in offered.enumerated() {
            let reason = position < answer.reasons.count ? answer.reasons[position] : ""
            verdicts[offer.index] = (answer.conjuncts[position], reason)
        }
        for (index, conjunct) in conjuncts.enumerated() {
            let verdict = verdicts[index]?.0 ?? .unsupported
            if verdict != .exact { residual.append(conjunct) }
            records.append(record(conjunct, verdict, verdicts[index]?.1 ?? refused[index] ?? ""))
        }
        if limit != nil { records.append(limitRecord(request, answer)) }
        return Agreement(
            scan: PhysicalScan(
                table: scan.table, request: request, answer: answer, pushdown: records),
            columns: planColumns(request.outputColumns(answer.conjuncts)), residual: residual)
    }

    /// The table's columns that are wanted, or used by conditions that are checked above the scan.
    private func tableColumns(with conditions: [Expression]) -> [Int] {
        let needed = conditions.reduce(into: wanted) { $0.formUnion($1.referencedColumns) }
        return zip(scan.columns, scan.tableColumns).filter { needed.contains($0.0.id) }.map(\.1)
    }

    // MARK: - Asking

    private func ask(
        _ expressions: [PushdownExpression], _ columns: [Int]
    ) throws(IglooError) -> (ScanRequest, ScanAnswer) {
        var request = ScanRequest(
            table: scan.table.table.handle, columns: columns, conjuncts: expressions)
        // A limit may pass conditions only if the source checks all of them exactly.
        if isEnabled && expressions.count == conjuncts.count { request.limit = limit }
        let answer = try scan.table.connector.plan(request, context)
        if isSound(answer, request) { return (request, downgraded(answer)) }
        request = ScanRequest(
            table: scan.table.table.handle, columns: tableColumns(with: conjuncts))
        let plain = try scan.table.connector.plan(request, context)
        guard isSound(plain, request) else {
            throw IglooError(
                .internalError,
                "the connector \(scan.table.connectorName) answers with other columns than it was "
                    + "asked for", hint: "this is a defect of the plugin: report it to its authors")
        }
        var answered = plain
        answered.conjuncts = Array(repeating: .unsupported, count: expressions.count)
        answered.reasons = Array(
            repeating: "schema: the source's answer had other columns", count: expressions.count)
        request.conjuncts = []
        return (request, answered)
    }

    /// The answer's columns are those that the rule on output columns demands.
    private func isSound(_ answer: ScanAnswer, _ request: ScanRequest) -> Bool {
        guard answer.conjuncts.count == request.conjuncts.count, answer.aggregate == .unsupported
        else { return false }
        let wanted = request.outputColumns(answer.conjuncts).map {
            scan.table.schema.fields[$0].type
        }
        return answer.schema.fields.map(\.type) == wanted
    }

    /// A condition that is not exact voids what was promised of the rows after it.
    private func downgraded(_ answer: ScanAnswer) -> ScanAnswer {
        var answer = answer
        if answer.conjuncts.contains(where: { $0 != .exact }) { answer.limit = .unsupported }
        return answer
    }

    /// The plan's columns for the table's: the scan knows each that a condition uses.
    private func planColumns(_ indexes: [Int]) -> [PlanColumn] {
        indexes.map { index in
            guard let position = scan.tableColumns.firstIndex(of: index) else {
                preconditionFailure("a condition uses a column that the scan does not have")
            }
            return scan.columns[position]
        }
    }

    // MARK: - Records

    private func projectionRecord(_ columns: [Int]) -> PushdownRecord {
        let names = columns.map { scan.table.schema.fields[$0].name }
        return PushdownRecord(
            step: .projection, text: names.isEmpty ? "(rows only)" : names.joined(separator: ", "),
            outcome: .pushed, reason: "columns: of \(scan.table.schema.fields.count)")
    }

    private func record(
        _ conjunct: Expression, _ verdict: Verdict, _ reason: String
    ) -> PushdownRecord {
        let text = ExpressionPrinter(scan.columns).text(conjunct)
        switch verdict {
        case .exact:
            return PushdownRecord(
                step: .filter, text: text, outcome: .pushed,
                reason: reason.isEmpty ? "exact" : "exact: \(reason)")
        case .inexact:
            return PushdownRecord(
                step: .filter, text: text, outcome: .residual,
                reason: reason.isEmpty ? "superset: the source skips some rows only" : reason)
        case .unsupported:
            return PushdownRecord(
                step: .filter, text: text, outcome: .refused,
                reason: reason.isEmpty ? "connector: it does not evaluate this" : reason)
        }
    }

    private func limitRecord(_ request: ScanRequest, _ answer: ScanAnswer) -> PushdownRecord {
        let text = "LIMIT \(limit ?? 0)"
        if request.limit == nil {
            return PushdownRecord(
                step: .limit, text: text, outcome: .refused,
                reason: "filter: a condition is checked after the scan")
        }
        switch answer.limit {
        case .exact:
            return PushdownRecord(step: .limit, text: text, outcome: .residual, reason: "exact")
        case .inexact:
            return PushdownRecord(
                step: .limit, text: text, outcome: .residual,
                reason: "superset: each split keeps its share")
        case .unsupported:
            return PushdownRecord(
                step: .limit, text: text, outcome: .refused,
                reason: "connector: it takes over no limit here")
        }
    }
}
