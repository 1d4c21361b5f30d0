// SPDX-License-Identifier: MIT

import IglooPlugins

/// A program that does nothing but try plugins out, as `igloo` does for itself.
@main
enum ProbeHost {
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.first == PluginProbe.childArgument { PluginProbe.runChild(arguments) }
    }
}
