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
    private let grouping: Grouping?
    private let demand: RowDemand
    private let context: CallContext
    private let isEnabled: Bool
    private let translation: PushdownTranslation

    /// What came out.
    struct Agreement {
        var scan: PhysicalScan
        /// The scan's output.
        var columns: [PlanColumn]
        /// The conditions to be checked above the scan.
        var residual: [Expression]
        /// The grouping's keys and calls over `columns`, if the source groups.
        var groupValues: [Expression]?
    }

    /// What is asked for, with what it stands for.
    private struct Offer {
        var request: ScanRequest
        /// For each of the request's conjuncts, its place among the scan's.
        var places: [Int] = []
        /// Why a conjunct was not offered.
        var refused: [Int: String] = [:]
        var groups: GroupingTranslation?
    }

    /// - Parameter wanted: With a grouping, the columns it uses.
    init(
        _ scan: Scan, wanted: Set<ColumnId>, conjuncts: [Expression], grouping: Grouping?,
        demand: RowDemand, context: CallContext, isEnabled: Bool
    ) {
        self.scan = scan
        self.wanted = wanted
        self.conjuncts = conjuncts
        self.grouping = grouping
        self.demand = demand
        self.context = context
        self.isEnabled = isEnabled
        translation = PushdownTranslation(scan)
    }

    func agree() throws(IglooError) -> Agreement {
        var offer = makeOffer()
        var answer = try scan.table.connector.plan(offer.request, context)
        if !isSound(answer, offer.request) { (offer, answer) = try askPlainly(offer) }
        var verdicts = Array(repeating: Verdict.unsupported, count: conjuncts.count)
        for (place, verdict) in zip(offer.places, answer.conjuncts) { verdicts[place] = verdict }
        let residual = zip(conjuncts, verdicts).filter { $1 != .exact }.map(\.0)
        let physical = PhysicalScan(
            table: scan.table, request: offer.request, answer: answer,
            pushdown: records(offer, answer, verdicts))
        if let groups = offer.groups, answer.aggregate == .exact {
            return Agreement(
                scan: physical, columns: groups.columns, residual: [], groupValues: groups.values)
        }
        return Agreement(
            scan: physical, columns: planColumns(offer.request.outputColumns(answer.conjuncts)),
            residual: residual)
    }

    // MARK: - Asking

    private func makeOffer() -> Offer {
        var offer = Offer(request: ScanRequest(table: scan.table.table.handle, columns: []))
        for (index, conjunct) in conjuncts.enumerated() {
            if !isEnabled {
                offer.refused[index] = "setting: pushdown is off"
            } else if conjunct.isPinned {
                offer.refused[index] = "may_fail: errors would depend on the order of evaluation"
            } else if let expression = translation.expression(conjunct) {
                offer.places.append(index)
                offer.request.conjuncts.append(expression)
            } else {
                offer.refused[index] = "expression: not among the operations offered to sources"
            }
        }
        // The source keeps the columns of the conditions it is offered; not those of the others.
        offer.request.columns = tableColumns(with: offer.refused.keys.map { conjuncts[$0] })
        // What comes after the conditions is for a source that is offered all of them.
        if isEnabled && offer.refused.isEmpty { addSteps(to: &offer) }
        return offer
    }

    private func addSteps(to offer: inout Offer) {
        var outputs = planColumns(offer.request.columns)
        if let grouping {
            var nextId = Int.min
            guard
                let groups = GroupingTranslation(
                    grouping, translation,
                    newColumn: { name, type in
                        nextId += 1
                        return PlanColumn(id: ColumnId(nextId), name: name, type: type)
                    })
            else { return }
            offer.groups = groups
            offer.request.groupBy = groups.keys
            offer.request.aggregates = groups.aggregates
            offer.request.aggregateMode = .full
            outputs = groups.columns
        }
        guard let limit = demand.limit else { return }
        guard let sort = sort(outputs) else { return }
        offer.request.sort = sort
        offer.request.limit = limit
    }

    /// The order over the output's columns; `nil` where a key is none of them.
    private func sort(_ outputs: [PlanColumn]) -> [PushdownSort]? {
        var keys: [PushdownSort] = []
        for key in demand.order {
            guard let id = key.expression.columnId,
                let place = outputs.firstIndex(where: { $0.id == id }),
                !outputs[place].type.hasLogicalType
            else { return nil }
            keys.append(
                PushdownSort(
                    .column(place, outputs[place].type), isDescending: key.isDescending,
                    nullsFirst: key.nullsFirst))
        }
        return keys
    }

    /// Asks for columns alone, after an answer that does not follow from the request.
    private func askPlainly(_ offer: Offer) throws(IglooError) -> (Offer, ScanAnswer) {
        var plain = Offer(
            request: ScanRequest(
                table: scan.table.table.handle, columns: tableColumns(with: conjuncts)))
        for index in conjuncts.indices {
            plain.refused[index] =
                offer.refused[index] ?? "answer: the source's was at odds with the request"
        }
        let answer = try scan.table.connector.plan(plain.request, context)
        guard isSound(answer, plain.request) else {
            throw IglooError(
                .internalError,
                "the connector \(scan.table.connectorName) answers with other columns than it was "
                    + "asked for", hint: "this is a defect of the plugin: report it to its authors")
        }
        return (plain, answer)
    }

    /// The answer's columns are those that the rules demand, and no step is taken over whose rows
    /// are not settled by the steps before it.
    private func isSound(_ answer: ScanAnswer, _ request: ScanRequest) -> Bool {
        guard answer.conjuncts.count == request.conjuncts.count else { return false }
        let isFiltered = answer.conjuncts.allSatisfy { $0 == .exact }
        let isGrouped = answer.aggregate == .exact
        if answer.aggregate != .unsupported {
            // Partial groups were not asked for.
            guard isGrouped, isFiltered, request.aggregateMode == .full else { return false }
        }
        let isSettled = isFiltered && (request.aggregateMode == .none || isGrouped)
        if answer.sort != .unsupported && (request.sort.isEmpty || !isSettled) { return false }
        if answer.limit != .unsupported {
            let isOrdered = request.sort.isEmpty || answer.sort != .unsupported
            guard request.limit != nil, isSettled, isOrdered else { return false }
        }
        return answer.schema.fields.map(\.type) == outputTypes(request, answer)
    }

    private func outputTypes(_ request: ScanRequest, _ answer: ScanAnswer) -> [DataType] {
        if answer.aggregate == .exact {
            return request.groupBy.map(\.type) + request.aggregates.map(\.type)
        }
        return request.outputColumns(answer.conjuncts).map { scan.table.schema.fields[$0].type }
    }

    // MARK: - Columns

    /// The table's columns that are wanted, or used by conditions that are checked above the scan.
    private func tableColumns(with conditions: [Expression]) -> [Int] {
        let needed = conditions.reduce(into: wanted) { $0.formUnion($1.referencedColumns) }
        return zip(scan.columns, scan.tableColumns).filter { needed.contains($0.0.id) }.map(\.1)
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

    private func records(
        _ offer: Offer, _ answer: ScanAnswer, _ verdicts: [Verdict]
    ) -> [PushdownRecord] {
        let writer = PushdownRecords(
            scan, isEnabled: isEnabled, isFiltered: verdicts.allSatisfy { $0 == .exact },
            isGrouped: answer.aggregate == .exact)
        var records = scan.agreed + [writer.projection(offer.request.columns)]
        for (index, conjunct) in conjuncts.enumerated() {
            var reason = offer.refused[index] ?? ""
            if let position = offer.places.firstIndex(of: index), position < answer.reasons.count {
                reason = answer.reasons[position]
            }
            records.append(writer.filter(conjunct, verdicts[index], reason))
        }
        if let grouping {
            records.append(
                writer.aggregate(grouping, isOffered: offer.groups != nil, answer.aggregate))
        }
        if !demand.order.isEmpty {
            records.append(
                writer.sort(
                    demand, grouping, isOffered: !offer.request.sort.isEmpty, answer.sort))
        }
        if let limit = demand.limit {
            records.append(
                writer.limit(
                    limit, grouping, isOffered: offer.request.limit != nil, answer.limit))
        }
        return records
    }
}
