// SPDX-License-Identifier: MIT

import IglooContracts
import Synchronization

/// Events of some keys, in the order of their revisions.
// SAFETY: `next` is called by one thread at a time, by the protocol's contract.
final class SQLiteWatch: KeyValueWatch, @unchecked Sendable {
    private let store: SQLiteMetadataStore
    private let keys: KeyRange
    private let isCancelled = Atomic(false)
    /// The first revision that was not told of.
    private var revision: Int64

    /// A page is not much larger.
    private static let eventCountAim = 1_000

    init(_ store: SQLiteMetadataStore, _ keys: KeyRange, from revision: Int64) {
        self.store = store
        self.keys = keys
        self.revision = revision
    }

    func next(_ context: CallContext) throws(IglooError) -> KeyValuePage {
        while true {
            if isCancelled.load(ordering: .acquiring) { throw .cancelled() }
            if let deadline = context.deadlineNanoseconds, MonotonicClock.nanoseconds() > deadline {
                throw IglooError(.deadlineExceeded, "no event came in time")
            }
            let seen = store.changes.count
            try store.expireLeases(context)
            let page = try store.read(context) { (connection) throws(IglooError) in
                try connection.events(keys, from: revision, countAim: Self.eventCountAim)
            }
            revision = max(revision, page.revision + 1)
            if !page.items.isEmpty { return page }
            store.changes.wait(beyond: seen, milliseconds: store.options.pollMilliseconds)
        }
    }

    func cancel() {
        isCancelled.store(true, ordering: .releasing)
        store.changes.raise()
    }
}
