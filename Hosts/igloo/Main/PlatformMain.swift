// SPDX-License-Identifier: MIT

import Glibc
import IglooCommands

@main
enum IglooMain {
    static func main() {
        let status = IglooCommand.run(Array(CommandLine.arguments.dropFirst()))
        exit(status)
    }
}
