// SPDX-License-Identifier: MIT

import CIgloo
import IglooArrow
import IglooContracts

/// Tables read as they are, without any step taken over.
enum ScanChecks {
    static let all: [Check] = [
        Check("types.every_arrow_type_round_trips", everyType),
        Check("types.nulls_every_type") { bench in
            try compareCells(.core, bench, "a NULL") { $0.isNull }
        },
        Check("types.extremes") { bench in
            try compareCells(.core, bench, "a value") { !$0.isNull }
        },
        Check("types.nested") { bench in
            let instance = try bench.connector()
            let fixture = try bench.fixture(.nested, instance)
            try requireTypes(fixture, bench)
            try requireAllRows(fixture, instance)
        },
        Check("scan.full_equals_oracle", limit: 180, fullEqualsOracle),
        Check("scan.empty_table") { bench in
            let instance = try bench.connector()
            let fixture = try bench.fixture(.empty, instance)
            try requireAllRows(fixture, instance)
            let count = try instance.scan(ScanRequest(table: fixture.table.handle, columns: []))
            try require(count.rows.isEmpty, "an empty table has \(count.rows.count) rows")
        },
        Check("scan.zero_columns_count") { bench in
            let instance = try bench.connector()
            let fixture = try bench.hostile(instance)
            let scan = try instance.scan(ScanRequest(table: fixture.table.handle, columns: []))
            try require(
                scan.answer.schema.fields.isEmpty, "without columns, \(scan.answer.schema) came")
            try require(
                scan.rows.count == fixture.rows.count,
                "without columns, \(scan.rows.count) rows came of \(fixture.rows.count)")
        },
        Check("scan.schema_equals_answer", schemaEqualsAnswer),
        Check("scan.batches_wellformed", batchesWellFormed),
        Check("scan.repeatable_same_snapshot") { bench in
            let instance = try bench.connector()
            let fixture = try bench.hostile(instance)
            let answer = try instance.plan(
                ScanRequest(table: fixture.table.handle, columns: fixture.allColumns))
            for round in 0..<4 {
                try RowComparison.requireSame(
                    try instance.read(answer).rows, fixture.rows, "read for the time \(round + 1)")
            }
        },
        Check("ping.reports_dead_source") { bench in
            try bench.connector().ping()
            guard let bad = bench.configuration.badEndpoint else {
                throw CheckEnd.skipped("conformance.toml names no [bad_endpoint]")
            }
            do {
                try bench.connector(bad).ping()
            } catch is CallFailure {
                return
            }
            throw CheckEnd.failed("ping succeeds on a source that cannot be reached")
        },
    ]

    static func requireTypes(_ fixture: Fixture, _ bench: Bench) throws {
        let problems = fixture.fields.compactMap { fixture.typeProblem($0, bench.configuration) }
        try require(problems.isEmpty, problems.joined(separator: "\n"))
    }

    static func requireAllRows(_ fixture: Fixture, _ instance: ConnectorInstance) throws {
        let rows = try instance.scan(
            ScanRequest(table: fixture.table.handle, columns: fixture.allColumns)
        ).rows
        try RowComparison.requireSame(rows, fixture.rows, "the table \(fixture.set.name)")
    }

    private static func everyType(_ bench: Bench) throws {
        let instance = try bench.connector()
        let fixture = try bench.fixture(.core, instance)
        try requireTypes(fixture, bench)
        for column in fixture.allColumns {
            let rows = try instance.scan(
                ScanRequest(table: fixture.table.handle, columns: [column])
            ).rows
            try RowComparison.requireSame(
                rows, fixture.rows.map { [$0[column]] },
                "the column \(fixture.fields[column].name), \(fixture.fields[column].type)")
        }
    }

    /// Compares the cells of some kind, row by row, told apart by the column `id`.
    private static func compareCells(
        _ set: DataSet, _ bench: Bench, _ what: String, _ isMeant: (Scalar) -> Bool
    ) throws {
        let instance = try bench.connector()
        let fixture = try bench.fixture(set, instance)
        let id = try require(fixture.index("id"), "the table \(set.name) has no column id")
        let rows = try instance.scan(
            ScanRequest(table: fixture.table.handle, columns: fixture.allColumns)
        ).rows
        let found = Dictionary(rows.map { ($0[id], $0) }, uniquingKeysWith: { first, _ in first })
        for wanted in fixture.rows {
            let row = try require(
                found[wanted[id]], "the row \(RowComparison.shown(wanted)) is missing")
            for (column, value) in wanted.enumerated() where isMeant(value) {
                try require(
                    RowComparison.canonical(row[column]) == RowComparison.canonical(value),
                    "\(fixture.fields[column].name) of row \(RowComparison.shown(wanted[id])) is "
                        + "\(RowComparison.shown(row[column])), not \(what): "
                        + RowComparison.shown(value))
            }
        }
    }

    private static func fullEqualsOracle(_ bench: Bench) throws {
        let instance = try bench.connector()
        for set in [DataSet.hostile, .core, .stale] where bench.configuration.lost[set.name] == nil
        {
            try requireAllRows(try bench.fixture(set, instance), instance)
        }
        try BigScan.requireWhole(bench, instance)
    }

    private static func schemaEqualsAnswer(_ bench: Bench) throws {
        let instance = try bench.connector()
        let fixture = try bench.hostile(instance)
        let all = fixture.allColumns
        for columns in [all, Array(all.reversed()), [0], [0, 0], []] {
            let answer = try instance.plan(
                ScanRequest(table: fixture.table.handle, columns: columns))
            try require(
                answer.schema.fields.map(\.type) == columns.map { fixture.fields[$0].type },
                "columns \(columns) were asked for, \(answer.schema) was planned")
            for split in try instance.splits(answer.handle).all() {
                let reader = try instance.open(answer.handle, split.payload)
                let schema = try reader.schema()
                try require(
                    isDelivery(schema, of: answer.schema),
                    "\(answer.schema) was planned, \(schema) comes")
                _ = try reader.next(schema)
                try require(try reader.schema() == schema, "the reader's schema changed")
            }
        }
    }

    /// Text may come as a dictionary.
    static func isDelivery(_ schema: Schema, of planned: Schema) -> Bool {
        schema.fields.count == planned.fields.count
            && zip(schema.fields, planned.fields).allSatisfy { field, planned in
                if case .dictionary(.int32, .utf8View, _) = field.type, planned.type == .utf8View {
                    return true
                }
                return field.type == planned.type && field.name == planned.name
            }
    }

    private static func batchesWellFormed(_ bench: Bench) throws {
        let instance = try bench.connector()
        for name in DataSet.small.map(\.name) + [BigData.name]
        where bench.configuration.lost[name] == nil {
            let table = try bench.open(name, instance)
            let answer = try instance.plan(
                ScanRequest(
                    table: table.handle, columns: Array(table.schema.fields.indices)))
            for split in try instance.splits(answer.handle).all() {
                let reader = try instance.open(answer.handle, split.payload)
                let schema = try reader.schema()
                while var array = try reader.nextArray() {
                    try ArrayInspection.inspect(array, schema)
                    _ = try RecordBatch(importing: &array, schema: schema, validation: .full)
                }
            }
        }
    }
}

/// The large table, whose rows follow from their numbers.
enum BigScan {
    /// Every row is there once and right.
    static func requireWhole(
        _ bench: Bench, _ instance: ConnectorInstance, targetByteCount: Int64 = 64 << 20
    ) throws {
        let table = try bench.open(BigData.name, instance)
        let columns = try BigData.schema.fields.map { field in
            try require(
                table.schema.index(of: field.name), "the table big has no column \(field.name)")
        }
        let answer = try instance.plan(ScanRequest(table: table.handle, columns: columns))
        var seen = Seen(bench.configuration.bigRowCount)
        let source = try instance.splits(answer.handle, targetByteCount: targetByteCount)
        defer { withExtendedLifetime(source) {} }
        for split in try source.all() {
            try add(split, answer, instance, &seen)
        }
        try require(
            seen.count == bench.configuration.bigRowCount,
            "\(seen.count) rows of the table big came, not \(bench.configuration.bigRowCount)")
    }

    /// Which rows were seen.
    struct Seen {
        var bits: [Bool]
        var count = 0

        init(_ total: Int) { bits = Array(repeating: false, count: total) }

        mutating func add(_ value: Scalar) throws -> Int {
            guard case .int(let number) = value, number >= 0, number < Int64(bits.count) else {
                throw CheckEnd.failed("a row with the id \(RowComparison.shown(value)) came")
            }
            try require(!bits[Int(number)], "the row \(number) came twice")
            bits[Int(number)] = true
            count += 1
            return Int(number)
        }
    }

    static func add(
        _ split: Split, _ answer: ScanAnswer, _ instance: ConnectorInstance, _ seen: inout Seen
    ) throws {
        let types = BigData.schema.fields.map(\.type)
        let reader = try instance.open(answer.handle, split.payload)
        let schema = try reader.schema()
        while let batch = try reader.next(schema) {
            for row in 0..<batch.rowCount {
                let number = try seen.add(batch.columns[0].scalar(at: row))
                // All cells of some rows: every cell of all rows would take minutes.
                guard number % 97 == 0 else { continue }
                for (index, wanted) in BigData.row(number).enumerated() {
                    let cell = batch.columns[index].scalar(at: row)
                    let right = Conversion.convert(
                        wanted, from: types[index], to: schema.fields[index].type)
                    try require(
                        RowComparison.canonical(cell) == right.map(RowComparison.canonical),
                        "\(schema.fields[index].name) of row \(number) is "
                            + "\(RowComparison.shown(cell)), not \(RowComparison.shown(wanted))")
                }
            }
        }
    }
}
