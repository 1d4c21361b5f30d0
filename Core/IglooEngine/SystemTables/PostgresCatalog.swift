// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import IglooPlugins
import IglooTables

/// PostgreSQL's tables of what there is, as far as tools ask for it.
enum PostgresCatalog {
    private static let schema = "pg_catalog"
    private static let schemaId = 11
    private static let informationSchemaId = 13_000
    static let ownerId = 10

    static let tables: [SystemTable] = [
        SystemTable(
            schema: schema, name: "pg_namespace",
            columns: [
                ("oid", .int64), ("nspname", .utf8View), ("nspowner", .int64),
                ("nspacl", .utf8View),
            ]
        ) { view throws(IglooError) in
            let own = [("pg_catalog", schemaId), ("information_schema", informationSchemaId)]
            return (own + view.schemas.map { ($0.name, $0.id) }).map { name, id in
                [.int(id), .text(name), .int(ownerId), .null]
            }
        },
        SystemTable(
            schema: schema, name: "pg_class",
            columns: [
                ("oid", .int64), ("relname", .utf8View), ("relnamespace", .int64),
                ("reltype", .int64), ("relowner", .int64), ("relam", .int64),
                ("reltuples", .float32), ("relhasindex", .bool), ("relisshared", .bool),
                ("relpersistence", .utf8View), ("relkind", .utf8View), ("relnatts", .int16),
                ("relchecks", .int16), ("relhasrules", .bool), ("relhastriggers", .bool),
                ("relhassubclass", .bool), ("relrowsecurity", .bool),
                ("relforcerowsecurity", .bool), ("relispopulated", .bool),
                ("relreplident", .utf8View), ("relispartition", .bool),
                ("reltablespace", .int64), ("reloptions", .utf8View), ("reloftype", .int64),
                ("reltoastrelid", .int64), ("relpartbound", .utf8View), ("relpages", .int32),
            ]
        ) { view throws(IglooError) in classes(view) },
        SystemTable(
            schema: schema, name: "pg_attribute",
            columns: [
                ("attrelid", .int64), ("attname", .utf8View), ("atttypid", .int64),
                ("attlen", .int16), ("attnum", .int16), ("attndims", .int16),
                ("atttypmod", .int32), ("attnotnull", .bool), ("atthasdef", .bool),
                ("attidentity", .utf8View), ("attgenerated", .utf8View),
                ("attisdropped", .bool), ("attislocal", .bool), ("attcollation", .int64),
            ]
        ) { view throws(IglooError) in
            view.relations.flatMap { relation in
                relation.columns.enumerated().map { attribute(relation, $0, $1, view) }
            }
        },
        SystemTable(
            schema: schema, name: "pg_type",
            columns: [
                ("oid", .int64), ("typname", .utf8View), ("typnamespace", .int64),
                ("typowner", .int64), ("typlen", .int16), ("typtype", .utf8View),
                ("typcategory", .utf8View), ("typrelid", .int64), ("typelem", .int64),
                ("typarray", .int64), ("typbasetype", .int64), ("typtypmod", .int32),
                ("typnotnull", .bool), ("typcollation", .int64), ("typdelim", .utf8View),
            ]
        ) { view throws(IglooError) in
            let known = PostgresType.all.flatMap { type in
                [
                    typeRow(type.oid, type.name, type.byteCount, type.category, 0, type.arrayOid),
                    typeRow(type.arrayOid, "_\(type.name)", -1, "A", type.oid, 0),
                ]
            }
            let enumerations = view.types.filter { $0.type.enumeration != nil }
            return known
                + enumerations.flatMap { declared in
                    let array = CatalogObjects.arrayOid(of: declared.id)
                    let schemaId = view.database.schemas[declared.schema]?.id ?? 0
                    return [
                        typeRow(declared.id, declared.name, 4, "E", 0, array, schemaId),
                        typeRow(array, "_\(declared.name)", -1, "A", declared.id, 0, schemaId),
                    ]
                }
        },
        SystemTable(
            schema: schema, name: "pg_attrdef",
            columns: [
                ("oid", .int64), ("adrelid", .int64), ("adnum", .int16), ("adbin", .utf8View),
            ]
        ) { view throws(IglooError) in
            view.relations.flatMap { relation in
                relation.columns.enumerated().compactMap { index, column in
                    column.isIdentity
                        ? nil
                        : (column.defaultText ?? column.generatedText).map {
                            [
                                .int(number(relation, 500 + index)), .int(relation.id),
                                .int(index + 1), .text($0),
                            ]
                        }
                }
            }
        },
        SystemTable(
            schema: schema, name: "pg_constraint",
            columns: [
                ("oid", .int64), ("conname", .utf8View), ("connamespace", .int64),
                ("contype", .utf8View), ("condeferrable", .bool), ("condeferred", .bool),
                ("convalidated", .bool), ("conrelid", .int64), ("conindid", .int64),
                ("confrelid", .int64), ("conkey", .list(Field("item", .int16))),
                ("confkey", .list(Field("item", .int16))), ("conbin", .utf8View),
                ("confupdtype", .utf8View), ("confdeltype", .utf8View),
                ("confmatchtype", .utf8View), ("conparentid", .int64), ("contypid", .int64),
                ("conislocal", .bool), ("coninhcount", .int16), ("connoinherit", .bool),
            ]
        ) { view throws(IglooError) in constraints(view) },
        SystemTable(
            schema: schema, name: "pg_index",
            columns: [
                ("indexrelid", .int64), ("indrelid", .int64), ("indnatts", .int16),
                ("indisunique", .bool), ("indisprimary", .bool), ("indisclustered", .bool),
                ("indisvalid", .bool), ("indisreplident", .bool),
                ("indkey", .list(Field("item", .int16))), ("indpred", .utf8View),
                ("indnkeyatts", .int16), ("indnullsnotdistinct", .bool),
                ("indoption", .list(Field("item", .int16))),
                ("indclass", .list(Field("item", .int64))), ("indexprs", .utf8View),
                ("indimmediate", .bool), ("indisready", .bool), ("indislive", .bool),
                ("indisexclusion", .bool),
            ]
        ) { view throws(IglooError) in
            keys(view).map { relation, index, key in
                [
                    .int(number(relation, index)), .int(relation.id), .int(key.columns.count),
                    .bool(true), .bool(key.kind == .primary), .bool(false), .bool(true),
                    .bool(false), .list(key.columns.map { .int($0 + 1) }), .null,
                    .int(key.columns.count), .bool(false), .list(key.columns.map { _ in .int(0) }),
                    .list(key.columns.map { _ in .int(0) }), .null, .bool(true), .bool(true),
                    .bool(true), .bool(false),
                ]
            }
        },
    ]

    /// Numbers of what belongs to a relation; relations themselves have smaller ones.
    private static func number(_ relation: SystemView.Relation, _ part: Int) -> Int {
        1_000_000_000 + relation.id * 10_000 + part
    }

    private static func schemaId(_ relation: SystemView.Relation, _ view: SystemView) -> Int {
        view.database.schemas[relation.schema]?.id ?? 0
    }

    private static func keys(
        _ view: SystemView
    ) -> [(SystemView.Relation, Int, TableDefinition.Key)] {
        view.relations.flatMap { relation in
            (relation.table?.definition.keys ?? []).enumerated().map { (relation, $0, $1) }
        }
    }

    private static func classes(_ view: SystemView) -> [[Scalar]] {
        var rows = view.relations.map { relation in
            classRow(
                relation, view, relation.id, relation.name, relation.isView ? "v" : "r",
                relation.columns.count)
        }
        for sequence in view.sequences {
            let relation = SystemView.Relation(
                catalog: MemoryCatalog.name, schema: sequence.schema, name: sequence.name,
                id: sequence.id, columns: [])
            rows.append(classRow(relation, view, sequence.id, sequence.name, "S", 3))
        }
        for (relation, index, key) in keys(view) {
            rows.append(
                classRow(
                    relation, view, number(relation, index), key.name, "i", key.columns.count))
        }
        return rows
    }

    private static func classRow(
        _ relation: SystemView.Relation, _ view: SystemView, _ id: Int, _ name: String,
        _ kind: String, _ columnCount: Int
    ) -> [Scalar] {
        let isTable = kind == "r"
        let definition = isTable ? relation.table?.definition : nil
        let isTemporary = relation.schema == view.temporarySchema
        return [
            .int(id), .text(name), .int(schemaId(relation, view)), .int(0), .int(ownerId),
            .int(isTable ? 2 : kind == "i" ? 403 : 0),
            .float(isTable ? Double(relation.table?.rowCount ?? 0) : -1),
            .bool(!(definition?.keys.isEmpty ?? true)), .bool(false),
            .text(isTemporary ? "t" : "p"), .text(kind), .int(columnCount),
            .int(definition?.checks.count ?? 0), .bool(kind == "v"), .bool(false), .bool(false),
            .bool(false), .bool(false), .bool(true), .text("d"), .bool(false), .int(0), .null,
            .int(0), .int(0), .null, .int(isTable ? (relation.table?.byteCount ?? 0) / 8_192 : 0),
        ]
    }

    private static func attribute(
        _ relation: SystemView.Relation, _ index: Int, _ column: SystemView.Column,
        _ view: SystemView
    ) -> [Scalar] {
        let type = column.lengthMax == nil ? view.postgresType(column.type) : .varchar
        let identity =
            switch column.identity {
            case .always: "a"
            case .byDefault: "d"
            case nil: ""
            }
        var modifier = column.lengthMax.map { $0 + 4 } ?? -1
        if type.name == "numeric", let number = column.type.numericPrecision {
            modifier = number.precision << 16 | number.scale + 4
        }
        return [
            .int(relation.id), .text(column.name), .int(type.oid), .int(type.byteCount),
            .int(index + 1), .int(type.category == "A" ? 1 : 0), .int(modifier),
            .bool(!column.isNullable),
            .bool(!column.isIdentity && (column.defaultText ?? column.generatedText) != nil),
            .text(identity), .text(column.isGenerated ? "s" : ""),
            .bool(false), .bool(true), .int(0),
        ]
    }

    private static func typeRow(
        _ oid: Int, _ name: String, _ byteCount: Int, _ category: String, _ element: Int,
        _ array: Int, _ schemaId: Int = schemaId
    ) -> [Scalar] {
        [
            .int(oid), .text(name), .int(schemaId), .int(ownerId), .int(byteCount),
            .text(category == "P" || category == "E" ? category.lowercased() : "b"),
            .text(category), .int(0), .int(element),
            .int(array), .int(0), .int(-1), .bool(false), .int(0), .text(","),
        ]
    }

    private static func constraints(_ view: SystemView) -> [[Scalar]] {
        var rows: [[Scalar]] = []
        // What only foreign keys have, then what no constraint here has.
        let ends: [Scalar] = [
            .text(" "), .text(" "), .text(" "), .int(0), .int(0), .bool(true), .int(0),
            .bool(true),
        ]
        for (relation, index, key) in keys(view) where key.kind != .index {
            rows.append(
                [
                    .int(number(relation, 1_000 + index)), .text(key.name),
                    .int(schemaId(relation, view)), .text(key.kind == .primary ? "p" : "u"),
                    .bool(false), .bool(false), .bool(true), .int(relation.id),
                    .int(number(relation, index)), .int(0),
                    .list(key.columns.map { .int($0 + 1) }), .null, .null,
                ] + ends)
        }
        for relation in view.relations {
            for (index, check) in (relation.table?.definition.checks ?? []).enumerated() {
                rows.append(
                    [
                        .int(number(relation, 2_000 + index)), .text(check.name),
                        .int(schemaId(relation, view)), .text("c"), .bool(false), .bool(false),
                        .bool(true), .int(relation.id), .int(0), .int(0), .null, .null,
                        .text(check.text),
                    ] + ends)
            }
            for (index, key) in (relation.table?.definition.foreignKeys ?? []).enumerated() {
                guard let parent = view.relations.first(where: { $0.table?.id == key.table })
                else { continue }
                let position =
                    parent.table?.definition.keys.firstIndex {
                        Set($0.columns) == Set(key.keyColumns)
                    } ?? 0
                let action =
                    switch key.onDelete {
                    case .none: "a"
                    case .cascade: "c"
                    case .setNull: "n"
                    }
                rows.append(
                    [
                        .int(number(relation, 3_000 + index)), .text(key.name),
                        .int(schemaId(relation, view)), .text("f"), .bool(false), .bool(false),
                        .bool(true), .int(relation.id), .int(number(parent, position)),
                        .int(parent.id), .list(key.columns.map { .int($0 + 1) }),
                        .list(key.keyColumns.map { .int($0 + 1) }), .null,
                        .text("a"), .text(action), .text("s"),
                    ] + ends.suffix(5))
            }
        }
        return rows
    }

    // MARK: - Short ones

    static let smallTables: [SystemTable] = [
        SystemTable(
            schema: schema, name: "pg_tables",
            columns: [
                ("schemaname", .utf8View), ("tablename", .utf8View), ("tableowner", .utf8View),
                ("tablespace", .utf8View), ("hasindexes", .bool), ("hasrules", .bool),
                ("hastriggers", .bool), ("rowsecurity", .bool),
            ]
        ) { view throws(IglooError) in
            view.relations.filter { !$0.isView }.map { relation in
                [
                    .text(relation.schema), .text(relation.name), .text("igloo"), .null,
                    .bool(!(relation.table?.definition.keys.isEmpty ?? true)), .bool(false),
                    .bool(false), .bool(false),
                ]
            }
        },
        SystemTable(
            schema: schema, name: "pg_views",
            columns: InformationSchema.texts("schemaname", "viewname", "viewowner", "definition")
        ) { view throws(IglooError) in
            view.relations.compactMap { relation in
                relation.view.map {
                    [.text(relation.schema), .text(relation.name), .text("igloo"), .text($0.sql)]
                }
            }
        },
        SystemTable(
            schema: schema, name: "pg_indexes",
            columns: InformationSchema.texts(
                "schemaname", "tablename", "indexname", "tablespace", "indexdef")
        ) { view throws(IglooError) in
            keys(view).map { relation, _, key in
                let columns = key.columns.map { relation.columns[$0].name }
                let text =
                    "CREATE UNIQUE INDEX \(key.name) ON \(relation.schema).\(relation.name) "
                    + "(\(columns.joined(separator: ", ")))"
                return [
                    .text(relation.schema), .text(relation.name), .text(key.name), .null,
                    .text(text),
                ]
            }
        },
        SystemTable(
            schema: schema, name: "pg_database",
            columns: [
                ("oid", .int64), ("datname", .utf8View), ("datdba", .int64),
                ("encoding", .int32), ("datistemplate", .bool), ("datallowconn", .bool),
                ("datcollate", .utf8View), ("datctype", .utf8View),
                ("daticulocale", .utf8View), ("datlocprovider", .utf8View),
                ("datacl", .list(of: .utf8View)),
            ]
        ) { _ throws(IglooError) in
            [
                [
                    .int(1), .text(MemoryCatalog.name), .int(ownerId), .int(6), .bool(false),
                    .bool(true), .text("C"), .text("C"), .null, .text("c"), .null,
                ]
            ]
        },
        SystemTable(
            schema: schema, name: "pg_settings",
            columns: InformationSchema.texts("name", "setting", "short_desc", "boot_val")
        ) { view throws(IglooError) in
            Settings.declarations.map { declaration in
                [
                    .text(declaration.name), .text(view.settings[declaration.name]),
                    .text(declaration.documentation), .text(declaration.defaultText),
                ]
            }
        },
        SystemTable(
            schema: schema, name: "igloo_plugin_metrics",
            columns: [
                ("plugin", .utf8View), ("name", .utf8View), ("value", .int64), ("is_sum", .bool),
            ]
        ) { _ throws(IglooError) in
            PluginMetrics.all.map { metric in
                [
                    .text(metric.plugin), .text(metric.name), .int(metric.value),
                    .bool(metric.isSum),
                ]
            }
        },
        SystemTable(
            schema: schema, name: "pg_roles",
            columns: [
                ("oid", .int64), ("rolname", .utf8View), ("rolsuper", .bool),
                ("rolinherit", .bool), ("rolcreaterole", .bool), ("rolcreatedb", .bool),
                ("rolcanlogin", .bool), ("rolconnlimit", .int32),
            ]
        ) { _ throws(IglooError) in
            [
                [
                    .int(ownerId), .text("igloo"), .bool(true), .bool(true), .bool(true),
                    .bool(true), .bool(true), .int(-1),
                ]
            ]
        },
        SystemTable(
            schema: schema, name: "pg_am",
            columns: [("oid", .int64), ("amname", .utf8View), ("amtype", .utf8View)]
        ) { _ throws(IglooError) in
            [
                [.int(2), .text("heap"), .text("t")], [.int(403), .text("btree"), .text("i")],
            ]
        },
        SystemTable(
            schema: schema, name: "pg_tablespace",
            columns: [("oid", .int64), ("spcname", .utf8View), ("spcowner", .int64)]
        ) { _ throws(IglooError) in [[.int(1_663), .text("pg_default"), .int(ownerId)]] },
        SystemTable(
            schema: schema, name: "pg_description",
            columns: [
                ("objoid", .int64), ("classoid", .int64), ("objsubid", .int32),
                ("description", .utf8View),
            ]
        ) { _ throws(IglooError) in [] },
        SystemTable(
            schema: schema, name: "pg_inherits",
            columns: [
                ("inhrelid", .int64), ("inhparent", .int64), ("inhseqno", .int32),
                ("inhdetachpending", .bool),
            ]
        ) { _ throws(IglooError) in [] },
        SystemTable(
            schema: schema, name: "pg_collation",
            columns: [("oid", .int64), ("collname", .utf8View), ("collnamespace", .int64)]
        ) { _ throws(IglooError) in [[.int(950), .text("C"), .int(schemaId)]] },
    ]
}
