// SPDX-License-Identifier: MIT

import Glibc
import IglooShell

@main
enum IglooMain {
    static func main() {
        let status = ShellMain.run(Array(CommandLine.arguments.dropFirst()))
        exit(status)
    }
}
