// SPDX-License-Identifier: MIT

internal import Glibc
internal import IglooContracts
internal import IglooFormats

/// Shows long output page by page, through `$PAGER` or less.
struct Pager {
    private let command: String
    private let signals: Signals

    /// `nil` when there is no program for it, or nobody at the keyboard.
    init?(_ signals: Signals) {
        guard PlatformTerminal.isTerminal(0) else { return nil }
        if let own = PlatformTerminal.environment("PAGER") {
            if own.trimmed.isEmpty { return nil }
            command = own
        } else {
            guard PlatformTerminal.isInstalled("less") else { return nil }
            command = "less"
        }
        self.signals = signals
    }

    /// Has `write` fill the pager when `lineCount` lines do not fit the terminal, else `channel`.
    ///
    /// `write` is told how many columns there are; in the pager, which scrolls sideways, and
    /// without a terminal there is no limit.
    static func page(
        _ lineCount: Int, _ terminal: TerminalView?, _ channel: OutputChannel,
        _ write: (OutputChannel, Int?) throws(IglooError) -> Void
    ) throws(IglooError) {
        guard let terminal else { return try write(channel, nil) }
        guard let pager = terminal.pager, lineCount >= terminal.rowCount else {
            return try write(channel, terminal.columnCount)
        }
        try channel.flush()
        try pager.show { (pages) throws(IglooError) in try write(pages, nil) }
    }

    /// Has `write` fill the pager, and waits until the user has seen enough.
    private func show(
        _ write: (OutputChannel) throws(IglooError) -> Void
    ) throws(IglooError) {
        signals.setPaging(true)
        defer { signals.setPaging(false) }
        let (descriptor, process) = try Self.start(command)
        defer { Self.wait(process) }
        do throws(IglooError) {
            let pages = OutputChannel(
                descriptor: descriptor, name: "the pager", ownsDescriptor: true)
            try write(pages)
            try pages.flush()
        } catch  where error.isReaderGone {
            // Whoever has seen enough quits the pager.
        }
    }

    private static func start(
        _ command: String
    ) throws(IglooError) -> (descriptor: Int32, process: pid_t) {
        let ends = try PlatformFiles.pipe()
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawn_file_actions_adddup2(&actions, ends.reading, 0)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        var attributes = attributesOfPrograms()
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        // What less does without options: styles as they are, long lines cut, short texts stay.
        unsafe setenv("LESS", "FRSX", 0)
        var process = pid_t()
        let words = ["sh", "-c", command]
        var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
        defer { unsafe arguments.forEach { unsafe free($0) } }
        let code = unsafe posix_spawn(
            &process, "/bin/sh", &actions, &attributes, &arguments, environ)
        PlatformFiles.close(ends.reading)
        if code != 0 {
            PlatformFiles.close(ends.writing)
            throw PlatformFiles.failure("cannot start", command, code)
        }
        return (ends.writing, process)
    }

    /// Other programs get the signals that the shell keeps to itself.
    private static func attributesOfPrograms() -> posix_spawnattr_t {
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        var all = sigset_t()
        unsafe sigemptyset(&all)
        unsafe sigaddset(&all, SIGPIPE)
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        unsafe posix_spawnattr_setflags(&attributes, Int16(flags))
        return attributes
    }

    private static func wait(_ process: pid_t) {
        var status: Int32 = 0
        while unsafe waitpid(process, &status, 0) < 0 && errno == EINTR {}
    }
}
