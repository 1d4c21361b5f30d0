// SPDX-License-Identifier: MIT

public import IglooArrow

/// Logical types at the border of a plugin: Arrow's extension types.
///
/// | type | name | storage |
/// |---|---|---|
/// | uuid | `arrow.uuid` | fixed_size_binary(16); read as text too, as `igloo.uuid` |
/// | json, jsonb | `arrow.json`, `igloo.jsonb` | text |
/// | inet, cidr, timetz | `igloo.inet`, `igloo.cidr`, `igloo.timetz` | text |
/// | enum | `igloo.enum` | text; the metadata has the type's name and labels, one a line |
///
/// - Source: Arrow, "Canonical Extension Types".
extension LogicalType {
    private static let nameKey = "ARROW:extension:name"
    private static let metadataKey = "ARROW:extension:metadata"

    /// What the field is declared to be; `nil` where that is no type of the engine's, or its
    /// storage is another one.
    public init?(_ field: Field) {
        guard let name = field.metadata[Self.nameKey] else { return nil }
        let storage = field.type.valuesType
        switch name {
        case "arrow.uuid" where storage == .fixedSizeBinary(byteCount: 16): self = .uuid
        case "igloo.uuid" where storage.isText: self = .uuid
        case "arrow.json" where storage.isText: self = .json
        case "igloo.jsonb" where storage.isText: self = .jsonb
        case "igloo.inet" where storage.isText: self = .inet
        case "igloo.cidr" where storage.isText: self = .cidr
        case "igloo.timetz" where storage.isText: self = .timetz
        case "igloo.enum" where storage.isText:
            guard let type = EnumerationType(lines: field.metadata[Self.metadataKey] ?? "") else {
                return nil
            }
            self = .enumeration(type)
        default: return nil
        }
    }

    /// The extension type's name.
    private var extensionName: String {
        switch self {
        case .uuid: "arrow.uuid"
        case .json: "arrow.json"
        case .jsonb: "igloo.jsonb"
        case .inet: "igloo.inet"
        case .cidr: "igloo.cidr"
        case .timetz: "igloo.timetz"
        case .enumeration: "igloo.enum"
        }
    }

    /// The type that values have beyond the border.
    var exportedType: DataType {
        self == .uuid ? .fixedSizeBinary(byteCount: 16) : .utf8View
    }

    /// What a field of this type says of itself beyond the border.
    func exportedMetadata(asText: Bool) -> [Metadata.Pair] {
        var parameters = ""
        if case .enumeration(let type) = self { parameters = type.lines }
        let name = self == .uuid && asText ? "igloo.uuid" : extensionName
        return [
            Metadata.Pair(key: Self.nameKey, value: name),
            Metadata.Pair(key: Self.metadataKey, value: parameters),
        ]
    }

    static func isOwn(_ pair: Metadata.Pair) -> Bool {
        pair.key == nameKey || pair.key == metadataKey
    }
}

extension DataType {
    /// The type of the values, whatever their encoding.
    fileprivate var valuesType: DataType {
        switch self {
        case .dictionary(_, let value, _): value
        case .runEndEncoded(_, let values): values.type
        default: self
        }
    }
}

extension EnumerationType {
    /// Name and labels, one a line.
    fileprivate var lines: String {
        ([name] + labels).map { line in
            var escaped = ""
            for character in line.unicodeScalars {
                switch character {
                case "\\": escaped += "\\\\"
                case "\n": escaped += "\\n"
                default: escaped.unicodeScalars.append(character)
                }
            }
            return escaped
        }.joined(separator: "\n")
    }

    fileprivate init?(lines: String) {
        var parts: [String] = [""]
        var isEscaped = false
        for character in lines.unicodeScalars {
            if isEscaped {
                parts[parts.count - 1].unicodeScalars.append(character == "n" ? "\n" : character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "\n" {
                parts.append("")
            } else {
                parts[parts.count - 1].unicodeScalars.append(character)
            }
        }
        let labels = Array(parts.dropFirst())
        guard !parts[0].isEmpty, Set(labels).count == labels.count else { return nil }
        self.init(name: parts[0], labels: labels)
    }
}
