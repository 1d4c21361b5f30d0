// SPDX-License-Identifier: MIT

import CIglooConformance
import Glibc
import IglooContracts

/// A process that does one thing under a watchdog, and what became of it.
struct PlatformChild {
    enum End: Equatable {
        case exited(Int32)
        case signalled(Int32)
        case timedOut
    }

    var end: End
    /// What it wrote to the descriptor that it was given for its result.
    var result: String
    /// The last of what it wrote to standard output and standard error.
    var output: String

    /// Under this number a child finds the pipe for its result.
    static let resultDescriptor: Int32 = 3

    private static let tailByteCount = 1 << 16

    /// Runs a program to its end; after `limit` seconds it and all it started are killed.
    ///
    /// - Returns: `nil` when it cannot be started.
    static func run(
        _ arguments: [String], environment: [String: String] = [:], folder: String? = nil,
        limitSeconds: Int
    ) -> PlatformChild? {
        var results: [Int32] = [-1, -1]
        var outputs: [Int32] = [-1, -1]
        guard igloo_make_pipe(&results) == 0 else { return nil }
        guard igloo_make_pipe(&outputs) == 0 else {
            results.forEach { close($0) }
            return nil
        }
        defer {
            close(results[0])
            close(outputs[0])
        }
        let process = spawn(
            arguments, environment, folder, result: results[1], output: outputs[1])
        close(results[1])
        close(outputs[1])
        guard let process else { return nil }
        return PlatformChild(process, results[0], outputs[0], limitSeconds)
    }

    private init(_ process: pid_t, _ result: Int32, _ output: Int32, _ limitSeconds: Int) {
        let deadline = MonotonicClock.nanoseconds() + Int64(limitSeconds) * 1_000_000_000
        var texts: [[UInt8]] = [[], []]
        var polled = [
            pollfd(fd: result, events: Int16(POLLIN), revents: 0),
            pollfd(fd: output, events: Int16(POLLIN), revents: 0),
        ]
        var status: Int32?
        var isLate = false
        while status == nil || polled.contains(where: { $0.fd >= 0 }) {
            if status == nil { status = Self.status(of: process) }
            if MonotonicClock.nanoseconds() > deadline && status == nil {
                isLate = true
                kill(-process, SIGKILL)
                kill(process, SIGKILL)
                status = Self.wait(for: process)
            }
            // Once it has ended, what is left in the pipes is read; whoever it left behind is not
            // waited for.
            let count = poll(&polled, 2, status == nil ? 20 : 0)
            if count <= 0 && status != nil { break }
            for index in 0..<2 where polled[index].revents != 0 {
                if !Self.read(polled[index].fd, into: &texts[index]) { polled[index].fd = -1 }
            }
        }
        kill(-process, SIGKILL)
        self.result = String(decoding: texts[0], as: UTF8.self)
        self.output = String(decoding: texts[1].suffix(Self.tailByteCount), as: UTF8.self)
        let word = status ?? 0
        end =
            isLate
            ? .timedOut
            : word & 0x7F == 0 ? .exited(word >> 8 & 0xFF) : .signalled(word & 0x7F)
    }

    private static func status(of process: pid_t) -> Int32? {
        var status: Int32 = 0
        return waitpid(process, &status, WNOHANG) == process ? status : nil
    }

    private static func wait(for process: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        return status
    }

    /// - Returns: whether more may come.
    private static func read(_ descriptor: Int32, into text: inout [UInt8]) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 1 << 14)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        if count < 0 && errno == EINTR { return true }
        guard count > 0 else { return false }
        text += buffer[..<count]
        if text.count > 8 * tailByteCount { text.removeFirst(text.count - tailByteCount) }
        return true
    }

    private static func spawn(
        _ arguments: [String], _ more: [String: String], _ folder: String?, result: Int32,
        output: Int32
    ) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, output, 2)
        posix_spawn_file_actions_adddup2(&actions, result, resultDescriptor)
        if let folder { igloo_start_in(&actions, folder) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A group of its own, which can be ended as a whole.
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        let words = arguments.map { strdup($0) } + [nil]
        let variables = environment(more).map { strdup($0) } + [nil]
        defer { (words + variables).forEach { free($0) } }
        var process = pid_t()
        let status = posix_spawn(&process, arguments[0], &actions, &attributes, words, variables)
        return status == 0 ? process : nil
    }

    private static func environment(_ more: [String: String]) -> [String] {
        var variables: [String] = []
        var next = environ
        while let variable = next.pointee {
            let text = String(cString: variable)
            let name = text.prefix { $0 != "=" }
            if more[String(name)] == nil { variables.append(text) }
            next += 1
        }
        return variables + more.map { "\($0.key)=\($0.value)" }
    }
}

/// The system's clocks.
enum Clock {
    static func sleep(milliseconds: Int) { usleep(UInt32(milliseconds) * 1_000) }

    /// Today in UTC, as `2026-01-31`.
    static func today() -> String {
        var now = time(nil)
        var parts = tm()
        gmtime_r(&now, &parts)
        func digits(_ number: Int32, _ count: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        return "\(digits(parts.tm_year + 1900, 4))-\(digits(parts.tm_mon + 1, 2))-"
            + digits(parts.tm_mday, 2)
    }
}

/// The name of a signal, `SIGSEGV`.
func signalName(_ number: Int32) -> String {
    let names: [Int32: String] = [
        SIGABRT: "SIGABRT", SIGBUS: "SIGBUS", SIGFPE: "SIGFPE", SIGILL: "SIGILL",
        SIGSEGV: "SIGSEGV", SIGTRAP: "SIGTRAP", SIGKILL: "SIGKILL", SIGTERM: "SIGTERM",
        SIGPIPE: "SIGPIPE", SIGSYS: "SIGSYS",
    ]
    return names[number] ?? "signal \(number)"
}
