// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooContracts

/// The facet TXN of an instance.
struct Transactions {
    private let instance: Instance
    private let functions: igloo_txn

    init(_ instance: Instance) throws {
        self.instance = instance
        let facet = try require(
            instance.facet(IGLOO_FACET_TXN_1),
            "the plugin declares transactions and has no facet for them")
        functions = facet.assumingMemoryBound(to: igloo_txn.self).pointee
        try require(
            functions.begin != nil && functions.commit != nil && functions.rollback != nil,
            "the facet of transactions has holes")
    }

    /// - Returns: a call that belongs to the new transaction.
    func begin(_ isolation: Int, isReadOnly: Bool = false) throws -> Call {
        var transaction = igloo_blob()
        try Call().run(
            "txn.begin", leftovers: { transaction.release == nil ? [] : ["a transaction"] }
        ) {
            functions.begin(
                instance.pointer, $0, UInt32(isolation), isReadOnly ? 1 : 0, &transaction, $1)
        }
        let call = Call()
        call.transaction = Array(taking: &transaction)
        return call
    }

    func commit(_ call: Call) throws {
        let arena = Arena()
        let bytes = arena.bytes(call.transaction)
        try Call().run("txn.commit") { functions.commit(instance.pointer, $0, bytes, $1) }
        withExtendedLifetime(arena) {}
    }

    func rollback(_ call: Call) throws {
        let arena = Arena()
        let bytes = arena.bytes(call.transaction)
        try Call().run("txn.rollback") { functions.rollback(instance.pointer, $0, bytes, $1) }
        withExtendedLifetime(arena) {}
    }
}
