// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooContracts

/// A column as an option names it.
public struct TypedName: Hashable, Sendable {
    public var name: String
    public var type: DataType

    public init(name: String, type: DataType) {
        self.name = name
        self.type = type
    }
}

/// Columns as options write them: `name TYPE`, `name: TYPE`, or a whole `{'a': 'INT', ...}`.
public enum ColumnList {
    public static func parse(
        _ texts: [String], option: String
    ) throws(IglooError) -> [TypedName] {
        var columns: [TypedName] = []
        for text in texts {
            for part in split(text) {
                let (name, type) = try column(part, option)
                columns.append(TypedName(name: name, type: type))
            }
        }
        return columns
    }

    /// Parts at commas outside of quotes and parentheses.
    private static func split(_ text: String) -> [String] {
        var body = trimmed(text)
        if body.hasPrefix("{") && body.hasSuffix("}") {
            body = String(body.dropFirst().dropLast())
        }
        var parts: [String] = [""]
        var (depth, quote): (Int, Character?) = (0, nil)
        for character in body {
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "'" || character == "\"" {
                quote = character
            } else if character == "(" {
                depth += 1
            } else if character == ")" {
                depth -= 1
            } else if character == "," && depth == 0 {
                parts.append("")
                continue
            }
            parts[parts.count - 1].append(character)
        }
        return parts.map(trimmed).filter { !$0.isEmpty }
    }

    private static func column(
        _ text: String, _ option: String
    ) throws(IglooError) -> (String, DataType) {
        var name = ""
        var rest = text[...]
        if let open = text.first, open == "'" || open == "\"" {
            let close = text.dropFirst().firstIndex(of: open)
            guard let close else { throw malformed(text, option) }
            name = String(text[text.index(after: text.startIndex)..<close])
            rest = text[text.index(after: close)...]
        } else if let end = text.firstIndex(where: { $0 == ":" || $0 == "=" || $0 == " " }) {
            name = String(text[..<end])
            rest = text[end...]
        } else {
            throw malformed(text, option)
        }
        let separators: Set<Character> = [" ", ":", "="]
        let typeText = trimmed(String(rest.drop { separators.contains($0) }))
        let plain = typeText.filter { $0 != "'" && $0 != "\"" }
        guard !name.isEmpty, !plain.isEmpty else { throw malformed(text, option) }
        guard let type = SQLTypeName.parse(plain) else {
            throw IglooError(
                .invalidArgument,
                "option \(option): '\(plain)' of column '\(name)' is no type"
                    + " that text files can hold",
                hint: "types are BOOLEAN, TINYINT to BIGINT, REAL, DOUBLE, DECIMAL(p,s), VARCHAR,"
                    + " DATE, TIME, TIMESTAMP, TIMESTAMPTZ")
        }
        return (name, type)
    }

    private static func malformed(_ text: String, _ option: String) -> IglooError {
        IglooError(
            .invalidArgument, "option \(option): '\(text)' is not a column with its type",
            hint: "write \(option) = {'a': 'BIGINT', 'b': 'VARCHAR'}")
    }

    private static func trimmed(_ text: String) -> String {
        var part = text[...]
        while let first = part.first, first.isWhitespace { part = part.dropFirst() }
        while let last = part.last, last.isWhitespace { part = part.dropLast() }
        return String(part)
    }
}

/// SQL's names of the types a text file can hold.
public enum SQLTypeName {
    public static func parse(_ text: String) -> DataType? {
        let upper = text.uppercased()
        if let open = upper.firstIndex(of: "(") { return parseWithArguments(upper, open) }
        switch upper {
        case "BOOLEAN", "BOOL", "LOGICAL": return .bool
        case "TINYINT", "INT1": return .int8
        case "SMALLINT", "INT2", "SHORT": return .int16
        case "INTEGER", "INT", "INT4", "SIGNED": return .int32
        case "BIGINT", "INT8", "LONG": return .int64
        case "UTINYINT": return .uint8
        case "USMALLINT": return .uint16
        case "UINTEGER": return .uint32
        case "UBIGINT": return .uint64
        case "REAL", "FLOAT", "FLOAT4": return .float32
        case "DOUBLE", "DOUBLE PRECISION", "FLOAT8": return .float64
        case "DECIMAL", "NUMERIC": return .decimal64(precision: 18, scale: 3)
        case "VARCHAR", "TEXT", "STRING", "CHAR", "BPCHAR", "JSON": return .utf8View
        case "DATE": return .date32
        case "TIME": return .time64(.microsecond)
        case "TIMESTAMP", "DATETIME": return .timestamp(.microsecond, timeZone: nil)
        case "TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE":
            return .timestamp(.microsecond, timeZone: "UTC")
        default: return nil
        }
    }

    private static func parseWithArguments(_ upper: String, _ open: String.Index) -> DataType? {
        guard upper.hasSuffix(")") else { return nil }
        let name = upper[..<open].filter { $0 != " " }
        let parts = upper[upper.index(after: open)...].dropLast().split(separator: ",")
        var numbers: [Int] = []
        for part in parts {
            guard let number = Int(part.filter { $0 != " " }) else { return nil }
            numbers.append(number)
        }
        switch name {
        case "VARCHAR", "CHAR", "BPCHAR", "TEXT", "STRING": return .utf8View
        case "DECIMAL", "NUMERIC":
            guard numbers.count == 1 || numbers.count == 2, numbers[0] >= 1, numbers[0] <= 38
            else { return nil }
            let scale = numbers.count == 2 ? numbers[1] : 0
            guard scale >= 0, scale <= numbers[0] else { return nil }
            return numbers[0] <= 18
                ? .decimal64(precision: numbers[0], scale: scale)
                : .decimal128(precision: numbers[0], scale: scale)
        default: return nil
        }
    }

    /// Whether a text file's column can have this type.
    public static func isReadable(_ type: DataType) -> Bool {
        switch type {
        case .null, .binaryView, .list, .structure: false
        default: true
        }
    }

    /// The name of a type, for messages.
    public static func name(_ type: DataType) -> String {
        switch type {
        case .bool: "BOOLEAN"
        case .int8: "TINYINT"
        case .int16: "SMALLINT"
        case .int32: "INTEGER"
        case .int64: "BIGINT"
        case .uint8: "UTINYINT"
        case .uint16: "USMALLINT"
        case .uint32: "UINTEGER"
        case .uint64: "UBIGINT"
        case .float32: "REAL"
        case .float64: "DOUBLE"
        case .decimal64(let precision, let scale), .decimal128(let precision, let scale):
            "DECIMAL(\(precision),\(scale))"
        case .date32: "DATE"
        case .time64: "TIME"
        case .timestamp(_, .none): "TIMESTAMP"
        case .timestamp: "TIMESTAMPTZ"
        case .list(let field): "\(name(field.type))[]"
        case .structure(let fields):
            "STRUCT(\(fields.map { "\($0.name) \(name($0.type))" }.joined(separator: ", ")))"
        default: "VARCHAR"
        }
    }
}
