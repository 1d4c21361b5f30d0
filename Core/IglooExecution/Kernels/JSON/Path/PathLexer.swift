// SPDX-License-Identifier: MIT

import IglooContracts

/// The words of a JSON path.
///
/// - Source: src/backend/utils/adt/jsonpath_scan.l of PostgreSQL.
struct PathLexer {
    enum Token: Equatable {
        case word(String)
        case string([UInt8])
        case variable([UInt8])
        case number([UInt8])
        case sign(String)
        case end
    }

    private let bytes: [UInt8]
    private var index = 0
    private(set) var tokens: [Token] = []

    init(_ text: UnsafeRawBufferPointer) throws(IglooError) {
        bytes = Array(text)
        while true {
            let token = try next()
            tokens.append(token)
            if token == .end { return }
        }
    }

    static func fault(_ place: String) -> IglooError {
        IglooError(
            .invalidArgument, "syntax error \(place) of jsonpath input", sqlState: .syntaxError)
    }

    private func fault() -> IglooError {
        let rest = String(decoding: bytes[min(index, bytes.count)...].prefix(20), as: UTF8.self)
        return Self.fault(rest.isEmpty ? "at end" : "at or near \"\(rest)\"")
    }

    private func byte(_ offset: Int = 0) -> UInt8? {
        index + offset < bytes.count ? bytes[index + offset] : nil
    }

    private mutating func skipSpaces() throws(IglooError) {
        while let byte = byte() {
            if byte == UInt8(ascii: "/"), self.byte(1) == UInt8(ascii: "*") {
                index += 2
                while self.byte() != UInt8(ascii: "*") || self.byte(1) != UInt8(ascii: "/") {
                    guard index < bytes.count else { throw fault() }
                    index += 1
                }
                index += 2
            } else if byte == 0x20 || byte &- 9 < 5 {
                index += 1
            } else {
                return
            }
        }
    }

    private mutating func next() throws(IglooError) -> Token {
        try skipSpaces()
        guard let byte = byte() else { return .end }
        if byte == 0x22 { return .string(try string()) }
        if byte == UInt8(ascii: "$") {
            if self.byte(1) == 0x22 {
                index += 1
                return .variable(try string())
            }
            if let first = self.byte(1), Self.isWord(first) {
                index += 1
                return .variable(try word())
            }
        }
        let isFraction = byte == UInt8(ascii: ".") && (self.byte(1) ?? 0) &- 0x30 < 10
        if byte &- 0x30 < 10 || isFraction { return .number(try number()) }
        if Self.isWord(byte) || byte == UInt8(ascii: "\\") {
            return .word(String(decoding: try word(), as: UTF8.self))
        }
        return .sign(try sign())
    }

    private mutating func sign() throws(IglooError) -> String {
        for sign in ["**", "==", "!=", "<>", "<=", ">=", "&&", "||"] {
            let wanted = Array(sign.utf8)
            if byte() == wanted[0], byte(1) == wanted[1] {
                index += 2
                return sign == "<>" ? "!=" : sign
            }
        }
        guard let byte = byte(), "$@.,()[]{}*?+-/%<>!".utf8.contains(byte) else { throw fault() }
        index += 1
        return String(UnicodeScalar(byte))
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        byte >= 0x80 || byte == 0x5F || byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26
    }

    private mutating func word() throws(IglooError) -> [UInt8] {
        var word: [UInt8] = []
        while let byte = byte() {
            if byte == UInt8(ascii: "\\") {
                try escape(&word)
            } else if Self.isWord(byte) {
                word.append(byte)
                index += 1
            } else {
                break
            }
        }
        return word
    }

    private mutating func string() throws(IglooError) -> [UInt8] {
        var text: [UInt8] = []
        index += 1
        while let byte = byte() {
            switch byte {
            case 0x22:
                index += 1
                return text
            case UInt8(ascii: "\\"): try escape(&text)
            default:
                text.append(byte)
                index += 1
            }
        }
        throw Self.fault("at end")
    }

    /// After a backslash: a letter's meaning, `\xHH`, `\uHHHH`, `\u{H...}`, or the character itself.
    private mutating func escape(_ text: inout [UInt8]) throws(IglooError) {
        index += 1
        guard let letter = byte() else { throw fault() }
        index += 1
        switch letter {
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "v"): text.append(0x0B)
        case UInt8(ascii: "x"): try append(hexadecimal(2), &text)
        case UInt8(ascii: "u"):
            if byte() == UInt8(ascii: "{") {
                index += 1
                var count = 0
                while count < 6, (byte(count).flatMap { HexText.value($0) }) != nil { count += 1 }
                try append(hexadecimal(count), &text)
                guard count > 0, byte() == UInt8(ascii: "}") else { throw fault() }
                index += 1
                return
            }
            var value = try hexadecimal(4)
            if value & 0xFC00 == 0xD800, byte() == UInt8(ascii: "\\"), byte(1) == UInt8(ascii: "u")
            {
                index += 2
                value = 0x10000 + ((value & 0x3FF) << 10 | (try hexadecimal(4)) & 0x3FF)
            }
            try append(value, &text)
        default: text.append(letter)
        }
    }

    private mutating func hexadecimal(_ count: Int) throws(IglooError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<count {
            guard let byte = byte(), let digit = HexText.value(byte) else {
                throw IglooError(
                    .invalidArgument, "invalid escape sequence in a jsonpath",
                    sqlState: .syntaxError)
            }
            value = value << 4 | UInt32(digit)
            index += 1
        }
        return value
    }

    private func append(_ value: UInt32, _ text: inout [UInt8]) throws(IglooError) {
        guard value > 0, let scalar = Unicode.Scalar(value) else {
            throw IglooError(
                .invalidArgument, "invalid Unicode escape in a jsonpath",
                sqlState: SQLState(rawValue: "22P05"))
        }
        text.append(contentsOf: String(scalar).utf8)
    }

    private mutating func number() throws(IglooError) -> [UInt8] {
        let start = index
        func digits() -> Int {
            var count = 0
            while let byte = byte(count), byte &- 0x30 < 10 { count += 1 }
            return count
        }
        let whole = digits()
        index += whole
        if byte() == UInt8(ascii: "."), whole > 0 || (byte(1) ?? 0) &- 0x30 < 10 {
            // `1.type()` needs brackets: a point behind digits belongs to the number.
            index += 1
            index += digits()
        }
        if let letter = byte(), letter | 0x20 == UInt8(ascii: "e") {
            index += 1
            if byte() == 0x2B || byte() == 0x2D { index += 1 }
            let exponent = digits()
            guard exponent > 0 else { throw trailing() }
            index += exponent
        }
        if let byte = byte(), Self.isWord(byte) { throw trailing() }
        return Array(bytes[start..<index])
    }

    private func trailing() -> IglooError {
        IglooError(
            .invalidArgument, "trailing junk after numeric literal in a jsonpath",
            sqlState: .syntaxError)
    }
}
