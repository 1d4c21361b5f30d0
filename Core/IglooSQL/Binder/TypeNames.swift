// SPDX-License-Identifier: MIT

internal import IglooArrow
internal import IglooContracts
internal import IglooPlan

/// SQL's names of types, PostgreSQL's and DuckDB's, and the engine types they stand for.
struct TypeNames {
    /// The type that CREATE TYPE declared under these name parts.
    let declared: ([String]) throws(IglooError) -> DataType?

    /// The type that `name` gives `value` in a cast. Only `decimal` without digits depends on the
    /// value: it keeps those the value has.
    func type(
        _ name: TypeName, of value: BoundExpression? = nil
    ) throws(IglooError) -> DataType {
        switch name {
        case .array(let element, _, _):
            return .list(Field("item", try type(element)))
        case .structure(let fields, _):
            var list: [Field] = []
            for field in fields { list.append(Field(field.name.written, try type(field.type))) }
            return .structure(list)
        case .map(let key, let value, _):
            return EngineType.map(key: try type(key), value: try type(value))
        case .named(let word, let modifiers, let range):
            if ["decimal", "numeric", "dec"].contains(word) {
                return try Self.decimal(modifiers, value, range)
            }
            if let type = Self.plain[word] {
                try Self.check(modifiers, of: word, type, range)
                return type
            }
            let parts = word.split(separator: ".", omittingEmptySubsequences: false)
            guard let type = try declared(parts.map(String.init)) else {
                throw Self.unknown(word, range)
            }
            try Self.check(modifiers, of: word, type, range)
            return type
        }
    }

    /// Whether everybody has a type of this name.
    static func isKnown(_ word: String) -> Bool {
        plain[word] != nil || ["decimal", "numeric", "dec"].contains(word)
    }

    private static func decimal(
        _ modifiers: [Int], _ value: BoundExpression?, _ range: SourceRange
    ) throws(IglooError) -> DataType {
        guard let precision = modifiers.first else {
            if let shape = value.flatMap({ Coercion.asDecimal($0.type) }) {
                return EngineType.decimal(shape.precision, shape.scale)
            }
            if let number = value?.openText.flatMap({ DecimalText($0) }) {
                return EngineType.decimal(number.precision, number.scale)
            }
            return EngineType.decimal(18, 3)
        }
        let scale = modifiers.count > 1 ? modifiers[1] : 0
        guard modifiers.count <= 2, (1...EngineType.decimalPrecisionMax).contains(precision),
            (0...precision).contains(scale)
        else {
            throw IglooError(
                .invalidArgument,
                "decimal needs a precision of 1 to \(EngineType.decimalPrecisionMax) and a scale "
                    + "of 0 to the precision", position: range.start)
        }
        return EngineType.decimal(precision, scale)
    }

    /// Lengths of texts and precisions of times are taken and not enforced.
    private static func check(
        _ modifiers: [Int], of word: String, _ type: DataType, _ range: SourceRange
    ) throws(IglooError) {
        let takesOne: Bool =
            switch type {
            case .utf8View, .timestamp, .time64, .interval, .float32, .float64: true
            default: false
            }
        guard modifiers.isEmpty || takesOne && modifiers.count == 1 && modifiers[0] >= 0 else {
            throw IglooError(
                .invalidArgument, "type modifier is not allowed for type \"\(word)\"",
                sqlState: .syntaxError, position: range.start)
        }
    }

    private static func unknown(_ word: String, _ range: SourceRange) -> IglooError {
        let nearest = NearestName.among(plain.keys.sorted(), to: word)
        return IglooError(
            .notFound, "type \"\(word)\" does not exist",
            hint: nearest.map { "did you mean \($0)?" }, position: range.start)
    }

    private static let plain: [String: DataType] = {
        let timestamp = DataType.timestamp(.microsecond, timeZone: nil)
        let instant = DataType.timestamp(.microsecond, timeZone: "UTC")
        let groups: [(DataType, [String])] = [
            (.bool, ["boolean", "bool", "logical"]),
            (.int8, ["tinyint", "int1"]), (.int16, ["smallint", "int2", "short", "int16"]),
            (.int32, ["integer", "int", "int4", "signed", "int32"]),
            (.int64, ["bigint", "int8", "long", "oid", "int64"]),
            (.uint8, ["utinyint", "uint8"]), (.uint16, ["usmallint", "uint16"]),
            (.uint32, ["uinteger", "uint32"]),
            (.uint64, ["ubigint", "uint64"]), (EngineType.hugeInt, ["hugeint", "int128"]),
            (.float32, ["real", "float4"]),
            (.float64, ["double", "double precision", "float8", "float"]),
            (
                .utf8View,
                [
                    "text", "varchar", "char", "character", "bpchar", "string", "name",
                    "char varying",
                ]
            ),
            (.binaryView, ["bytea", "blob", "binary", "varbinary", "binary varying"]),
            (.date32, ["date"]), (.time64(.microsecond), ["time"]),
            (timestamp, ["timestamp", "datetime", "timestamp_us"]),
            (.timestamp(.nanosecond, timeZone: nil), ["timestamp_ns"]),
            (instant, ["timestamptz", "timestamp with time zone"]),
            (.interval(.monthDayNano), ["interval"]), (.uuid, ["uuid"]), (.json, ["json"]),
            (.jsonb, ["jsonb"]), (.logical(.inet), ["inet"]), (.logical(.cidr), ["cidr"]),
            (.logical(.timetz), ["timetz", "time with time zone"]),
        ]
        var table: [String: DataType] = [:]
        for (type, names) in groups { for name in names { table[name] = type } }
        return table
    }()
}

extension Binder {
    /// The type that `name` gives `value` in a cast.
    func type(
        _ name: TypeName, of value: BoundExpression? = nil
    ) throws(IglooError) -> DataType {
        let names = TypeNames { [catalog] (parts) throws(IglooError) in
            try catalog.type(parts)
        }
        return try names.type(name, of: value)
    }
}
