// SPDX-License-Identifier: MIT

import CLibltdl
import Glibc
import IglooContracts

/// The process in which a plugin is tried out.
enum ProbeChild {
    /// The exit status of a plugin that was refused with an error.
    static let refused: Int32 = 3
    static let lastWords = "igloo: the plugin describes itself\n"
    /// The descriptor under which the file is passed.
    static let descriptor: Int32 = 3

    /// - Parameter arguments: `PluginProbe.childArgument`, the id, and the path to load, unless the
    ///   descriptor itself is to be loaded.
    static func run(_ arguments: [String]) -> Never {
        guard arguments.count == 2 || arguments.count == 3 else { _exit(2) }
        // A crash is expected here, and nobody wants its core.
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(UInt32(RLIMIT_CORE.rawValue)), &none)
        do throws(IglooError) {
            let path = arguments.count == 3 ? arguments[2] : "/proc/self/fd/\(descriptor)"
            let file = try PluginFile(loading: path, id: arguments[1])
            let note = try file.note()
            let entry = try SharedObject.load(file.loadPath, symbol: LoadChecks.entrySymbol)
            let library = try PluginLibrary(file, note, entry: entry)
            library.stop(deadlineNanoseconds: Int64.max)
        } catch {
            _exit(refused)
        }
        _ = lastWords.withCString { write(1, $0, strlen($0)) }
        // Destructors of a plugin are not what is tried here.
        _exit(0)
    }
}

/// A child process that is waited for, but not for ever.
enum ChildProcess {
    struct End {
        enum How: Equatable {
            case exit(Int32), signal(String), timeout
        }

        var how: How
        var output: String

        /// The last line it wrote, for messages.
        var said: String {
            guard let line = output.split(separator: "\n").last else { return "" }
            return ", saying \"\(line.prefix(200))\""
        }
    }

    /// - Parameters:
    ///   - descriptor: open in the child as `ProbeChild.descriptor`.
    ///   - loadPath: a further argument.
    /// - Throws: `unavailable` when it cannot be started.
    static func run(
        _ program: String, _ arguments: [String], passing descriptor: Int32, loadPath: String?,
        timeoutMilliseconds: Int
    ) throws(IglooError) -> End {
        var ends: [Int32] = [-1, -1]
        guard igloo_pipe2(&ends, O_CLOEXEC) == 0 else {
            throw IglooError(systemError: errno, "cannot open a pipe")
        }
        let output = ends[0]
        defer { close(output) }
        let words = [program] + arguments + (loadPath.map { [$0] } ?? [])
        let process: pid_t
        do throws(IglooError) {
            process = try start(words, output: ends[1], passing: descriptor)
            close(ends[1])
        } catch {
            close(ends[1])
            throw error
        }
        let deadline = MonotonicClock.milliseconds() + timeoutMilliseconds
        let (text, isOver) = read(output, until: deadline)
        // The end of its output is not the end of the process.
        let status = isOver ? status(of: process, until: deadline) : nil
        if let status { return End(how: how(status), output: text) }
        kill(process, SIGKILL)
        while waitpid(process, nil, 0) < 0 && errno == EINTR {}
        return End(how: .timeout, output: text)
    }

    /// With what the process ended; `nil` when it did not in time.
    private static func status(of process: pid_t, until deadline: Int) -> Int32? {
        var status: Int32 = 0
        while true {
            let ended = waitpid(process, &status, WNOHANG)
            if ended == process { return status }
            guard ended == 0 || errno == EINTR, MonotonicClock.milliseconds() < deadline else {
                return nil
            }
            usleep(1_000)
        }
    }

    private static func start(
        _ words: [String], output: Int32, passing descriptor: Int32
    ) throws(IglooError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, output, 2)
        posix_spawn_file_actions_adddup2(&actions, descriptor, ProbeChild.descriptor)
        // Signals as programs are used to them, whatever this thread blocks.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var pointers = words.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        var variables = environment.map { strdup($0) } + [nil]
        defer { for variable in variables { free(variable) } }
        var process: pid_t = 0
        let code = posix_spawn(
            &process, words[0], &actions, &attributes, &pointers, &variables)
        guard code == 0 else {
            throw IglooError(systemError: code, "cannot start \(words[0]) to try a plugin out")
        }
        return process
    }

    /// That of this process, but for the Swift runtime's own reports of crashes: they take seconds.
    private static var environment: [String] {
        var variables: [String] = []
        var next = environ
        while let variable = next.pointee {
            variables.append(String(cString: variable))
            next += 1
        }
        return variables.filter { !$0.hasPrefix("SWIFT_BACKTRACE=") }
            + ["SWIFT_BACKTRACE=enable=no"]
    }

    /// Everything up to the end of the output, and whether that came in time. Somebody may hold the
    /// pipe open beyond the process, which then counts as late.
    private static func read(_ descriptor: Int32, until deadline: Int) -> (String, Bool) {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let wait = deadline - MonotonicClock.milliseconds()
            guard wait > 0 else { return (String(decoding: bytes, as: UTF8.self), false) }
            guard poll(&entry, 1, Int32(clamping: wait)) > 0 else { continue }
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { return (String(decoding: bytes, as: UTF8.self), true) }
            // What is kept is the end, where the last words stand.
            bytes = (bytes + chunk.prefix(count)).suffix(1 << 16)
        }
    }

    private static func how(_ status: Int32) -> End.How {
        let signal = status & 0x7F
        guard signal != 0 else { return .exit(status >> 8 & 0xFF) }
        return .signal("signal \(signal) (\(String(cString: strsignal(signal))))")
    }
}
