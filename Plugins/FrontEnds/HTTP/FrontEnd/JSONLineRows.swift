// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// JSON, an object a line. The first one's names are the columns, unless they are named elsewhere; a
/// value that is not there is NULL. What is nested stays JSON.
///
/// - Source: RFC 8259.
final class JSONLineRows: RowSource {
    let schema: Schema
    let nothing: RecordBatch?
    private let batch: TextBatch
    private let places: [String: Int]
    private var bytes: BodyBytes
    private var line = 0
    private let byteCountMax: Int
    /// The object that told the names.
    private var first: [JSONMember]?

    init(_ body: HTTPBody, names: [String]?, byteCountMax: Int) throws(IglooError) {
        bytes = BodyBytes(body)
        self.byteCountMax = byteCountMax
        try bytes.skipMark()
        var names = names
        if names == nil {
            first = try Self.object(&bytes, &line, byteCountMax)
            names = first?.map(\.name)
        }
        guard let names else {
            throw IglooError(
                .invalidArgument, "the body has no rows to tell the columns from",
                hint: "name them: ?columns=a,b", sqlState: .badCopyFormat)
        }
        var places: [String: Int] = [:]
        for (index, name) in names.enumerated() { places[name] = index }
        self.places = places
        batch = TextBatch(names)
        schema = batch.schema
        nothing = batch.empty()
    }

    func next() throws(IglooError) -> RecordBatch? {
        while !batch.isFull {
            var members = first
            first = nil
            if members == nil { members = try Self.object(&bytes, &line, byteCountMax) }
            guard let members else { break }
            do throws(IglooError) {
                try append(members)
            } catch {
                throw error.inLine(line)
            }
        }
        return batch.take()
    }

    private func append(_ members: [JSONMember]) throws(IglooError) {
        var values: [JSONMember?] = Array(repeating: nil, count: schema.fields.count)
        for member in members {
            guard let place = places[member.name] else {
                throw IglooError(
                    .invalidArgument, "\"\(member.name)\" is none of the columns",
                    hint: "the first row tells them, or ?columns=a,b",
                    sqlState: .undefinedColumn)
            }
            guard values[place] == nil else {
                throw IglooError(
                    .invalidArgument, "\"\(member.name)\" is there twice", sqlState: .badCopyFormat)
            }
            values[place] = member
        }
        for (column, member) in values.enumerated() {
            try batch.append(member?.value.map { $0[...] }, to: column)
        }
        batch.endRow()
    }

    /// The object of the next line that is not blank; `nil` at the end.
    private static func object(
        _ bytes: inout BodyBytes, _ line: inout Int, _ byteCountMax: Int
    ) throws(IglooError) -> [JSONMember]? {
        while try bytes.peek() != nil {
            line += 1
            var text: [UInt8] = []
            while let byte = try bytes.next(), byte != 10 {
                guard text.count < byteCountMax else {
                    throw IglooError(
                        .invalidArgument, "line \(line) is longer than \(byteCountMax) bytes",
                        sqlState: .badCopyFormat)
                }
                text.append(byte)
            }
            if text.allSatisfy({ $0 == 32 || $0 == 9 || $0 == 13 }) { continue }
            var parser = JSONObjectParser(text)
            do throws(IglooError) {
                return try parser.object()
            } catch {
                throw error.inLine(line)
            }
        }
        return nil
    }
}

struct JSONMember {
    var name: String
    /// As SQL's text; `nil` = null.
    var value: [UInt8]?
}

/// One object and nothing else.
private struct JSONObjectParser {
    private let bytes: [UInt8]
    private var position = 0
    private static let depthMax = 500

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private var byte: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func object() throws(IglooError) -> [JSONMember] {
        var members: [JSONMember] = []
        try expect("{")
        skipBlanks()
        if byte == UInt8(ascii: "}") {
            position += 1
        } else {
            repeat {
                skipBlanks()
                let name = String(decoding: try string(), as: UTF8.self)
                try expect(":")
                members.append(JSONMember(name: name, value: try value()))
            } while try goesOn("}")
        }
        skipBlanks()
        guard byte == nil else { throw malformed() }
        return members
    }

    private mutating func value() throws(IglooError) -> [UInt8]? {
        skipBlanks()
        if byte == UInt8(ascii: "\"") { return try string() }
        let start = position
        try skipValue(depth: 0)
        let text = bytes[start..<position]
        return text.elementsEqual("null".utf8) ? nil : Array(text)
    }

    private mutating func skipValue(depth: Int) throws(IglooError) {
        guard depth < Self.depthMax else {
            throw IglooError(
                .invalidArgument, "JSON is nested more than \(Self.depthMax) levels deep",
                sqlState: .badCopyFormat)
        }
        skipBlanks()
        switch byte {
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "{"): try skipItems("}", depth, hasNames: true)
        case UInt8(ascii: "["): try skipItems("]", depth, hasNames: false)
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        default: try number()
        }
    }

    private mutating func skipItems(
        _ end: Unicode.Scalar, _ depth: Int, hasNames: Bool
    ) throws(IglooError) {
        position += 1
        skipBlanks()
        if byte == UInt8(ascii: end) {
            position += 1
            return
        }
        repeat {
            if hasNames {
                skipBlanks()
                _ = try string()
                try expect(":")
            }
            try skipValue(depth: depth + 1)
        } while try goesOn(end)
    }

    /// Whether a comma follows, and not the end.
    private mutating func goesOn(_ end: Unicode.Scalar) throws(IglooError) -> Bool {
        skipBlanks()
        defer { position += 1 }
        if byte == UInt8(ascii: ",") { return true }
        guard byte == UInt8(ascii: end) else { throw malformed() }
        return false
    }

    private mutating func number() throws(IglooError) {
        if byte == UInt8(ascii: "-") { position += 1 }
        if byte == UInt8(ascii: "0") { position += 1 } else { try digits() }
        if byte == UInt8(ascii: ".") {
            position += 1
            try digits()
        }
        if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
            position += 1
            if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
    }

    private mutating func digits() throws(IglooError) {
        let start = position
        while let byte, (48...57).contains(byte) { position += 1 }
        if position == start { throw malformed() }
    }

    private mutating func word(_ word: StaticString) throws(IglooError) {
        let wanted = Array("\(word)".utf8)
        guard bytes[position...].starts(with: wanted) else { throw malformed() }
        position += wanted.count
    }

    private mutating func string() throws(IglooError) -> [UInt8] {
        try expect("\"")
        var text: [UInt8] = []
        while let byte {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return text
            case UInt8(ascii: "\\"): try escape(&text)
            case 0..<32: throw malformed()
            default: text.append(byte)
            }
        }
        throw malformed()
    }

    private mutating func escape(_ text: inout [UInt8]) throws(IglooError) {
        guard let byte else { throw malformed() }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(8)
        case UInt8(ascii: "f"): text.append(12)
        case UInt8(ascii: "n"): text.append(10)
        case UInt8(ascii: "r"): text.append(13)
        case UInt8(ascii: "t"): text.append(9)
        case UInt8(ascii: "u"):
            var code = try hexadecimal()
            if (0xD800..<0xDC00).contains(code), byte == UInt8(ascii: "u"),
                bytes[position...].starts(with: "\\u".utf8)
            {
                position += 2
                let low = try hexadecimal()
                guard (0xDC00..<0xE000).contains(low) else { throw malformed() }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard code != 0, let scalar = Unicode.Scalar(code) else {
                throw IglooError(
                    .invalidArgument, "a text has an escape that is no character of text",
                    sqlState: .badCopyFormat)
            }
            text += Array(String(Character(scalar)).utf8)
        default: throw malformed()
        }
    }

    private mutating func hexadecimal() throws(IglooError) -> UInt32 {
        guard bytes.count - position >= 4 else { throw malformed() }
        var code: UInt32 = 0
        for byte in bytes[position..<position + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw malformed()
            }
            code = code << 4 | UInt32(digit)
        }
        position += 4
        return code
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(IglooError) {
        skipBlanks()
        guard byte == UInt8(ascii: character) else { throw malformed() }
        position += 1
    }

    private mutating func skipBlanks() {
        while let byte, byte == 32 || byte == 9 || byte == 13 { position += 1 }
    }

    private func malformed() -> IglooError {
        IglooError(
            .invalidArgument, "this is no JSON object, from byte \(position) on",
            sqlState: .badCopyFormat)
    }
}
