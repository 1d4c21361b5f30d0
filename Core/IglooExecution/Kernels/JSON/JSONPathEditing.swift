// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Writes changed copies of JSON, part by part, in the form of jsonb.
///
/// - Source: `setPath` and its kin in src/backend/utils/adt/jsonfuncs.c of PostgreSQL.
struct JSONPathEditing {
    enum Change {
        case replace, create, insertBefore, insertAfter, delete

        var adds: Bool { self == .create || self == .insertBefore || self == .insertAfter }
        var inserts: Bool { self == .insertBefore || self == .insertAfter }
    }

    let scanner: JSONScanner
    let path: [[UInt8]]
    let change: Change
    /// JSON, empty for `delete`.
    let new: UnsafeRawBufferPointer

    /// The document with the value at the path changed.
    func write(_ value: Range<Int>, to writer: inout ViewWriter) throws(IglooError) {
        guard scanner.isContainer(value) else {
            throw Faults.invalid(
                change == .delete ? "cannot delete path in scalar" : "cannot set path in scalar")
        }
        if path.isEmpty { return writer.write(scanner.slice(value)) }
        try write(value, 0, &writer)
    }

    private func write(
        _ value: Range<Int>, _ level: Int, _ writer: inout ViewWriter
    ) throws(IglooError) {
        switch scanner.bytes[value.lowerBound] {
        case UInt8(ascii: "{"): try object(value, level, &writer)
        case UInt8(ascii: "["): try array(value, level, &writer)
        default: writer.write(scanner.slice(value))
        }
    }

    private func object(
        _ value: Range<Int>, _ level: Int, _ writer: inout ViewWriter
    ) throws(IglooError) {
        let isLast = level == path.count - 1
        let members = scanner.members(value)
        let found = members.firstIndex { scanner.isKey($0.key, path[level]) }
        var list = JSONListWriter("{", "}", &writer)
        var isAdded = found != nil || !isLast || !change.adds
        for (index, member) in members.enumerated() {
            // Where jsonb's order of keys wants it.
            if !isAdded && JSONKeyOrder.isBefore(path[level], scanner.string(member.key)) {
                add(level, &list, &writer)
                isAdded = true
            }
            if index == found && isLast {
                if change.inserts {
                    throw IglooError(
                        .invalidArgument, "cannot replace existing key",
                        hint: "jsonb_set replaces values of keys",
                        sqlState: .invalidParameterValue)
                }
                if change == .delete { continue }
                list.key(scanner.slice(member.key), &writer)
                writer.write(new)
            } else {
                list.key(scanner.slice(member.key), &writer)
                if index == found {
                    try write(member.value, level + 1, &writer)
                } else {
                    writer.write(scanner.slice(member.value))
                }
            }
        }
        if !isAdded { add(level, &list, &writer) }
        list.end(&writer)
    }

    private func add(_ level: Int, _ list: inout JSONListWriter, _ writer: inout ViewWriter) {
        list.comma(&writer)
        path[level].withUnsafeBytes { JSONForm.write($0, &writer) }
        JSONListWriter.colon(&writer)
        writer.write(new)
    }

    private func array(
        _ value: Range<Int>, _ level: Int, _ writer: inout ViewWriter
    ) throws(IglooError) {
        let isLast = level == path.count - 1
        let items = scanner.items(value)
        guard let index = Int64(String(decoding: path[level], as: UTF8.self)),
            Int32(exactly: index) != nil
        else {
            throw IglooError(
                .outOfRange,
                "path element at position \(level + 1) is not an integer: "
                    + "\"\(Faults.shortened(String(decoding: path[level], as: UTF8.self)))\"",
                sqlState: .invalidTextRepresentation)
        }
        let count = Int64(items.count)
        let place = index < 0 ? count + index : min(index, count)
        var list = JSONListWriter("[", "]", &writer)
        let isPrepended = (place < 0 || count == 0) && isLast && change.adds
        if isPrepended { list.item(new, &writer) }
        for (at, item) in items.enumerated() {
            guard Int64(at) == place else {
                list.item(scanner.slice(item), &writer)
                continue
            }
            guard isLast else {
                list.comma(&writer)
                try write(item, level + 1, &writer)
                continue
            }
            if change == .insertBefore || change == .create { list.item(new, &writer) }
            if change.inserts { list.item(scanner.slice(item), &writer) }
            if change == .insertAfter || change == .replace { list.item(new, &writer) }
        }
        if !isPrepended && isLast && change.adds && place == count { list.item(new, &writer) }
        list.end(&writer)
    }
}

/// Items with commas between them, spaced as in jsonb.
struct JSONListWriter {
    private let close: UInt8
    private var isEmpty = true

    init(_ open: Unicode.Scalar, _ close: Unicode.Scalar, _ writer: inout ViewWriter) {
        self.close = UInt8(ascii: close)
        writer.write(UInt8(ascii: open))
    }

    mutating func comma(_ writer: inout ViewWriter) {
        if !isEmpty {
            writer.write(UInt8(ascii: ","))
            writer.write(UInt8(ascii: " "))
        }
        isEmpty = false
    }

    static func colon(_ writer: inout ViewWriter) {
        writer.write(UInt8(ascii: ":"))
        writer.write(UInt8(ascii: " "))
    }

    mutating func item(_ value: UnsafeRawBufferPointer, _ writer: inout ViewWriter) {
        comma(&writer)
        writer.write(value)
    }

    /// A key as it is written in JSON; its value follows.
    mutating func key(_ key: UnsafeRawBufferPointer, _ writer: inout ViewWriter) {
        comma(&writer)
        writer.write(key)
        Self.colon(&writer)
    }

    mutating func end(_ writer: inout ViewWriter) { writer.write(close) }
}

/// jsonb's order of keys: shorter ones first, then by bytes.
enum JSONKeyOrder {
    static func isBefore(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count
            ? left.lexicographicallyPrecedes(right) : left.count < right.count
    }
}

extension JSONScanner {
    func slice(_ value: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[value])
    }

    func isObject(_ value: Range<Int>) -> Bool {
        bytes[value.lowerBound] == UInt8(ascii: "{")
    }

    func isArray(_ value: Range<Int>) -> Bool { bytes[value.lowerBound] == UInt8(ascii: "[") }

    func isString(_ value: Range<Int>) -> Bool { bytes[value.lowerBound] == 0x22 }

    func isContainer(_ value: Range<Int>) -> Bool { isObject(value) || isArray(value) }

    func items(_ value: Range<Int>) -> [Range<Int>] {
        var items: [Range<Int>] = []
        eachItem(value) { _, item in
            items.append(item)
            return true
        }
        return items
    }

    func members(_ value: Range<Int>) -> [(key: Range<Int>, value: Range<Int>)] {
        var members: [(key: Range<Int>, value: Range<Int>)] = []
        eachItem(value) { key, item in
            if let key { members.append((key, item)) }
            return true
        }
        return members
    }
}
