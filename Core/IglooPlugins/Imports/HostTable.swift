// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooContracts

/// The services that every plugin is given: `igloo_host`.
enum HostTable {
    /// The one table, which lives as long as the process.
    static var pointer: UnsafePointer<igloo_host> { shared.pointer }

    private static let shared = Storage()

    // SAFETY: written by init only.
    private final class Storage: @unchecked Sendable {
        let pointer: UnsafePointer<igloo_host>

        init() {
            let table = UnsafeMutablePointer<igloo_host>.allocate(capacity: 1)
            table.initialize(
                to: igloo_host(
                    epoch: IGLOO_EPOCH, minor: IGLOO_MINOR,
                    log: { level, target, message in
                        let line = PluginLog.Line(
                            level: .init(rawValue: level) ?? .info, target: String(target),
                            message: String(message))
                        if !CallNotices.deliver(line) { PluginLog.write(line) }
                    },
                    reserve: { account, byteCount in
                        MemoryAccounts.reserve(account, byteCount)
                    },
                    facet: { id in
                        id == UInt32(IGLOO_FACET_METRICS_1) ? PluginMetrics.table.pointer : nil
                    }))
            pointer = UnsafePointer(table)
        }
    }
}

/// Where the lines go that plugins log.
public enum PluginLog {
    public struct Line: Sendable {
        public enum Level: UInt32, Sendable, Comparable {
            case error = 1, warning, info, debug, trace

            public static func < (left: Level, right: Level) -> Bool {
                left.rawValue < right.rawValue
            }
        }

        public var level: Level
        /// The plugin's id, or `id/part`.
        public var target: String
        public var message: String
    }

    private static let sink = Locked<@Sendable (Line) -> Void> { line in
        guard line.level <= .warning else { return }
        StandardError.write(line: "igloo: \(line.target): \(line.message)")
    }

    /// Sends the lines of all plugins to `newSink`, which may be called from any thread, several
    /// at once. Until then errors and warnings go to standard error.
    public static func send(to newSink: @escaping @Sendable (Line) -> Void) {
        sink.withLock { $0 = newSink }
    }

    static func write(_ line: Line) {
        let current = sink.withLock { $0 }
        current(line)
    }
}

/// The numbers under which plugins see the memory accounts of running calls.
enum MemoryAccounts {
    private struct Entry {
        var account: any MemoryAccount
        var outstanding: Int
    }

    private struct State {
        var next: UInt64 = 1
        var entries: [UInt64: Entry] = [:]
    }

    private static let state = Locked(State())

    /// - Returns: 0, "not accounted", for accounts without a limit.
    static func open(_ account: any MemoryAccount) -> UInt64 {
        if account is UnlimitedMemory { return 0 }
        return state.withLock { state in
            defer { state.next += 1 }
            state.entries[state.next] = Entry(account: account, outstanding: 0)
            return state.next
        }
    }

    /// Gives back what the plugin did not.
    static func close(_ number: UInt64) {
        guard number != 0 else { return }
        let entry = state.withLock { $0.entries.removeValue(forKey: number) }
        if let entry, entry.outstanding != 0 { try? entry.account.reserve(-entry.outstanding) }
    }

    static func reserve(_ number: UInt64, _ delta: Int64) -> igloo_status {
        guard number != 0, let byteCount = Int(exactly: delta) else {
            return igloo_status(IGLOO_OK)
        }
        let known: (account: any MemoryAccount, allowed: Int, overflow: Bool)? = state.withLock {
            state in
            guard let entry = state.entries[number] else { return nil }
            // A plugin cannot give back more than it took.
            let allowed = max(byteCount, -entry.outstanding)
            let (sum, overflow) = entry.outstanding.addingReportingOverflow(allowed)
            if !overflow { state.entries[number]?.outstanding = sum }
            return (entry.account, allowed, overflow)
        }
        guard let (account, allowed, overflow) = known else { return igloo_status(IGLOO_OK) }
        if overflow { return igloo_status(IGLOO_E_EXHAUSTED) }
        do throws(IglooError) {
            try account.reserve(allowed)
            return igloo_status(IGLOO_OK)
        } catch {
            state.withLock { $0.entries[number]?.outstanding -= allowed }
            return error.code.rawValue < 0
                ? error.code.rawValue : igloo_status(IGLOO_E_EXHAUSTED)
        }
    }
}
