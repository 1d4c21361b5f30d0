// SPDX-License-Identifier: MIT

import IglooContracts
import IglooPlugins

/// Values of entries, each of the type that is wanted, and words for those that are not.
extension ConfigurationReader {
    func options(_ entry: TOMLEntry) throws(IglooError) -> [GivenOption] {
        var options: [GivenOption] = []
        for inner in try table(entry) {
            options.append(
                GivenOption(
                    inner.key, try optionValue(inner), place: place(inner.value.place),
                    folder: Folders.folder(of: path)))
        }
        return options
    }

    func optionValue(_ entry: TOMLEntry) throws(IglooError) -> GivenOption.Value {
        switch entry.value.content {
        case .string(let text): .string(placed(text))
        case .integer(let value): .integer(value)
        case .double(let value): .double(value)
        case .bool(let value): .bool(value)
        case .array: .list(try texts(entry).map { placed($0) })
        case .time, .table: throw wrong(entry, "no option is \(entry.value.kind)")
        }
    }

    func placed(_ text: String) -> String { text.replacing("{target}", with: target) }

    func command(_ entry: TOMLEntry) throws(IglooError) -> String {
        let text = try text(entry)
        guard text.hasPrefix("cmd:") else {
            throw wrong(entry, "\"\(entry.key)\" is \"existing\" or \"cmd:\" and a command")
        }
        return String(text.dropFirst(4))
    }

    func day(_ entry: TOMLEntry) throws(IglooError) -> String {
        let text = try text(entry)
        let isDay = text.utf8.enumerated().allSatisfy { index, byte in
            index == 4 || index == 7 ? byte == 45 : (48...57).contains(byte)
        }
        guard text.utf8.count == 10, isDay else {
            throw wrong(entry, "write the day in quotes, as \"2026-12-31\"")
        }
        return text
    }

    func table(_ entry: TOMLEntry) throws(IglooError) -> [TOMLEntry] {
        guard case .table(let entries) = entry.value.content else {
            throw wrong(entry, "\"\(entry.key)\" must be a table, not \(entry.value.kind)")
        }
        return entries
    }

    func text(_ entry: TOMLEntry) throws(IglooError) -> String {
        guard case .string(let text) = entry.value.content else {
            throw wrong(entry, "\"\(entry.key)\" must be a text, not \(entry.value.kind)")
        }
        return text
    }

    func texts(_ entry: TOMLEntry) throws(IglooError) -> [String] {
        guard case .array(let elements) = entry.value.content else {
            throw wrong(entry, "\"\(entry.key)\" must be a list of texts")
        }
        var texts: [String] = []
        for element in elements {
            guard case .string(let text) = element.content else {
                throw wrong(entry, "\"\(entry.key)\" must be a list of texts")
            }
            texts.append(text)
        }
        return texts
    }

    func number(
        _ entry: TOMLEntry, _ range: ClosedRange<Int64>
    ) throws(IglooError) -> Int {
        guard case .integer(let number) = entry.value.content, range.contains(number) else {
            throw wrong(
                entry,
                "\"\(entry.key)\" must be a number from \(range.lowerBound) to "
                    + "\(range.upperBound)")
        }
        return Int(number)
    }

    /// The tables of a list of them, written `[[key]]`.
    func elements(_ entry: TOMLEntry) throws(IglooError) -> [[TOMLEntry]] {
        guard case .array(let elements) = entry.value.content else {
            throw wrong(entry, "write each \(entry.key) as [[\(entry.key)]]")
        }
        var tables: [[TOMLEntry]] = []
        for element in elements {
            guard case .table(let entries) = element.content else {
                throw wrong(entry, "write each \(entry.key) as [[\(entry.key)]]")
            }
            tables.append(entries)
        }
        return tables
    }

    func list(_ entry: TOMLEntry) throws(IglooError) -> [TOMLValue] {
        guard case .array(let elements) = entry.value.content else {
            throw wrong(entry, "\"\(entry.key)\" must be a list, not \(entry.value.kind)")
        }
        return elements
    }

    func flag(_ entry: TOMLEntry) throws(IglooError) -> Bool {
        guard case .bool(let flag) = entry.value.content else {
            throw wrong(entry, "\"\(entry.key)\" must be true or false")
        }
        return flag
    }

    // MARK: - Errors

    func place(_ place: TOMLPlace) -> String { "\(path):\(place.line):\(place.column)" }

    func wrong(_ entry: TOMLEntry, _ what: String) -> IglooError {
        IglooError(.invalidArgument, "\(place(entry.place)): \(what)")
    }

    func unknown(_ entry: TOMLEntry, _ known: [String]) -> IglooError {
        IglooError(
            .invalidArgument, "\(place(entry.place)): unknown key \"\(entry.key)\"",
            hint: NearestName.among(known, to: entry.key).map { "did you mean \"\($0)\"?" }
                ?? "it knows: \(known.joined(separator: ", "))")
    }
}
