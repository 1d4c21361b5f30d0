// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts

/// Errors that outlive what they are of.
enum ConnectorErrorChecks {
    static let all: [Check] = [Check("error.released_after_object", releasedAfterObject)]

    private static func releasedAfterObject(_ bench: Bench) throws {
        let instance = try bench.connector()
        let vtable = instance.kind.pointee.vtable!.assumingMemoryBound(to: igloo_connector.self)
        let arena = Arena()
        let (schema, name) = (arena.str(bench.configuration.schema), arena.str("no such table"))
        var handle = igloo_blob()
        var columns = ArrowSchema()
        var error = igloo_error()
        var ctx = igloo_ctx()
        let status = vtable.pointee.open_table?(
            instance.pointer, &ctx, schema, name, &handle, &columns, &error)
        withExtendedLifetime(arena) {}
        try require(status ?? 0 < 0, "a table that is not there is opened")
        let before = String(error.message)
        instance.destroy()
        // Memory that was given back is likely to be taken again.
        let scribble = (1...64).map { size in
            let block = UnsafeMutableRawPointer.allocate(byteCount: size * 8, alignment: 16)
            block.initializeMemory(as: UInt8.self, repeating: 0xDB, count: size * 8)
            return block
        }
        let after = String(error.message)
        for block in scribble { block.deallocate() }
        error.release?(&error)
        try require(
            before == after, "the message \"\(before)\" is gone with the instance it was of")
    }
}
