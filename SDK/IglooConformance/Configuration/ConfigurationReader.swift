// SPDX-License-Identifier: MIT

import IglooContracts
import IglooPlugins

/// Turns the entries of a `conformance.toml` into a `Configuration`, and says where one is wrong.
struct ConfigurationReader {
    let path: String
    let target: String

    private static let known =
        [
            "conformance", "libraries", "timeout", "cancel_within", "options", "bad_endpoint",
            "data", "tables", "types", "lost", "waiver", "call", "run", "entries", "store",
            "streams", "client", "secret",
        ] + TestedKind.all.map(\.word)

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
        case "call":
            for inner in try elements(entry) { result.calls.append(try call(entry, inner)) }
        case "run": for inner in try elements(entry) { result.runs.append(try run(entry, inner)) }
        case "entries": result.entries = try entries(entry)
        case "store": result.store = try store(entry)
        case "streams": result.streams = try streams(entry)
        case "client": result.client = try client(entry)
        case "secret": result.secret = try secret(entry)
        case let word where TestedKind.all.contains(where: { $0.word == word }):
            if let kind = result.kind {
                throw wrong(entry, "one thing is tested at a time: here is a \(kind) already")
            }
            result.kind = word
            result.kindName = try text(entry)
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
        var waivers: [Configuration.Waiver] = []
        for entries in try elements(entry) {
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
}
