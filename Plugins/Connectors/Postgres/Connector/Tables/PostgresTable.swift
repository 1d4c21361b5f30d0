// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFiles

/// A table, view or other relation as it was opened, or a join of such; the content of its handle.
struct PostgresTable: Sendable {
    static let tag: UInt8 = 0xD1

    /// A join in the place of a relation.
    struct Joined: Sendable {
        /// What stands after FROM.
        var sql: String
        /// What is joined, without columns.
        var relations: [PostgresTable]
    }

    var schemaName: String
    var name: String
    /// The relation's object id: another table of the same name is not this one.
    var oid: Int64
    /// Has pages of its own that can be read apart.
    var hasPages: Bool
    /// Of the columns' names and types, as the catalog had them.
    var fingerprint: String
    /// Text is stored as UTF-8, so that its order by bytes is that of the server's `COLLATE "C"`.
    var isUTF8: Bool
    var columns: [PostgresColumn] = []
    /// `nil` = a relation.
    var joined: Joined?

    var schema: Schema { Schema(columns.map(\.field)) }
    /// As messages call it.
    var quotedName: String {
        if let joined { return joined.relations.map(\.quotedName).joined(separator: ", ") }
        return PostgresText.identifier(schemaName) + "." + PostgresText.identifier(name)
    }
    /// What stands after FROM.
    var from: String { joined?.sql ?? quotedName }
    /// The relations that its rows come from.
    var relations: [PostgresTable] { joined?.relations ?? [self] }

    init(
        schemaName: String, name: String, oid: Int64, hasPages: Bool, fingerprint: String,
        isUTF8: Bool
    ) {
        self.schemaName = schemaName
        self.name = name
        self.oid = oid
        self.hasPages = hasPages
        self.fingerprint = fingerprint
        self.isUTF8 = isUTF8
    }

    /// A join, of the server of its relations.
    init(_ joined: Joined, isUTF8: Bool, columns: [PostgresColumn]) {
        self.init(
            schemaName: "", name: "", oid: 0, hasPages: false, fingerprint: "", isUTF8: isUTF8)
        self.columns = columns
        self.joined = joined
    }

    func encoded() -> [UInt8] {
        var encoder = HandleEncoder(tag: Self.tag)
        encode(into: &encoder)
        return encoder.bytes
    }

    func encode(into encoder: inout HandleEncoder) {
        encoder.append(schemaName)
        encoder.append(name)
        encoder.append(oid)
        encoder.append(hasPages)
        encoder.append(fingerprint)
        encoder.append(isUTF8)
        encoder.append(unsigned: UInt64(columns.count))
        for column in columns { column.encode(into: &encoder) }
        encoder.append(joined?.sql)
        guard let joined else { return }
        encoder.append(unsigned: UInt64(joined.relations.count))
        for relation in joined.relations { relation.encode(into: &encoder) }
    }

    init(handle: [UInt8]) throws(IglooError) {
        var decoder = try HandleDecoder(handle, tag: Self.tag, "postgres table handle")
        try self.init(from: &decoder)
        try decoder.expectEnd()
    }

    /// - Parameter mayJoin: relations of a join are none themselves.
    init(from decoder: inout HandleDecoder, mayJoin: Bool = true) throws(IglooError) {
        schemaName = try decoder.string()
        name = try decoder.string()
        oid = try decoder.int64()
        hasPages = try decoder.bool()
        fingerprint = try decoder.string()
        isUTF8 = try decoder.bool()
        for _ in 0..<(try decoder.count()) { columns.append(try PostgresColumn(from: &decoder)) }
        guard let sql = try decoder.optionalString(), mayJoin else { return }
        var joined = Joined(sql: sql, relations: [])
        for _ in 0..<(try decoder.count()) {
            joined.relations.append(try PostgresTable(from: &decoder, mayJoin: false))
        }
        self.joined = joined
    }
}
