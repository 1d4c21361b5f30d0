// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Joins of a server's tables, as the server makes them.
///
/// Both sides are queries of their own, called `l` and `r`, whose columns are numbered: names may
/// repeat, also within a side. Columns keep what they were in their tables (type, collation), so
/// that conditions above a join are written, or refused, as above the tables.
struct PostgresJoining: ConnectorJoining {
    func join(_ request: JoinRequest, _ context: CallContext) throws(IglooError) -> OpenedTable {
        let left = try side(request.left, "l")
        let right = try side(request.right, "r")
        let isUTF8 = left.table.isUTF8 && right.table.isUTF8
        let relations = left.table.relations + right.table.relations
        guard relations.count <= Self.relationCountMax else {
            throw IglooError(
                .unsupported, "more than \(Self.relationCountMax) tables in one join")
        }
        let pairs = PostgresTable(
            PostgresTable.Joined(sql: "", relations: []), isUTF8: isUTF8,
            columns: left.columns + right.columns)
        let condition = try condition(request.conjuncts, pairs)
        let sql =
            switch request.kind {
            case .inner: "\(left.sql) JOIN \(right.sql) ON \(condition)"
            case .left: "\(left.sql) LEFT JOIN \(right.sql) ON \(condition)"
            case .semi: Self.filtered(left, "EXISTS", right, condition)
            case .anti: Self.filtered(left, "NOT EXISTS", right, condition)
            }
        var columns = left.columns
        if request.kind.hasRightColumns {
            columns += right.columns.map { column in
                var column = column
                if request.kind == .left { column.isNullable = true }
                return column
            }
        }
        let table = PostgresTable(
            PostgresTable.Joined(
                sql: sql,
                relations: relations.map { relation in
                    var relation = relation
                    relation.columns = []
                    return relation
                }), isUTF8: isUTF8, columns: columns)
        return OpenedTable(handle: table.encoded(), schema: table.schema)
    }

    /// The server gives up good orders where a statement has many tables.
    private static let relationCountMax = 12

    private struct Side {
        var table: PostgresTable
        /// With its name.
        var sql: String
        var columns: [PostgresColumn]
    }

    private func side(_ handle: [UInt8], _ name: String) throws(IglooError) -> Side {
        let plan = try PostgresPlan(handle: handle)
        guard let indexes = plan.columns, plan.tail.isEmpty else {
            throw IglooError(.unsupported, "a side that groups, orders or limits its rows")
        }
        var list: [String] = []
        var columns: [PostgresColumn] = []
        for (number, index) in indexes.enumerated() {
            var column = plan.table.columns[index]
            list.append("\(column.reference) AS c\(number)")
            column.reference = "\(name).c\(number)"
            columns.append(column)
        }
        var sql = "SELECT \(list.joined(separator: ", ")) FROM \(plan.table.from)"
        if !plan.condition.isEmpty { sql += " WHERE \(plan.condition)" }
        return Side(table: plan.table, sql: "(\(sql)) AS \(name)", columns: columns)
    }

    private static func filtered(
        _ left: Side, _ word: String, _ right: Side, _ condition: String
    ) -> String {
        "(SELECT * FROM \(left.sql) WHERE \(word) (SELECT 1 FROM \(right.sql) WHERE \(condition)))"
            + " AS l"
    }

    private func condition(
        _ conjuncts: [PushdownExpression], _ pairs: PostgresTable
    ) throws(IglooError) -> String {
        let writer = PostgresConditionWriter(table: pairs)
        var parts: [String] = []
        for conjunct in conjuncts {
            do throws(PostgresRefusal) {
                parts.append("(\(try writer.condition(conjunct)))")
            } catch {
                throw IglooError(.unsupported, error.reason)
            }
        }
        return parts.isEmpty ? "TRUE" : parts.joined(separator: " AND ")
    }
}
