// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooContracts

/// The facet CHANGES of an instance, called as the ABI says.
struct Changes {
    private let instance: Instance
    private let functions: igloo_changes

    init(_ instance: Instance) throws {
        self.instance = instance
        let facet = try require(
            instance.facet(IGLOO_FACET_CHANGES_1),
            "the plugin declares changes and has no facet for them")
        functions = facet.assumingMemoryBound(to: igloo_changes.self).pointee
        try require(
            functions.token != nil && functions.changes != nil && functions.wait != nil,
            "the facet of changes has holes")
    }

    func token(_ table: [UInt8], _ call: Call = Call()) throws -> [UInt8] {
        let arena = Arena()
        let table = arena.bytes(table)
        var token = igloo_blob()
        var age: Int64 = 0
        try call.run("token", leftovers: { token.release == nil ? [] : ["a token"] }) {
            functions.token(instance.pointer, $0, table, &token, &age, $1)
        }
        withExtendedLifetime(arena) {}
        let bytes = [UInt8](taking: &token)
        try require(!bytes.isEmpty, "a token has no bytes")
        try require(age >= -1, "a token is vouched for \(age) ns")
        return bytes
    }

    func changes(
        _ table: [UInt8], from: [UInt8], to: [UInt8], _ call: Call = Call()
    ) throws -> Reader {
        let arena = Arena()
        let (table, from, to) = (arena.bytes(table), arena.bytes(from), arena.bytes(to))
        var reader = igloo_reader()
        try call.run("changes", leftovers: { reader.release == nil ? [] : ["a reader"] }) {
            functions.changes(instance.pointer, $0, table, from, to, &reader, $1)
        }
        withExtendedLifetime(arena) {}
        return try Reader(taking: reader, of: instance, "changes")
    }

    func wait(_ table: [UInt8], after: [UInt8], _ call: Call = Call()) throws -> [UInt8] {
        let arena = Arena()
        let (table, after) = (arena.bytes(table), arena.bytes(after))
        var token = igloo_blob()
        try call.run("wait", leftovers: { token.release == nil ? [] : ["a token"] }) {
            functions.wait(instance.pointer, $0, table, after, &token, $1)
        }
        withExtendedLifetime(arena) {}
        return [UInt8](taking: &token)
    }
}
