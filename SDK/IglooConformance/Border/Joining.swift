// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts
import IglooPlugins

/// The facet JOIN of an instance, called as the ABI says.
struct Joining {
    private let instance: Instance
    private let functions: igloo_join

    init(_ instance: Instance) throws {
        self.instance = instance
        let facet = try require(
            instance.facet(IGLOO_FACET_JOIN_1),
            "the plugin declares joins and has no facet for them")
        functions = facet.assumingMemoryBound(to: igloo_join.self).pointee
        try require(functions.join != nil, "the facet of joins has no function")
    }

    func join(_ request: JoinRequest, _ call: Call = Call()) throws -> OpenedTable {
        let encoded = EncodedJoin(request)
        var wire = encoded.request
        var handle = igloo_blob()
        var columns = ArrowSchema()
        try call.run(
            "join",
            leftovers: {
                (handle.release != nil || handle.n != 0 ? ["a handle"] : [])
                    + (columns.release == nil ? [] : ["a schema"])
            }
        ) { functions.join(instance.pointer, $0, &wire, &handle, &columns, $1) }
        withExtendedLifetime(encoded) {}
        let bytes = Array(taking: &handle)
        try require(columns.release != nil, "join answered OK and gave no schema")
        return OpenedTable(handle: bytes, schema: try Schema(importing: &columns))
    }
}
