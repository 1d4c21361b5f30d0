// SPDX-License-Identifier: MIT

import IglooContracts
import IglooEngine

/// The shell on a terminal: prompts, history, statements over several lines.
struct Conversation {
    private let shell: Shell
    private let editor: LineEditor

    init(_ shell: Shell) {
        self.shell = shell
        editor = LineEditor(shell.session)
    }

    func run() {
        PlatformTerminal.writeError(
            "igloo \(ShellMain.version). \\? for help, \\q to quit.\n", to: 1)
        var reader = StatementReader()
        while !shell.wantsToQuit {
            let prompt = reader.isInStatement ? "   ...> " : "igloo> "
            guard let line = editor.line(prompt: prompt) else {
                PlatformTerminal.writeError("\n", to: 1)
                return
            }
            for piece in reader.add(line) {
                switch piece {
                case .statement(let text), .command(let text): editor.remember(text)
                }
                shell.run(piece)
            }
            offerNames()
        }
    }

    /// Tables of catalogs are offered once known; asking must not end the conversation.
    private func offerNames() {
        let views = (try? shell.session.listTables(catalog: nil)) ?? []
        editor.offer(
            views.map { $0.catalog == "memory" ? $0.name : "\($0.catalog).\($0.name)" })
    }
}
