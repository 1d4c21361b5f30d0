// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// The way to a value within JSON.
struct JSONPath {
    enum Step {
        case key([UInt8])
        case index(Int64)
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
                    guard let end = path[(index + 1)...].firstIndex(of: 0x22) else {
                        throw Self.fault(text)
                    }
                    steps.append(.key(Array(path[index + 1..<end])))
                    index = end + 1
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
                var inner = String(decoding: path[index + 1..<end], as: UTF8.self)
                if inner.hasPrefix("#") { inner.removeFirst() }
                guard let place = Int64(inner) else { throw Self.fault(text) }
                steps.append(.index(place))
                index = end + 1
            default: throw Self.fault(text)
            }
        }
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
