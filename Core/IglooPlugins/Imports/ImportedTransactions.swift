// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooContracts

/// The facet TXN of a connector of a plugin.
struct ImportedTransactions: ConnectorTransactions {
    private let instance: PluginInstance
    private let functions: igloo_txn

    /// - Returns: `nil` when a function is missing.
    init?(_ instance: PluginInstance, _ functions: igloo_txn) {
        guard functions.begin != nil, functions.commit != nil, functions.rollback != nil else {
            return nil
        }
        self.instance = instance
        self.functions = functions
    }

    func begin(
        _ isolation: TransactionIsolation, isReadOnly: Bool, _ context: CallContext
    ) throws(IglooError) -> [UInt8] {
        var transaction = igloo_blob()
        _ = try instance.call.run(context) { ctx, error in
            functions.begin(
                instance.pointer, ctx, isolation.rawValue, isReadOnly ? 1 : 0, &transaction, error)
        }
        return Array(taking: &transaction)
    }

    func commit(_ transaction: [UInt8], _ context: CallContext) throws(IglooError) {
        try end(transaction, context, functions.commit)
    }

    func rollback(_ transaction: [UInt8], _ context: CallContext) throws(IglooError) {
        try end(transaction, context, functions.rollback)
    }

    private func end(
        _ transaction: [UInt8], _ context: CallContext,
        _ function: (
            @convention(c) (
                UnsafeMutableRawPointer?, UnsafePointer<igloo_ctx>?, igloo_bytes,
                UnsafeMutablePointer<igloo_error>?
            ) -> igloo_status
        )?
    ) throws(IglooError) {
        guard let function else { return }
        let arena = Arena()
        let transaction = arena.bytes(transaction)
        _ = try instance.call.run(context) { ctx, error in
            function(instance.pointer, ctx, transaction, error)
        }
        withExtendedLifetime(arena) {}
    }
}
