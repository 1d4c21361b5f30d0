// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooContracts

extension MetadataStoreKind: ExportableKind {
    private static let table = ConstantTable(
        igloo_kv(
            range: rangeOfKeys, txn: commitKeys, watch: watchKeys, lease_grant: grantLease,
            lease_renew: renewLease, lease_revoke: revokeLease))

    var form: KindForm {
        KindForm(
            number: UInt32(IGLOO_KV), table: Self.table,
            create: { createInstance(of: MetadataStoreKind.self, $0, $1, $2, $3, $4, $5) { $1 } },
            destroy: { ExportedValue<any MetadataStore>.release($0) })
    }
}

private func rangeOfKeys(
    _ instance: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ key: igloo_bytes, _ end: igloo_bytes, _ revision: Int64, _ limit: UInt32,
    _ allowsStale: UInt32, _ out: UnsafeMutablePointer<igloo_kv_page>?,
    _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let out = try required(out)
        let page = try ExportedValue<any MetadataStore>.at(instance).range(
            KeyRange(key: key, end: end), revision: revision > 0 ? revision : nil,
            limit: limit > 0 ? Int(limit) : nil, allowsStale: allowsStale != 0,
            CallContext(context))
        out.pointee = igloo_kv_page(page)
    }
}

private func commitKeys(
    _ instance: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ comparisons: UnsafePointer<igloo_kv_compare>?, _ comparisonCount: Int,
    _ then: UnsafePointer<igloo_kv_op>?, _ thenCount: Int,
    _ otherwise: UnsafePointer<igloo_kv_op>?, _ otherwiseCount: Int,
    _ out: UnsafeMutablePointer<igloo_kv_page>?, _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let out = try required(out)
        var transaction = KeyValueTransaction(then: [])
        for comparison in Array(comparisons, count: comparisonCount) {
            transaction.comparisons.append(try KeyValueComparison(comparison))
        }
        for operation in Array(then, count: thenCount) {
            transaction.then.append(try KeyValueOperation(operation))
        }
        for operation in Array(otherwise, count: otherwiseCount) {
            transaction.otherwise.append(try KeyValueOperation(operation))
        }
        let outcome = try ExportedValue<any MetadataStore>.at(instance).commit(
            transaction, CallContext(context))
        out.pointee = igloo_kv_page(
            KeyValuePage(items: outcome.items, revision: outcome.revision))
        out.pointee.succeeded = outcome.succeeded ? 1 : 0
    }
}

// MARK: - Watches

private func watchKeys(
    _ instance: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ key: igloo_bytes, _ end: igloo_bytes, _ revision: Int64,
    _ out: UnsafeMutablePointer<igloo_kv_watch>?, _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let out = try required(out)
        let watch = try ExportedValue<any MetadataStore>.at(instance).watch(
            KeyRange(key: key, end: end), from: revision > 0 ? revision : nil,
            CallContext(context))
        out.pointee = igloo_kv_watch(
            self: ExportedValue<any KeyValueWatch>.retained(watch), next: nextEvents,
            cancel: { try? ExportedValue<any KeyValueWatch>.at($0).cancel() },
            release: { ExportedValue<any KeyValueWatch>.release($0) })
    }
}

private func nextEvents(
    _ watch: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ out: UnsafeMutablePointer<igloo_kv_page>?, _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let out = try required(out)
        out.pointee = igloo_kv_page(
            try ExportedValue<any KeyValueWatch>.at(watch).next(CallContext(context)))
    }
}

// MARK: - Leases

private func grantLease(
    _ instance: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?, _ time: Int64,
    _ out: UnsafeMutablePointer<Int64>?, _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let out = try required(out)
        out.pointee = try ExportedValue<any MetadataStore>.at(instance).grantLease(
            timeToLiveNanoseconds: time, CallContext(context))
    }
}

private func renewLease(
    _ instance: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?, _ lease: Int64,
    _ out: UnsafeMutablePointer<Int64>?, _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let out = try required(out)
        out.pointee = try ExportedValue<any MetadataStore>.at(instance).renewLease(
            lease, CallContext(context))
    }
}

private func revokeLease(
    _ instance: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?, _ lease: Int64,
    _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        try ExportedValue<any MetadataStore>.at(instance).revokeLease(lease, CallContext(context))
    }
}

// MARK: - Values

extension igloo_kv_page {
    /// A page for the host, which releases it.
    fileprivate init(_ page: KeyValuePage) {
        let arena = Arena()
        let items = page.items.map { item in
            igloo_kv_item(
                key: arena.bytes(item.key), value: arena.bytes(item.value), created: item.created,
                modified: item.modified, lease: item.lease, is_deleted: item.isDeleted ? 1 : 0,
                pad: 0)
        }
        self.init(
            items: UnsafePointer(arena.array(items)), n: items.count, revision: page.revision,
            more: page.hasMore ? 1 : 0, succeeded: 0,
            release: { page in Arena.release(owner: page?.pointee.owner) },
            owner: arena.retained())
    }
}

extension KeyValueComparison {
    fileprivate init(_ wire: igloo_kv_compare) throws(IglooError) {
        guard let relation = Relation(rawValue: wire.op) else {
            throw IglooError(.unsupported, "comparison \(wire.op) of keys is not known")
        }
        let operand: Operand
        switch Int(wire.what) {
        case IGLOO_KV_VALUE: operand = .value(Array(wire.value))
        case IGLOO_KV_CREATED: operand = .created(wire.revision)
        case IGLOO_KV_MODIFIED: operand = .modified(wire.revision)
        default: throw IglooError(.unsupported, "keys have no part \(wire.what) to compare")
        }
        self.init(Array(wire.key), relation, operand)
    }
}

extension KeyValueOperation {
    fileprivate init(_ wire: igloo_kv_op) throws(IglooError) {
        switch Int(wire.op) {
        case IGLOO_KV_PUT:
            guard wire.key.n > 0 else {
                throw IglooError(.invalidArgument, "a key cannot be empty")
            }
            self = .put(key: Array(wire.key), value: Array(wire.value), lease: wire.lease)
        case IGLOO_KV_DELETE: self = .delete(try KeyRange(key: wire.key, end: wire.end))
        case IGLOO_KV_GET: self = .get(try KeyRange(key: wire.key, end: wire.end))
        default: throw IglooError(.unsupported, "operation \(wire.op) on keys is not known")
        }
    }
}
