// SPDX-License-Identifier: MIT

import IglooPlugins
import IglooShell

/// The program `igloo`: a command if the first word names one, else the shell.
public enum IglooCommand {
    /// - Returns: the exit status: 0, 1 for what failed, 2 for wrong usage.
    public static func run(_ words: [String]) -> Int32 {
        switch words.first {
        case PluginProbe.childArgument: PluginProbe.runChild(words)
        default: Subcommand.run(words) ?? ShellMain.run(words)
        }
    }
}
