// SPDX-License-Identifier: MIT

import IglooContracts

/// Whole values of JSON written otherwise: joined, without parts, over several lines.
enum JSONShaping {
    typealias Place = JSONComparison.Place

    /// `||`: objects merged, the right one's values kept; else arrays joined, other values counting
    /// as arrays of one.
    static func concatenate(_ left: Place, _ right: Place, _ writer: inout ViewWriter) {
        guard left.scanner.isObject(left.value), right.scanner.isObject(right.value) else {
            var list = JSONListWriter("[", "]", &writer)
            for place in [left, right] {
                if place.scanner.isArray(place.value) {
                    for item in place.scanner.items(place.value) {
                        list.item(place.scanner.slice(item), &writer)
                    }
                } else {
                    list.item(place.scanner.slice(place.value), &writer)
                }
            }
            return list.end(&writer)
        }
        var members: [(name: [UInt8], key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)] =
            []
        var places: [[UInt8]: Int] = [:]
        for place in [left, right] {
            for member in place.scanner.members(place.value) {
                let name = place.scanner.string(member.key)
                let value = place.scanner.slice(member.value)
                if let known = places[name] {
                    members[known].value = value
                } else {
                    places[name] = members.count
                    members.append((name, place.scanner.slice(member.key), value))
                }
            }
        }
        members.sort { JSONKeyOrder.isBefore($0.name, $1.name) }
        var list = JSONListWriter("{", "}", &writer)
        for member in members {
            list.key(member.key, &writer)
            writer.write(member.value)
        }
        list.end(&writer)
    }

    /// Without keys of an object, or strings of an array.
    static func delete(
        _ names: [[UInt8]], _ place: Place, _ writer: inout ViewWriter
    ) throws(IglooError) {
        let (scanner, value) = place
        guard scanner.isContainer(value) else { throw Faults.invalid("cannot delete from scalar") }
        if scanner.isObject(value) {
            var list = JSONListWriter("{", "}", &writer)
            for member in scanner.members(value)
            where !names.contains(where: { scanner.isKey(member.key, $0) }) {
                list.key(scanner.slice(member.key), &writer)
                writer.write(scanner.slice(member.value))
            }
            return list.end(&writer)
        }
        var list = JSONListWriter("[", "]", &writer)
        for item in scanner.items(value) {
            if scanner.isString(item), names.contains(where: { scanner.isKey(item, $0) }) {
                continue
            }
            list.item(scanner.slice(item), &writer)
        }
        list.end(&writer)
    }

    /// Without the item at a place, which counts from the end if negative.
    static func delete(
        at index: Int64, _ place: Place, _ writer: inout ViewWriter
    ) throws(IglooError) {
        let (scanner, value) = place
        guard scanner.isContainer(value) else { throw Faults.invalid("cannot delete from scalar") }
        guard scanner.isArray(value) else {
            throw Faults.invalid("cannot delete from object using integer index")
        }
        let items = scanner.items(value)
        let removed = index < 0 ? Int64(items.count) &+ index : index
        var list = JSONListWriter("[", "]", &writer)
        for (at, item) in items.enumerated() where Int64(at) != removed {
            list.item(scanner.slice(item), &writer)
        }
        list.end(&writer)
    }

    /// Without members of objects that are null, at any depth.
    static func stripNulls(
        _ place: Place, isSpaced: Bool, _ writer: inout ViewWriter
    ) {
        let (scanner, value) = place
        guard scanner.isContainer(value) else { return writer.write(scanner.slice(value)) }
        let isObject = scanner.isObject(value)
        writer.write(scanner.bytes[value.lowerBound])
        var isFirst = true
        scanner.eachItem(value) { key, item in
            if isObject && scanner.bytes[item.lowerBound] == UInt8(ascii: "n") { return true }
            if !isFirst {
                writer.write(UInt8(ascii: ","))
                if isSpaced { writer.write(UInt8(ascii: " ")) }
            }
            isFirst = false
            if let key {
                writer.write(scanner.slice(key))
                writer.write(UInt8(ascii: ":"))
                if isSpaced { writer.write(UInt8(ascii: " ")) }
            }
            stripNulls((scanner, item), isSpaced: isSpaced, &writer)
            return true
        }
        writer.write(isObject ? UInt8(ascii: "}") : UInt8(ascii: "]"))
    }

    /// Over several lines, four spaces for each level.
    static func pretty(_ place: Place, _ depth: Int, _ writer: inout ViewWriter) {
        let (scanner, value) = place
        guard scanner.isContainer(value) else { return writer.write(scanner.slice(value)) }
        func line(_ depth: Int, _ writer: inout ViewWriter) {
            writer.write(UInt8(ascii: "\n"))
            for _ in 0..<depth * 4 { writer.write(UInt8(ascii: " ")) }
        }
        writer.write(scanner.bytes[value.lowerBound])
        var isFirst = true
        scanner.eachItem(value) { key, item in
            if !isFirst { writer.write(UInt8(ascii: ",")) }
            isFirst = false
            line(depth + 1, &writer)
            if let key {
                writer.write(scanner.slice(key))
                JSONListWriter.colon(&writer)
            }
            pretty((scanner, item), depth + 1, &writer)
            return true
        }
        line(depth, &writer)
        writer.write(scanner.isObject(value) ? UInt8(ascii: "}") : UInt8(ascii: "]"))
    }
}
