// SPDX-License-Identifier: MIT

import IglooArrow
import IglooSQL

/// `read_csv(['a.csv', 'b.csv'])`: the rows of all files, one after the other.
enum FileList {
    /// The query of the files' rows; `nil` where a path is no text, or an option cannot be written.
    static func query(
        _ function: String, _ paths: [Scalar], _ named: [(name: String, value: Scalar)]
    ) -> String? {
        var isByName = false
        var options = ""
        for (name, value) in named {
            if name.lowercased() == "union_by_name", case .bool(let value) = value {
                isByName = value
                continue
            }
            guard let literal = literal(value) else { return nil }
            options += ", \(SQLPrinter.quotedIfNeeded(name)) := \(literal)"
        }
        var parts: [String] = []
        for path in paths {
            guard case .text(let text) = path else { return nil }
            parts.append("SELECT * FROM \(function)(\(SQLPrinter.quoted(text))\(options))")
        }
        return parts.joined(separator: isByName ? " UNION ALL BY NAME " : " UNION ALL ")
    }

    private static func literal(_ value: Scalar) -> String? {
        switch value {
        case .bool(let value): return value ? "true" : "false"
        case .int(let value): return String(value)
        case .uint(let value): return String(value)
        case .float(let value) where value.isFinite: return String(value)
        case .text(let text): return SQLPrinter.quoted(text)
        case .list(let values):
            let items = values.compactMap { literal($0) }
            return items.count == values.count ? "[\(items.joined(separator: ", "))]" : nil
        case .map(let pairs):
            var fields: [String] = []
            for pair in pairs {
                guard case .structure(let parts) = pair, parts.count == 2,
                    case .text(let key) = parts[0], let value = literal(parts[1])
                else { return nil }
                fields.append("\(SQLPrinter.quoted(key)): \(value)")
            }
            return "{\(fields.joined(separator: ", "))}"
        default: return nil
        }
    }
}
