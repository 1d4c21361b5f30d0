// SPDX-License-Identifier: MIT

import IglooContracts
import IglooPlugins

/// Turns the entries of a `conformance.toml` into a `Configuration`, and says where one is wrong.
struct ConfigurationReader {
    let path: String
    let target: String

    private static let known = [
        "conformance", "connector", "libraries", "timeout", "cancel_within", "options",
        "bad_endpoint", "data", "tables", "types", "lost", "waiver",
    ]

    func configuration(_ entries: [TOMLEntry]) throws(IglooError) -> Configuration {
        var result = Configuration()
        result.folder = Folders.folder(of: path)
        guard entries.contains(where: { $0.key == "conformance" }) else {
            throw IglooError(
                .invalidArgument, "\(path):1:1: the file does not state its version",
                hint: "begin it with: conformance = 1")
        }
        for entry in entries { try set(entry, &result) }
        return result
    }

    private func set(_ entry: TOMLEntry, _ result: inout Configuration) throws(IglooError) {
        switch entry.key {
        case "conformance":
            guard case .integer(1) = entry.value.content else {
                throw wrong(entry, "this kit reads version 1 only")
            }
        case "connector": result.connector = try text(entry)
        case "libraries": result.libraries = try texts(entry)
        case "timeout": result.timeoutSeconds = try number(entry, 1...3_600)
        case "cancel_within": result.cancelMilliseconds = try number(entry, 1...5_000)
        case "options": result.options = try options(entry)
        case "bad_endpoint": result.badEndpoint = try options(entry)
        case "data": for inner in try table(entry) { try setData(inner, &result) }
        case "tables":
            for inner in try table(entry) { result.tables[inner.key] = try placed(text(inner)) }
        case "types":
            for inner in try table(entry) {
                for column in try table(inner) {
                    result.types["\(inner.key).\(column.key)"] = try text(column)
                }
            }
        case "lost": for inner in try table(entry) { try setLost(inner, &result) }
        case "waiver": result.waivers = try waivers(entry)
        default: throw unknown(entry, Self.known)
        }
    }

    private func setData(_ entry: TOMLEntry, _ result: inout Configuration) throws(IglooError) {
        switch entry.key {
        case "load":
            let text = try text(entry)
            if text == "write-facet" {
                throw wrong(entry, "plugins cannot be written to yet: use \"cmd:...\"")
            }
            result.loadCommand = text == "existing" ? nil : try command(entry)
        case "unload": result.unloadCommand = try command(entry)
        case "alter": result.alterCommand = try command(entry)
        case "change": result.changeCommand = try command(entry)
        case "schema": result.schema = try text(entry)
        case "big_rows": result.bigRowCount = try number(entry, 1_000...1_000_000_000)
        default: throw unknown(entry, ["load", "unload", "alter", "change", "schema", "big_rows"])
        }
    }

    /// A reason for a table, or reasons for columns of it.
    private func setLost(_ entry: TOMLEntry, _ result: inout Configuration) throws(IglooError) {
        guard case .table(let columns) = entry.value.content else {
            result.lost[entry.key] = try text(entry)
            return
        }
        for column in columns { result.lost["\(entry.key).\(column.key)"] = try text(column) }
    }

    private func waivers(_ entry: TOMLEntry) throws(IglooError) -> [Configuration.Waiver] {
        guard case .array(let elements) = entry.value.content else {
            throw wrong(entry, "write each waiver as [[waiver]]")
        }
        var waivers: [Configuration.Waiver] = []
        for element in elements {
            guard case .table(let entries) = element.content else {
                throw wrong(entry, "write each waiver as [[waiver]]")
            }
            var waiver = Configuration.Waiver(check: "", reason: "", ticket: "", expires: "")
            for entry in entries {
                switch entry.key {
                case "check": waiver.check = try text(entry)
                case "reason": waiver.reason = try text(entry)
                case "ticket": waiver.ticket = try text(entry)
                case "expires": waiver.expires = try day(entry)
                default: throw unknown(entry, ["check", "reason", "ticket", "expires"])
                }
            }
            guard CheckCatalog.all.contains(where: { $0.name == waiver.check }) else {
                throw wrong(entry, "there is no check \"\(waiver.check)\" to be waived")
            }
            guard !waiver.reason.isEmpty, !waiver.ticket.isEmpty, !waiver.expires.isEmpty else {
                throw wrong(entry, "a waiver needs a reason, a ticket and the day it expires")
            }
            waivers.append(waiver)
        }
        return waivers
    }

    // MARK: - Values

    private func options(_ entry: TOMLEntry) throws(IglooError) -> [GivenOption] {
        var options: [GivenOption] = []
        for inner in try table(entry) {
            options.append(
                GivenOption(
                    inner.key, try optionValue(inner), place: place(inner.value.place),
                    folder: Folders.folder(of: path)))
        }
        return options
    }

    private func optionValue(_ entry: TOMLEntry) throws(IglooError) -> GivenOption.Value {
        switch entry.value.content {
        case .string(let text): .string(placed(text))
        case .integer(let value): .integer(value)
        case .double(let value): .double(value)
        case .bool(let value): .bool(value)
        case .array: .list(try texts(entry).map { placed($0) })
        case .time, .table: throw wrong(entry, "no option is \(entry.value.kind)")
        }
    }

    private func placed(_ text: String) -> String { text.replacing("{target}", with: target) }

    private func command(_ entry: TOMLEntry) throws(IglooError) -> String {
        let text = try text(entry)
        guard text.hasPrefix("cmd:") else {
            throw wrong(entry, "\"\(entry.key)\" is \"existing\" or \"cmd:\" and a command")
        }
        return String(text.dropFirst(4))
    }

    private func day(_ entry: TOMLEntry) throws(IglooError) -> String {
        let text = try text(entry)
        let isDay = text.utf8.enumerated().allSatisfy { index, byte in
            index == 4 || index == 7 ? byte == 45 : (48...57).contains(byte)
        }
        guard text.utf8.count == 10, isDay else {
            throw wrong(entry, "write the day in quotes, as \"2026-12-31\"")
        }
        return text
    }

    private func table(_ entry: TOMLEntry) throws(IglooError) -> [TOMLEntry] {
        guard case .table(let entries) = entry.value.content else {
            throw wrong(entry, "\"\(entry.key)\" must be a table, not \(entry.value.kind)")
        }
        return entries
    }

    private func text(_ entry: TOMLEntry) throws(IglooError) -> String {
        guard case .string(let text) = entry.value.content else {
            throw wrong(entry, "\"\(entry.key)\" must be a text, not \(entry.value.kind)")
        }
        return text
    }

    private func texts(_ entry: TOMLEntry) throws(IglooError) -> [String] {
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

    private func number(
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

    // MARK: - Errors

    private func place(_ place: TOMLPlace) -> String { "\(path):\(place.line):\(place.column)" }

    private func wrong(_ entry: TOMLEntry, _ what: String) -> IglooError {
        IglooError(.invalidArgument, "\(place(entry.place)): \(what)")
    }

    private func unknown(_ entry: TOMLEntry, _ known: [String]) -> IglooError {
        IglooError(
            .invalidArgument, "\(place(entry.place)): unknown key \"\(entry.key)\"",
            hint: NearestName.among(known, to: entry.key).map { "did you mean \"\($0)\"?" }
                ?? "it knows: \(known.joined(separator: ", "))")
    }
}
