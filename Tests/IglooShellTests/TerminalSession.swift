// SPDX-License-Identifier: MIT

import Foundation
import Testing

/// The shell on a pseudo-terminal, as a user at a keyboard has it.
///
/// - Threads: one at a time.
final class TerminalSession {
    private var master: Int32
    private let process: Process
    /// What came since the last text that was waited for.
    private var pending = ""
    private(set) var transcript = ""

    init(
        _ shell: ShellProcess, _ arguments: [String] = [], columns: UInt16 = 80,
        rows: UInt16 = 24, environment more: [String: String] = [:]
    ) throws {
        master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        // TIOCSPTLCK and TIOCGPTN, which Swift does not see: unlock it, ask for its number.
        var (locked, number): (Int32, Int32) = (0, 0)
        try #require(
            master >= 0 && ioctl(master, 0x4004_5431, &locked) == 0
                && ioctl(master, 0x8004_5430, &number) == 0)
        let name = "/dev/pts/\(number)"
        let slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC)
        try #require(slave >= 0)
        defer { close(slave) }
        process = shell.make([], more)
        // A session of its own, whose controlling terminal this is: Ctrl-C becomes a signal.
        process.arguments = ["--ctty", "--wait", ShellProcess.program] + arguments
        process.executableURL = URL(fileURLWithPath: "/usr/bin/setsid")
        for channel in 0..<3 {
            let handle = FileHandle(fileDescriptor: dup(slave), closeOnDealloc: true)
            switch channel {
            case 0: process.standardInput = handle
            case 1: process.standardOutput = handle
            default: process.standardError = handle
            }
        }
        resize(columns: columns, rows: rows)
        try process.run()
    }

    deinit {
        end()
    }

    func resize(columns: UInt16, rows: UInt16) {
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(master, UInt(TIOCSWINSZ), &size)
    }

    /// Sends a signal to the program in the terminal's foreground.
    func signal(_ number: Int32) { kill(-tcgetpgrp(master), number) }

    /// How the terminal takes keys.
    var modes: termios {
        get {
            var modes = termios()
            tcgetattr(master, &modes)
            return modes
        }
        set {
            var modes = newValue
            tcsetattr(master, TCSANOW, &modes)
        }
    }

    /// Whether keys reach the program at once and not line by line.
    var takesKeys: Bool { modes.c_lflag & tcflag_t(ICANON) == 0 }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = write(master, bytes, bytes.count)
    }

    /// Waits until the text has come; what stood before it is returned.
    @discardableResult
    func expect(
        _ text: String, seconds: Double = 60, at location: SourceLocation = #_sourceLocation
    ) throws -> String {
        let deadline = Date() + seconds
        while true {
            if let range = pending.range(of: text) {
                let before = String(pending[..<range.lowerBound])
                pending = String(pending[range.upperBound...])
                return before
            }
            guard Date() < deadline, read() else {
                Issue.record(
                    "'\(text)' did not come; so far:\n\(transcript)", sourceLocation: location)
                throw CancellationError()
            }
        }
    }

    /// Waits for the prompt, which stands at the beginning of a line.
    func prompt(at location: SourceLocation = #_sourceLocation) throws {
        try expect("igloo> ", at: location)
    }

    /// A line, and what comes up to the next prompt.
    @discardableResult
    func enter(_ line: String, at location: SourceLocation = #_sourceLocation) throws -> String {
        send(line + "\n")
        return try expect("igloo> ", at: location)
    }

    /// The exit status once the program has ended.
    func status(seconds: Double = 30, at location: SourceLocation = #_sourceLocation) -> Int32 {
        let deadline = Date() + seconds
        while process.isRunning && Date() < deadline { if !read() { usleep(10_000) } }
        if process.isRunning {
            Issue.record("the shell does not end; so far:\n\(transcript)", sourceLocation: location)
            end()
        }
        return process.terminationStatus
    }

    /// Hanging up ends whoever still reads, then the launcher that waits for it.
    private func end() {
        if master >= 0 { close(master) }
        master = -1
        process.waitUntilExit()
    }

    /// False when nothing can come any more.
    private func read() -> Bool {
        var poller = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
        guard poll(&poller, 1, 100) > 0 else { return process.isRunning }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = Foundation.read(master, &bytes, bytes.count)
        guard count > 0 else { return false }
        let text = String(decoding: bytes[..<count], as: UTF8.self)
        pending += text
        transcript += text
        return true
    }
}
