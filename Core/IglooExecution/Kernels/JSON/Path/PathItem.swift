// SPDX-License-Identifier: MIT

/// A value a JSON path comes by: a part of a text, or computed.
enum PathItem {
    case text(JSONScanner, Range<Int>)
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string([UInt8])
    /// What `keyvalue()` makes of a member.
    case member(id: Int, key: Range<Int>, value: Range<Int>, JSONScanner)

    typealias Kind = JSONComparison.Kind

    var kind: Kind {
        switch self {
        case .text(let scanner, let value): JSONComparison.kind((scanner, value))
        case .null: .null
        case .bool: .bool
        case .number: .number
        case .string: .string
        case .member: .object
        }
    }

    var number: JSONNumber? {
        switch self {
        case .text(let scanner, let value):
            kind == .number ? JSONNumber(scanner.slice(value)) : nil
        case .number(let number): number
        default: nil
        }
    }

    var string: [UInt8]? {
        switch self {
        case .text(let scanner, let value): kind == .string ? scanner.string(value) : nil
        case .string(let text): text
        default: nil
        }
    }

    var bool: Bool? {
        switch self {
        case .text(let scanner, let value):
            kind == .bool ? scanner.bytes[value.lowerBound] == UInt8(ascii: "t") : nil
        case .bool(let value): value
        default: nil
        }
    }

    /// The items of an array; `nil` for what is none.
    var items: [PathItem]? {
        guard case .text(let scanner, let value) = self, scanner.isArray(value) else { return nil }
        return scanner.items(value).map { .text(scanner, $0) }
    }

    /// What an object or array holds.
    var values: [PathItem] {
        switch self {
        case .text(let scanner, let value) where scanner.isContainer(value):
            var values: [PathItem] = []
            scanner.eachItem(value) { _, item in
                values.append(.text(scanner, item))
                return true
            }
            return values
        case .member(let id, let key, let value, let scanner):
            return [.number(JSONNumber(id)), .text(scanner, key), .text(scanner, value)]
        default: return []
        }
    }

    /// The value of a key, of an object.
    func member(_ name: [UInt8]) -> PathItem? {
        switch self {
        case .text(let scanner, let value):
            return scanner.member(name, of: value).map { .text(scanner, $0) }
        case .member(let id, let key, let value, let scanner):
            if name == Array("id".utf8) { return .number(JSONNumber(id)) }
            if name == Array("key".utf8) { return .text(scanner, key) }
            return name == Array("value".utf8) ? .text(scanner, value) : nil
        default: return nil
        }
    }

    func write(_ writer: inout ViewWriter) {
        switch self {
        case .text(let scanner, let value): writer.write(scanner.slice(value))
        case .null: ClockText.write("null", &writer)
        case .bool(let value): ClockText.write(value ? "true" : "false", &writer)
        case .number(let number): ClockText.write(number.text, &writer)
        case .string(let text): text.withUnsafeBytes { JSONForm.write($0, &writer) }
        case .member(let id, let key, let value, let scanner):
            ClockText.write("{\"id\": \(id), \"key\": ", &writer)
            writer.write(scanner.slice(key))
            ClockText.write(", \"value\": ", &writer)
            writer.write(scanner.slice(value))
            writer.write(UInt8(ascii: "}"))
        }
    }
}
