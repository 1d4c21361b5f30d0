// SPDX-License-Identifier: MIT

import IglooArrow
public import IglooContracts

/// Results in the memory of the process, within a budget.
public let memoryCache = CacheKind(
    name: "memory",
    options: [
        OptionSpecification(
            "limit", .byteCount, defaultText: "256MiB",
            documentation: "The memory of all entries together."),
        OptionSpecification(
            "entry_limit", .byteCount, defaultText: "64MiB",
            documentation: "The memory of one entry; larger results are not kept."),
    ]
) { (values, context) throws(IglooError) in
    let limit = Int(clamping: values.integer("limit") ?? 0)
    guard limit > 0 else {
        throw IglooError(.invalidArgument, "limit must be more than no bytes")
    }
    return MemoryCache(
        byteCountMax: limit,
        entryByteCountMax: min(limit, Int(clamping: values.integer("entry_limit") ?? .max)))
}

final class MemoryCache: Cache {
    let byteCountMax: Int
    let entryByteCountMax: Int
    private let state = Locked(State())

    private struct State {
        var index = CacheIndex()
        /// What is being written, by numbers.
        var pending: [Int: PendingEntry] = [:]
        var lastNumber = 0
        var pendingByteCount = 0

        mutating func doom(_ number: Int) {
            guard let entry = pending[number], !entry.isDoomed else { return }
            pendingByteCount -= entry.byteCount
            pending[number]?.byteCount = 0
            pending[number]?.isDoomed = true
        }
    }

    init(byteCountMax: Int, entryByteCountMax: Int) {
        self.byteCountMax = byteCountMax
        self.entryByteCountMax = entryByteCountMax
    }

    func get(_ key: CacheKey, _ context: CallContext) throws(IglooError) -> (any BatchReader)? {
        try context.checkCancelled()
        let entry = state.withLock { $0.index.use(key, now: MonotonicClock.nanoseconds()) }
        guard let entry else { return nil }
        return try CacheReader(entry)
    }

    func put(
        _ key: CacheKey, schema: Schema, _ properties: CacheProperties, _ context: CallContext
    ) throws(IglooError) -> any BatchSink {
        try context.checkCancelled()
        let now = MonotonicClock.nanoseconds()
        let pending = PendingEntry(
            key: key, tags: properties.tags,
            expiry: properties.timeToLiveNanoseconds.map { lifetime in
                let (sum, overflow) = now.addingReportingOverflow(lifetime)
                return overflow ? .max : sum
            })
        let number = state.withLock { state in
            state.lastNumber += 1
            state.pending[state.lastNumber] = pending
            return state.lastNumber
        }
        return try CacheSink(self, number, schema)
    }

    func remove(_ entries: CacheSelection, _ context: CallContext) throws(IglooError) -> Int {
        state.withLock { state in
            for (number, entry) in state.pending where entry.isSelected(by: entries) {
                state.doom(number)
            }
            return state.index.remove(entries)
        }
    }

    func usage() throws(IglooError) -> CacheUsage {
        state.withLock { state in
            CacheUsage(
                byteCount: Int64(state.index.byteCount + state.pendingByteCount),
                byteCountMax: Int64(byteCountMax), entryCount: Int64(state.index.count))
        }
    }

    // MARK: - For sinks

    /// Makes room for more bytes of an entry that is being written.
    ///
    /// - Returns: `false` when the entry is not to be kept any more.
    func reserve(_ byteCount: Int, for number: Int) -> Bool {
        state.withLock { state in
            guard let entry = state.pending[number], !entry.isDoomed else { return false }
            guard entry.byteCount + byteCount <= entryByteCountMax else {
                state.doom(number)
                return false
            }
            while state.index.byteCount + state.pendingByteCount + byteCount > byteCountMax {
                guard state.index.evict() else {
                    state.doom(number)
                    return false
                }
            }
            state.pending[number]?.byteCount += byteCount
            state.pendingByteCount += byteCount
            return true
        }
    }

    func finish(_ number: Int, _ chunks: [Buffer]) {
        state.withLock { state in
            guard let entry = state.pending.removeValue(forKey: number), !entry.isDoomed else {
                return
            }
            state.pendingByteCount -= entry.byteCount
            state.index.insert(
                CacheEntry(
                    key: entry.key, tags: entry.tags, expiry: entry.expiry,
                    byteCount: entry.byteCount, chunks: chunks), now: MonotonicClock.nanoseconds())
        }
    }

    func abandon(_ number: Int) {
        state.withLock { state in
            state.doom(number)
            state.pending[number] = nil
        }
    }
}

/// An entry that is being written.
struct PendingEntry {
    var key: CacheKey
    var tags: [[UInt8]]
    var expiry: Int64?
    var byteCount = 0
    /// It will come to nothing.
    var isDoomed = false

    init(key: CacheKey, tags: [[UInt8]], expiry: Int64?) {
        self.key = key
        self.tags = tags
        self.expiry = expiry
    }

    func isSelected(by selection: CacheSelection) -> Bool {
        switch selection {
        case .key(let key): self.key == key
        case .tag(let tag): tags.contains(tag)
        }
    }
}
