// SPDX-License-Identifier: MIT

import IglooContracts
import Synchronization

/// The notices of a session's statements, until someone takes them.
final class SessionNotices: NoticeSink {
    /// A source that complains about every file must not fill the memory.
    static let countMax = 100

    private let state = Locked<(notices: [Notice], leftOut: Int)>(([], 0))

    func add(_ notice: Notice) {
        state.withLock { state in
            if state.notices.count < Self.countMax {
                state.notices.append(notice)
            } else {
                state.leftOut += 1
            }
        }
    }

    func take() -> [Notice] {
        let (notices, leftOut) = state.withLock { state in
            defer { state = ([], 0) }
            return state
        }
        return leftOut == 0 ? notices : notices + [Notice("\(leftOut) more notices were left out")]
    }
}

/// Names for queries in logs, each used once in a process.
enum QueryIds {
    private static let last = Atomic<UInt64>(0)

    static func next() -> String {
        "q\(last.wrappingAdd(1, ordering: .relaxed).newValue)"
    }
}

/// Numbers for sessions, each used once in a process.
enum SessionIds {
    private static let last = Atomic<UInt64>(0)

    static func next() -> UInt64 { last.wrappingAdd(1, ordering: .relaxed).newValue }
}
