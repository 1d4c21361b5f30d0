// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// The way to a value within JSON.
struct JSONPath {
    enum Step {
        case key([UInt8])
        case index(Int64)
        /// So far before the end of an array: `[#-1]` is the last item, `[#]` the place behind it.
        case end(Int64)
        /// A key of an object or, where it is a number, a place in an array.
        case either([UInt8])
    }

    private(set) var steps: [Step] = []

    init(key: String) { steps = [.key(Array(key.utf8))] }
    init(index: Int64) { steps = [.index(index)] }
    init(parts: [String]) { steps = parts.map { .either(Array($0.utf8)) } }

    /// `$.a.b[0]`, `/a/b/0`, or a plain key.
    init(_ text: String) throws(IglooError) {
        if text.hasPrefix("$") {
            try parse(Array(text.utf8.dropFirst()), text)
        } else if text.hasPrefix("/") {
            for part in text.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
                steps.append(.either(Self.unescaped(String(part))))
            }
        } else {
            steps = [.key(Array(text.utf8))]
        }
    }

    private static func unescaped(_ part: String) -> [UInt8] {
        let slashes = part.split(separator: "~1", omittingEmptySubsequences: false)
            .joined(separator: "/")
        return Array(
            slashes.split(separator: "~0", omittingEmptySubsequences: false).joined(separator: "~")
                .utf8)
    }

    private mutating func parse(_ path: [UInt8], _ text: String) throws(IglooError) {
        var index = 0
        while index < path.count {
            switch path[index] {
            case UInt8(ascii: "."):
                index += 1
                if index < path.count, path[index] == 0x22 {
                    guard let (key, end) = Self.quotedKey(path, index + 1) else {
                        throw Self.fault(text)
                    }
                    steps.append(.key(key))
                    index = end
                } else {
                    let end =
                        path[index...].firstIndex {
                            $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "[")
                        }
                        ?? path.count
                    guard end > index, path[index] != UInt8(ascii: "*") else {
                        throw Self.fault(text)
                    }
                    steps.append(.key(Array(path[index..<end])))
                    index = end
                }
            case UInt8(ascii: "["):
                guard let end = path[index...].firstIndex(of: UInt8(ascii: "]")) else {
                    throw Self.fault(text)
                }
                let inner = String(decoding: path[index + 1..<end], as: UTF8.self)
                guard let step = Self.place(inner) else { throw Self.fault(text) }
                steps.append(step)
                index = end + 1
            default: throw Self.fault(text)
            }
        }
    }

    /// `2`, `-1`, `#` or `#-1`.
    private static func place(_ text: String) -> Step? {
        guard text.hasPrefix("#") else { return Int64(text).map { .index($0) } }
        guard text != "#" else { return .end(0) }
        let digits = text.dropFirst(2)
        guard text.dropFirst().first == "-", digits.utf8.allSatisfy({ $0 &- 0x30 < 10 }) else {
            return nil
        }
        return Int64(digits).map { .end($0) }
    }

    /// A key up to its closing quote, and where that ends; a backslash takes what follows as it is.
    private static func quotedKey(_ path: [UInt8], _ start: Int) -> (key: [UInt8], end: Int)? {
        var key: [UInt8] = []
        var index = start
        while index < path.count {
            if path[index] == 0x22 { return (key, index + 1) }
            if path[index] == UInt8(ascii: "\\") { index += 1 }
            guard index < path.count else { return nil }
            key.append(path[index])
            index += 1
        }
        return nil
    }

    private static func fault(_ text: String) -> IglooError {
        Faults.invalid(
            "JSON path \"\(Faults.shortened(text))\" is not supported: use $.key[index], /key/index "
                + "or a key")
    }

    func find(_ scanner: JSONScanner, _ document: Range<Int>) -> Range<Int>? {
        var value = document
        for step in steps {
            let next: Range<Int>?
            switch step {
            case .key(let name): next = scanner.member(name, of: value)
            case .index(let place): next = scanner.item(place, of: value)
            case .end(let distance):
                next = distance == 0 ? nil : scanner.item(-distance, of: value)
            case .either(let name):
                next =
                    scanner.member(name, of: value)
                    ?? Int64(String(decoding: name, as: UTF8.self)).flatMap {
                        scanner.item($0, of: value)
                    }
            }
            guard let next else { return nil }
            value = next
        }
        return value
    }
}
