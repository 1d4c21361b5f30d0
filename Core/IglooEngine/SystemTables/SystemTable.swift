// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import IglooTables

/// A table that says what there is: its rows are made when a statement names it.
struct SystemTable: Sendable {
    var schema: String
    var name: String
    var columns: [(name: String, type: DataType)]
    var rows: @Sendable (SystemView) throws(IglooError) -> [[Scalar]]

    static let schemas = ["information_schema", "pg_catalog"]

    /// By schema and name.
    private static let all: [String: SystemTable] = {
        var tables: [String: SystemTable] = [:]
        let groups = [
            InformationSchema.tables, InformationSchema.constraintTables, PostgresCatalog.tables,
            PostgresCatalog.smallTables, CatalogObjects.tables, EmptyCatalogTables.tables,
        ]
        for table in groups.joined() { tables["\(table.schema).\(table.name)"] = table }
        return tables
    }()

    /// The table of these name parts; pg_catalog needs not be named.
    static func find(_ parts: [String]) -> SystemTable? {
        var parts = parts.map { $0.lowercased() }
        if parts.count == 3, MemoryCatalog.isOwn(parts[0]) { parts.removeFirst() }
        switch parts.count {
        case 1: return all["pg_catalog.\(parts[0])"]
        case 2: return all["\(parts[0]).\(parts[1])"]
        default: return nil
        }
    }

    /// The names in one of the system's schemas.
    static func names(in schema: String) -> [String] {
        all.values.filter { $0.schema == schema.lowercased() }.map(\.name).sorted()
    }

    /// - Parameter view: `nil` = no rows.
    func source(_ view: SystemView?) throws(IglooError) -> TableSource {
        var table = ValueTable(columns)
        if let view { for row in try rows(view) { table.append(row) } }
        let held = HeldRows(table.schema)
        held.set([try table.batch()])
        return held.source(named: "\(schema).\(name)")
    }
}

/// What system tables look at.
struct SystemView: Sendable {
    var database: Database
    var catalogs: CatalogSet
    var settings: Settings
    /// Schemas that no other session sees.
    var temporarySchema: String
    var context: CallContext

    /// A column of a table or view.
    struct Column: Sendable {
        var name: String
        var type: DataType
        var lengthMax: Int?
        var isNullable = true
        var defaultText: String?
        /// What GENERATED ALWAYS AS says.
        var generatedText: String?
        var identity: TableDefinition.ColumnSequence.Identity?

        var isIdentity: Bool { identity != nil }
        var isGenerated: Bool { generatedText != nil }

        var typeName: String { lengthMax.map { "varchar(\($0))" } ?? type.sqlName }
    }

    struct Relation: Sendable {
        var catalog: String
        var schema: String
        var name: String
        /// 0 outside of the memory.
        var id: Int
        var table: Table?
        var view: ViewDefinition?
        var columns: [Column]

        var isView: Bool { view != nil }
    }

    /// What a view's columns are; set by who can bind queries.
    var columnsOfView: @Sendable (ViewDefinition) throws(IglooError) -> [Column]

    /// Schemas in memory that this session may name, with their numbers.
    var schemas: [(name: String, id: Int)] {
        database.schemaNames.compactMap { name in
            let isForeign = name.hasPrefix("temp_") && name != temporarySchema
            return isForeign ? nil : database.schemas[name].map { (name, $0.id) }
        }
    }

    /// Tables and views in memory. A view that cannot be bound any more has no columns.
    var relations: [Relation] {
        var relations: [Relation] = []
        for (schema, _) in schemas {
            for name in database.names(in: schema) {
                guard let relation = database.relations[RelationName(schema, name)] else {
                    continue
                }
                var result = Relation(
                    catalog: MemoryCatalog.name, schema: schema, name: name, id: relation.id,
                    columns: [])
                switch relation.entry {
                case .sequence, .type, .macro: continue
                case .view(let view):
                    result.view = view
                    result.columns = (try? columnsOfView(view)) ?? []
                case .table(let id):
                    result.table = database.table(id: id)
                    result.columns =
                        result.table?.definition.columns.map {
                            Column(
                                name: $0.name, type: $0.type, lengthMax: $0.lengthMax,
                                isNullable: $0.isNullable, defaultText: $0.defaultText,
                                generatedText: $0.generatedText,
                                identity: $0.sequence?.identity)
                        } ?? []
                }
                relations.append(result)
            }
        }
        return relations
    }

    /// Tables of the other catalogs. One that cannot be reached is told and left out.
    func foreignRelations(withColumns: Bool) -> [Relation] {
        var relations: [Relation] = []
        for name in catalogs.names {
            guard let instance = catalogs.instance(name) else { continue }
            do throws(IglooError) {
                let connector = try instance.open(context).connector
                for schema in try connector.listSchemas(context) {
                    for table in try connector.listTables(schema: schema, prefix: "", context) {
                        var relation = Relation(
                            catalog: name, schema: schema, name: table.name, id: 0, columns: [])
                        if table.kind == .view {
                            relation.view = ViewDefinition(sql: "", columnNames: [])
                        }
                        if withColumns {
                            let opened = try connector.openTable(
                                schema: schema, name: table.name, context)
                            relation.columns = opened.schema.fields.map {
                                Column(
                                    name: $0.name, type: EngineType.canonical($0) ?? $0.type,
                                    isNullable: $0.isNullable)
                            }
                        }
                        relations.append(relation)
                    }
                }
            } catch {
                context.notices.add(
                    Notice("catalog \"\(name)\" was left out: \(error.message)"))
            }
        }
        return relations
    }
}
