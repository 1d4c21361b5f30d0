// SPDX-License-Identifier: MIT

import IglooContracts

/// The calls whose callers listen to notices: plugins send those as lines of the log, named by
/// plugin and query, and here they find their way back.
enum CallNotices {
    /// One running call that listens.
    struct Listener: Equatable {
        fileprivate let target: String
        fileprivate let number: UInt64
        /// What the plugin is told as the query's id.
        let queryId: String
    }

    private struct State {
        var next: UInt64 = 1
        /// By target; the calls of one query run at the same time, with the same sink.
        var sinks: [String: [(number: UInt64, sink: any NoticeSink)]] = [:]
    }

    private static let state = Locked(State())

    /// - Returns: `nil` when the caller does not listen.
    static func open(_ context: CallContext, plugin: String) -> Listener? {
        if context.notices is DiscardedNotices { return nil }
        return state.withLock { state in
            defer { state.next += 1 }
            // A query without a name gets one, or its notices could not be told from others'.
            let queryId = context.queryId.isEmpty ? "call-\(state.next)" : context.queryId
            let target = "\(plugin)/\(queryId)"
            state.sinks[target, default: []].append((state.next, context.notices))
            return Listener(target: target, number: state.next, queryId: queryId)
        }
    }

    static func close(_ listener: Listener) {
        state.withLock { state in
            guard var sinks = state.sinks[listener.target] else { return }
            sinks.removeAll { $0.number == listener.number }
            state.sinks[listener.target] = sinks.isEmpty ? nil : sinks
        }
    }

    /// - Returns: whether the line was a notice of a running call.
    static func deliver(_ line: PluginLog.Line) -> Bool {
        guard line.level == .warning else { return false }
        let sink = state.withLock { $0.sinks[line.target]?.last?.sink }
        guard let sink else { return false }
        sink.add(Notice(line: line.message))
        return true
    }
}

extension Notice {
    /// The notice as it came through the log: a message, and its hint on a line of its own.
    init(line: String) {
        let mark = "\nHINT: "
        guard let start = Self.firstIndex(of: mark, in: line) else {
            self.init(line)
            return
        }
        self.init(
            String(line[..<start]),
            hint: String(line[line.utf8.index(start, offsetBy: mark.utf8.count)...]))
    }

    private static func firstIndex(of mark: String, in line: String) -> String.Index? {
        line.utf8.indices.first { line.utf8[$0...].starts(with: mark.utf8) }
    }
}
