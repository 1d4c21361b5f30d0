// SPDX-License-Identifier: MIT

import IglooContracts
import IglooFiles

/// How fresh tables are: by which transactions of the server have ended.
///
/// The token is the table and the snapshot that a statement would have now. Whatever changes a row
/// is a transaction with a number, so that a change always makes another token; a transaction that
/// changed another table only makes another one, too.
struct PostgresChanges: ConnectorChanges {
    let pool: PostgresPool
    let transactions: PostgresTransactions

    func token(table: [UInt8], _ context: CallContext) throws(IglooError) -> ChangeToken {
        let table = try PostgresTable(handle: table)
        guard context.transaction.isEmpty else {
            throw IglooError(
                .unsupported, "a transaction that is open has no token of what it changed")
        }
        return try transactions.withConnection(context) { connection throws(IglooError) in
            let catalog = PostgresCatalog(
                connection: connection, options: pool.options, context: context)
            _ = try catalog.checkedRowCount(table)
            var encoder = HandleEncoder(tag: 0xD4)
            for relation in table.relations {
                try checkStored(relation, connection, context)
                encoder.append(relation.oid)
            }
            let rows = try connection.rows(
                "SELECT pg_catalog.txid_current_snapshot()", [], context)
            encoder.append(rows.first?[0])
            return ChangeToken(encoder.bytes)
        }
    }

    /// Views and foreign tables may show other rows without a transaction here.
    private func checkStored(
        _ table: PostgresTable, _ connection: PostgresConnection, _ context: CallContext
    ) throws(IglooError) {
        let rows = try connection.rows(Self.partsQuery, ["\(table.oid)"], context)
        guard rows.first?[0] == "t" else {
            throw IglooError(
                .unsupported,
                "\(table.quotedName) is a view or foreign table, or has such a part: when its rows "
                    + "change cannot be told")
        }
    }

    /// Whether the table and all that inherits from it (partitions, too) are stored here.
    private static let partsQuery = """
        WITH RECURSIVE part(oid) AS (
            SELECT $1::oid UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i
            JOIN part p ON i.inhparent = p.oid)
        SELECT bool_and(c.relkind IN ('r', 'p', 'm'))
        FROM part p JOIN pg_catalog.pg_class c ON c.oid = p.oid
        """
}
