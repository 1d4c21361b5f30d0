// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooContracts

/// The facet CHANGES of a connector of a plugin.
struct ImportedChanges: ConnectorChanges {
    private let instance: PluginInstance
    private let functions: igloo_changes

    /// - Returns: `nil` when a function is missing.
    init?(_ instance: PluginInstance, _ functions: igloo_changes) {
        guard functions.token != nil, functions.changes != nil, functions.wait != nil else {
            return nil
        }
        self.instance = instance
        self.functions = functions
    }

    func token(table: [UInt8], _ context: CallContext) throws(IglooError) -> ChangeToken {
        let arena = Arena()
        let table = arena.bytes(table)
        var token = igloo_blob()
        var age: Int64 = 0
        _ = try instance.call.run(context) { ctx, error in
            functions.token(instance.pointer, ctx, table, &token, &age, error)
        }
        withExtendedLifetime(arena) {}
        return ChangeToken(
            Array(taking: &token),
            age: age < 0 ? .untilChange : age == 0 ? .unknown : .nanoseconds(age))
    }

    func changes(
        table: [UInt8], from: [UInt8], to: [UInt8], _ context: CallContext
    ) throws(IglooError) -> any BatchReader {
        let arena = Arena()
        let (table, from, to) = (arena.bytes(table), arena.bytes(from), arena.bytes(to))
        let reader = try instance.openReader(context) { ctx, out, error in
            functions.changes(instance.pointer, ctx, table, from, to, out, error)
        }
        withExtendedLifetime(arena) {}
        return reader
    }

    func wait(
        table: [UInt8], after: [UInt8], _ context: CallContext
    ) throws(IglooError) -> [UInt8] {
        let arena = Arena()
        let (table, after) = (arena.bytes(table), arena.bytes(after))
        var token = igloo_blob()
        _ = try instance.waitingCall.run(context) { ctx, error in
            functions.wait(instance.pointer, ctx, table, after, &token, error)
        }
        withExtendedLifetime(arena) {}
        return Array(taking: &token)
    }
}
