// SPDX-License-Identifier: MIT

import IglooContracts
import IglooPlugins

extension Command {
    static let describe = Command(
        "describe", of: "plugin", operands: ["ID|FILE.so"], options: [.manifest],
        summary: "tell all about a plugin: its note, its file, its options",
        about: """
            Reads the note of a plugin, loads it (in a process of its own first) and prints what it
            offers, with every option.
            """
    ) { (arguments) throws(IglooError) in
        let manifest = try HostPlugins.manifest(arguments)
        let registry = HostPlugins.registry(manifest)
        let file = try registry.file(ofPlugin: arguments.names[0])
        let described = try registry.describe(file.id, path: file.path)
        let note = described.note
        let facts: [(String, String)] = [
            ("id", note.id), ("version", note.version),
            ("abi", "\(note.epoch).\(note.minor), needs minor \(note.needs)"),
            ("runtime", note.runtime), ("licence", note.license), ("homepage", note.homepage),
            ("files", note.fileExtensions.map { "." + $0 }.joined(separator: " ")),
            ("functions", note.functions.joined(separator: " ")),
            ("file", described.trust.path), ("sha256", "\(described.trust.hash)"),
            ("signature", described.trust.signaturePath ?? "none"),
        ]
        var text = Output.table(facts.filter { !$0.1.isEmpty }.map { [$0.0, $0.1] })
        for kind in described.kinds {
            text += "\n\(kind.word) \(kind.name)\n"
            let rows = kind.options.map { option in
                [
                    "  \(option.name)", OptionHelp.type(option), OptionHelp.usual(option),
                    option.documentation,
                ]
            }
            text += rows.isEmpty ? "  no options\n" : Output.table(rows)
        }
        return Output.text(text)
    }
}

/// Options as commands show them.
enum OptionHelp {
    static func type(_ option: OptionSpecification) -> String {
        switch option.type {
        case .string: "text"
        case .secret: "secret"
        case .bool: "true|false"
        case .integer, .double: "number"
        case .duration: "duration"
        case .byteCount: "size"
        case .choice: option.allowed.joined(separator: "|")
        case .list: "list"
        case .path: "path"
        }
    }

    static func usual(_ option: OptionSpecification) -> String {
        if option.flags.contains(.required) { return "required" }
        return option.defaultText.map { $0.isEmpty ? "" : "default \($0)" } ?? ""
    }
}
