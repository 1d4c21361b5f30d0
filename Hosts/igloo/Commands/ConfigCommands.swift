// SPDX-License-Identifier: MIT

import IglooContracts
import IglooPlugins

/// `igloo config ...`
enum ConfigCommands {
    static let group = CommandGroup(name: "config", commands: [.check, .explain])
}

extension Command {
    static let check = Command(
        "check", of: "config",
        options: [
            .manifest, CommandOption("--connect", "also make each catalog and reach its source"),
        ],
        summary: "check a manifest: its plugins, its catalogs and their options",
        about: """
            Reads a manifest, finds and loads the plugins it names and uses, and checks every option of
            every catalog. All that is wrong is told, each with its place. Exit status 1 if anything is.
            """
    ) { (arguments) throws(IglooError) in
        guard let manifest = try HostPlugins.manifest(arguments) else { throw manifestIsMissing }
        let registry = HostPlugins.registry(manifest)
        var problems = registry.problems()
        if problems.isEmpty && arguments.has("--connect") {
            problems = unreachable(manifest, registry)
        }
        for problem in problems { Output.error(problem) }
        guard problems.isEmpty else { return 1 }
        return Output.text(
            "\(manifest.path): \(manifest.catalogs.count) catalogs, "
                + "\(manifest.plugins.count) plugins, nothing to complain about\n")
    }

    private static func unreachable(
        _ manifest: Manifest, _ registry: PluginRegistry
    ) -> [IglooError] {
        var problems: [IglooError] = []
        for catalog in manifest.catalogs {
            do throws(IglooError) {
                try registry.open(catalog, CallContext()).ping(CallContext())
            } catch {
                problems.append(registry.placed(error, catalog))
            }
        }
        return problems + registry.unusableServices(CallContext())
    }

    static let explain = Command(
        "explain", of: "config", operands: ["[SECTION]"], options: [.manifest],
        summary: "show every option of a catalog or service: its value, and who set it",
        about: """
            Prints every option of the section named (catalog.NAME, metadata), or of all catalogs: its
            type, its value (secrets hidden), where the value comes from, and what the option does.
            """
    ) { (arguments) throws(IglooError) in
        guard let manifest = try HostPlugins.manifest(arguments) else { throw manifestIsMissing }
        let registry = HostPlugins.registry(manifest)
        var catalogs = manifest.catalogs
        if let wanted = arguments.names.first {
            if let service = try registry.explainService(wanted) {
                return Output.text(
                    "\(wanted), \(service.kind) (\(service.place))\n" + table(service.options))
            }
            let name = wanted.hasPrefix("catalog.") ? String(wanted.dropFirst(8)) : wanted
            catalogs = catalogs.filter { $0.name == name }
            if catalogs.isEmpty {
                let names = manifest.catalogs.map(\.name)
                throw IglooError(
                    .notFound, "\(manifest.path) has no catalog \"\(name)\"",
                    hint: NearestName.among(names, to: name).map { "did you mean \"\($0)\"?" }
                        ?? "it has: \(names.joined(separator: ", "))")
            }
        }
        var text = ""
        for catalog in catalogs {
            text += "\(text.isEmpty ? "" : "\n")catalog \(catalog.name), connector "
            text += "\(catalog.connector) (\(catalog.place))\n"
            text += table(try registry.explain(catalog))
        }
        return Output.text(text.isEmpty ? "\(manifest.path) has no catalogs\n" : text)
    }

    private static func table(_ options: [ExplainedOption]) -> String {
        Output.table(
            options.map { option in
                [
                    "  \(option.specification.name)",
                    option.value.map { "= \($0.isEmpty ? "\"\"" : $0)" } ?? "-", option.source,
                    OptionHelp.type(option.specification), option.specification.documentation,
                ]
            })
    }
}
