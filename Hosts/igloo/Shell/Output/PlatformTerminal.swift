// SPDX-License-Identifier: MIT

internal import Glibc
package import IglooContracts
internal import IglooFormats

/// What the shell must know of the terminal and of the process around it.
package enum PlatformTerminal {
    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// Columns and rows of the terminal behind `descriptor`; `nil` when it is none.
    static func extent(_ descriptor: Int32) -> (columnCount: Int, rowCount: Int)? {
        var size = winsize()
        guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return nil
        }
        return (Int(size.ws_col), size.ws_row > 0 ? Int(size.ws_row) : 24)
    }

    /// How the terminal of standard input takes keys; `nil` when there is none.
    static var modes: termios? {
        var modes = termios()
        return unsafe tcgetattr(0, &modes) == 0 ? modes : nil
    }

    /// Sets the terminal of standard input, unless it belongs to another program now.
    static func set(_ modes: termios) {
        guard tcgetpgrp(0) == getpgrp() else { return }
        var modes = modes
        _ = unsafe tcsetattr(0, TCSADRAIN, &modes)
    }

    static func environment(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }

    /// Where this program's own file stands.
    static var executablePath: String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = unsafe readlink("/proc/self/exe", &buffer, Int(PATH_MAX))
        guard count > 0 else { return nil }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The program of this name in one of the folders of PATH.
    static func isInstalled(_ program: String) -> Bool {
        let folders = (environment("PATH") ?? "/usr/bin:/bin").split(separator: ":")
        return folders.contains { unsafe access("\($0)/\(program)", X_OK) == 0 }
    }

    /// Writes to standard error, where a failure cannot be told to anyone.
    package static func writeError(_ text: String) {
        try? PlatformFiles.write(text, to: STDERR_FILENO, name: "standard error")
    }

    package static func write(_ text: String) throws(IglooError) {
        try PlatformFiles.write(text, to: STDOUT_FILENO, name: "standard output")
    }

    /// Whether the descriptor is a file on a disk.
    static func isRegularFile(_ descriptor: Int32) -> Bool {
        var status = stat()
        return unsafe fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// Whether text may be dimmed: https://no-color.org, and terminals that cannot.
    static var hasStyles: Bool {
        (environment("NO_COLOR") ?? "").isEmpty && environment("TERM").map { $0 != "dumb" } ?? false
    }
}
