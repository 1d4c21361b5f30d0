// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFiles

/// A table or view as it was opened; the content of its handle.
struct SQLiteTable: Sendable {
    static let tag: UInt8 = 0xE1

    var path: String
    var name: String
    var columns: [SQLiteColumn] = []
    /// A name under which no column hides the row id; `nil` for views and tables without one.
    var rowIdName: String?
    /// Text compares in the order of its UTF-8 bytes (it does not in UTF-16 databases).
    var isUTF8 = true
    /// SQLite itself keeps its columns to their types.
    var isStrict = false
    var schemaVersion: Int64 = 0
    var policy = SQLiteMismatchPolicy.error
    var busyTimeoutMilliseconds = 5000

    var schema: Schema {
        Schema(columns.map { Field($0.name, $0.type, isNullable: $0.isNullable) })
    }

    init(path: String, name: String) {
        self.path = path
        self.name = name
    }

    func encoded() throws(IglooError) -> [UInt8] {
        var encoder = HandleEncoder(tag: Self.tag)
        try encode(into: &encoder)
        return encoder.bytes
    }

    func encode(into encoder: inout HandleEncoder) throws(IglooError) {
        encoder.append(path)
        encoder.append(name)
        try encoder.append(schema)
        for column in columns { encoder.append(column.declared) }
        encoder.append(rowIdName)
        encoder.append(isUTF8)
        encoder.append(isStrict)
        encoder.append(schemaVersion)
        encoder.append(policy.rawValue)
        encoder.append(busyTimeoutMilliseconds)
    }

    init(handle: [UInt8]) throws(IglooError) {
        var decoder = try HandleDecoder(handle, tag: Self.tag, "sqlite table handle")
        try self.init(from: &decoder)
        try decoder.expectEnd()
    }

    init(from decoder: inout HandleDecoder) throws(IglooError) {
        path = try decoder.string()
        name = try decoder.string()
        for field in try decoder.schema().fields {
            guard SQLiteColumnBuilder.canHold(field.type) else {
                throw decoder.malformed("\(field.type) is not a type of sqlite columns")
            }
            columns.append(
                SQLiteColumn(
                    name: field.name, declared: try decoder.string(), type: field.type,
                    isNullable: field.isNullable))
        }
        rowIdName = try decoder.optionalString()
        isUTF8 = try decoder.bool()
        isStrict = try decoder.bool()
        schemaVersion = try decoder.int64()
        guard let policy = SQLiteMismatchPolicy(rawValue: try decoder.byte()) else {
            throw decoder.malformed("an unknown policy")
        }
        self.policy = policy
        busyTimeoutMilliseconds = try decoder.index(below: 3_600_001)
    }

    /// A connection to the database, which must still have the schema it was opened with.
    func connect(_ context: CallContext) throws(IglooError) -> SQLiteDatabase {
        let database = try SQLiteDatabase(
            path: path, busyTimeoutMilliseconds: busyTimeoutMilliseconds, context)
        guard try database.integer("PRAGMA main.schema_version") == schemaVersion else {
            throw IglooError(
                .invalidState, "the schema of database '\(path)' changed", isRetryable: true)
        }
        return database
    }
}
