// SPDX-License-Identifier: MIT

import IglooContracts
import IglooPlugins

extension Command {
    static let pin = Command(
        "pin", of: "plugin", operands: ["[ID ...]"], options: [.manifest],
        summary: "write the SHA-256 of plugins into the manifest",
        about: """
            Writes the hash of each named plugin into the manifest, or of all that the manifest names
            and its catalogs use. With trust = "pinned" a plugin whose file changes after that is
            refused. All else in the manifest stays as it is.
            """
    ) { (arguments) throws(IglooError) in
        guard var manifest = try HostPlugins.manifest(arguments),
            let path = arguments.value("--manifest")
        else { throw manifestIsMissing }
        // The old pins do not count while new ones are made.
        for index in manifest.plugins.indices { manifest.plugins[index].hash = nil }
        manifest.trust = .any
        let registry = HostPlugins.registry(manifest)
        var ids = arguments.names
        if ids.isEmpty {
            ids = manifest.plugins.filter(\.isEnabled).map(\.id)
            ids += manifest.catalogs.compactMap { registry.plugin(ofConnector: $0.connector) }
        }
        var pins = try ManifestPins(path: path)
        var lines: [String] = []
        var done: Set<String> = []
        for id in ids where done.insert(id).inserted {
            let file = try registry.file(ofPlugin: id)
            let report = try TrustReport.check(
                file.id, path: file.path, manifest: nil, keys: [])
            try pins.set(report.hash, of: file.id)
            lines.append("\(file.id): \(report.hash) \(report.path)\n")
        }
        try pins.write()
        return Output.text(lines.isEmpty ? "\(path) uses no plugin\n" : lines.joined())
    }

    static let sign = Command(
        "sign", of: "plugin", operands: ["[FILE.so ...]"],
        options: [
            CommandOption("--key", "KEY.pem", "the private Ed25519 key to sign with"),
            CommandOption("--new-key", "NAME", "make a pair of keys: NAME.pem and NAME.pub"),
        ],
        summary: "sign plugins with an Ed25519 key, or make a pair of keys",
        about: """
            Writes FILE.so.sig beside each file. A manifest with trust = "signed" and
            keys = ["NAME.pub"] accepts only plugins that are signed so. Keys and signatures are those of
            openssl genpkey -algorithm ed25519 and openssl pkeyutl -sign -rawin.
            """
    ) { (arguments) throws(IglooError) in
        var lines: [String] = []
        var key = arguments.value("--key")
        if let name = arguments.value("--new-key") {
            let keys = try PluginSigning.makeKeys(name)
            lines.append("\(keys.private): keep it to yourself\n\(keys.public): for manifests\n")
            key = key ?? keys.private
        }
        guard let key else {
            throw IglooError(
                .invalidArgument, "there is no key to sign with",
                hint: "--key KEY.pem, or --new-key NAME to make one")
        }
        guard !arguments.names.isEmpty || arguments.has("--new-key") else {
            throw IglooError(.invalidArgument, "there is no file to sign")
        }
        for file in arguments.names {
            lines.append("\(try PluginSigning.sign(file, keyFile: key))\n")
        }
        return Output.text(lines.joined())
    }

    static let verify = Command(
        "verify", of: "plugin", operands: ["ID|FILE.so ..."],
        options: [
            .manifest, CommandOption("--key", "KEY.pub", "a public key that must have signed it"),
        ],
        summary: "check owner, hash and signature of a plugin",
        about: """
            Checks a plugin's file against what the manifest demands (trust, sha256, keys) or against
            the keys given. Nothing of the plugin is run. Exit status 1 when it is refused.
            """
    ) { (arguments) throws(IglooError) in
        let manifest = try HostPlugins.manifest(arguments)
        let registry = HostPlugins.registry(manifest)
        var text = ""
        for name in arguments.names {
            let file = try registry.file(ofPlugin: name)
            let report = try TrustReport.check(
                file.id, path: file.path, manifest: manifest, keys: arguments.values("--key"))
            text += "\(report.path): \(verdict(manifest, arguments))\n  sha256 \(report.hash)\n"
            text += "  signature \(report.signaturePath ?? "none")\n"
            if let weakness = report.weakness { text += "  others may change it: \(weakness)\n" }
        }
        return Output.text(text)
    }

    private static func verdict(_ manifest: Manifest?, _ arguments: CommandArguments) -> String {
        if arguments.has("--key") { return "signed with one of the keys" }
        return manifest.map { "accepted by \($0.path), trust = \"\($0.trust.rawValue)\"" }
            ?? "no demands to check"
    }

    static let clear = Command(
        "clear", of: "plugin", operands: ["[ID]"],
        summary: "let plugins out of quarantine, to be tried again",
        about: """
            A plugin that crashed or hung while it was tried out is not loaded again until its file
            changes or it is cleared: the one named, or all.
            """
    ) { (arguments) throws(IglooError) in
        let cleared = try HostPlugins.quarantine.clear(plugin: arguments.names.first)
        let lines = cleared.map { "\($0.plugin): \($0.path) will be tried again\n" }
        return Output.text(lines.isEmpty ? "nothing was in quarantine\n" : lines.joined())
    }

    static var manifestIsMissing: IglooError {
        IglooError(.invalidArgument, "which manifest?", hint: "--manifest FILE")
    }
}
