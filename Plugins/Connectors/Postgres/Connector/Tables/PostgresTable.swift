// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFiles

/// A table, view or other relation as it was opened; the content of its handle.
struct PostgresTable: Sendable {
    static let tag: UInt8 = 0xD1

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

    var schema: Schema { Schema(columns.map(\.field)) }
    var quotedName: String {
        PostgresText.identifier(schemaName) + "." + PostgresText.identifier(name)
    }

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
    }

    init(handle: [UInt8]) throws(IglooError) {
        var decoder = try HandleDecoder(handle, tag: Self.tag, "postgres table handle")
        try self.init(from: &decoder)
        try decoder.expectEnd()
    }

    init(from decoder: inout HandleDecoder) throws(IglooError) {
        schemaName = try decoder.string()
        name = try decoder.string()
        oid = try decoder.int64()
        hasPages = try decoder.bool()
        fingerprint = try decoder.string()
        isUTF8 = try decoder.bool()
        for _ in 0..<(try decoder.count()) { columns.append(try PostgresColumn(from: &decoder)) }
    }
}
