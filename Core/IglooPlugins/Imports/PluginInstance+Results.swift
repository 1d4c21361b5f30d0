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
    func openReader(
        _ context: CallContext,
        _ body: (
            UnsafePointer<igloo_ctx>, UnsafeMutablePointer<igloo_reader>,
            UnsafeMutablePointer<igloo_error>
        ) -> igloo_status
    ) throws(IglooError) -> ImportedReader {
        var reader = igloo_reader()
        let account = MemoryAccounts.open(context.memory)
        do throws(IglooError) {
            var call = self.call
            call.account = account
            _ = try call.run(context) { ctx, error in body(ctx, &reader, error) }
            return try ImportedReader(reader, self, account: account, context)
        } catch {
            MemoryAccounts.close(account)
            throw error
        }
    }
}
