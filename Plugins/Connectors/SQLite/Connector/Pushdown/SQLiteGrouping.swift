// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFiles

/// Groups of a table's rows: what a statement computes of them.
struct SQLiteGrouping: Sendable {
    /// A key or an aggregate.
    struct Output: Sendable {
        /// What is read of it.
        var column: SQLiteColumn
        var sql: String
        /// The sum comes as two: of the upper halves of the numbers and of the lower ones, since
        /// SQLite's own ends at 64 bits.
        var isHalved = false
    }

    /// How many values of a column do not fit its type, so that no group hides them.
    struct Guard: Sendable {
        var column: SQLiteColumn
        var sql: String
    }

    var outputs: [Output] = []
    var keyCount = 0
    var guards: [Guard] = []
    /// The parameters among the outputs.
    var values: [SQLiteValue] = []

    init() {}

    var schema: Schema {
        Schema(
            outputs.map { Field($0.column.name, $0.column.type, isNullable: $0.column.isNullable) })
    }

    /// The select list.
    var expressions: [String] { outputs.map(\.sql) + guards.map(\.sql) }

    /// GROUP BY, by the text of the keys.
    var clause: String {
        if keyCount == 0 { return "" }
        return " GROUP BY " + outputs.prefix(keyCount).map(\.sql).joined(separator: ", ")
    }

    /// The keys of ORDER BY; `nil` where one cannot be said.
    func order(_ sort: [PushdownSort], isUTF8: Bool) -> String? {
        var keys: [String] = []
        for key in sort {
            guard case .column(let place, _) = key.expression, outputs.indices.contains(place),
                !outputs[place].isHalved, isUTF8 || outputs[place].column.type != .utf8View
            else { return nil }
            // By its text: a place alone would forget the collation.
            keys.append(
                outputs[place].sql + (key.isDescending ? " DESC" : " ASC")
                    + (key.nullsFirst ? " NULLS FIRST" : " NULLS LAST"))
        }
        // Parameters would have to be given twice.
        return values.isEmpty ? keys.joined(separator: ", ") : nil
    }

    // MARK: - Bytes

    func encode(into encoder: inout HandleEncoder) throws(IglooError) {
        try encoder.append(schema)
        for output in outputs {
            encoder.append(output.column.declared)
            encoder.append(output.sql)
            encoder.append(output.isHalved)
        }
        encoder.append(keyCount)
        try encoder.append(
            Schema(guards.map { Field($0.column.name, $0.column.type, isNullable: true) }))
        for item in guards {
            encoder.append(item.column.declared)
            encoder.append(item.sql)
        }
        encoder.append(values)
    }

    init(from decoder: inout HandleDecoder) throws(IglooError) {
        for field in try decoder.schema().fields {
            let column = try Self.column(field, &decoder)
            outputs.append(
                Output(
                    column: column, sql: try decoder.string(), isHalved: try decoder.bool()))
        }
        keyCount = try decoder.index(below: outputs.count + 1)
        for field in try decoder.schema().fields {
            let column = try Self.column(field, &decoder)
            guards.append(Guard(column: column, sql: try decoder.string()))
        }
        values = try decoder.sqliteValues()
    }

    private static func column(
        _ field: Field, _ decoder: inout HandleDecoder
    ) throws(IglooError) -> SQLiteColumn {
        guard SQLiteColumnBuilder.canHold(field.type) else {
            throw decoder.malformed("\(field.type) is not a type of sqlite columns")
        }
        return SQLiteColumn(
            name: field.name, declared: try decoder.string(), type: field.type,
            isNullable: field.isNullable)
    }
}

/// Translates groups and aggregates, each exactly.
///
/// A column may hold values that are not of its type: a plain scan ends at them, and so does one
/// that groups, which counts them beside. Sums of integers never overflow here; those of doubles
/// depend on the order of the rows and are left to the host.
struct SQLiteGroupWriter {
    let table: SQLiteTable

    func grouping(_ request: ScanRequest) throws(SQLiteRefusal) -> SQLiteGrouping {
        guard table.policy != .null else {
            throw SQLiteRefusal("on_mismatch = null: SQLite does not see the NULLs")
        }
        var grouping = SQLiteGrouping()
        var used: Set<Int> = []
        for key in request.groupBy {
            let column = try stored(key, &used)
            grouping.outputs.append(
                SQLiteGrouping.Output(column: column, sql: writer.operand(column)))
        }
        grouping.keyCount = request.groupBy.count
        for aggregate in request.aggregates {
            grouping.outputs.append(try output(aggregate, &used, &grouping.values))
        }
        guard !grouping.outputs.isEmpty else { throw SQLiteRefusal("neither keys nor aggregates") }
        grouping.guards = used.sorted().map { table.columns[$0] }.filter(mayMisfit).map { column in
            SQLiteGrouping.Guard(
                column: column,
                sql: "count(*) FILTER (WHERE \(Self.misfit(column)))")
        }
        return grouping
    }

    private var writer: SQLiteConditionWriter { SQLiteConditionWriter(table: table) }

    /// A column whose values are what they are stored as.
    private func stored(
        _ expression: PushdownExpression, _ used: inout Set<Int>
    ) throws(SQLiteRefusal) -> SQLiteColumn {
        let column = try writer.column(expression)
        let affinity = SQLiteColumn.affinity(column.declared)
        switch column.type {
        case .int64, .binaryView, .date32: break
        case .float64 where affinity == .real: break
        case .utf8View where column.hasTextAffinity: break
        default: throw SQLiteRefusal("\(column.declared) may be stored in several forms")
        }
        if case .column(let index, _) = expression { used.insert(index) }
        return column
    }

    private func mayMisfit(_ column: SQLiteColumn) -> Bool {
        let kept = ["INT", "INTEGER", "REAL", "TEXT", "BLOB"]
        return !table.isStrict || !kept.contains(column.declared.uppercased())
    }

    /// True for values that a reader of the column would not take.
    private static func misfit(_ column: SQLiteColumn) -> String {
        let name = SQLiteText.identifier(column.name)
        return switch column.type {
        case .int64: "typeof(\(name)) NOT IN ('integer', 'null')"
        case .float64: "typeof(\(name)) NOT IN ('real', 'null')"
        case .binaryView: "typeof(\(name)) NOT IN ('blob', 'null')"
        case .date32: "typeof(\(name)) <> 'null' AND date(\(name)) IS NOT \(name)"
        default: "typeof(\(name)) = 'blob'"
        }
    }

    // MARK: - Aggregates

    private func output(
        _ aggregate: PushdownAggregate, _ used: inout Set<Int>, _ values: inout [SQLiteValue]
    ) throws(SQLiteRefusal) -> SQLiteGrouping.Output {
        var filter = ""
        var parameters: [SQLiteValue] = []
        if let condition = aggregate.filter {
            let written = try writer.condition(condition)
            guard written.verdict == .exact else {
                throw SQLiteRefusal("a FILTER that SQLite answers for more rows than are meant")
            }
            filter = " FILTER (WHERE \(written.sql))"
            parameters = written.values
        }
        func made(
            _ call: String, _ type: DataType, declared: String = ""
        ) throws(SQLiteRefusal) -> SQLiteGrouping.Output {
            guard type == aggregate.type else { throw SQLiteRefusal("a result of another type") }
            values += parameters
            return SQLiteGrouping.Output(
                column: SQLiteColumn(name: "aggregate", declared: declared, type: type),
                sql: call + filter)
        }
        if aggregate.function == .countRows { return try made("count(*)", .int64) }
        guard aggregate.arguments.count == 1 else { throw SQLiteRefusal("several arguments") }
        let column = try stored(aggregate.arguments[0], &used)
        let operand = writer.operand(column)
        let distinct = aggregate.isDistinct ? "DISTINCT " : ""
        switch aggregate.function {
        case .count: return try made("count(\(distinct)\(operand))", .int64)
        case .minimum, .maximum:
            guard column.type != .binaryView, column.type != .utf8View || table.isUTF8 else {
                throw SQLiteRefusal("an order of its values that is another one")
            }
            let name = aggregate.function == .minimum ? "min" : "max"
            return try made("\(name)(\(operand))", column.type, declared: column.declared)
        case .sum where column.type == .int64 && !aggregate.isDistinct:
            let name = SQLiteText.identifier(column.name)
            var sum = try made(
                "sum(\(name) >> 32)\(filter), sum(\(name) & 4294967295)",
                .decimal128(precision: 38, scale: 0))
            values += parameters
            sum.isHalved = true
            return sum
        default: throw SQLiteRefusal("an aggregate that is not pushed down")
        }
    }
}
