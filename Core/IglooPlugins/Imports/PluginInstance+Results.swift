// SPDX-License-Identifier: MIT

import CIgloo
import IglooArrow
import IglooContracts

/// What calls of an instance bring back.
extension PluginInstance {
    /// A schema of the plugin, taken over.
    func imported(
        _ schema: inout ArrowSchema, _ what: String
    ) throws(IglooError) -> Schema {
        do throws(ArrowError) {
            return try Schema(importing: &schema)
        } catch {
            throw call.broken(error, what)
        }
    }

    /// A call that returns a reader, which goes on under the call's memory account.
    ///
    /// - Parameter owner: what has to outlive the reader, but for the instance.
    func openReader(
        _ context: CallContext, keeping owner: (any Sendable)? = nil,
        _ body: (
            UnsafePointer<igloo_ctx>, UnsafeMutablePointer<igloo_reader>,
            UnsafeMutablePointer<igloo_error>
        ) -> igloo_status
    ) throws(IglooError) -> ImportedReader {
        var reader = igloo_reader()
        let account = try accounted(context) { ctx, error in body(ctx, &reader, error) }
        do throws(IglooError) {
            return try ImportedReader(
                reader, self, keeping: owner, account: account, context)
        } catch {
            MemoryAccounts.close(account)
            throw error
        }
    }

    /// A call that returns a sink, which goes on under the call's memory account.
    func openSink(
        _ context: CallContext,
        _ body: (
            UnsafePointer<igloo_ctx>, UnsafeMutablePointer<igloo_sink>,
            UnsafeMutablePointer<igloo_error>
        ) -> igloo_status
    ) throws(IglooError) -> ImportedSink {
        var sink = igloo_sink()
        let account = try accounted(context) { ctx, error in body(ctx, &sink, error) }
        do throws(IglooError) {
            return try ImportedSink(sink, self, account: account, context)
        } catch {
            MemoryAccounts.close(account)
            throw error
        }
    }

    /// - Returns: the account that the call opened, and that the caller has to close.
    func accounted(
        _ context: CallContext,
        _ body: (UnsafePointer<igloo_ctx>, UnsafeMutablePointer<igloo_error>) -> igloo_status
    ) throws(IglooError) -> UInt64 {
        let account = MemoryAccounts.open(context.memory)
        do throws(IglooError) {
            var call = call
            call.account = account
            _ = try call.run(context, body)
            return account
        } catch {
            MemoryAccounts.close(account)
            throw error
        }
    }
}
