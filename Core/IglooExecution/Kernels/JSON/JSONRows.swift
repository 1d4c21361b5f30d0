// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// The lists behind functions that make rows of JSON.
enum JSONRows {
    static func kernel(_ call: FunctionCall) -> Kernel? {
        let (name, type) = (call.name, call.result)
        switch name {
        case "json_array_elements", "json_array_elements_text", "json_object_keys":
            return { (call) throws(IglooError) in
                var lists = TextLists()
                for row in 0..<call.count {
                    lists.counts.append(
                        call.isValid(row) ? try append(call, row, name, &lists) : 0)
                }
                return try lists.finish(type, validity: call.validity)
            }
        case "json_each", "json_each_text":
            return { (call) throws(IglooError) in
                try members(call, type, asText: name == "json_each_text")
            }
        default: return nil
        }
    }

    private static func append(
        _ call: KernelCall, _ row: Int, _ name: String, _ lists: inout TextLists
    ) throws(IglooError) -> Int {
        let (scanner, value) = try JSONFunctions.document(ViewReader(call.arguments[0])[row])
        if name == "json_object_keys" {
            guard scanner.isObject(value) else {
                throw Faults.invalid(
                    "cannot call \(name) on "
                        + (scanner.isArray(value) ? "an array" : "a scalar"))
            }
            let members = scanner.members(value)
            for member in members {
                scanner.string(member.key).withUnsafeBytes { lists.append($0) }
            }
            return members.count
        }
        guard scanner.isArray(value) else {
            throw Faults.invalid(
                "cannot call \(name) on "
                    + (scanner.isObject(value) ? "a non-array" : "a scalar"))
        }
        let items = scanner.items(value)
        for item in items {
            if name == "json_array_elements" {
                lists.append(scanner.slice(item))
            } else {
                append(scanner, item, asText: true, &lists)
            }
        }
        return items.count
    }

    /// As text a string is without quotes, and null is NULL.
    private static func append(
        _ scanner: JSONScanner, _ item: Range<Int>, asText: Bool, _ lists: inout TextLists
    ) {
        if asText && scanner.bytes[item.lowerBound] == UInt8(ascii: "n") {
            lists.appendNull()
        } else if asText && scanner.isString(item) {
            scanner.string(item).withUnsafeBytes { lists.append($0) }
        } else {
            lists.append(scanner.slice(item))
        }
    }

    private static func members(
        _ call: KernelCall, _ type: DataType, asText: Bool
    ) throws(IglooError) -> ArrayData {
        let reader = ViewReader(call.arguments[0])
        var keys = TextLists()
        var values = TextLists()
        var counts: [Int] = []
        for row in 0..<call.count {
            guard call.isValid(row) else {
                counts.append(0)
                continue
            }
            let (scanner, value) = try JSONFunctions.document(reader[row])
            guard scanner.isObject(value) else {
                throw Faults.invalid(
                    "cannot deconstruct "
                        + (scanner.isArray(value) ? "an array as an object" : "a scalar"))
            }
            let members = scanner.members(value)
            for member in members {
                scanner.string(member.key).withUnsafeBytes { keys.append($0) }
                append(scanner, member.value, asText: asText, &values)
            }
            counts.append(members.count)
        }
        guard let element = type.listElement else {
            throw IglooError(.internalError, "\(type) is no list")
        }
        let count = counts.reduce(0, +)
        let items = ArrayData(
            type: element, count: count, nullCount: 0,
            children: [keys.finishItems(), values.finishItems()])
        return try ListLayout.list(type, counts: counts, validity: call.validity, items: items)
    }
}
