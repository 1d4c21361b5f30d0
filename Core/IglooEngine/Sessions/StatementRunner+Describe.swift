// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import IglooSQL
import IglooTables

// DESCRIBE and SUMMARIZE.
extension StatementRunner {
    /// A table's or a query's columns, one a row.
    func describe(_ subject: Describe) throws(IglooError) -> StatementResult {
        let schema = try schema(of: try query(of: subject))
        var definition: TableDefinition?
        if case .table(let name) = subject {
            let memory = lookup(session.transactions.database).memory
            definition = memory.find(name.parts.map(\.name)).flatMap {
                memory.database.table($0.name)?.definition
            }
        }
        var table = ValueTable([
            ("column_name", .utf8View), ("column_type", .utf8View), ("null", .utf8View),
            ("key", .utf8View), ("default", .utf8View), ("extra", .utf8View),
        ])
        for (index, field) in schema.fields.enumerated() {
            let column = definition?.columns[index]
            let keys = definition?.keys.filter { $0.columns.contains(index) } ?? []
            let isPrimary = keys.contains { $0.kind == .primary }
            table.append([
                .text(field.name), .text(column?.typeName ?? field.type.sqlName),
                .yesNo(column?.isNullable ?? true),
                isPrimary ? .text("PRI") : keys.isEmpty ? .null : .text("UNI"),
                .text(column?.defaultText), .text(column.flatMap { Self.extra($0) }),
            ])
        }
        return .rows(try table.stream(call))
    }

    /// What else DESCRIBE says of a column.
    private static func extra(_ column: TableDefinition.Column) -> String? {
        if let text = column.generatedText { return "generated as (\(text))" }
        switch column.sequence?.identity {
        case .always: return "identity, always"
        case .byDefault: return "identity"
        case nil: return nil
        }
    }

    private func query(of subject: Describe) throws(IglooError) -> Query {
        switch subject {
        case .query(let query): return query
        case .table(let name): return try SQLParser.query("SELECT * FROM \(Self.text(name))")
        }
    }

    /// Bounds, averages and shares of NULL of all columns, from one look at the rows.
    func summarize(_ subject: Describe) throws(IglooError) -> StatementResult {
        let query = try query(of: subject)
        let fields = try schema(of: query).fields
        let names = fields.indices.map { "c\($0)" }
        var items = ["count(*)"]
        for (name, field) in zip(names, fields) { items += Self.summary(name, field.type) }
        let list = items.joined(separator: ", ")
        let rows = try stream(
            try SQLParser.query(
                "SELECT \(list) FROM (\(SQLPrinter.text(of: query))) AS summarized"
                    + "(\(names.joined(separator: ", ")))"))
        var values: [Scalar] = []
        while let batch = try rows.next() {
            for column in batch.columns where batch.rowCount > 0 {
                values.append(column.scalar(at: 0))
            }
        }
        guard values.count == items.count, let count = values.first else {
            throw IglooError(.internalError, "a summary has \(values.count) values")
        }
        var table = ValueTable([
            ("column_name", .utf8View), ("column_type", .utf8View), ("min", .utf8View),
            ("max", .utf8View), ("approx_unique", .int64), ("avg", .utf8View),
            ("std", .utf8View), ("q25", .utf8View), ("q50", .utf8View), ("q75", .utf8View),
            ("count", .int64), ("null_percentage", .float64),
        ])
        let width = Self.summary("", .null).count
        for (index, field) in fields.enumerated() {
            let own = values[(1 + index * width)..<(1 + (index + 1) * width)]
            table.append(
                [.text(field.name), .text(field.type.sqlName)] + own.dropLast() + [
                    count, own.last ?? .null,
                ])
        }
        return .rows(try table.stream(call))
    }

    /// The aggregates of one column; NULL for those that its type does not have.
    private static func summary(_ name: String, _ type: DataType) -> [String] {
        let isNumeric = type.isNumeric
        let isTemporal = [.date32, .timestamp(.microsecond, timeZone: nil)].contains(type)
        let isNested = !type.childFields.isEmpty || type == .null
        func text(_ call: String, if isThere: Bool) -> String {
            isThere ? "CAST(\(call) AS text)" : "CAST(NULL AS text)"
        }
        let quantiles = ["0.25", "0.5", "0.75"].map {
            text("quantile_cont(\(name), \($0))", if: isNumeric || isTemporal)
        }
        return [
            text("min(\(name))", if: !isNested), text("max(\(name))", if: !isNested),
            isNested ? "CAST(NULL AS bigint)" : "approx_count_distinct(\(name))",
            text("avg(\(name))", if: isNumeric), text("stddev(\(name))", if: isNumeric),
        ] + quantiles + [
            "round(100.0::double * (count(*) - count(\(name))) / nullif(count(*), 0), 2)"
        ]
    }
}
