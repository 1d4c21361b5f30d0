// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooContracts

/// What the host offers to a plugin beyond its calls.
public enum HostServices {
    public enum LogLevel: UInt32, Sendable {
        case error = 1, warning, info, debug, trace
    }

    /// Writes a line to the host's log. Never put secrets in it.
    ///
    /// - Parameter part: which part of the plugin speaks; "" for the whole.
    /// - Threads: any.
    public static func log(_ level: LogLevel, _ message: String, part: String = "") {
        guard let plugin = Exported.plugin, let log = plugin.host.pointee.log else { return }
        let arena = Arena()
        let id = plugin.description.id
        log(level.rawValue, arena.str(part.isEmpty ? id : "\(id)/\(part)"), arena.str(message))
        withExtendedLifetime(arena) {}
    }

    /// Counts up a metric that only grows, such as `requests`; a host without metrics ignores it.
    ///
    /// - Parameter name: small letters, digits and `_`.
    /// - Threads: any.
    public static func count(_ name: String, by count: Int = 1) {
        report(name) { $0.add?($1, Int64(clamping: count)) }
    }

    /// Tells what a metric is now, such as `connections`.
    public static func gauge(_ name: String, _ value: Int) {
        report(name) { $0.set?($1, Int64(clamping: value)) }
    }

    private static func report(_ name: String, _ body: (igloo_metrics, igloo_str) -> Void) {
        guard let plugin = Exported.plugin,
            let table = plugin.host.pointee.facet?(UInt32(IGLOO_FACET_METRICS_1))
        else { return }
        let arena = Arena()
        body(
            table.assumingMemoryBound(to: igloo_metrics.self).pointee,
            arena.str("\(plugin.description.id)/\(name)"))
        withExtendedLifetime(arena) {}
    }
}

/// The host's memory budget, as a call brings it along.
struct HostMemory: MemoryAccount {
    let account: UInt64

    func reserve(_ byteCount: Int) throws(IglooError) {
        guard let reserve = Exported.plugin?.host.pointee.reserve else { return }
        let status = reserve(account, Int64(byteCount))
        if status < 0 {
            throw IglooError(
                IglooError.Code(rawValue: status),
                "the memory budget of the query does not hold \(byteCount) more bytes",
                sqlState: status == igloo_status(IGLOO_E_EXHAUSTED) ? .outOfMemory : nil)
        }
    }
}

/// The user of the query that a call belongs to, reached through the host's log.
struct HostNotices: NoticeSink {
    let queryId: String

    func add(_ notice: Notice) {
        let hint = notice.hint.map { "\nHINT: \($0)" } ?? ""
        HostServices.log(.warning, notice.message + hint, part: queryId)
    }
}

/// What the host is woken by.
// SAFETY: constant, and its memory is never given back.
private struct HostWaker: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<igloo_waker>

    func wake() { pointer.pointee.wake?(pointer) }
}

extension CallContext {
    /// The context of a call that came through the ABI.
    init(_ context: UnsafePointer<igloo_ctx>?) {
        guard let context = context?.pointee else {
            self.init(notices: HostNotices(queryId: ""))
            return
        }
        let queryId = String(context.query_id)
        self.init(
            cancellation: context.cancelled.map { CancellationToken(polling: $0) }
                ?? CancellationToken(),
            deadlineNanoseconds: context.deadline_ns == 0 ? nil : context.deadline_ns,
            queryId: queryId, user: String(context.user), transaction: Array(context.txn),
            memory: context.memory_account == 0
                ? UnlimitedMemory() : HostMemory(account: context.memory_account),
            notices: HostNotices(queryId: queryId))
        trace = context.trace
        if let pointer = context.waker {
            let host = HostWaker(pointer: pointer)
            waker = Waker { host.wake() }
        }
    }
}
