// SPDX-License-Identifier: MIT

import Foundation

/// Texts of the same value that other engines write otherwise: their forms, never their values.
enum ForeignText {
    static func agree(_ wanted: String, _ found: String) -> Bool {
        let wanted = dated(wanted)
        if wanted.replacingOccurrences(of: "T", with: " ")
            == found.replacingOccurrences(of: "T", with: " ")
        {
            return true
        }
        if typeName(wanted) == found { return true }
        if found.hasPrefix("\\x"), let bytes = escaped(found) { return bytes == wanted }
        return nestedNumbersAgree(wanted, found)
    }

    /// `0044-03-15 (BC) 12:00:00` as `0044-03-15 12:00:00 BC`.
    private static func dated(_ text: String) -> String {
        guard text.contains(" (BC)") else { return text }
        return text.replacingOccurrences(of: " (BC)", with: "") + " BC"
    }

    private static let typeWords: Set = [
        "BIGINT", "BLOB", "BOOLEAN", "DATE", "DECIMAL", "DOUBLE", "FLOAT", "HUGEINT", "INTEGER",
        "INTERVAL", "JSON", "SMALLINT", "TIME", "TIMESTAMP", "TINYINT", "UBIGINT", "UINTEGER",
        "USMALLINT", "UTINYINT", "UUID", "VARCHAR",
    ]
    private static let otherNames = [
        "TIMESTAMP WITH TIME ZONE": "timestamptz", "TIME WITH TIME ZONE": "timetz",
        "VARCHAR": "text", "FLOAT": "real", "BLOB": "bytea",
    ]

    /// `DECIMAL(4,1)[]` as it is called here.
    private static func typeName(_ text: String) -> String? {
        let word = text.prefix { $0.isLetter || $0 == " " }
        let rest = text[word.endIndex...]
        guard rest.allSatisfy({ "(),[]".contains($0) || $0.isNumber }) else { return nil }
        if let other = otherNames[String(word)] { return other + rest }
        return typeWords.contains(String(word)) ? word.lowercased() + rest : nil
    }

    /// Bytes in hexadecimal digits, as DuckDB writes them: `a\\xFF`.
    private static func escaped(_ hexadecimal: String) -> String? {
        let digits = Array(hexadecimal.utf8.dropFirst(2))
        guard digits.count % 2 == 0 else { return nil }
        var text = ""
        for place in stride(from: 0, to: digits.count, by: 2) {
            let pair = String(decoding: digits[place..<place + 2], as: UTF8.self)
            guard let byte = UInt8(pair, radix: 16) else { return nil }
            let isPlain = byte >= 32 && byte < 127 && !"\\'\"".utf8.contains(byte)
            text += isPlain ? String(UnicodeScalar(byte)) : "\\x" + pair.uppercased()
        }
        return text
    }

    /// `[75.0, nan]` and `[75, NaN]`: lists and structures whose numbers are the same.
    private static func nestedNumbersAgree(_ wanted: String, _ found: String) -> Bool {
        guard let first = wanted.first, first == found.first, "[{".contains(first) else {
            return false
        }
        let (left, right) = (pieces(wanted), pieces(found))
        return left.count == right.count
            && zip(left, right).allSatisfy { $0 == $1 || ResultComparison.areClose($0, $1) }
    }

    /// What stands between brackets, commas, colons and blanks, and these.
    private static func pieces(_ text: String) -> [String] {
        var pieces: [String] = []
        var piece = ""
        for character in text {
            if "[]{}(),:= ".contains(character) {
                pieces += piece.isEmpty ? [String(character)] : [piece, String(character)]
                piece = ""
            } else {
                piece.append(character)
            }
        }
        return pieces
    }
}
