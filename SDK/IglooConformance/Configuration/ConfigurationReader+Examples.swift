// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlugins

/// Calls of functions and runs of operators, with their results.
extension ConfigurationReader {
    func call(
        _ owner: TOMLEntry, _ entries: [TOMLEntry]
    ) throws(IglooError) -> FunctionExample {
        var example = FunctionExample()
        // Values are read once their types are known.
        for entry in entries where entry.key == "arguments" {
            example.arguments = try types(entry.key, try list(entry), entry)
        }
        for entry in entries {
            switch entry.key {
            case "arguments": break
            case "function": example.function = try text(entry)
            case "rows": example.rows = try rows(entry, example.arguments)
            case "results":
                example.results = try list(entry).map { ConfiguredValue($0, file: path) }
            case "groups":
                for value in try list(entry) {
                    guard case .integer(let group) = value.content, (0...1_000).contains(group)
                    else { throw wrong(entry, "groups are numbers from 0 to 1000") }
                    example.groups.append(Int(group))
                }
            case "tolerance": example.tolerance = try share(entry)
            case "refuses":
                for value in try list(entry) {
                    example.refuses.append(try types(entry.key, try list(value, entry), entry))
                }
            default:
                throw unknown(
                    entry,
                    ["function", "arguments", "rows", "results", "groups", "tolerance", "refuses"])
            }
        }
        guard !example.function.isEmpty else {
            throw wrong(owner, "a call needs the name of its function")
        }
        guard example.groups.isEmpty || example.groups.count == example.rows.count else {
            throw wrong(
                owner,
                "\(example.function): \(example.groups.count) groups of "
                    + "\(example.rows.count) rows")
        }
        return example
    }

    func run(
        _ owner: TOMLEntry, _ entries: [TOMLEntry]
    ) throws(IglooError) -> OperatorExample {
        var example = OperatorExample()
        for entry in entries {
            switch entry.key {
            case "spec": example.specification = try text(entry)
            case "inputs":
                for inner in try elements(entry) { example.inputs.append(try input(entry, inner)) }
            case "results":
                example.results = try list(entry).map { ConfiguredValue($0, file: path) }
            case "ordered": example.isOrdered = try flag(entry)
            case "tolerance": example.tolerance = try share(entry)
            case "refuses":
                for value in try list(entry) {
                    var inputs: [[DataType]] = []
                    for input in try list(value, entry) {
                        inputs.append(try types(entry.key, try list(input, entry), entry))
                    }
                    example.refuses.append(inputs)
                }
            default:
                throw unknown(
                    entry, ["spec", "inputs", "results", "ordered", "tolerance", "refuses"])
            }
        }
        return example
    }

    private func input(
        _ owner: TOMLEntry, _ entries: [TOMLEntry]
    ) throws(IglooError) -> OperatorExample.Input {
        var input = OperatorExample.Input()
        for entry in entries where entry.key == "types" {
            input.types = try types(entry.key, try list(entry), entry)
        }
        for entry in entries {
            switch entry.key {
            case "types": break
            case "rows": input.rows = try rows(entry, input.types)
            default: throw unknown(entry, ["types", "rows"])
            }
        }
        return input
    }

    // MARK: - Values

    private func rows(
        _ entry: TOMLEntry, _ types: [DataType]
    ) throws(IglooError) -> [Row] {
        var rows: [Row] = []
        for value in try list(entry) {
            let cells = try list(value, entry)
            guard cells.count == types.count else {
                throw wrong(
                    entry, "a row of \(cells.count) values, where \(types.count) are wanted")
            }
            var row: Row = []
            for (cell, type) in zip(cells, types) {
                let configured = ConfiguredValue(cell, file: path)
                guard let scalar = try? configured.scalar(type) else {
                    throw IglooError(
                        .invalidArgument,
                        "\(configured.place): \(cell.kind) is no value of the type \(type)")
                }
                row.append(scalar)
            }
            rows.append(row)
        }
        return rows
    }

    private func types(
        _ key: String, _ values: [TOMLValue], _ entry: TOMLEntry
    ) throws(IglooError) -> [DataType] {
        var types: [DataType] = []
        for value in values {
            guard case .string(let name) = value.content, let type = TypeName.type(name) else {
                throw IglooError(
                    .invalidArgument,
                    "\(path):\(value.place.line):\(value.place.column): \"\(key)\" names types as "
                        + "Arrow does",
                    hint: "there are " + TypeName.known.map(\.description).joined(separator: ", "))
            }
            types.append(type)
        }
        return types
    }

    private func list(_ value: TOMLValue, _ entry: TOMLEntry) throws(IglooError) -> [TOMLValue] {
        guard case .array(let elements) = value.content else {
            throw wrong(entry, "\"\(entry.key)\" is a list of lists")
        }
        return elements
    }

    private func share(_ entry: TOMLEntry) throws(IglooError) -> Double {
        guard case .double(let number) = entry.value.content, (0...1).contains(number) else {
            throw wrong(entry, "\"\(entry.key)\" must be a number from 0.0 to 1.0")
        }
        return number
    }
}
