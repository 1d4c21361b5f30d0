// SPDX-License-Identifier: MIT

import IglooContracts
import IglooFiles
import IglooParquet

/// A plan handle, read, with its table and what the plan's conditions mean for both.
struct PreparedPlan: Sendable {
    let plan: ParquetPlan
    let table: ParquetTable
    /// The files that hold rows the plan wants, as far as their paths tell.
    let files: [FileReference]
    /// The conditions on the files' columns, over the table's columns.
    let filter: RowFilter?

    init(_ plan: ParquetPlan, _ table: ParquetTable) throws(IglooError) {
        self.plan = plan
        self.table = table
        var conditions: [PathCondition] = []
        var filters: [RowFilter] = []
        for conjunct in plan.conjuncts {
            if let filter = table.filter(conjunct) {
                filters.append(filter)
            } else if let condition = PathCondition(conjunct, table.paths) {
                conditions.append(condition)
            } else {
                throw IglooError(.invalidArgument, "malformed parquet plan: an unknown condition")
            }
        }
        files = try plan.definition.files.matching(conditions)
        filter = filters.isEmpty ? nil : filters.count == 1 ? filters[0] : .all(filters)
    }
}

/// The plan that was read last. A scan opens its splits one after the other with the same handle,
/// which names every file of the table: with a thousand files, reading it each time would cost
/// more than the rows.
///
/// - Threads: any.
final class PreparedPlanCache: Sendable {
    private struct State: ~Copyable {
        var handle: [UInt8] = []
        var prepared: PreparedPlan?
    }

    private let state = Locked(State())

    func prepared(
        _ handle: [UInt8], _ footers: FooterCache, _ context: CallContext
    ) throws(IglooError) -> PreparedPlan {
        let known: PreparedPlan? = state.withLock { $0.handle == handle ? $0.prepared : nil }
        if let known { return known }
        let plan = try ParquetPlan(handle: handle)
        let table = try ParquetTable(plan.definition, footers, context)
        let prepared = try PreparedPlan(plan, table)
        state.withLock { state in
            state.handle = handle
            state.prepared = prepared
        }
        return prepared
    }
}
