// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// What became of each step over a scan, in words: never "unknown".
struct PushdownRecords {
    private let scan: Scan
    private let isEnabled: Bool
    /// Whether the source checks all conditions exactly.
    private let isFiltered: Bool
    private let isGrouped: Bool

    init(_ scan: Scan, isEnabled: Bool, isFiltered: Bool, isGrouped: Bool) {
        self.scan = scan
        self.isEnabled = isEnabled
        self.isFiltered = isFiltered
        self.isGrouped = isGrouped
    }

    func projection(_ columns: [Int]) -> PushdownRecord {
        let names = columns.map { scan.table.schema.fields[$0].name }
        return PushdownRecord(
            table: scan.table.name, step: .projection,
            text: names.isEmpty ? "(rows only)" : names.joined(separator: ", "),
            outcome: .pushed, reason: "columns: of \(scan.table.schema.fields.count)")
    }

    func filter(_ conjunct: Expression, _ verdict: Verdict, _ reason: String) -> PushdownRecord {
        let text = ExpressionPrinter(scan.columns).text(conjunct)
        switch verdict {
        case .exact:
            return PushdownRecord(
                table: scan.table.name, step: .filter, text: text, outcome: .pushed,
                reason: reason.isEmpty ? "exact" : "exact: \(reason)")
        case .inexact:
            return PushdownRecord(
                table: scan.table.name, step: .filter, text: text, outcome: .residual,
                reason: reason.isEmpty ? "superset: the source skips some rows only" : reason)
        case .unsupported:
            return PushdownRecord(
                table: scan.table.name, step: .filter, text: text, outcome: .refused,
                reason: reason.isEmpty ? "connector: it does not evaluate this" : reason)
        }
    }

    func aggregate(_ grouping: Grouping, isOffered: Bool, _ verdict: Verdict) -> PushdownRecord {
        let printer = ExpressionPrinter(scan.columns)
        let calls = grouping.calls.map { printer.text($0.call) }.joined(separator: ", ")
        let keys = grouping.keys.map { printer.text($0.expression) }.joined(separator: ", ")
        let text = [calls, keys.isEmpty ? "" : "by \(keys)"].filter { !$0.isEmpty }
            .joined(separator: " ")
        return record(
            .aggregate, text, verdict,
            obstacle ?? (isOffered ? nil : "expression: not among the aggregates sources know")
                ?? "connector: it does not group this")
    }

    func sort(
        _ demand: RowDemand, _ grouping: Grouping?, isOffered: Bool, _ verdict: Verdict
    ) -> PushdownRecord {
        let outputs = (grouping?.keys.map(\.column) ?? []) + (grouping?.calls.map(\.column) ?? [])
        let text = ExpressionPrinter(scan.columns + outputs).text(demand.order)
        let cost =
            demand.limit == nil
            ? "cost: all rows are wanted, which all threads sort here" : nil
        return record(
            .sort, text, verdict,
            cost ?? obstacle ?? ungrouped(grouping)
                ?? (isOffered ? nil : "expression: not an order of the source's columns")
                ?? "connector: it does not order by this")
    }

    func limit(
        _ limit: Int64, _ grouping: Grouping?, isOffered: Bool, _ verdict: Verdict
    ) -> PushdownRecord {
        record(
            .limit, "LIMIT \(limit)", verdict,
            obstacle ?? ungrouped(grouping)
                ?? (isOffered ? nil : "sort: the order is made after the scan")
                ?? "connector: it takes over no limit here")
    }

    private func record(
        _ step: PushdownRecord.Step, _ text: String, _ verdict: Verdict, _ refusal: String
    ) -> PushdownRecord {
        switch verdict {
        case .exact:
            PushdownRecord(
                table: scan.table.name, step: step, text: text, outcome: .pushed, reason: "exact")
        case .inexact:
            PushdownRecord(
                table: scan.table.name, step: step, text: text, outcome: .residual,
                reason: "superset: each split has its share")
        case .unsupported:
            PushdownRecord(
                table: scan.table.name, step: step, text: text, outcome: .refused, reason: refusal)
        }
    }

    /// Why no step after the conditions can be taken over.
    private var obstacle: String? {
        if !isEnabled { return "setting: pushdown is off" }
        return isFiltered ? nil : "filter: a condition is checked after the scan"
    }

    private func ungrouped(_ grouping: Grouping?) -> String? {
        grouping == nil || isGrouped ? nil : "aggregate: groups are made after the scan"
    }
}
