// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import IglooTables

/// The SQL standard's tables of what there is.
enum InformationSchema {
    static let schema = "information_schema"

    static let tables: [SystemTable] = [
        SystemTable(
            schema: schema, name: "information_schema_catalog_name",
            columns: [("catalog_name", .utf8View)]
        ) { _ throws(IglooError) in [[.text(MemoryCatalog.name)]] },
        SystemTable(
            schema: schema, name: "schemata",
            columns: texts(
                "catalog_name", "schema_name", "schema_owner", "default_character_set_catalog",
                "default_character_set_schema", "default_character_set_name", "sql_path")
        ) { view throws(IglooError) in
            (view.schemas.map(\.name) + SystemTable.schemas).map { name in
                [.text(MemoryCatalog.name), .text(name), .text("igloo")] + nulls(4)
            }
        },
        SystemTable(
            schema: schema, name: "tables",
            columns: texts(
                "table_catalog", "table_schema", "table_name", "table_type",
                "self_referencing_column_name", "reference_generation",
                "user_defined_type_catalog", "user_defined_type_schema",
                "user_defined_type_name", "is_insertable_into", "is_typed", "commit_action")
        ) { view throws(IglooError) in
            let relations = view.relations + view.foreignRelations(withColumns: false)
            var rows = relations.map { relation -> [Scalar] in
                let isTemporary = relation.schema == view.temporarySchema
                let kind =
                    relation.isView ? "VIEW" : isTemporary ? "LOCAL TEMPORARY" : "BASE TABLE"
                return [
                    .text(relation.catalog), .text(relation.schema), .text(relation.name),
                    .text(kind),
                ] + nulls(5) + [.yesNo(relation.table != nil), .yesNo(false), .null]
            }
            for schema in SystemTable.schemas {
                for name in SystemTable.names(in: schema) {
                    rows.append(
                        [.text(MemoryCatalog.name), .text(schema), .text(name), .text("VIEW")]
                            + nulls(5) + [.yesNo(false), .yesNo(false), .null])
                }
            }
            return rows
        },
        SystemTable(
            schema: schema, name: "columns",
            columns: [
                ("table_catalog", .utf8View), ("table_schema", .utf8View),
                ("table_name", .utf8View), ("column_name", .utf8View),
                ("ordinal_position", .int32), ("column_default", .utf8View),
                ("is_nullable", .utf8View), ("data_type", .utf8View),
                ("character_maximum_length", .int32), ("character_octet_length", .int32),
                ("numeric_precision", .int32), ("numeric_precision_radix", .int32),
                ("numeric_scale", .int32), ("datetime_precision", .int32),
                ("interval_type", .utf8View), ("udt_catalog", .utf8View),
                ("udt_schema", .utf8View), ("udt_name", .utf8View),
                ("is_identity", .utf8View), ("is_generated", .utf8View),
                ("is_updatable", .utf8View),
            ]
        ) { view throws(IglooError) in
            (view.relations + view.foreignRelations(withColumns: true)).flatMap { relation in
                relation.columns.enumerated().map { columnRow(relation, $0, $1, view) }
            }
        },
        SystemTable(
            schema: schema, name: "views",
            columns: texts(
                "table_catalog", "table_schema", "table_name", "view_definition", "check_option",
                "is_updatable", "is_insertable_into")
        ) { view throws(IglooError) in
            view.relations.compactMap { relation in
                relation.view.map {
                    [
                        .text(relation.catalog), .text(relation.schema), .text(relation.name),
                        .text($0.sql), .text("NONE"), .yesNo(false), .yesNo(false),
                    ]
                }
            }
        },
    ]

    private static func columnRow(
        _ relation: SystemView.Relation, _ index: Int, _ column: SystemView.Column,
        _ view: SystemView
    ) -> [Scalar] {
        let type = column.lengthMax == nil ? view.postgresType(column.type) : .varchar
        let isOwn = (column.type.listElement ?? column.type).enumeration != nil
        let number = column.type.numericPrecision
        let isDecimal = type.name == "numeric"
        let isTime = type.category == "D" || type.category == "T"
        return [
            .text(relation.catalog), .text(relation.schema), .text(relation.name),
            .text(column.name), .int(index + 1), .text(column.defaultText),
            .yesNo(column.isNullable), .text(type.standardName),
            column.lengthMax.map { .int($0) } ?? .null, .null,
            number.map { .int($0.precision) } ?? .null,
            number == nil ? .null : .int(isDecimal ? 10 : 2),
            number.map { .int($0.scale) } ?? .null,
            isTime ? .int(type.name == "date" ? 0 : 6) : .null, .null,
            .text(MemoryCatalog.name), .text(isOwn ? relation.schema : "pg_catalog"),
            .text(type.name), .yesNo(column.isIdentity),
            .text(column.isGenerated ? "ALWAYS" : "NEVER"), .yesNo(relation.table != nil),
        ]
    }

    // MARK: - Constraints

    static let constraintTables: [SystemTable] = [
        SystemTable(
            schema: schema, name: "table_constraints",
            columns: texts(
                "constraint_catalog", "constraint_schema", "constraint_name", "table_catalog",
                "table_schema", "table_name", "constraint_type", "is_deferrable",
                "initially_deferred", "enforced")
        ) { view throws(IglooError) in
            constraints(view).map { constraint in
                names(constraint.relation, constraint.name) + place(constraint.relation) + [
                    .text(constraint.kind), .yesNo(false), .yesNo(false), .yesNo(true),
                ]
            }
        },
        SystemTable(
            schema: schema, name: "key_column_usage",
            columns: texts(
                "constraint_catalog", "constraint_schema", "constraint_name", "table_catalog",
                "table_schema", "table_name", "column_name") + [
                    ("ordinal_position", .int32), ("position_in_unique_constraint", .int32),
                ]
        ) { view throws(IglooError) in
            constraints(view).flatMap { constraint in
                constraint.columns.enumerated().map { index, column in
                    names(constraint.relation, constraint.name) + place(constraint.relation)
                        + [
                            .text(column), .int(index + 1),
                            index < constraint.positions.count
                                ? .int(constraint.positions[index]) : .null,
                        ]
                }
            }
        },
        SystemTable(
            schema: schema, name: "constraint_column_usage",
            columns: texts(
                "table_catalog", "table_schema", "table_name", "column_name",
                "constraint_catalog", "constraint_schema", "constraint_name")
        ) { view throws(IglooError) in
            constraints(view).flatMap { constraint in
                // Of a foreign key, the columns that it refers to.
                let used = constraint.parent == nil ? constraint.columns : constraint.parentColumns
                return used.map { column in
                    place(constraint.parent ?? constraint.relation) + [.text(column)]
                        + names(constraint.relation, constraint.name)
                }
            }
        },
        SystemTable(
            schema: schema, name: "check_constraints",
            columns: texts(
                "constraint_catalog", "constraint_schema", "constraint_name", "check_clause")
        ) { view throws(IglooError) in
            view.relations.flatMap { relation in
                (relation.table?.definition.checks ?? []).map { check in
                    names(relation, check.name) + [.text(check.text)]
                }
            }
        },
        SystemTable(
            schema: schema, name: "referential_constraints",
            columns: texts(
                "constraint_catalog", "constraint_schema", "constraint_name",
                "unique_constraint_catalog", "unique_constraint_schema",
                "unique_constraint_name", "match_option", "update_rule", "delete_rule")
        ) { view throws(IglooError) in
            view.relations.flatMap { relation in
                (relation.table?.definition.foreignKeys ?? []).map { key in
                    let parent = view.relations.first { $0.table?.id == key.table }
                    let wanted = parent?.table?.definition.keys.first {
                        Set($0.columns) == Set(key.keyColumns)
                    }
                    let rule =
                        switch key.onDelete {
                        case .none: "NO ACTION"
                        case .cascade: "CASCADE"
                        case .setNull: "SET NULL"
                        }
                    return names(relation, key.name)
                        + (parent.map { names($0, wanted?.name ?? "") } ?? nulls(3))
                        + [.text("NONE"), .text("NO ACTION"), .text(rule)]
                }
            }
        },
    ]

    private struct Constraint {
        var relation: SystemView.Relation
        var name: String
        var kind: String
        var columns: [String] = []
        /// Of a foreign key: the table it speaks of, its columns there, and their places in its key.
        var parent: SystemView.Relation?
        var parentColumns: [String] = []
        var positions: [Int] = []
    }

    private static func constraints(_ view: SystemView) -> [Constraint] {
        var constraints: [Constraint] = []
        for relation in view.relations {
            guard let definition = relation.table?.definition else { continue }
            for key in definition.keys where key.kind != .index {
                constraints.append(
                    Constraint(
                        relation: relation, name: key.name,
                        kind: key.kind == .primary ? "PRIMARY KEY" : "UNIQUE",
                        columns: key.columns.map { definition.columns[$0].name }))
            }
            for key in definition.foreignKeys {
                let parent = view.relations.first { $0.table?.id == key.table }
                let wanted = parent?.table?.definition.keys.first {
                    Set($0.columns) == Set(key.keyColumns)
                }
                constraints.append(
                    Constraint(
                        relation: relation, name: key.name, kind: "FOREIGN KEY",
                        columns: key.columns.map { definition.columns[$0].name }, parent: parent,
                        parentColumns: key.keyColumns.map {
                            parent?.table?.definition.columns[$0].name ?? ""
                        },
                        positions: key.keyColumns.map {
                            (wanted?.columns.firstIndex(of: $0) ?? 0) + 1
                        }))
            }
            for check in definition.checks {
                constraints.append(
                    Constraint(relation: relation, name: check.name, kind: "CHECK"))
            }
        }
        return constraints
    }

    private static func names(_ relation: SystemView.Relation, _ name: String) -> [Scalar] {
        [.text(relation.catalog), .text(relation.schema), .text(name)]
    }

    private static func place(_ relation: SystemView.Relation) -> [Scalar] {
        [.text(relation.catalog), .text(relation.schema), .text(relation.name)]
    }

    static func texts(_ names: String...) -> [(name: String, type: DataType)] {
        names.map { ($0, .utf8View) }
    }

    private static func nulls(_ count: Int) -> [Scalar] { Array(repeating: .null, count: count) }
}
