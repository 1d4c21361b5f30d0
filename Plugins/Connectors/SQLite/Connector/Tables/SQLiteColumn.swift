// SPDX-License-Identifier: MIT

import IglooArrow
import IglooFiles

/// A column of a table: what it was declared as, and what it is read as.
struct SQLiteColumn: Hashable, Sendable {
    var name: String
    /// As in CREATE TABLE; "" when nothing was declared.
    var declared: String
    var type: DataType
    var isNullable = true

    /// Whether SQLite itself turns numbers into text when it stores them.
    var hasTextAffinity: Bool { Self.affinity(declared) == .text }

    enum Affinity { case integer, text, blob, real, numeric }

    /// - Source: "Datatypes In SQLite", section 3.1.
    static func affinity(_ declared: String) -> Affinity {
        let upper = declared.uppercased()
        if upper.contains("INT") { return .integer }
        if upper.contains("CHAR") || upper.contains("CLOB") || upper.contains("TEXT") {
            return .text
        }
        if upper.isEmpty || upper.contains("BLOB") { return .blob }
        if upper.contains("REAL") || upper.contains("FLOA") || upper.contains("DOUB") {
            return .real
        }
        return .numeric
    }

    /// The type a declaration promises, or `nil` when it promises none and the values must tell.
    static func type(declared: String) -> DataType? {
        let words = declared.uppercased().split(separator: " ").joined(separator: " ")
        let base = words.prefix { $0 != "(" }.split(separator: " ").joined(separator: " ")
        switch base {
        case "BOOLEAN", "BOOL": return .bool
        case "DATE": return .date32
        case "TIME": return .time64(.microsecond)
        case "DATETIME", "TIMESTAMP", "TIMESTAMP WITHOUT TIME ZONE":
            return .timestamp(.microsecond, timeZone: nil)
        case "TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE":
            return .timestamp(.microsecond, timeZone: "UTC")
        case "DECIMAL", "NUMERIC", "NUMBER":
            guard words.contains("(") else { return .float64 }
            return SQLTypeName.parse("DECIMAL" + words.drop { $0 != "(" }) ?? .float64
        case "STRING", "JSON", "UUID": return .utf8View
        default: break
        }
        switch affinity(declared) {
        case .integer: return .int64
        case .text: return .utf8View
        case .real: return .float64
        case .blob: return declared.isEmpty ? nil : .binaryView
        case .numeric: return nil
        }
    }

    /// The type of values whose storage classes are known: as wide as needed.
    static func type(storage classes: Set<String>) -> DataType {
        switch classes.subtracting(["null"]) {
        case ["integer"]: .int64
        case ["real"], ["integer", "real"]: .float64
        case ["blob"]: .binaryView
        default: .utf8View
        }
    }
}
