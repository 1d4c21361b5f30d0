// SPDX-License-Identifier: MIT

import IglooContracts

/// An option of a command, from which its parsing and its help are made.
struct CommandOption: Sendable {
    var name: String
    /// What its value is called in the help; `nil` = it has none.
    var value: String?
    var help: String

    init(_ name: String, _ value: String?, _ help: String) {
        self.name = name
        self.value = value
        self.help = help
    }

    /// One without a value.
    init(_ name: String, _ help: String) { self.init(name, nil, help) }

    static let manifest = CommandOption("--manifest", "FILE", "plugins and catalogs")
}

/// The words after a command, sorted.
struct CommandArguments: Sendable {
    fileprivate(set) var names: [String] = []
    fileprivate var options: [String: [String]] = [:]

    /// The last value of an option.
    func value(_ option: String) -> String? { options[option]?.last }
    func values(_ option: String) -> [String] { options[option] ?? [] }
    func has(_ option: String) -> Bool { options[option] != nil }
}

extension Command {
    /// A command whose options are declared.
    ///
    /// - Parameters:
    ///   - group: the word before its name, if any.
    ///   - operands: what it is used on, as the help shows it: `FILE.so`, `[ID]`, `[ID ...]`.
    ///   - about: what it does, in whole sentences.
    init(
        _ name: String, of group: String? = nil, operands: [String] = [],
        options: [CommandOption] = [],
        summary: String, about: String,
        _ body: @escaping @Sendable (CommandArguments) throws(IglooError) -> Int32
    ) {
        let syntax = Syntax(
            command: "igloo \(group.map { $0 + " " } ?? "")\(name)", operands: operands,
            options: options, about: about)
        self.init(name: name, summary: summary) { words in
            if words.contains("--help") || words.contains("-h") { return Output.text(syntax.help) }
            switch syntax.parse(words) {
            case .failure(let usage):
                Output.error(
                    "\(syntax.command): \(usage.message)\n\(syntax.command) --help tells more\n")
                return 2
            case .success(let arguments):
                do throws(IglooError) {
                    return try body(arguments)
                } catch {
                    Output.error(error)
                    return 1
                }
            }
        }
    }
}

/// How a command is written.
private struct Syntax: Sendable {
    var command: String
    var operands: [String]
    var options: [CommandOption]
    var about: String

    struct UsageError: Error {
        var message: String
    }

    var help: String {
        let shown = options.map { option in
            (option.name + (option.value.map { " \($0)" } ?? ""), option.help)
        }
        let width = shown.map(\.0.count).max() ?? 0
        let usage = ([command] + operands + (options.isEmpty ? [] : ["[options]"]))
        return "usage: \(usage.joined(separator: " "))\n\n\(about)\n"
            + (options.isEmpty ? "" : "\n")
            + shown.map { "  \(Output.padded($0.0, width))  \($0.1)\n" }.joined()
    }

    func parse(_ words: ArraySlice<String>) -> Result<CommandArguments, UsageError> {
        var arguments = CommandArguments()
        var rest = words
        while let word = rest.popFirst() {
            guard word.hasPrefix("-"), word != "-" else {
                arguments.names.append(word)
                continue
            }
            var name = word
            var value: String?
            if let equals = word.firstIndex(of: "=") {
                name = String(word[..<equals])
                value = String(word[word.index(after: equals)...])
            }
            guard let option = options.first(where: { $0.name == name }) else {
                return .failure(unknown(name))
            }
            if option.value == nil {
                guard value == nil else {
                    return .failure(UsageError(message: "option \(name) takes no value"))
                }
                arguments.options[name, default: []].append("")
                continue
            }
            guard let value = value ?? rest.popFirst() else {
                return .failure(UsageError(message: "option \(name) needs a value"))
            }
            arguments.options[name, default: []].append(value)
        }
        return checked(arguments)
    }

    private func unknown(_ name: String) -> UsageError {
        let nearest = NearestName.among(options.map(\.name), to: name)
        return UsageError(
            message: "there is no option \(name)"
                + (nearest.map { ": did you mean \($0)?" } ?? ""))
    }

    private func checked(_ arguments: CommandArguments) -> Result<CommandArguments, UsageError> {
        let needed = operands.count { !$0.hasPrefix("[") }
        if arguments.names.count < needed {
            return .failure(UsageError(message: "\(operands[arguments.names.count]) is missing"))
        }
        if arguments.names.count > operands.count && operands.last?.contains("...") != true {
            return .failure(
                UsageError(
                    message: "there is nothing to do with '\(arguments.names[operands.count])'"))
        }
        return .success(arguments)
    }
}
