// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooContracts
import IglooPlugins

/// An instance of a metadata store under test.
final class MetadataStoreInstance: Instance {
    private let functions: igloo_kv

    override init(
        _ kind: UnsafePointer<igloo_kind>, _ values: OptionValues, _ call: Call = Call()
    ) throws {
        functions = try Self.functions(kind, as: igloo_kv.self)
        try require(
            functions.range != nil && functions.txn != nil && functions.watch != nil
                && functions.lease_grant != nil && functions.lease_renew != nil
                && functions.lease_revoke != nil,
            "the metadata store's table of functions has holes")
        try super.init(kind, values, call)
    }

    func range(
        _ keys: StoreKeys, revision: Int64 = 0, limit: Int = 0, allowsStale: Bool = false,
        _ call: Call = Call()
    ) throws -> StorePage {
        let arena = Arena()
        let (key, end) = (arena.bytes(keys.key), arena.bytes(keys.end))
        var page = igloo_kv_page()
        try call.run("range", leftovers: { page.release == nil ? [] : ["a page"] }) {
            functions.range(
                pointer, $0, key, end, revision, UInt32(limit), allowsStale ? 1 : 0, &page, $1)
        }
        withExtendedLifetime(arena) {}
        let result = try StorePage(taking: &page)
        try require(
            zip(result.items, result.items.dropFirst()).allSatisfy { $0.isBefore($1) },
            "range gave keys out of order")
        try require(
            result.items.allSatisfy { keys.contains($0.key) },
            "range gave a key that was not asked for")
        try require(
            limit == 0 || result.items.count <= limit,
            "range gave \(result.items.count) items, \(limit) were asked for")
        return result
    }

    func commit(
        _ comparisons: [StoreComparison] = [], then: [StoreOperation],
        otherwise: [StoreOperation] = [], _ call: Call = Call()
    ) throws -> StorePage {
        let arena = Arena()
        let compares = comparisons.map { $0.wire(arena) }
        let (yes, no) = (then.map { $0.wire(arena) }, otherwise.map { $0.wire(arena) })
        var page = igloo_kv_page()
        try call.run("txn", leftovers: { page.release == nil ? [] : ["a page"] }) {
            functions.txn(
                pointer, $0, compares, compares.count, yes, yes.count, no, no.count, &page, $1)
        }
        withExtendedLifetime(arena) {}
        return try StorePage(taking: &page)
    }

    /// - Parameter revision: 0 = from the next one on.
    func watch(
        _ keys: StoreKeys, from revision: Int64 = 0, _ call: Call = Call()
    ) throws -> StoreWatch {
        let arena = Arena()
        let (key, end) = (arena.bytes(keys.key), arena.bytes(keys.end))
        var watch = igloo_kv_watch()
        try call.run("watch", leftovers: { watch.release == nil ? [] : ["a watch"] }) {
            functions.watch(pointer, $0, key, end, revision, &watch, $1)
        }
        withExtendedLifetime(arena) {}
        return try StoreWatch(taking: watch, of: self)
    }

    // MARK: - Leases

    func grant(milliseconds: Int, _ call: Call = Call()) throws -> Int64 {
        var lease: Int64 = 0
        try call.run("lease_grant") {
            functions.lease_grant(pointer, $0, Int64(milliseconds) * 1_000_000, &lease, $1)
        }
        try require(lease != 0, "lease_grant gave the lease 0, which means none")
        return lease
    }

    /// - Returns: the milliseconds it has now.
    func renew(_ lease: Int64, _ call: Call = Call()) throws -> Int {
        var left: Int64 = 0
        try call.run("lease_renew") { functions.lease_renew(pointer, $0, lease, &left, $1) }
        return Int(left / 1_000_000)
    }

    func revoke(_ lease: Int64, _ call: Call = Call()) throws {
        try call.run("lease_revoke") { functions.lease_revoke(pointer, $0, lease, $1) }
    }
}

/// Keys from one to before another.
struct StoreKeys {
    var key: [UInt8]
    /// Empty: the key alone; one zero byte: to the last.
    var end: [UInt8]

    static func one(_ key: [UInt8]) -> StoreKeys { StoreKeys(key: key, end: []) }
    static func from(_ key: [UInt8]) -> StoreKeys { StoreKeys(key: key, end: [0]) }

    /// All that begin with this text.
    static func prefix(_ text: String) -> StoreKeys {
        var end = Array(text.utf8)
        end[end.count - 1] += 1
        return StoreKeys(key: Array(text.utf8), end: end)
    }

    func contains(_ other: [UInt8]) -> Bool {
        if end.isEmpty { return other == key }
        return !other.lexicographicallyPrecedes(key)
            && (end == [0] || other.lexicographicallyPrecedes(end))
    }
}

struct StoreItem: Hashable {
    var key: [UInt8]
    var value: [UInt8]
    var created: Int64
    var modified: Int64
    var lease: Int64
    var isDeleted: Bool

    var text: String { String(decoding: value, as: UTF8.self) }

    func isBefore(_ other: StoreItem) -> Bool { key.lexicographicallyPrecedes(other.key) }
}

struct StorePage {
    var items: [StoreItem]
    var revision: Int64
    var hasMore: Bool
    var succeeded: Bool

    fileprivate init(taking page: inout igloo_kv_page) throws {
        defer { page.release?(&page) }
        try require(
            page.n == 0 || page.items != nil && page.n < 1 << 40,
            "a page has \(page.n) items at no address")
        items = Array(page.items, count: page.n).map { item in
            StoreItem(
                key: Array(item.key), value: Array(item.value), created: item.created,
                modified: item.modified, lease: item.lease, isDeleted: item.is_deleted != 0)
        }
        revision = page.revision
        hasMore = page.more != 0
        succeeded = page.succeeded != 0
        try require(
            items.allSatisfy { $0.modified <= page.revision && $0.created <= $0.modified },
            "a page of revision \(page.revision) has items of later ones")
    }
}

struct StoreComparison {
    var key: [UInt8]
    var what: Int
    var relation = IGLOO_KV_EQUAL
    var revision: Int64 = 0
    var value: [UInt8] = []

    static func value(_ key: [UInt8], _ value: [UInt8]) -> StoreComparison {
        StoreComparison(key: key, what: IGLOO_KV_VALUE, value: value)
    }

    static func modified(_ key: [UInt8], _ revision: Int64) -> StoreComparison {
        StoreComparison(key: key, what: IGLOO_KV_MODIFIED, revision: revision)
    }

    fileprivate func wire(_ arena: Arena) -> igloo_kv_compare {
        igloo_kv_compare(
            key: arena.bytes(key), what: UInt32(what), op: UInt32(relation), revision: revision,
            value: arena.bytes(value))
    }
}

enum StoreOperation {
    case put([UInt8], [UInt8], lease: Int64 = 0)
    case delete(StoreKeys)
    case get(StoreKeys)

    fileprivate func wire(_ arena: Arena) -> igloo_kv_op {
        var operation = igloo_kv_op()
        switch self {
        case .put(let key, let value, let lease):
            operation.op = UInt32(IGLOO_KV_PUT)
            operation.key = arena.bytes(key)
            operation.value = arena.bytes(value)
            operation.lease = lease
        case .delete(let keys), .get(let keys):
            if case .get = self {
                operation.op = UInt32(IGLOO_KV_GET)
            } else {
                operation.op = UInt32(IGLOO_KV_DELETE)
            }
            operation.key = arena.bytes(keys.key)
            operation.end = arena.bytes(keys.end)
        }
        return operation
    }
}

/// Events of some keys; released once.
final class StoreWatch {
    private let raw: igloo_kv_watch
    private let instance: Instance

    fileprivate init(taking raw: igloo_kv_watch, of instance: Instance) throws {
        self.raw = raw
        self.instance = instance
        try require(
            raw.next != nil && raw.cancel != nil && raw.release != nil,
            "watch gave a watch whose functions are missing")
    }

    deinit { raw.release?(raw.`self`) }

    func cancel() { raw.cancel?(raw.`self`) }

    /// The next events; `nil` when none come before the time is over.
    func next(milliseconds: Int = 10_000) throws -> StorePage? {
        let call = Call()
        call.deadlineNanoseconds = MonotonicClock.nanoseconds() + Int64(milliseconds) * 1_000_000
        return try next(call)
    }

    func next(_ call: Call) throws -> StorePage? {
        var page = igloo_kv_page()
        do {
            try call.run("watch.next", leftovers: { page.release == nil ? [] : ["events"] }) {
                raw.next(raw.`self`, $0, &page, $1)
            }
        } catch let failure as CallFailure where failure.status == IGLOO_E_DEADLINE {
            return nil
        }
        let events = try StorePage(taking: &page)
        try require(!events.items.isEmpty, "watch.next answered OK without an event")
        return events
    }
}
