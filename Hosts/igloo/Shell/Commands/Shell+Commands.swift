// SPDX-License-Identifier: MIT

import IglooContracts
import IglooFormats

// Meta commands.
extension Shell {
    /// Follows a line such as `\d orders`.
    func command(_ line: String) throws(IglooError) {
        let end = line.firstIndex(where: \.isWhitespace) ?? line.endIndex
        let name = String(line[..<end])
        let argument = String(line[end...]).trimmed
        switch name {
        case "\\d" where argument.isEmpty: try listRelations(nil, pattern: "")
        case "\\d": try describe(argument)
        case "\\dt": try listRelations("table", pattern: argument)
        case "\\dv": try listRelations("view", pattern: argument)
        case "\\df": try listFunctions(pattern: argument)
        case "\\l": try listCatalogs()
        case "\\x": try set(.expanded, argument)
        case "\\format": try set(.format, argument)
        case "\\null": display.nullText = argument
        case "\\pset": try set(argument)
        case "\\timing":
            display.showsTiming = try toggled(display.showsTiming, argument, "\\timing")
            confirm("timing is \(display.showsTiming ? "on" : "off")")
        case "\\set": try setVariable(argument)
        case "\\i", "\\include":
            if argument.isEmpty { throw usage("\\i FILE") }
            try include(Self.fileName(argument))
        case "\\o": try redirect(argument)
        case "\\echo": output.append(argument + "\n")
        case "\\g", "\\r", "\\reset": break
        case "\\?", "\\h", "\\help": output.append(MetaCommand.help)
        case "\\q", "\\quit": quit()
        default: throw unknown(name)
        }
    }

    private func unknown(_ name: String) -> IglooError {
        if name.hasPrefix(".") {
            return IglooError(
                .invalidArgument, "unknown command \(name)",
                hint: "commands begin with a backslash: \\? lists them", sqlState: .syntaxError)
        }
        let near = NearestName.among(MetaCommand.all.map(\.name), to: name)
        let guess = near.map { "did you mean \($0)? " } ?? ""
        return IglooError(
            .invalidArgument, "unknown command \(name)", hint: guess + "\\? lists the commands",
            sqlState: .syntaxError)
    }

    func usage(_ text: String) -> IglooError {
        IglooError(.invalidArgument, "usage: \(text)", sqlState: .syntaxError)
    }

    /// Tells a user what a command changed.
    private func confirm(_ text: String) {
        if isConversation { standardOutput.append(text + "\n") }
    }

    // MARK: - Files

    private func redirect(_ argument: String) throws(IglooError) {
        try output.flush()
        if argument.isEmpty {
            file = nil
        } else if argument.hasPrefix("|") {
            throw IglooError(
                .unsupported, "\\o writes to files, not to other programs",
                hint: "igloo -c '...' | program")
        } else {
            file = try OutputChannel.create(Self.fileName(argument))
        }
    }

    /// A name without its quotes, and with the home for `~`.
    private static func fileName(_ argument: String) -> String {
        if argument.count >= 2, argument.hasPrefix("'"), argument.hasSuffix("'") {
            return SQLName.unquoted(argument.dropFirst().dropLast())
        }
        return PlatformFiles.withHome(argument)
    }

    // MARK: - Settings

    private func set(_ argument: String) throws(IglooError) {
        let words = argument.split(maxSplits: 1, whereSeparator: \.isWhitespace).map(String.init)
        guard let name = words.first else {
            return try write(
                columns: ["option", "value"],
                DisplayOption.allCases.map { [$0.rawValue, value(of: $0)] })
        }
        guard let option = DisplayOption(rawValue: name) else {
            let known = DisplayOption.allCases.map(\.rawValue)
            let near = NearestName.among(known, to: name)
            throw IglooError(
                .invalidArgument, "unknown setting \"\(name)\"",
                hint: near.map { "did you mean \($0)?" }
                    ?? "there are \(known.joined(separator: ", "))")
        }
        try set(option, words.count > 1 ? words[1].trimmed : "")
    }

    private func set(_ option: DisplayOption, _ word: String) throws(IglooError) {
        switch option {
        case .format:
            guard let format = OutputFormat(rawValue: word) else {
                throw usage("\\format \(OutputFormat.names.joined(separator: " | "))")
            }
            display.format = format
        case .null: display.nullText = word
        case .expanded: display.isExpanded = try toggled(display.isExpanded, word, "\\x")
        case .pager: display.usesPager = try toggled(display.usesPager, word, "\\pset pager")
        case .rows:
            guard let limit = RowLimit(word) else { throw usage("\\pset rows N | all | auto") }
            display.rowLimit = limit
        }
        confirm("\(option.rawValue) is \(value(of: option))")
    }

    private func value(of option: DisplayOption) -> String {
        switch option {
        case .format: display.format.rawValue
        case .null: display.nullText.map { "'\($0)'" } ?? "as the format has it"
        case .expanded: display.isExpanded ? "on" : "off"
        case .pager: display.usesPager ? "on" : "off"
        case .rows: display.rowLimit.text
        }
    }

    private func setVariable(_ argument: String) throws(IglooError) {
        let words = argument.split(whereSeparator: \.isWhitespace).map(String.init)
        guard words.count == 2, words[0] == "ON_ERROR_STOP" else {
            throw usage("\\set ON_ERROR_STOP on | off")
        }
        let isOn = try toggled(errorPolicy == .stop, words[1], "\\set ON_ERROR_STOP")
        errorPolicy = isOn ? .stop : .continue
    }

    private func toggled(
        _ value: Bool, _ word: String, _ command: String
    ) throws(IglooError) -> Bool {
        switch word {
        case "on", "1", "true": true
        case "off", "0", "false": false
        case "": !value
        default: throw usage("\(command) [on | off]")
        }
    }
}
