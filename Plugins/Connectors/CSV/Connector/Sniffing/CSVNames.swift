// SPDX-License-Identifier: MIT

/// Names of columns as SQL can use them: none empty, none twice.
enum CSVNames {
    /// `column0`, or `column00` and so on when there are more than ten.
    static func numbered(_ count: Int) -> [String] {
        let width = "\(max(count - 1, 0))".count
        return (0..<count).map { number in
            let digits = "\(number)"
            return "column" + String(repeating: "0", count: width - digits.count) + digits
        }
    }

    static func tidied(_ names: [String]) -> [String] {
        var taken: Set<String> = []
        var tidied: [String] = []
        for (index, raw) in names.enumerated() {
            var name = raw
            while name.hasPrefix(" ") { name.removeFirst() }
            while name.hasSuffix(" ") { name.removeLast() }
            if name.isEmpty { name = "column\(index)" }
            var unique = name
            var number = 1
            while taken.contains(unique.lowercased()) {
                unique = "\(name)_\(number)"
                number += 1
            }
            taken.insert(unique.lowercased())
            tidied.append(unique)
        }
        return tidied
    }

    /// A name that needs no quotes: ASCII letters in lower case, digits and `_`; neither a digit
    /// in front nor a word that SQL reserves.
    static func normalized(_ name: String) -> String {
        var plain = ""
        for scalar in name.unicodeScalars {
            let isKept =
                scalar.properties.isAlphabetic
                || (scalar.isASCII && scalar.properties.numericType != nil)
            if isKept {
                plain += String(scalar).lowercased()
            } else if !plain.isEmpty && !plain.hasSuffix("_") {
                plain += "_"
            }
        }
        if plain.hasSuffix("_") { plain.removeLast() }
        if plain.isEmpty { return "" }
        let isReserved = reserved.contains(plain) || plain.first?.isNumber == true
        return isReserved ? "_" + plain : plain
    }

    /// - Source: PostgreSQL 16, appendix C, "SQL Key Words": the reserved ones.
    private static let reserved: Set<String> = [
        "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "both",
        "case", "cast", "check", "collate", "column", "constraint", "create", "current_catalog",
        "current_date", "current_role", "current_time", "current_timestamp", "current_user",
        "default", "deferrable", "desc", "distinct", "do", "else", "end", "except", "false",
        "fetch", "for", "foreign", "from", "grant", "group", "having", "in", "initially",
        "intersect", "into", "lateral", "leading", "limit", "localtime", "localtimestamp", "not",
        "null", "offset", "on", "only", "or", "order", "placing", "primary", "references",
        "returning", "select", "session_user", "some", "symmetric", "system_user", "table", "then",
        "to", "trailing", "true", "union", "unique", "user", "using", "variadic", "when", "where",
        "window", "with",
    ]
}
