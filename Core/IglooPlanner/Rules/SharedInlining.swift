// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Puts shared tables in the place of their reads where that is cheaper: those read once, and those
/// that only choose columns and rows of a table.
struct SharedInlining: PlannerRule {
    let name = "shared_inlining"
    private let planner: Planner
    /// Reads of a table that get copies, and operators in all copies, at most: copies of copies
    /// multiply.
    private static let copyCountMax = 8
    private static let operatorCountMax = 2_000

    init(_ planner: Planner) { self.planner = planner }

    func rewrite(_ plan: LogicalPlan) throws(IglooError) -> LogicalPlan {
        var copied = 0
        return inlined(plan, &copied)
    }

    /// - Parameter copied: operators in all copies so far.
    private func inlined(_ plan: LogicalPlan, _ copied: inout Int) -> LogicalPlan {
        guard case .shared(var shared) = plan else {
            return plan.mapInputs { inlined($0, &copied) }
                .mapSubqueries { inlined($0, &copied) }
        }
        let readCount = shared.body.readCount(of: [shared.id])
        if readCount == 0 { return inlined(shared.body, &copied) }
        shared.definition = inlined(shared.definition, &copied)
        let more = (readCount - 1) * shared.definition.operatorCount
        guard isInlined(shared, shared.definition, readCount),
            copied + more <= Self.operatorCountMax
        else {
            shared.body = inlined(shared.body, &copied)
            return .shared(shared)
        }
        copied += more
        var isTaken = false
        return inlined(
            replaced(shared.body, shared.id, shared.definition, &isTaken), &copied)
    }

    private func isInlined(
        _ shared: SharedTable, _ definition: LogicalPlan, _ readCount: Int
    ) -> Bool {
        switch shared.isMaterialized {
        case true?: false
        case false?:
            readCount == 1 || !definition.isVolatile && readCount <= Self.copyCountMax
        case nil:
            readCount == 1
                || definition.isSelection && !definition.isVolatile
                    && readCount <= Self.copyCountMax
        }
    }

    /// The first read gets the definition itself, each other one a copy of it.
    private func replaced(
        _ plan: LogicalPlan, _ id: Int, _ definition: LogicalPlan, _ isTaken: inout Bool
    ) -> LogicalPlan {
        guard case .sharedRead(let read) = plan, read.id == id else {
            var taken = isTaken
            defer { isTaken = taken }
            return plan.mapInputs { replaced($0, id, definition, &taken) }
                .mapSubqueries { replaced($0, id, definition, &taken) }
        }
        var source = definition
        if isTaken {
            source =
                definition.copy(
                    newColumn: { planner.newColumn($0.name, $0.type) },
                    newTable: { planner.newTable() }
                ).plan
        }
        isTaken = true
        let columns = source.columns
        return .project(
            source,
            zip(read.columns, read.positions).map {
                Projection(column: $0, expression: columns[$1].reference)
            })
    }
}

extension LogicalPlan {
    /// Rows and columns of one table, and values computed from them.
    fileprivate var isSelection: Bool {
        switch self {
        case .scan, .values, .sharedRead: true
        case .filter(let input, _), .project(let input, _):
            subqueries.isEmpty && input.isSelection
        default: false
        }
    }

    fileprivate var operatorCount: Int {
        inputs.reduce(1) { $0 + $1.operatorCount }
            + subqueries.reduce(0) { $0 + $1.plan.operatorCount }
    }

    /// Gives other rows each time.
    var isVolatile: Bool {
        expressions.contains { expression in
            expression.contains { part in
                switch part {
                case .call, .foreign: part.isVolatile
                case .subquery(let subquery): subquery.plan.isVolatile
                default: false
                }
            }
        } || inputs.contains(where: \.isVolatile)
    }
}
