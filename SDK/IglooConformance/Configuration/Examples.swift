// SPDX-License-Identifier: MIT

import IglooArrow
import IglooPlugins

/// A call of a function whose results are known: `[[call]]`.
struct FunctionExample: Sendable {
    var function = ""
    var arguments: [DataType] = []
    /// Of arguments; a table function has one.
    var rows: [Row] = []
    /// A result a row; of an aggregate, a group; of a table function, its rows. `nil` = not known.
    var results: [ConfiguredValue]?
    /// Of an aggregate: the group of each row; empty = one for all.
    var groups: [Int] = []
    /// How far floating-point results may be off, as a part of them.
    var tolerance = 0.0
    /// Types of arguments that the function must not take.
    var refuses: [[DataType]] = []
}

/// A run of an operator whose result is known: `[[run]]`.
struct OperatorExample: Sendable {
    var specification = ""
    var inputs: [Input] = []
    /// The rows of the result; `nil` = not known.
    var results: [ConfiguredValue]?
    /// Whether their order is a part of the result.
    var isOrdered = false
    var tolerance = 0.0
    /// Types of the columns of inputs with which it must not be bound.
    var refuses: [[[DataType]]] = []

    struct Input: Sendable {
        var types: [DataType] = []
        var rows: [Row] = []

        var schema: Schema {
            Schema(types.enumerated().map { Field("c\($0 + 1)", $1) })
        }
    }
}

/// A value of the configuration whose type only the plugin tells.
struct ConfiguredValue: @unchecked Sendable {
    // SAFETY: values of a TOML document are never changed.
    fileprivate let value: TOMLValue
    private let file: String

    init(_ value: TOMLValue, file: String) {
        self.value = value
        self.file = file
    }

    var place: String { "\(file):\(value.place.line):\(value.place.column)" }

    /// - Throws: a failed check, with the place, when it is no value of this type.
    func scalar(_ type: DataType) throws -> Scalar {
        try require(
            Self.scalar(value, type),
            "\(place): \(value.kind) is no value of the type \(type)")
    }

    /// NULL is written as the empty table; structures and lists as lists.
    private static func scalar(_ value: TOMLValue, _ type: DataType) -> Scalar? {
        switch (value.content, type) {
        case (.table(let entries), _): return entries.isEmpty ? .null : nil
        case (.bool(let flag), .bool): return .bool(flag)
        case (.integer(let number), _) where type.isFloat: return .float(Double(number))
        case (.double(let number), .float32): return .float(Double(Float(number)))
        case (.double(let number), .float64): return .float(number)
        case (.integer(let number), .int8), (.integer(let number), .int16),
            (.integer(let number), .int32), (.integer(let number), .int64),
            (.integer(let number), .date32), (.integer(let number), .timestamp):
            return .int(number)
        case (.integer(let number), .uint8), (.integer(let number), .uint16),
            (.integer(let number), .uint32), (.integer(let number), .uint64):
            return UInt64(exactly: number).map { .uint($0) }
        case (.integer(let number), _) where type.isDecimal: return .decimal(Int128(number))
        case (.string(let text), _) where type.isText: return .text(text)
        case (.string(let text), .binary), (.string(let text), .binaryView):
            return Hex.bytes(text[...]).map { .binary($0) }
        case (.array(let elements), .structure(let fields)):
            guard elements.count == fields.count else { return nil }
            let parts = zip(elements, fields).map { scalar($0, $1.type) }
            return parts.contains(nil) ? nil : .structure(parts.compactMap { $0 })
        case (.array(let elements), .list(let field)),
            (.array(let elements), .largeList(let field)):
            let parts = elements.map { scalar($0, field.type) }
            return parts.contains(nil) ? nil : .list(parts.compactMap { $0 })
        case (_, .dictionary(_, let values, _)): return scalar(value, values)
        default: return nil
        }
    }
}

/// Types as Arrow spells them, where a value of them can be written in a configuration.
enum TypeName {
    static let known: [DataType] = [
        .bool, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .float32,
        .float64, .utf8, .largeUtf8, .utf8View, .binary, .binaryView, .date32,
        .timestamp(.microsecond, timeZone: nil), .timestamp(.microsecond, timeZone: "UTC"),
    ]

    static func type(_ name: String) -> DataType? { known.first { $0.description == name } }
}
