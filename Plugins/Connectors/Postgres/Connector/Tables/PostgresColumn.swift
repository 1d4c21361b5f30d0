// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFiles

/// A column of a table: what it was declared as, and what it is read as.
struct PostgresColumn: Hashable, Sendable {
    /// How text of the column compares on the server.
    enum Collation: UInt8, Sendable {
        /// Byte by byte, in every respect.
        case bytes = 0
        /// Equal only when the bytes are; the order is another.
        case deterministic = 1
        /// Different bytes may be equal.
        case coarse = 2
    }

    var name: String
    /// As `format_type` writes it.
    var declared: String
    var type: PostgresType
    var isNullable = true
    var collation = Collation.bytes
    /// Read as text, but compared as uuid where that says the same.
    var isUUID = false
    /// The column in SQL: its quoted name, or what it is called in a join.
    var reference: String

    var field: Field {
        Field(
            name, type.arrow, isNullable: isNullable,
            metadata: PostgresExtension.metadata(declared: declared))
    }

    /// The column as the select list has it.
    var selected: String { reference + (type.cast ?? "") }

    func encode(into encoder: inout HandleEncoder) {
        encoder.append(name)
        encoder.append(declared)
        type.encode(into: &encoder)
        encoder.append(isNullable)
        encoder.append(collation.rawValue)
        encoder.append(isUUID)
        encoder.append(reference)
    }

    init(name: String, declared: String, type: PostgresType) {
        self.name = name
        self.declared = declared
        self.type = type
        reference = PostgresText.identifier(name)
    }

    init(from decoder: inout HandleDecoder) throws(IglooError) {
        name = try decoder.string()
        declared = try decoder.string()
        type = try PostgresType(from: &decoder)
        isNullable = try decoder.bool()
        guard let collation = Collation(rawValue: try decoder.byte()) else {
            throw decoder.malformed("an unknown collation")
        }
        self.collation = collation
        isUUID = try decoder.bool()
        reference = try decoder.string()
    }
}

/// Identifiers and literals as PostgreSQL reads them.
enum PostgresText {
    static func identifier(_ name: String) -> String {
        "\"" + doubled(name, "\"") + "\""
    }

    /// Standard strings: a quote is doubled, a backslash is itself.
    static func literal(_ text: String) -> String {
        "'" + doubled(text, "'") + "'"
    }

    private static func doubled(_ text: String, _ quote: Unicode.Scalar) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            result.unicodeScalars.append(scalar)
            if scalar == quote { result.unicodeScalars.append(scalar) }
        }
        return result
    }
}
