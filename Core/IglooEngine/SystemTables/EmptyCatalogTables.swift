// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Tables of pg_catalog about what there is not, with the columns that tools ask for.
enum EmptyCatalogTables {
    static let tables: [SystemTable] = [
        table(
            "pg_proc",
            [
                ("oid", .int64), ("proname", .utf8View), ("pronamespace", .int64),
                ("proowner", .int64), ("prokind", .utf8View), ("proretset", .bool),
                ("provolatile", .utf8View), ("pronargs", .int16), ("prorettype", .int64),
                ("proargtypes", .list(of: .int64)), ("proallargtypes", .list(of: .int64)),
                ("proargmodes", .list(of: .utf8View)), ("proargnames", .list(of: .utf8View)),
                ("prosrc", .utf8View),
            ]),
        table(
            "pg_policy",
            [
                ("oid", .int64), ("polname", .utf8View), ("polrelid", .int64),
                ("polcmd", .utf8View), ("polpermissive", .bool),
                ("polroles", .list(of: .int64)), ("polqual", .utf8View),
                ("polwithcheck", .utf8View),
            ]),
        table(
            "pg_statistic_ext",
            [
                ("oid", .int64), ("stxrelid", .int64), ("stxname", .utf8View),
                ("stxnamespace", .int64), ("stxowner", .int64), ("stxstattarget", .int32),
                ("stxkind", .list(of: .utf8View)),
            ]),
        table(
            "pg_publication",
            [("oid", .int64), ("pubname", .utf8View), ("puballtables", .bool)]),
        table(
            "pg_publication_rel",
            [
                ("oid", .int64), ("prpubid", .int64), ("prrelid", .int64),
                ("prqual", .utf8View), ("prattrs", .list(of: .int16)),
            ]),
        table(
            "pg_publication_namespace",
            [("oid", .int64), ("pnpubid", .int64), ("pnnspid", .int64)]),
        table(
            "pg_opclass",
            [
                ("oid", .int64), ("opcname", .utf8View), ("opcnamespace", .int64),
                ("opcmethod", .int64), ("opcdefault", .bool),
            ]),
        table(
            "pg_trigger",
            [
                ("oid", .int64), ("tgrelid", .int64), ("tgname", .utf8View),
                ("tgisinternal", .bool), ("tgenabled", .utf8View),
            ]),
    ]

    private static func table(
        _ name: String, _ columns: [(String, DataType)]
    ) -> SystemTable {
        SystemTable(schema: "pg_catalog", name: name, columns: columns) {
            _ throws(IglooError) in []
        }
    }
}
