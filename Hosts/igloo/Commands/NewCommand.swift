// SPDX-License-Identifier: MIT

import CIglooTemplates
import IglooContracts
import IglooPlugins

extension Command {
    static let new = Command(
        "new", of: "plugin", operands: ["connector", "NAME"],
        options: [
            CommandOption("--lang", "LANGUAGE", "swift, c or rust"),
            CommandOption("--folder", "FOLDER", "where to put it; igloo-NAME, if not given"),
            CommandOption(
                "--sdk", "FOLDER", "swift: Igloo's sources; found above this program, if not given"),
        ],
        summary: "write a new plugin that builds and works: connector NAME --lang swift|c|rust",
        about: """
            Writes a connector with one table in memory, its build file, a manifest and the kit's
            configuration into a new folder. Go on there: igloo plugin build, run, test.
            """
    ) { (arguments) throws(IglooError) in
        let (what, name) = (arguments.names[0], arguments.names[1])
        guard what == "connector" else {
            throw IglooError(
                .unsupported, "there is no template for \"\(what)\"",
                hint: "there is one: connector")
        }
        guard PluginTemplate.isName(name) else {
            throw IglooError(
                .invalidArgument, "\"\(name)\" is no name for a connector",
                hint: "a lower-case letter, then up to 31 lower-case letters and digits")
        }
        let folder = arguments.value("--folder") ?? "igloo-\(name)"
        let template = PluginTemplate(
            name: name, language: try language(arguments.value("--lang")),
            sources: arguments.value("--sdk"))
        let files = try template.write(to: folder)
        return Output.text(
            files.map { "\(folder)/\($0)\n" }.joined()
                + "\ncd \(folder) && igloo plugin build && igloo plugin run\n")
    }

    private static func language(
        _ word: String?
    ) throws(IglooError) -> PluginTemplate.Language {
        let words = PluginTemplate.Language.allCases.map(\.rawValue)
        guard let word else {
            throw IglooError(
                .invalidArgument, "in which language?",
                hint: "--lang \(words.joined(separator: ", --lang "))")
        }
        if let language = PluginTemplate.Language(rawValue: word) { return language }
        throw IglooError(
            .invalidArgument, "there is no template in \"\(word)\"",
            hint: NearestName.among(words, to: word).map { "did you mean \($0)?" }
                ?? "there are: \(words.joined(separator: ", "))")
    }
}

/// A plugin that is complete but for its name.
struct PluginTemplate {
    enum Language: String, CaseIterable {
        case swift, c, rust
    }

    var name: String
    var language: Language
    /// Igloo's sources, which plugins in Swift are built with; `nil` = above this program.
    var sources: String?

    /// Fit to be a part of names in all languages.
    static func isName(_ text: String) -> Bool {
        text.utf8.count <= 32 && text.first?.isLetter == true
            && text.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) }
    }

    /// - Returns: the files written, their paths below `folder`.
    func write(to folder: String) throws(IglooError) -> [String] {
        guard !PlatformFolders.isThere(folder) else {
            throw IglooError(.alreadyExists, "\(folder) is there already", hint: "--folder FOLDER")
        }
        let capitalised = name.prefix(1).uppercased() + name.dropFirst()
        let sources = language == .swift ? try PlatformFolders.sources(sources) : ""
        var paths: [String] = []
        for file in Self.files where file.language.isEmpty || file.language == language.rawValue {
            let path = replaced(file.path, capitalised)
            var text = String(decoding: file.bytes, as: UTF8.self)
            if !path.hasPrefix("include/") { text = replaced(text, capitalised) }
            text = Self.replace("\"IGLOO\"", by: "\"\(sources)\"", in: text)
            try PlatformFolders.write(text, to: "\(folder)/\(path)")
            paths.append(path)
        }
        return paths.sorted()
    }

    private func replaced(_ text: String, _ capitalised: String) -> String {
        Self.replace("Acme", by: capitalised, in: Self.replace("acme", by: name, in: text))
    }

    private static func replace(_ old: String, by new: String, in text: String) -> String {
        let (text, old) = (Array(text.utf8), Array(old.utf8))
        var result: [UInt8] = []
        var index = 0
        while index < text.count {
            if text[index...].starts(with: old) {
                result += new.utf8
                index += old.count
            } else {
                result.append(text[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private struct File {
        var language: String
        var path: String
        var bytes: [UInt8]
    }

    /// The files that are linked into this program.
    private static var files: [File] {
        var files: [File] = []
        while let template = unsafe igloo_template_at(files.count)?.pointee {
            let bytes = unsafe UnsafeBufferPointer(start: template.bytes, count: template.count)
            files.append(
                unsafe File(
                    language: String(cString: template.language),
                    path: String(cString: template.path), bytes: Array(bytes)))
        }
        return files
    }
}
