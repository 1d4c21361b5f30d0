// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooContracts
import IglooPlugins

/// Entering and stopping, and what a plugin does to the process meanwhile.
enum EntryChecks {
    static let all: [Check] = [
        Check("entry.idempotent", idempotent),
        Check("entry.null_host_facet_ok") { bench in
            // The kit's host has no facet at all.
            try bench.use(try bench.instance())
        },
        Check("entry.older_host_minor") { bench in try enter(bench, minor: 0) },
        Check("entry.newer_host_minor") { bench in try enter(bench, minor: IGLOO_MINOR + 7) },
        Check("entry.two_copies_two_paths", twoCopies),
        Check("entry.no_threads_before_create") { bench in
            let before = PlatformResources.threadCount()
            _ = try bench.plugin()
            let after = PlatformResources.threadCount()
            try require(
                after == before, "entering started \(after - before) threads")
        },
        Check("stop.joins_all_threads", joinsAllThreads),
        Check("stop.within_deadline", withinDeadline),
        Check("process.signals_locale_cwd_untouched", processUntouched),
        Check("process.no_fd_leak_without_cloexec", noLeakedDescriptors),
    ]

    private static func idempotent(_ bench: Bench) throws {
        let plugin = try bench.plugin()
        switch LoadedPlugin.enter(plugin.enter, TestHost.table()) {
        case .success(let again):
            try require(
                String(again.pointee.id) == plugin.id
                    && again.pointee.n_kinds == plugin.pointer.pointee.n_kinds,
                "entered a second time it describes itself differently")
        case .failure(let failure):
            try require(
                !failure.message.isEmpty,
                "entered a second time it refused without saying why")
        }
        try bench.use(try bench.instance())
    }

    /// An entry point may refuse a host, but says why, and does not fail otherwise.
    private static func enter(_ bench: Bench, minor: UInt32) throws {
        do {
            _ = try LoadedPlugin(bench.request.plugin, host: TestHost.table(minor: minor))
        } catch let failure as CallFailure {
            try require(
                !failure.message.isEmpty, "it refused a host of minor \(minor) without saying why")
            return
        }
        try bench.use(try bench.instance())
    }

    /// Two files of the same content are two plugins, which do not get in each other's way.
    private static func twoCopies(_ bench: Bench) throws {
        let file = try FileByteSource(path: bench.request.plugin)
        let bytes = try require(
            file.read(offset: 0, count: file.byteCount), "the file cannot be read whole")
        let path = "\(bench.workspace.path)/copy.so"
        try PlatformIO.copy(bytes, to: path)
        let first = try bench.instance()
        let copy = try LoadedPlugin(path)
        let kind = try copy.kind(bench.tested, named: bench.configuration.kindName)
        let second = try bench.tested.make(kind, try bench.values(kind: kind), Call())
        try bench.use(first)
        try bench.use(second)
        second.destroy()
        try bench.use(first)
    }

    private static func joinsAllThreads(_ bench: Bench) throws {
        let before = PlatformResources.threadCount()
        let plugin = try bench.plugin()
        let instance = try bench.instance()
        try bench.use(instance)
        instance.destroy()
        plugin.stop(deadlineNanoseconds: MonotonicClock.nanoseconds() + 5_000_000_000)
        let after = PlatformResources.threadCount()
        try require(
            after <= before,
            "\(after - before) threads run after stop: \(PlatformResources.threadNames())")
    }

    private static func withinDeadline(_ bench: Bench) throws {
        let plugin = try bench.plugin()
        let instance = try bench.instance()
        try bench.use(instance)
        instance.destroy()
        let deadline = MonotonicClock.nanoseconds() + 1_000_000_000
        plugin.stop(deadlineNanoseconds: deadline)
        let late = (MonotonicClock.nanoseconds() - deadline) / 1_000_000
        try require(late < 1_000, "stop returned \(late) ms after its deadline")
    }

    private static func processUntouched(_ bench: Bench) throws {
        let before = PlatformProcessState.now()
        let plugin = try bench.plugin()
        let instance = try bench.instance()
        try bench.use(instance)
        _ = try? bench.tested.provoke(instance, bench)
        instance.destroy()
        plugin.stop(deadlineNanoseconds: MonotonicClock.nanoseconds() + 1_000_000_000)
        let changes = before.changes(to: PlatformProcessState.now())
        try require(changes.isEmpty, changes.joined(separator: "\n"))
    }

    private static func noLeakedDescriptors(_ bench: Bench) throws {
        _ = try bench.plugin()
        // The first instance may make what all others share.
        try bench.use(try bench.instance())
        let before = PlatformResources.descriptors()
        do {
            let instance = try bench.instance()
            try bench.use(instance)
            let inherited = PlatformResources.descriptors().filter {
                before[$0.key] == nil && PlatformResources.isInherited($0.key)
            }
            try require(
                inherited.isEmpty,
                "programs would inherit \(inherited.values.sorted()): open with O_CLOEXEC")
            instance.destroy()
        }
        let left = PlatformResources.descriptors().filter { before[$0.key] == nil }
        try require(
            left.isEmpty, "still open after destroy: \(left.values.sorted())")
    }
}
