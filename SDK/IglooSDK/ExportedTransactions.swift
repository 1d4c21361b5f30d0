// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooContracts

let exportedTransactionTable = igloo_txn(
    begin: beginTransaction, commit: commitTransaction, rollback: rollBackTransaction)

private func transactions(
    _ instance: UnsafeMutableRawPointer?
) throws(IglooError) -> any ConnectorTransactions {
    guard let transactions = try ExportedConnector.at(instance).transactions else {
        throw IglooError(.unsupported, "the connector has no transactions")
    }
    return transactions
}

private func beginTransaction(
    _ instance: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ isolation: UInt32, _ isReadOnly: UInt32, _ out: UnsafeMutablePointer<igloo_blob>?,
    _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let out = try required(out)
        guard let isolation = TransactionIsolation(rawValue: isolation) else {
            throw IglooError(.unsupported, "isolation \(isolation) is not known")
        }
        out.pointee = igloo_blob(
            exporting: try transactions(instance).begin(
                isolation, isReadOnly: isReadOnly != 0, CallContext(context)))
    }
}

private func commitTransaction(
    _ instance: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ transaction: igloo_bytes, _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        try transactions(instance).commit(Array(transaction), CallContext(context))
    }
}

private func rollBackTransaction(
    _ instance: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ transaction: igloo_bytes, _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        try transactions(instance).rollback(Array(transaction), CallContext(context))
    }
}
