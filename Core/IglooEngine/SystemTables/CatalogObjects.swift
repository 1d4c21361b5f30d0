// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import IglooTables

/// Types, sequences and macros in the tables of pg_catalog and information_schema.
enum CatalogObjects {
    static let tables: [SystemTable] = [
        SystemTable(
            schema: "pg_catalog", name: "pg_enum",
            columns: [
                ("oid", .int64), ("enumtypid", .int64), ("enumsortorder", .float32),
                ("enumlabel", .utf8View),
            ]
        ) { view throws(IglooError) in
            view.types.flatMap { type in
                (type.type.enumeration?.labels ?? []).enumerated().map { index, label in
                    [
                        .int(arrayOid(of: type.id) + 1 + index), .int(type.id),
                        .float(Double(index + 1)), .text(label),
                    ]
                }
            }
        },
        SystemTable(
            schema: "pg_catalog", name: "pg_sequence",
            columns: [
                ("seqrelid", .int64), ("seqtypid", .int64), ("seqstart", .int64),
                ("seqincrement", .int64), ("seqmax", .int64), ("seqmin", .int64),
                ("seqcache", .int64), ("seqcycle", .bool),
            ]
        ) { view throws(IglooError) in
            view.sequences.map { sequence in
                let definition = sequence.sequence.definition
                return [
                    .int(sequence.id), .int(PostgresType(definition.type).oid),
                    .int(definition.start), .int(definition.increment),
                    .int(definition.range.upperBound), .int(definition.range.lowerBound),
                    .int(1), .bool(definition.cycles),
                ]
            }
        },
        SystemTable(
            schema: "pg_catalog", name: "pg_sequences",
            columns: [
                ("schemaname", .utf8View), ("sequencename", .utf8View),
                ("sequenceowner", .utf8View), ("data_type", .utf8View), ("start_value", .int64),
                ("min_value", .int64), ("max_value", .int64), ("increment_by", .int64),
                ("cycle", .bool), ("cache_size", .int64), ("last_value", .int64),
            ]
        ) { view throws(IglooError) in
            view.sequences.map { sequence in
                let definition = sequence.sequence.definition
                let (last, isGiven) = sequence.sequence.lastValue
                return [
                    .text(sequence.schema), .text(sequence.name), .text("igloo"),
                    .text(definition.type.sqlName), .int(definition.start),
                    .int(definition.range.lowerBound), .int(definition.range.upperBound),
                    .int(definition.increment), .bool(definition.cycles), .int(1),
                    isGiven ? .int(last) : .null,
                ]
            }
        },
        SystemTable(
            schema: "information_schema", name: "sequences",
            columns: InformationSchema.texts(
                "sequence_catalog", "sequence_schema", "sequence_name", "data_type")
                + [
                    ("numeric_precision", .int32), ("numeric_precision_radix", .int32),
                    ("numeric_scale", .int32),
                ]
                + InformationSchema.texts(
                    "start_value", "minimum_value", "maximum_value", "increment", "cycle_option")
        ) { view throws(IglooError) in
            view.sequences.map { sequence in
                let definition = sequence.sequence.definition
                let bits = definition.type.numericPrecision?.precision ?? 64
                return [
                    .text(MemoryCatalog.name), .text(sequence.schema), .text(sequence.name),
                    .text(definition.type.sqlName), .int(bits), .int(2), .int(0),
                    .text("\(definition.start)"), .text("\(definition.range.lowerBound)"),
                    .text("\(definition.range.upperBound)"), .text("\(definition.increment)"),
                    .yesNo(definition.cycles),
                ]
            }
        },
    ]

    /// Numbers of what belongs to an object; objects themselves have smaller ones.
    static func arrayOid(of id: Int) -> Int { 1_000_000_000 + id * 10_000 }
}

extension SystemView {
    /// Types that CREATE TYPE made.
    var types: [(schema: String, name: String, id: Int, type: DataType)] {
        schemas.flatMap { schema in
            database.objects(in: schema.name).compactMap { object in
                guard case .type(let type) = object.relation.entry else { return nil }
                return (schema.name, object.name.name, object.relation.id, type)
            }
        }
    }

    var sequences: [(schema: String, name: String, id: Int, sequence: NumberSequence)] {
        schemas.flatMap { schema in
            database.objects(in: schema.name).compactMap { object in
                guard case .sequence(let sequence) = object.relation.entry else { return nil }
                return (schema.name, object.name.name, object.relation.id, sequence)
            }
        }
    }

    /// PostgreSQL's number of a type, those that were declared among them.
    func postgresType(_ type: DataType) -> PostgresType {
        if let element = type.listElement, element.enumeration != nil {
            let inner = postgresType(element)
            return PostgresType(
                oid: inner.arrayOid, name: "_\(inner.name)", standardName: "ARRAY",
                byteCount: -1, arrayOid: 0, category: "A")
        }
        guard let enumeration = type.enumeration else { return PostgresType(type) }
        let id = types.first { $0.type == type }?.id ?? 0
        return PostgresType(
            oid: id, name: enumeration.name, standardName: "USER-DEFINED", byteCount: 4,
            arrayOid: CatalogObjects.arrayOid(of: id), category: "E")
    }
}
