// SPDX-License-Identifier: MIT

import IglooConformance

/// `igloo plugin ...`: a line a command.
enum PluginCommands {
    static let group = CommandGroup(
        name: "plugin",
        commands: [
            .new, .build, .run, .list, .describe, .lint, .pin, .sign, .verify, .clear,
            Command(name: "test", summary: "run the conformance kit on a plugin") { words in
                ConformanceCommand.run(Array(words))
            },
        ])
}
