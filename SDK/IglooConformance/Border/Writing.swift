// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts

/// The facet WRITE of an instance, called as the ABI says.
struct Writing {
    private let instance: Instance
    private let functions: igloo_write

    init(_ instance: Instance) throws {
        self.instance = instance
        let facet = try require(
            instance.facet(IGLOO_FACET_WRITE_1),
            "the plugin declares writes and has no facet for them")
        functions = facet.assumingMemoryBound(to: igloo_write.self).pointee
        try require(
            functions.keys != nil && functions.begin != nil && functions.open_sink != nil
                && functions.commit != nil && functions.abort != nil,
            "the facet of writes has holes")
    }

    /// - Parameter name: of the table to make, with `CREATE`.
    func begin(
        _ mode: Int, table: [UInt8] = [], schema: String = "", name: String = "",
        keys: [UInt32] = [], columns: Schema, _ call: Call = Call()
    ) throws -> [UInt8] {
        let arena = Arena()
        var request = igloo_write_request()
        request.mode = UInt32(mode)
        request.table = arena.bytes(table)
        request.schema = arena.str(schema)
        request.name = arena.str(name)
        request.keys = UnsafePointer(arena.array(keys))
        request.n_keys = keys.count
        var exported = ArrowSchema()
        columns.export(to: &exported)
        defer { exported.release?(&exported) }
        var write = igloo_blob()
        try call.run("write.begin", leftovers: { write.release == nil ? [] : ["a write"] }) {
            functions.begin(instance.pointer, $0, &request, &exported, &write, $1)
        }
        withExtendedLifetime(arena) {}
        return Array(taking: &write)
    }

    func openSink(
        _ write: [UInt8], attempt: String, columns: Schema, _ call: Call = Call()
    ) throws -> Sink {
        let arena = Arena()
        let (bytes, name) = (arena.bytes(write), arena.bytes(Array(attempt.utf8)))
        var exported = ArrowSchema()
        columns.export(to: &exported)
        defer { exported.release?(&exported) }
        var sink = igloo_sink()
        try call.run("write.open_sink", leftovers: { sink.release == nil ? [] : ["a sink"] }) {
            functions.open_sink(instance.pointer, $0, bytes, name, &exported, &sink, $1)
        }
        withExtendedLifetime(arena) {}
        return try Sink(taking: sink, of: instance)
    }

    /// - Returns: how many rows were written; -1 = unknown.
    @discardableResult
    func commit(_ write: [UInt8], _ fragments: [[UInt8]], _ call: Call = Call()) throws -> Int64 {
        let arena = Arena()
        let bytes = arena.bytes(write)
        let list = fragments.map { arena.bytes($0) }
        var rows: Int64 = -1
        var snapshot = igloo_blob()
        try call.run("write.commit", leftovers: { snapshot.release == nil ? [] : ["a snapshot"] }) {
            functions.commit(
                instance.pointer, $0, bytes, list, list.count, &rows, &snapshot, $1)
        }
        withExtendedLifetime(arena) {}
        snapshot.release?(&snapshot)
        return rows
    }

    func abort(_ write: [UInt8], _ call: Call = Call()) throws {
        let arena = Arena()
        let bytes = arena.bytes(write)
        try call.run("write.abort") { functions.abort(instance.pointer, $0, bytes, $1) }
        withExtendedLifetime(arena) {}
    }
}
