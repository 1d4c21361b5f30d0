// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Gives joins of tables of one source to that source. What it takes over becomes a scan of a table
/// of its making, so that all that stands above is offered to it as over any other table.
struct JoinNegotiation {
    private let planner: Planner

    init(_ planner: Planner) { self.planner = planner }

    /// From below, so that a join of joins is one table, too.
    func rewrite(_ plan: LogicalPlan) throws(IglooError) -> LogicalPlan {
        let plan = try plan.mapInputs { (input) throws(IglooError) in try rewrite(input) }
        guard case .join(var join) = plan else { return plan }
        do throws(JoinRefusal) {
            return try made(join)
        } catch {
            guard case .refused(let reason) = error else { throw error.failure }
            join.pushdown = record(join, .refused, reason)
            return .join(join)
        }
    }

    private func record(
        _ join: Join, _ outcome: PushdownRecord.Outcome, _ reason: String
    ) -> PushdownRecord {
        let printer = ExpressionPrinter(join.left.columns + join.right.columns)
        let condition =
            join.condition == .trueLiteral ? "" : " ON \(printer.text(join.condition))"
        return PushdownRecord(
            table: Self.name(join.left, join.right), step: .join,
            text: "\(join.kind.rawValue.uppercased()) JOIN\(condition)", outcome: outcome,
            reason: reason)
    }

    private static func name(_ left: LogicalPlan, _ right: LogicalPlan) -> String {
        (left.tableNames + right.tableNames).joined(separator: ", ")
    }

    // MARK: - The join as a table

    private func made(_ join: Join) throws(JoinRefusal) -> LogicalPlan {
        guard planner.settings.pushdown else { throw .refused("setting: pushdown is off") }
        let (kind, isSwapped) = try Self.kind(join.kind)
        let left = try JoinSide(isSwapped ? join.right : join.left)
        let right = try JoinSide(isSwapped ? join.left : join.right)
        guard let joining = left.joining(with: right) else {
            throw .refused(
                left.isOfSameSource(as: right)
                    ? "connector: it joins no tables" : "sources: the sides are of different ones")
        }
        let conditions = try JoinConditions(join, left, right)
        try checkCost(join, kind)
        return try made(
            join, kind, conditions, try agreed(left), try agreed(right), joining)
    }

    private static func kind(_ kind: Join.Kind) throws(JoinRefusal) -> (JoinRequest.Kind, Bool) {
        switch kind {
        case .inner: (.inner, false)
        case .left: (.left, false)
        case .right: (.left, true)
        case .semi: (.semi, false)
        case .anti: (.anti, false)
        case .full, .nullAwareAnti, .single, .mark:
            throw .refused("kind: no source is asked for joins of this kind")
        }
    }

    /// A join that gives more rows than its sides have is cheaper to make here.
    private func checkCost(_ join: Join, _ kind: JoinRequest.Kind) throws(JoinRefusal) {
        guard kind.hasRightColumns else { return }
        let estimator = Estimator(planner.statistics)
        let sides = estimator.rowCount(join.left) + estimator.rowCount(join.right)
        if estimator.rowCount(.join(join)) > sides {
            throw .refused("cost: it has more rows than its sides")
        }
    }

    private func agreed(_ side: JoinSide) throws(JoinRefusal) -> AgreedSide {
        do throws(IglooError) {
            let agreement = try ScanNegotiation(
                side.scan, wanted: Set(side.outputs.map { $0.inner }), conjuncts: side.conjuncts,
                grouping: nil, demand: .all, context: planner.context, isEnabled: true
            ).agree()
            if agreement.residual.isEmpty { return AgreedSide(side, agreement) }
        } catch {
            throw .failed(error)
        }
        throw .refused("filter: a condition on \(side.scan.table.name) is checked here")
    }

    private func made(
        _ join: Join, _ kind: JoinRequest.Kind, _ conditions: JoinConditions, _ left: AgreedSide,
        _ right: AgreedSide, _ joining: any ConnectorJoining
    ) throws(JoinRefusal) -> LogicalPlan {
        let sides = left.schema.fields + right.schema.fields
        let translation = PushdownTranslation(
            Schema(sides), left.places + right.places.map { ($0, $1 + left.schema.fields.count) })
        var conjuncts: [PushdownExpression] = []
        for condition in conditions.matching {
            guard let conjunct = translation.expression(condition) else {
                throw .refused("expression: a condition is not among those offered to sources")
            }
            conjuncts.append(conjunct)
        }
        let table: OpenedTable
        do throws(IglooError) {
            table = try joining.join(
                JoinRequest(
                    kind, left: left.scan.answer.handle, right: right.scan.answer.handle,
                    conjuncts: conjuncts), planner.context)
        } catch  where error.code == .unsupported {
            throw .refused("connector: \(error.message)")
        } catch {
            throw .failed(error)
        }
        let outputs = kind.hasRightColumns ? sides : left.schema.fields
        guard table.schema.fields.map(\.type) == outputs.map(\.type) else {
            throw .refused("answer: the source's columns are not those of the sides")
        }
        return scan(join, conditions, table, left, right)
    }

    private func scan(
        _ join: Join, _ conditions: JoinConditions, _ table: OpenedTable, _ left: AgreedSide,
        _ right: AgreedSide
    ) -> LogicalPlan {
        let source = left.scan.table
        let joined = TableSource(
            name: Self.name(join.left, join.right), connectorName: source.connectorName,
            connector: source.connector, capabilities: source.capabilities, table: table)
        let width = left.schema.fields.count
        let places = Dictionary(
            left.places + right.places.map { ($0, $1 + width) }, uniquingKeysWith: { a, _ in a })
        var statistics = TableStatistics(
            rowCount: Estimator(planner.statistics).rowCount(.join(join)))
        statistics.columns = left.statistics(planner.statistics, offset: 0)
        if table.schema.fields.count > width {
            statistics.columns += right.statistics(planner.statistics, offset: width)
        }
        planner.statistics.set(statistics, of: joined)
        let result = LogicalPlan.scan(
            Scan(
                table: joined, columns: join.columns,
                tableColumns: join.columns.map { places[$0.id] ?? 0 },
                agreed: left.scan.pushdown + right.scan.pushdown + [record(join, .pushed, "exact")]
            ))
        return conditions.rest.isEmpty
            ? result : .filter(result, .conjunction(conditions.rest))
    }
}

extension LogicalPlan {
    /// Of the scans below.
    fileprivate var tableNames: [String] {
        if case .scan(let scan) = self { return [scan.table.name] }
        return inputs.flatMap(\.tableNames)
    }
}
