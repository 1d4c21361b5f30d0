// SPDX-License-Identifier: MIT

import CIgloo
import IglooArrow
import IglooContracts

/// What the plugin says of rows that nobody has read yet.
enum StatisticsChecks {
    static let all: [Check] = [
        Check("stats.bounds_contain_data", limit: 120, boundsContainData),
        Check("stats.exact_means_exact", limit: 120, exactMeansExact),
    ]

    /// Statistics of the whole table and of plans with a condition, each with the rows they are of.
    private static func each(
        _ bench: Bench, _ body: (TableStatistics, Fixture, [Row]) throws -> Void
    ) throws {
        let instance = try bench.connector()
        guard instance.kind.pointee.caps & UInt64(IGLOO_CAP_STATS) != 0 else {
            throw CheckEnd.skipped("the plugin declares no statistics")
        }
        for set in [DataSet.hostile, .core, .empty, .nested]
        where bench.configuration.lost[set.name] == nil {
            let fixture = try bench.fixture(set, instance)
            var generator = RequestGenerator(fixture, bench.random(50))
            for number in 0..<20 {
                var request = ScanRequest(
                    table: fixture.table.handle, columns: fixture.allColumns)
                if number > 0 {
                    guard set.name == "hostile" else { break }
                    request.conjuncts = [generator.condition(depth: 1)]
                }
                let answer = try instance.plan(request)
                // A source may count the rows before conditions that it does not take over.
                guard answer.conjuncts.allSatisfy({ $0 == .exact }) else { continue }
                guard
                    let statistics = try instance.statistics(
                        answer.handle, columns: fixture.allColumns)
                else { continue }
                let rows = fixture.rows.filter { row in
                    request.conjuncts.allSatisfy { Oracle.holds($0, row) == true }
                }
                do {
                    try body(statistics, fixture, rows)
                } catch CheckEnd.failed(let what) {
                    throw CheckEnd.failed("\(set.name), \(Trial.shown(request)): \(what)")
                }
            }
        }
    }

    private static func boundsContainData(_ bench: Bench) throws {
        try each(bench) { statistics, fixture, rows in
            for column in statistics.columns {
                try require(
                    fixture.fields.indices.contains(column.column),
                    "statistics of the column \(column.column), which there is none of")
                let name = fixture.fields[column.column].name
                for row in rows where !row[column.column].isNull {
                    let value = row[column.column]
                    if let minimum = column.minimum {
                        try require(
                            Oracle.compare(minimum, value) <= 0,
                            "\(name) holds \(RowComparison.shown(value)), below its minimum "
                                + RowComparison.shown(minimum))
                    }
                    if let maximum = column.maximum {
                        let order = Oracle.compare(maximum, value)
                        try require(
                            order == 0 || order == 1,
                            "\(name) holds \(RowComparison.shown(value)), above its maximum "
                                + RowComparison.shown(maximum))
                    }
                }
                if let fraction = column.nullFraction {
                    try require(
                        (0...1).contains(fraction), "\(name) is NULL in a share of \(fraction)")
                }
                try require(
                    (column.distinctCount ?? 0) >= 0 && (column.averageByteCount ?? 0) >= 0,
                    "\(name) has negative numbers")
            }
            try require(
                (statistics.rowCount ?? 0) >= 0 && (statistics.byteCount ?? 0) >= 0,
                "a table of \(statistics.rowCount ?? 0) rows")
        }
    }

    private static func exactMeansExact(_ bench: Bench) throws {
        try each(bench) { statistics, fixture, rows in
            if statistics.isExact {
                try require(
                    statistics.rowCount == Double(rows.count),
                    "exactly \(statistics.rowCount ?? .nan) rows are said, there are \(rows.count)")
            }
            for column in statistics.columns where column.isExact {
                let name = fixture.fields[column.column].name
                let values = rows.map { $0[column.column] }.filter { !$0.isNull }
                for bound in [column.minimum, column.maximum].compactMap({ $0 }) {
                    try require(
                        values.contains { Oracle.compare($0, bound) == 0 },
                        "\(name) is said to reach \(RowComparison.shown(bound)) exactly")
                }
                if let fraction = column.nullFraction, !rows.isEmpty {
                    let truth = Double(rows.count - values.count) / Double(rows.count)
                    try require(
                        abs(fraction - truth) < 1e-9,
                        "\(name) is said to be NULL in a share of exactly \(fraction), it is "
                            + "\(truth)")
                }
            }
        }
    }
}
