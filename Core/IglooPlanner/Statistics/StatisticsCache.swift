// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// What the sources know of their tables, asked once a table and statement.
final class StatisticsCache {
    private let context: CallContext
    private var known: [TableSource: TableStatistics] = [:]
    /// Of shared tables and recursions, as far as they were looked at.
    var sharedRowCounts: [Int: Double] = [:]

    init(_ context: CallContext) { self.context = context }

    /// Statistics are for speed only: a source that cannot give them has none.
    func statistics(_ table: TableSource) -> TableStatistics {
        if let known = known[table] { return known }
        let statistics = (try? fetch(table)) ?? TableStatistics()
        known[table] = statistics
        return statistics
    }

    /// Of a table that the planner made up.
    func set(_ given: TableStatistics, of table: TableSource) { known[table] = given }

    private func fetch(_ table: TableSource) throws(IglooError) -> TableStatistics {
        let columns = Array(table.schema.fields.indices)
        let request = ScanRequest(table: table.table.handle, columns: columns)
        let answer = try table.connector.plan(request, context)
        var statistics = TableStatistics()
        if table.capabilities.contains(.hasStatistics),
            let given = try table.connector.statistics(
                handle: answer.handle, columns: columns, context)
        {
            statistics = given
        }
        if statistics.rowCount == nil { statistics.rowCount = answer.estimatedRowCount }
        return statistics
    }
}
