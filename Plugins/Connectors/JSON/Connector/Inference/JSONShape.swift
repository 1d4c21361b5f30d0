// SPDX-License-Identifier: MIT

import IglooArrow
import IglooFiles

/// What the values seen so far at one place look like, and the type that holds them all.
struct JSONShape {
    private struct Seen: OptionSet {
        let rawValue: UInt8
        static let bool = Seen(rawValue: 1)
        static let integer = Seen(rawValue: 2)
        static let double = Seen(rawValue: 4)
        static let text = Seen(rawValue: 8)
        static let array = Seen(rawValue: 16)
        static let object = Seen(rawValue: 32)
    }

    /// Objects with more fields than this, or nested deeper, stay text: their keys are data.
    static let fieldCountMax = 512
    static let depthMax = 24

    private let dateFormat: TimeFormat?
    private let timestampFormat: TimeFormat?
    private var seen: Seen = []
    private var fitsDate = true
    private var fitsTimestamp = true
    private var hasZone = false
    /// In the order of their first appearance.
    private(set) var names: [String] = []
    private var places: [String: Int] = [:]
    private var fields: [JSONShape] = []
    /// At most one: the shape of an array's elements.
    private var elements: [JSONShape] = []

    init(_ text: TextTable) {
        dateFormat = text.dateFormat
        timestampFormat = text.timestampFormat
    }

    /// The shape of a place below: nothing seen, the same formats.
    private init(below other: JSONShape) {
        dateFormat = other.dateFormat
        timestampFormat = other.timestampFormat
    }

    var isObject: Bool { seen == .object }

    var type: DataType {
        switch seen {
        case .bool: return .bool
        case .integer: return .int64
        case .double, [.integer, .double]: return .float64
        case .text:
            if fitsDate { return .date32 }
            if fitsTimestamp { return .timestamp(.microsecond, timeZone: hasZone ? "UTC" : nil) }
            return .utf8View
        case .array: return .list(Field("item", elements.first?.type ?? .utf8View))
        case .object where !fields.isEmpty && fields.count <= Self.fieldCountMax:
            return .structure(structureFields)
        default: return .utf8View
        }
    }

    var structureFields: [Field] {
        zip(names, fields).map { Field($0, $1.type) }
    }

    /// Takes the value at the parser into account, and reads over it.
    mutating func see(_ parser: inout JSONParser, depth: Int = 0) throws(JSONFault) {
        switch try parser.peek() {
        case 0x22: try seeText(&parser)
        case 0x7B:
            seen.insert(.object)
            if depth >= Self.depthMax { return try stop(&parser) }
            try seeObject(&parser, depth)
        case 0x5B:
            seen.insert(.array)
            if depth >= Self.depthMax { return try stop(&parser) }
            try seeArray(&parser, depth)
        case 0x74, 0x66:
            seen.insert(.bool)
            _ = try parser.bool()
        case 0x6E: try parser.literal("null")
        case 0x2D, 0x30...0x39:
            let number = try parser.number()
            let isInt64 =
                number.isInteger && TextValue.int64(number.start, number.count) != nil
            seen.insert(isInt64 ? .integer : .double)
        default: throw parser.unexpected("a value")
        }
    }

    /// What is nested too deeply conflicts with itself, and so becomes text.
    private mutating func stop(_ parser: inout JSONParser) throws(JSONFault) {
        seen.formUnion([.array, .object])
        try parser.skipValue()
    }

    private mutating func seeText(_ parser: inout JSONParser) throws(JSONFault) {
        seen.insert(.text)
        let text = try parser.string()
        if fitsDate && TextValue.date(text.start, text.count, dateFormat) == nil {
            fitsDate = false
        }
        guard fitsTimestamp else { return }
        if let timestampFormat {
            fitsTimestamp = timestampFormat.parse(text.start, text.count) != nil
        } else if let value = TextValue.timestamp(text.start, text.count) {
            hasZone = hasZone || value.hasZone
        } else {
            fitsTimestamp = false
        }
    }

    private mutating func seeArray(_ parser: inout JSONParser, _ depth: Int) throws(JSONFault) {
        try parser.enter()
        if elements.isEmpty { elements.append(JSONShape(below: self)) }
        if !parser.take(0x5D) {
            repeat { try elements[0].see(&parser, depth: depth + 1) } while parser.take(0x2C)
            guard parser.take(0x5D) else { throw parser.unexpected("',' or ']'") }
        }
        parser.leave()
    }

    private mutating func seeObject(_ parser: inout JSONParser, _ depth: Int) throws(JSONFault) {
        try parser.enter()
        if !parser.take(0x7D) {
            repeat {
                parser.skipSpace()
                let key = try parser.string()
                guard parser.take(0x3A) else { throw parser.unexpected("':'") }
                try seeField(&parser, key, depth)
            } while parser.take(0x2C)
            guard parser.take(0x7D) else { throw parser.unexpected("',' or '}'") }
        }
        parser.leave()
    }

    private mutating func seeField(
        _ parser: inout JSONParser, _ key: JSONParser.Text, _ depth: Int
    ) throws(JSONFault) {
        let name = String(decoding: try parser.unescaped(key), as: UTF8.self)
        if let place = places[name] {
            return try fields[place].see(&parser, depth: depth + 1)
        }
        // Names beyond the limit are not kept: the type is text by then. Columns of a table are.
        if depth > 0 && fields.count > Self.fieldCountMax { return try parser.skipValue() }
        places[name] = fields.count
        names.append(name)
        fields.append(JSONShape(below: self))
        try fields[fields.count - 1].see(&parser, depth: depth + 1)
    }
}
