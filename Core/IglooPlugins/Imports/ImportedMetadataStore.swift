// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooContracts

/// A metadata store of a plugin, seen through the contract.
// SAFETY: instance functions are fully concurrent by the ABI.
final class ImportedMetadataStore: MetadataStore, @unchecked Sendable {
    private let instance: PluginInstance
    private let functions: igloo_kv

    /// - Throws: `internalError` when a function is missing.
    init(_ instance: PluginInstance, _ functions: igloo_kv) throws(IglooError) {
        guard functions.range != nil, functions.txn != nil, functions.watch != nil,
            functions.lease_grant != nil, functions.lease_renew != nil,
            functions.lease_revoke != nil
        else {
            throw instance.call.broken("offers a metadata store whose table of functions has holes")
        }
        self.instance = instance
        self.functions = functions
    }

    func range(
        _ keys: KeyRange, revision: Int64?, limit: Int?, allowsStale: Bool, _ context: CallContext
    ) throws(IglooError) -> KeyValuePage {
        let arena = Arena()
        let bounds = try checked(keys).bounds(arena)
        var page = igloo_kv_page()
        _ = try instance.call.run(context) { ctx, error in
            functions.range(
                instance.pointer, ctx, bounds.key, bounds.end, max(revision ?? 0, 0),
                limit.map { UInt32(clamping: max($0, 1)) } ?? 0, allowsStale ? 1 : 0, &page, error)
        }
        withExtendedLifetime(arena) {}
        let answer = KeyValuePage(taking: &page)
        try check(answer, of: keys, limit: limit)
        return answer
    }

    func commit(
        _ transaction: KeyValueTransaction, _ context: CallContext
    ) throws(IglooError) -> KeyValueOutcome {
        let arena = Arena()
        let comparisons = arena.array(transaction.comparisons.map { $0.wire(arena) })
        let then = arena.array(try wire(transaction.then, arena))
        let otherwise = arena.array(try wire(transaction.otherwise, arena))
        var page = igloo_kv_page()
        _ = try instance.call.run(context) { ctx, error in
            functions.txn(
                instance.pointer, ctx, comparisons, transaction.comparisons.count, then,
                transaction.then.count, otherwise, transaction.otherwise.count, &page, error)
        }
        withExtendedLifetime(arena) {}
        let succeeded = page.succeeded != 0
        let answer = KeyValuePage(taking: &page)
        let steps = succeeded ? transaction.then : transaction.otherwise
        guard
            answer.items.allSatisfy({ item in
                steps.contains { step in
                    if case .get(let keys) = step { keys.contains(item.key) } else { false }
                }
            })
        else { throw instance.call.broken("answered a transaction with keys nobody asked for") }
        return KeyValueOutcome(
            succeeded: succeeded, items: answer.items, revision: answer.revision)
    }

    func watch(
        _ keys: KeyRange, from revision: Int64?, _ context: CallContext
    ) throws(IglooError) -> any KeyValueWatch {
        let arena = Arena()
        let bounds = try checked(keys).bounds(arena)
        var watch = igloo_kv_watch()
        let account = try instance.accounted(context) { ctx, error in
            functions.watch(
                instance.pointer, ctx, bounds.key, bounds.end, max(revision ?? 0, 0), &watch, error)
        }
        withExtendedLifetime(arena) {}
        do throws(IglooError) {
            return try ImportedKeyValueWatch(watch, instance, keys, account: account, context)
        } catch {
            MemoryAccounts.close(account)
            throw error
        }
    }

    // MARK: - Leases

    func grantLease(
        timeToLiveNanoseconds: Int64, _ context: CallContext
    ) throws(IglooError) -> Int64 {
        var lease: Int64 = 0
        _ = try instance.call.run(context) { ctx, error in
            functions.lease_grant(instance.pointer, ctx, timeToLiveNanoseconds, &lease, error)
        }
        guard lease > 0 else { throw instance.call.broken("granted the lease \(lease)") }
        return lease
    }

    func renewLease(_ lease: Int64, _ context: CallContext) throws(IglooError) -> Int64 {
        var left: Int64 = 0
        _ = try instance.call.run(context) { ctx, error in
            functions.lease_renew(instance.pointer, ctx, lease, &left, error)
        }
        return max(left, 0)
    }

    func revokeLease(_ lease: Int64, _ context: CallContext) throws(IglooError) {
        _ = try instance.call.run(context) { ctx, error in
            functions.lease_revoke(instance.pointer, ctx, lease, error)
        }
    }

    // MARK: - Checks

    private func checked(_ keys: KeyRange) throws(IglooError) -> KeyRange {
        switch keys {
        case .key([]), .from([], _):
            throw IglooError(.invalidArgument, "a key cannot be empty")
        // An end that is empty, or one zero byte, means something else to the ABI.
        case .from(let first, let end?) where !first.lexicographicallyPrecedes(end):
            return .from([1], end: [1])
        default: return keys
        }
    }

    private func wire(
        _ operations: [KeyValueOperation], _ arena: Arena
    ) throws(IglooError) -> [igloo_kv_op] {
        var list: [igloo_kv_op] = []
        for operation in operations {
            var wire = igloo_kv_op()
            switch operation {
            case .put(let key, let value, let lease):
                wire.op = UInt32(IGLOO_KV_PUT)
                wire.key = try checked(.key(key)).bounds(arena).key
                wire.value = arena.bytes(value)
                wire.lease = lease
            case .delete(let keys):
                wire.op = UInt32(IGLOO_KV_DELETE)
                (wire.key, wire.end) = try checked(keys).bounds(arena)
            case .get(let keys):
                wire.op = UInt32(IGLOO_KV_GET)
                (wire.key, wire.end) = try checked(keys).bounds(arena)
            }
            list.append(wire)
        }
        return list
    }

    private func check(
        _ page: KeyValuePage, of keys: KeyRange, limit: Int?
    ) throws(IglooError) {
        var former: [UInt8]?
        for item in page.items {
            guard keys.contains(item.key),
                former.map({ $0.lexicographicallyPrecedes(item.key) }) ?? true
            else { throw instance.call.broken("answered keys out of range or out of order") }
            former = item.key
        }
        guard page.items.count <= limit.map({ max($0, 1) }) ?? .max else {
            throw instance.call.broken("answered more keys than it may")
        }
    }
}

/// A watch in a plugin; released when it is let go.
// SAFETY: `next` is called by one thread at a time, by the protocol's contract; `cancel` touches
// nothing but constants.
final class ImportedKeyValueWatch: KeyValueWatch, @unchecked Sendable {
    private let watch: igloo_kv_watch
    private let instance: PluginInstance
    private let keys: KeyRange
    private let account: UInt64
    /// The flags that the plugin may still poll.
    private var tokens: [CancellationToken]
    private var toldRevision: Int64 = 0

    /// Takes over `watch` and, unless it throws, `account`.
    init(
        _ watch: igloo_kv_watch, _ instance: PluginInstance, _ keys: KeyRange, account: UInt64,
        _ context: CallContext
    ) throws(IglooError) {
        guard watch.next != nil, watch.cancel != nil, watch.release != nil else {
            watch.release?(watch.`self`)
            throw instance.call.broken("gave a watch whose functions are missing")
        }
        self.watch = watch
        self.instance = instance
        self.keys = keys
        self.account = account
        tokens = [context.cancellation]
    }

    deinit {
        watch.release?(watch.`self`)
        MemoryAccounts.close(account)
    }

    func next(_ context: CallContext) throws(IglooError) -> KeyValuePage {
        if tokens.last !== context.cancellation { tokens.append(context.cancellation) }
        var page = igloo_kv_page()
        var call = instance.waitingCall
        call.account = account
        _ = try call.run(context) { ctx, error in
            watch.next(watch.`self`, ctx, &page, error)
        }
        let events = KeyValuePage(taking: &page)
        guard !events.items.isEmpty else { throw instance.call.broken("told of no event") }
        for event in events.items {
            guard keys.contains(event.key), event.modified >= toldRevision,
                event.modified <= events.revision
            else { throw instance.call.broken("told events out of range or out of order") }
            toldRevision = event.modified
        }
        toldRevision = events.revision
        return events
    }

    func cancel() { watch.cancel?(watch.`self`) }
}

extension KeyValuePage {
    /// A copy of a page of a plugin, which is released.
    fileprivate init(taking page: inout igloo_kv_page) {
        let items = Array(page.items, count: page.n).map { item in
            KeyValueItem(
                key: Array(item.key), value: Array(item.value), created: item.created,
                modified: item.modified, lease: item.lease, isDeleted: item.is_deleted != 0)
        }
        self.init(items: items, revision: page.revision, hasMore: page.more != 0)
        page.release?(&page)
        page.release = nil
    }
}

extension KeyValueComparison {
    fileprivate func wire(_ arena: Arena) -> igloo_kv_compare {
        var wire = igloo_kv_compare()
        wire.key = arena.bytes(key)
        wire.op = relation.rawValue
        switch operand {
        case .value(let value):
            wire.what = UInt32(IGLOO_KV_VALUE)
            wire.value = arena.bytes(value)
        case .created(let revision):
            wire.what = UInt32(IGLOO_KV_CREATED)
            wire.revision = revision
        case .modified(let revision):
            wire.what = UInt32(IGLOO_KV_MODIFIED)
            wire.revision = revision
        }
        return wire
    }
}

extension MetadataStoreKind {
    /// - Throws: `internalError` when the kind lacks something that the ABI demands.
    init(importing pointer: UnsafePointer<igloo_kind>, plugin: String) throws(IglooError) {
        let kind = try ImportedKind(pointer, plugin: plugin)
        guard let functions = kind.functions(igloo_kv.self) else {
            throw kind.call.broken("offers a metadata store without functions")
        }
        self.init(name: kind.name, options: kind.options) { (values, context) throws(IglooError) in
            try ImportedMetadataStore(PluginInstance(kind, values, context), functions)
        }
    }
}
