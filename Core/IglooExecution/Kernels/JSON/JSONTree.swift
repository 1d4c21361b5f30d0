// SPDX-License-Identifier: MIT

import IglooArrow

/// A value of JSON taken apart, for functions that make another one of it.
indirect enum JSONTree: Equatable {
    case null
    case bool(Bool)
    /// As written.
    case number([UInt8])
    /// With its quotes and escapes, as written.
    case string([UInt8])
    case array([JSONTree])
    /// In the order of the text; of a key that occurs twice the last value.
    case object([Member])

    struct Member: Equatable {
        /// Its text, escapes undone.
        var key: [UInt8]
        /// As written, in quotes.
        var written: [UInt8]
        var value: JSONTree
    }

    init(_ scanner: JSONScanner, _ value: Range<Int>) {
        switch scanner.bytes[value.lowerBound] {
        case UInt8(ascii: "{"):
            var members: [Member] = []
            var places: [[UInt8]: Int] = [:]
            scanner.eachItem(value) { key, item in
                guard let key else { return true }
                let member = Member(
                    key: scanner.string(key), written: Array(scanner.bytes[key]),
                    value: JSONTree(scanner, item))
                if let place = places[member.key] {
                    members[place].value = member.value
                } else {
                    places[member.key] = members.count
                    members.append(member)
                }
                return true
            }
            self = .object(members)
        case UInt8(ascii: "["):
            var items: [JSONTree] = []
            scanner.eachItem(value) { _, item in
                items.append(JSONTree(scanner, item))
                return true
            }
            self = .array(items)
        case 0x22: self = .string(Array(scanner.bytes[value]))
        case UInt8(ascii: "t"): self = .bool(true)
        case UInt8(ascii: "f"): self = .bool(false)
        case UInt8(ascii: "n"): self = .null
        default: self = .number(Array(scanner.bytes[value]))
        }
    }

    /// Without white space between values.
    func write(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes += "null".utf8
        case .bool(let value): bytes += (value ? "true" : "false").utf8
        case .number(let text), .string(let text): bytes += text
        case .array(let items):
            bytes.append(UInt8(ascii: "["))
            for (index, item) in items.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                item.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                bytes += member.written
                bytes.append(UInt8(ascii: ":"))
                member.value.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    /// Keys sorted, everywhere.
    var normalized: JSONTree {
        switch self {
        case .array(let items): .array(items.map(\.normalized))
        case .object(let members):
            .object(
                members.map { member in
                    var member = member
                    member.value = member.value.normalized
                    return member
                }.sorted { $0.key.lexicographicallyPrecedes($1.key) })
        default: self
        }
    }

    // MARK: - Patches

    /// - Source: RFC 7396.
    func merged(with patch: JSONTree) -> JSONTree {
        guard case .object(let changes) = patch else { return patch }
        var members: [Member] = []
        if case .object(let own) = self { members = own }
        for change in changes {
            let place = members.firstIndex { $0.key == change.key }
            var member = change
            if let place { member.value = members[place].value }
            if change.value == .null {
                if let place { members.remove(at: place) }
                continue
            }
            let old = place.map { members[$0].value } ?? .null
            member.value = old.merged(with: change.value)
            // A key that is not an object any more goes to the end, as in DuckDB.
            if let place, case .object = old, case .object = change.value {
                members[place] = member
            } else {
                if let place { members.remove(at: place) }
                members.append(member)
            }
        }
        return .object(members)
    }

    /// The patch that makes `new` of this.
    func patch(to new: JSONTree) -> JSONTree {
        guard case .object(let old) = self, case .object(let members) = new else { return new }
        var changes: [Member] = []
        for member in old where !members.contains(where: { $0.key == member.key }) {
            changes.append(Member(key: member.key, written: member.written, value: .null))
        }
        for member in members {
            guard let before = old.first(where: { $0.key == member.key })?.value else {
                changes.append(member)
                continue
            }
            guard before != member.value else { continue }
            var change = member
            change.value = before.patch(to: member.value)
            changes.append(change)
        }
        return .object(changes)
    }

    // MARK: - Search

    /// Whether `needle` occurs here or anywhere within.
    func contains(_ needle: JSONTree) -> Bool {
        if covers(needle) { return true }
        switch self {
        case .array(let items): return items.contains { $0.contains(needle) }
        case .object(let members): return members.contains { $0.value.contains(needle) }
        default: return false
        }
    }

    /// Whether this has all that `part` has: items in any order, members by their keys.
    private func covers(_ part: JSONTree) -> Bool {
        switch (self, part) {
        case (.array(let items), .array(let parts)):
            return parts.allSatisfy { part in items.contains { $0.contains(part) } }
        case (.object(let members), .object(let parts)):
            return parts.allSatisfy { part in
                members.contains { $0.key == part.key && $0.value.covers(part.value) }
            }
        default: return self == part
        }
    }

    // MARK: - Setting a value

    /// With the value at the path, which is made as far as it is not there. Where an array is too
    /// short, or what is on the way is neither object nor array, nothing changes.
    func setting(_ value: JSONTree, at steps: ArraySlice<JSONPath.Step>) -> JSONTree {
        guard let step = steps.first else { return value }
        let rest = steps.dropFirst()
        switch (step, self) {
        case (.index(let index), .array(let items)):
            return .array(Self.replaced(items, index, value, rest))
        case (.end(let distance), .array(let items)):
            return .array(Self.replaced(items, Int64(items.count) - distance, value, rest))
        case (.either(let key), .array(let items)):
            if key == [UInt8(ascii: "-")] {
                return .array(Self.replaced(items, Int64(items.count), value, rest))
            }
            guard let index = Int64(String(decoding: key, as: UTF8.self)), index >= 0 else {
                return self
            }
            return .array(Self.replaced(items, index, value, rest))
        case (.key(let key), .object(var members)), (.either(let key), .object(var members)):
            if let place = members.firstIndex(where: { $0.key == key }) {
                members[place].value = members[place].value.setting(value, at: rest)
            } else {
                members.append(
                    Member(
                        key: key, written: Self.quoted(key),
                        value: JSONTree.object([]).setting(value, at: rest)))
            }
            return .object(members)
        default: return self
        }
    }

    private static func replaced(
        _ items: [JSONTree], _ index: Int64, _ value: JSONTree, _ rest: ArraySlice<JSONPath.Step>
    ) -> [JSONTree] {
        var items = items
        let place = index < 0 ? Int64(items.count) + index : index
        guard place >= 0, place <= Int64(items.count) else { return items }
        if place == Int64(items.count) {
            items.append(JSONTree.object([]).setting(value, at: rest))
        } else {
            items[Int(place)] = items[Int(place)].setting(value, at: rest)
        }
        return items
    }

    private static func quoted(_ key: [UInt8]) -> [UInt8] {
        var text: [UInt8] = [0x22]
        for byte in key {
            switch byte {
            case 0x22, UInt8(ascii: "\\"): text += [UInt8(ascii: "\\"), byte]
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                text += Array("\\u".utf8) + Array(repeating: 0x30, count: 4 - digits.utf8.count)
                text += digits.utf8
            default: text.append(byte)
            }
        }
        return text + [0x22]
    }

    // MARK: - Structure

    /// The types of the values in their places, as JSON.
    var structure: JSONTree {
        switch self {
        case .null: Self.type("NULL")
        case .bool: Self.type("BOOLEAN")
        case .string: Self.type("VARCHAR")
        case .number(let digits):
            Self.type(
                digits.contains { $0 == 0x2E || $0 | 0x20 == 0x65 }
                    ? "DOUBLE" : digits.first == UInt8(ascii: "-") ? "BIGINT" : "UBIGINT")
        case .array(let items):
            .array([items.map(\.structure).reduce(Self.type("NULL")) { $0.common(with: $1) }])
        case .object(let members):
            .object(
                members.map { member in
                    var member = member
                    member.value = member.value.structure
                    return member
                })
        }
    }

    private static func type(_ name: String) -> JSONTree {
        .string([0x22] + Array(name.utf8) + [0x22])
    }

    /// The structure that has both; JSON where they are of different kinds.
    private func common(with other: JSONTree) -> JSONTree {
        if self == Self.type("NULL") || self == other { return other }
        if other == Self.type("NULL") { return self }
        switch (self, other) {
        case (.array(let left), .array(let right)) where left.count == 1 && right.count == 1:
            return .array([left[0].common(with: right[0])])
        case (.object(var members), .object(let others)):
            for member in others {
                if let place = members.firstIndex(where: { $0.key == member.key }) {
                    members[place].value = members[place].value.common(with: member.value)
                } else {
                    members.append(member)
                }
            }
            return .object(members)
        case (.string(let left), .string(let right)):
            let numbers = ["UBIGINT", "BIGINT", "DOUBLE"].map { Self.type($0) }
            guard let first = numbers.firstIndex(of: .string(left)),
                let second = numbers.firstIndex(of: .string(right))
            else { return Self.type("JSON") }
            return numbers[max(first, second)]
        default: return Self.type("JSON")
        }
    }
}
