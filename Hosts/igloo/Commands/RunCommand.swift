// SPDX-License-Identifier: MIT

import IglooContracts
import IglooPlugins
import IglooShell

extension Command {
    /// Its words after the plugin's are the shell's.
    static let run = Command(
        name: "run", summary: "open a shell with one plugin, as a catalog of its name"
    ) { words in
        do throws(IglooError) {
            return try PluginRun.run(words)
        } catch {
            Output.error(error)
            return 1
        }
    }
}

/// `igloo plugin run`
enum PluginRun {
    static let help = """
        usage: igloo plugin run [FILE.so] [--option NAME=VALUE ...] [shell options]

        Opens a shell that knows one plugin: FILE.so, or the only igloo-NAME.so of this folder. Each of
        its connectors is a catalog of the connector's name, made with the options given. All other
        words go to the shell: igloo plugin run igloo-acme.so -c "SELECT * FROM acme.planets"

        """

    static func run(_ words: ArraySlice<String>) throws(IglooError) -> Int32 {
        if let first = words.first, ["-h", "--help"].contains(first) { return Output.text(help) }
        var rest = words
        var file: String?
        if let first = rest.first, first.hasSuffix(".so") {
            file = first
            rest = rest.dropFirst()
        }
        var options: [(name: Substring, value: Substring)] = []
        while rest.first == "--option" {
            guard let pair = rest.dropFirst().first, let equals = pair.firstIndex(of: "=") else {
                throw IglooError(.invalidArgument, "--option needs NAME=VALUE")
            }
            options.append((pair[..<equals], pair[pair.index(after: equals)...]))
            rest = rest.dropFirst(2)
        }
        if file == nil { file = try onlyPlugin() }
        let plugin = try PlatformFolders.absolute(file ?? "")
        return ShellMain.run(
            Array(rest), manifestText: try manifest(plugin, options), PlatformFolders.current)
    }

    private static func onlyPlugin() throws(IglooError) -> String {
        let plugins = PlatformFolders.plugins(in: ".")
        if plugins.count == 1 { return plugins[0] }
        throw IglooError(
            .notFound,
            plugins.isEmpty
                ? "there is no igloo-NAME.so in this folder"
                : "which of \(plugins.joined(separator: ", "))?",
            hint: plugins.isEmpty ? "igloo plugin build makes it" : "igloo plugin run FILE.so")
    }

    /// Values are texts; lists and numbers are read from them as in SQL's OPTIONS.
    private static func manifest(
        _ path: String, _ options: [(name: Substring, value: Substring)]
    ) throws(IglooError) -> String {
        let note = try PluginLint.note(ofFile: path)
        var text = "manifest = 1\n[[plugin]]\nid = \(quoted(note.id))\npath = \(quoted(path))\n"
        for connector in note.connectors {
            text += "[catalog.\(quoted(connector))]\nconnector = \(quoted(connector))\n"
            for option in options {
                text += "\(quoted(String(option.name))) = \(literal(option.value))\n"
            }
        }
        return text
    }

    private static func literal(_ value: Substring) -> String {
        if ["true", "false"].contains(value) || Int64(value) != nil { return String(value) }
        return quoted(String(value))
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\" + String(scalar)
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
