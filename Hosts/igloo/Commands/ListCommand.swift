// SPDX-License-Identifier: MIT

import IglooContracts
import IglooPlugins

extension Command {
    static let list = Command(
        "list", of: "plugin", options: [.manifest],
        summary: "list the plugins that are found, and those in quarantine",
        about: """
            Lists the plugins of the manifest and of this program's folders, known by their notes:
            nothing of them is run. Below stand the reasons of those that cannot be used.
            """
    ) { (arguments) throws(IglooError) in
        let listings = HostPlugins.registry(try HostPlugins.manifest(arguments)).describeAll()
        var rows = [["ID", "VERSION", "KINDS", "STATE", "FILE"]]
        var problems: [String] = []
        let quarantined = HostPlugins.quarantine.quarantined
        for listing in listings {
            let verdict = quarantined.first { $0.path == listing.path }
            let state =
                listing.problem != nil ? "refused" : verdict != nil ? "quarantined" : "usable"
            rows.append([
                listing.id, listing.note?.version ?? "-", kinds(listing.note), state,
                listing.path.isEmpty ? "-" : listing.path,
            ])
            if let problem = listing.problem { problems.append("\(listing.id): \(problem)") }
        }
        for verdict in quarantined {
            problems.append(
                "\(verdict.plugin): in quarantine: \(verdict.path) \(verdict.reason ?? "") "
                    + "(sha256 \(verdict.hash)); igloo plugin clear \(verdict.plugin) lets it out")
        }
        return Output.text(
            Output.table(rows)
                + (problems.isEmpty ? "" : "\n" + problems.joined(separator: "\n") + "\n"))
    }

    private static func kinds(_ note: PluginNote?) -> String {
        guard let note else { return "-" }
        return note.kinds.map { "\($0.kind):\($0.name)" }.joined(separator: ",")
    }
}
