// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Functions that change, search and compare JSON as jsonb.
///
/// - Source: PostgreSQL 16, section 9.16.
enum JSONChanges {
    typealias Place = JSONComparison.Place

    static func kernel(_ call: FunctionCall) throws(IglooError) -> Kernel? {
        switch call.name {
        case "jsonb_set", "jsonb_set_lax", "jsonb_insert": return setting(call.name)
        case "jsonb_delete_path":
            return write { (call, row, place, writer) throws(IglooError) in
                try JSONPathEditing(
                    scanner: place.scanner, path: try path(call, row), change: .delete,
                    new: UnsafeRawBufferPointer(start: nil, count: 0)
                ).write(place.value, to: &writer)
                return true
            }
        case "jsonb_delete": return deletion(call.parameters[1])
        case "jsonb_concat":
            return write { (call, row, place, writer) throws(IglooError) in
                JSONShaping.concatenate(place, try document(call, 1, row), &writer)
                return true
            }
        case "json_strip_nulls", "jsonb_strip_nulls":
            let isSpaced = call.name == "jsonb_strip_nulls"
            return write { (_, _, place, writer) throws(IglooError) in
                JSONShaping.stripNulls(place, isSpaced: isSpaced, &writer)
                return true
            }
        case "jsonb_object": return { (call) throws(IglooError) in try object(call) }
        case "jsonb_pretty":
            return write { (_, _, place, writer) throws(IglooError) in
                JSONShaping.pretty(place, 0, &writer)
                return true
            }
        case "jsonb_contains":
            return test { (call, row) throws(IglooError) in
                JSONComparison.contains(try document(call, 0, row), try document(call, 1, row))
            }
        case "jsonb_exists":
            return test { (call, row) throws(IglooError) in
                let key = Array(ViewReader(call.arguments[1])[row])
                return has(key, try document(call, 0, row))
            }
        case "jsonb_exists_any", "jsonb_exists_all":
            let isAll = call.name == "jsonb_exists_all"
            return test { (call, row) throws(IglooError) in
                let place = try document(call, 0, row)
                let keys = names(call, 1, row)
                return isAll
                    ? keys.allSatisfy { has($0, place) } : keys.contains { has($0, place) }
            }
        default: return nil
        }
    }

    private static func document(
        _ call: KernelCall, _ index: Int, _ row: Int
    ) throws(IglooError) -> Place {
        let (scanner, value) = try JSONFunctions.document(ViewReader(call.arguments[index])[row])
        return (scanner, value)
    }

    /// A text of the first argument's document; `body` says whether there is one.
    private static func write(
        _ body:
            @escaping (KernelCall, Int, Place, inout ViewWriter) throws(IglooError) -> Bool
    ) -> Kernel {
        { (call) throws(IglooError) in
            var writer = ViewWriter(count: call.count)
            var known = [Bool](repeating: false, count: call.count)
            for row in 0..<call.count {
                if call.isValid(row) {
                    let place = try document(call, 0, row)
                    try writer.plan(place.scanner.bytes.count)
                    known[row] = try body(call, row, place, &writer)
                }
                writer.close()
            }
            return writer.finish(
                .utf8View, count: call.count, validity: Bits.make(call.count) { known[$0] })
        }
    }

    private static func test(
        _ body: @escaping (KernelCall, Int) throws(IglooError) -> Bool
    ) -> Kernel {
        { (call) throws(IglooError) in
            var builder = BufferBuilder(zeroed: Bitmap.byteCount(forBits: call.count))
            for row in 0..<call.count where call.isValid(row) {
                if try body(call, row) { Bitmap.set(builder.pointer(), row) }
            }
            return call.bits(builder.finish())
        }
    }

    // MARK: - Arguments

    /// The texts of a list that are not null.
    private static func names(_ call: KernelCall, _ index: Int, _ row: Int) -> [[UInt8]] {
        let lists = ListReader(call.arguments[index])
        var names: [[UInt8]] = []
        for place in lists[row] where !lists.items.isLogicallyNull(at: place) {
            names.append(Array(lists.items.logicalBytes(at: place)))
        }
        return names
    }

    private static func path(
        _ call: KernelCall, _ row: Int
    ) throws(IglooError) -> [[UInt8]] {
        let lists = ListReader(call.arguments[1])
        let names = names(call, 1, row)
        guard names.count == lists[row].count else {
            let place = lists[row].firstIndex { lists.items.isLogicallyNull(at: $0) } ?? 0
            throw IglooError(
                .invalidArgument,
                "path element at position \(place - lists[row].lowerBound + 1) is null",
                sqlState: SQLState(rawValue: "22004"))
        }
        return names
    }

    /// Whether it is a key of the object, or a string of the array.
    private static func has(_ key: [UInt8], _ place: Place) -> Bool {
        let (scanner, value) = place
        if scanner.isObject(value) { return scanner.member(key, of: value) != nil }
        if scanner.isString(value) { return scanner.isKey(value, key) }
        return scanner.items(value).contains { scanner.isString($0) && scanner.isKey($0, key) }
    }

    // MARK: - Objects of lists

    private static func object(_ call: KernelCall) throws(IglooError) -> ArrayData {
        let lists = call.arguments.map { ListReader($0) }
        var writer = ViewWriter(count: call.count)
        for row in 0..<call.count {
            if call.isValid(row) {
                let keys = lists[0][row]
                let isPaired = lists.count == 1
                if isPaired ? !keys.count.isMultiple(of: 2) : keys.count != lists[1][row].count {
                    throw IglooError(
                        .invalidArgument,
                        isPaired
                            ? "array must have even number of elements"
                            : "mismatched array dimensions", sqlState: SQLState(rawValue: "2202E"))
                }
                try write(lists, row, isPaired ? keys.count / 2 : keys.count, &writer)
            }
            writer.close()
        }
        return writer.finish(call)
    }

    private static func write(
        _ lists: [ListReader], _ row: Int, _ count: Int, _ writer: inout ViewWriter
    ) throws(IglooError) {
        let isPaired = lists.count == 1
        var members: [(key: [UInt8], value: Int)] = []
        var places: [[UInt8]: Int] = [:]
        for index in 0..<count {
            let key = lists[0][row].lowerBound + (isPaired ? 2 * index : index)
            guard !lists[0].items.isLogicallyNull(at: key) else {
                throw IglooError(
                    .invalidArgument, "null value not allowed for object key",
                    sqlState: SQLState(rawValue: "22004"))
            }
            let name = Array(lists[0].items.logicalBytes(at: key))
            let value = isPaired ? key + 1 : lists[1][row].lowerBound + index
            if let known = places.updateValue(members.count, forKey: name) {
                places[name] = known
                members[known].value = value
            } else {
                members.append((name, value))
            }
        }
        members.sort { JSONKeyOrder.isBefore($0.key, $1.key) }
        let items = lists[isPaired ? 0 : 1].items
        var list = JSONListWriter("{", "}", &writer)
        for member in members {
            list.comma(&writer)
            member.key.withUnsafeBytes { JSONForm.write($0, &writer) }
            JSONListWriter.colon(&writer)
            if items.isLogicallyNull(at: member.value) {
                ClockText.write("null", &writer)
            } else {
                JSONForm.write(items.logicalBytes(at: member.value), &writer)
            }
        }
        list.end(&writer)
    }

    // MARK: - Changes

    private static func setting(_ name: String) -> Kernel {
        let isLax = name == "jsonb_set_lax"
        return { (call) throws(IglooError) in
            var writer = ViewWriter(count: call.count)
            var known = [Bool](repeating: false, count: call.count)
            for row in 0..<call.count {
                defer { writer.close() }
                let indexes = call.arguments.indices.filter { !isLax || $0 != 2 }
                guard indexes.allSatisfy({ !call.isNull($0, row) }) else { continue }
                let (scanner, value) = try document(call, 0, row)
                let flag = call.arguments.count > 3 ? call.flag(3, row) : name != "jsonb_insert"
                var change: JSONPathEditing.Change =
                    name == "jsonb_insert"
                    ? (flag ? .insertAfter : .insertBefore) : (flag ? .create : .replace)
                var new = Self.null
                if isLax && call.isNull(2, row) {
                    let treatment =
                        call.arguments.count > 4
                        ? ViewReader(call.arguments[4])[row].text : "use_json_null"
                    switch treatment {
                    case "use_json_null": break
                    case "delete_key": change = .delete
                    case "return_target":
                        writer.write(scanner.slice(value))
                        known[row] = true
                        continue
                    case "raise_exception":
                        throw IglooError(
                            .invalidArgument, "JSON value must not be null",
                            hint: "another null_value_treatment avoids this",
                            sqlState: SQLState(rawValue: "22004"))
                    default:
                        throw Faults.invalid(
                            "null_value_treatment must be \"delete_key\", \"return_target\", "
                                + "\"use_json_null\", or \"raise_exception\"")
                    }
                } else {
                    let (scanner, value) = try document(call, 2, row)
                    new = scanner.slice(value)
                }
                try writer.plan(scanner.bytes.count + new.count)
                try JSONPathEditing(
                    scanner: scanner, path: try path(call, row), change: change, new: new
                ).write(value, to: &writer)
                known[row] = true
            }
            return writer.finish(
                .utf8View, count: call.count, validity: Bits.make(call.count) { known[$0] })
        }
    }

    private static let nullText: StaticString = "null"

    private static var null: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: nullText.utf8Start, count: 4)
    }

    private static func deletion(_ type: DataType) -> Kernel {
        write { (call, row, place, writer) throws(IglooError) in
            if type.isInteger {
                try JSONShaping.delete(at: call.value(1, Int64.self)(row), place, &writer)
            } else if type.isList {
                try JSONShaping.delete(names(call, 1, row), place, &writer)
            } else {
                try JSONShaping.delete(
                    [Array(ViewReader(call.arguments[1])[row])], place, &writer)
            }
            return true
        }
    }
}

extension ArrayData {
    /// The bytes of a text, out of the dictionary if it has one.
    fileprivate func logicalBytes(at index: Int) -> UnsafeRawBufferPointer {
        dictionary.map { $0.bytes(at: dictionaryIndex(at: index)) } ?? bytes(at: index)
    }
}
