// SPDX-License-Identifier: MIT

import IglooArrow

/// The server's types that Igloo has, and Arrow only as extension types.
enum PostgresExtension {
    private static let nameKey = "ARROW:extension:name"

    /// What a column says of its type, which is read as text.
    ///
    /// - Parameter declared: as `format_type` writes it.
    static func metadata(declared: String) -> Metadata {
        name(declared).map { [nameKey: $0] } ?? [:]
    }

    private static func name(_ declared: String) -> String? {
        switch declared {
        case "uuid": "igloo.uuid"
        case "json": "arrow.json"
        case "jsonb": "igloo.jsonb"
        case "inet": "igloo.inet"
        case "cidr": "igloo.cidr"
        case _
        where declared.hasPrefix("time") && declared.hasSuffix(" with time zone")
            && !declared.hasPrefix("timestamp"):
            "igloo.timetz"
        default: nil
        }
    }

    /// The server's type for a column that says what it is.
    static func declaration(_ field: Field) -> String? {
        switch field.metadata[nameKey] {
        case "arrow.uuid", "igloo.uuid": "uuid"
        case "arrow.json": "json"
        case "igloo.jsonb": "jsonb"
        case "igloo.inet": "inet"
        case "igloo.cidr": "cidr"
        case "igloo.timetz": "timetz"
        default: nil
        }
    }

    /// Whether the column's values are the 16 bytes of a uuid.
    static func isBinaryUUID(_ field: Field) -> Bool {
        field.metadata[nameKey] == "arrow.uuid" && field.type == .fixedSizeBinary(byteCount: 16)
    }
}
