// SPDX-License-Identifier: MIT

package import CIgloo
import IglooABI
import IglooArrow
package import IglooContracts

/// The facet JOIN of a connector of a plugin.
struct ImportedJoining: ConnectorJoining {
    private let instance: PluginInstance
    private let functions: igloo_join

    /// - Returns: `nil` when a function is missing.
    init?(_ instance: PluginInstance, _ functions: igloo_join) {
        guard functions.join != nil else { return nil }
        self.instance = instance
        self.functions = functions
    }

    func join(_ request: JoinRequest, _ context: CallContext) throws(IglooError) -> OpenedTable {
        let encoded = EncodedJoin(request)
        var handle = igloo_blob()
        var columns = ArrowSchema()
        _ = try instance.call.run(context) { ctx, error in
            var wire = encoded.request
            return functions.join(instance.pointer, ctx, &wire, &handle, &columns, error)
        }
        withExtendedLifetime(encoded) {}
        let bytes = Array(taking: &handle)
        return OpenedTable(
            handle: bytes, schema: try instance.imported(&columns, "a join's schema"))
    }
}

/// A join request in the ABI's form, valid as long as this object.
package final class EncodedJoin {
    package let request: igloo_join_request
    private let arena = Arena()

    package init(_ join: JoinRequest) {
        var encoder = ExpressionEncoder()
        let conjuncts = join.conjuncts.map { encoder.append($0) }
        var request = igloo_join_request()
        request.left = arena.bytes(join.left)
        request.right = arena.bytes(join.right)
        request.exprs = arena.bytes(encoder.finish())
        request.conjuncts = UnsafePointer(arena.array(conjuncts))
        request.n_conjuncts = conjuncts.count
        request.type = join.kind.rawValue
        self.request = request
    }
}
