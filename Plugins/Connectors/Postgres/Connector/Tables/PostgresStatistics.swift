// SPDX-License-Identifier: MIT

import IglooContracts

/// What ANALYZE found, as the planner's statistics.
struct PostgresStatistics {
    let catalog: PostgresCatalog
    let table: PostgresTable

    /// - Source: PostgreSQL 15, 54.27 pg_stats.
    func read(_ columns: [Int], rowCount: Double?) throws(IglooError) -> TableStatistics? {
        guard let rowCount else { return nil }
        let rows = try catalog.connection.rows(
            """
            SELECT attname, null_frac, n_distinct, avg_width FROM pg_catalog.pg_stats
            WHERE schemaname = $1 AND tablename = $2
            ORDER BY inherited DESC
            """, [table.schemaName, table.name], catalog.context)
        var statistics = TableStatistics(rowCount: rowCount)
        var byteCount = 0.0
        for index in columns where index >= 0 && index < table.columns.count {
            guard let row = rows.first(where: { $0[0] == table.columns[index].name }) else {
                continue
            }
            let value = { (index: Int) in row[index].flatMap { Double($0) } }
            // Negative: a share of the rows.
            let distinct = value(2).flatMap { $0 == 0 ? nil : $0 < 0 ? -$0 * rowCount : $0 }
            byteCount += (value(3) ?? 0) * rowCount
            statistics.columns.append(
                ColumnStatistics(
                    column: index, nullFraction: value(1), distinctCount: distinct,
                    averageByteCount: value(3)))
        }
        statistics.byteCount = byteCount
        return statistics
    }
}
