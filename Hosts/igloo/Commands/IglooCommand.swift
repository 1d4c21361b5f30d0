// SPDX-License-Identifier: MIT

import IglooPlugins
import IglooShell

/// The program `igloo`: a command if the first word names one, else the shell.
public enum IglooCommand {
    private static let groups = [PluginCommands.group, ConfigCommands.group]

    /// - Returns: the exit status: 0, 1 for what failed, 2 for wrong usage.
    public static func run(_ words: [String]) -> Int32 {
        if words.first == PluginProbe.childArgument { PluginProbe.runChild(words) }
        if let group = groups.first(where: { $0.name == words.first }) {
            return group.run(words.dropFirst())
        }
        if words.first == ServeCommand.command.name {
            return ServeCommand.command.run(words.dropFirst())
        }
        return ShellMain.run(words)
    }
}
