// SPDX-License-Identifier: MIT

import IglooContracts
import IglooParquet

/// A plan handle, read, with its table.
struct PreparedPlan: Sendable {
    var plan: ParquetPlan
    var table: ParquetTable
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
        let prepared = PreparedPlan(plan: plan, table: table)
        state.withLock { state in
            state.handle = handle
            state.prepared = prepared
        }
        return prepared
    }
}
