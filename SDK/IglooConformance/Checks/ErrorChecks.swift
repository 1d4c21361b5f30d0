// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts

/// Errors, and what they leave behind.
enum ErrorChecks {
    static let all: [Check] = [
        Check("error.released_after_object", releasedAfterObject),
        Check("error.no_out_handle_on_failure") { bench in
            try provoke(bench)
            try Breaches.requireNone(.outHandle)
        },
        Check("error.codes_in_range_and_class_flags") { bench in
            try provoke(bench)
            try Breaches.requireNone(.errorCode)
            try Breaches.requireNone(.errorOnSuccess)
        },
        Check("error.sqlstate_shape") { bench in
            try provoke(bench)
            try Breaches.requireNone(.sqlState)
        },
    ]

    /// Calls that cannot succeed, of every function.
    static func provoke(_ bench: Bench) throws {
        let instance = try bench.instance()
        let schema = bench.configuration.schema
        var errorCount = 0
        func attempt(_ body: () throws -> Void) throws {
            do {
                try body()
            } catch is CallFailure {
                errorCount += 1
            }
        }
        for name in ["no such table", "", "'\"", "\0", String(repeating: "x", count: 70_000)] {
            try attempt { _ = try instance.openTable(name, schema: schema) }
            try attempt { _ = try instance.openTable(name, schema: "no such schema") }
        }
        for what in [0, 3, 99] { try attempt { _ = try instance.list(what).rows() } }
        try attempt { _ = try instance.list(IGLOO_LIST_TABLES, schema: "no such schema").rows() }
        for bytes in garbage {
            try attempt { _ = try instance.plan(ScanRequest(table: bytes, columns: [0])) }
            try attempt { _ = try instance.splits(bytes).all() }
            try attempt { _ = try instance.open(bytes, bytes).rows() }
        }
        if let bad = bench.configuration.badEndpoint {
            try attempt { try bench.instance(bad).ping() }
        }
        if bench.request.configuration != nil, bench.configuration.lost["hostile"] == nil {
            let fixture = try bench.hostile(instance)
            let handle = fixture.table.handle
            try attempt { _ = try instance.plan(ScanRequest(table: handle, columns: [9_999])) }
            let answer = try instance.plan(ScanRequest(table: handle, columns: [0]))
            for bytes in garbage {
                try attempt { _ = try instance.open(answer.handle, bytes).rows() }
            }
            let call = Call()
            call.token.cancel()
            try attempt { _ = try instance.read(answer, call) }
        }
        try require(errorCount > 3, "tables, handles and splits that are not there are accepted")
    }

    static let garbage: [[UInt8]] = [
        [], [0], [255], Array("garbage".utf8), Array(repeating: 0, count: 64),
        Array(repeating: 255, count: 64), Array((0..<200).map { UInt8($0) }),
    ]

    private static func releasedAfterObject(_ bench: Bench) throws {
        let instance = try bench.instance()
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
