// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts

/// The facet WRITE of a connector of a plugin.
struct ImportedWriting: ConnectorWriting {
    private let instance: PluginInstance
    private let functions: igloo_write

    /// - Returns: `nil` when a function is missing.
    init?(_ instance: PluginInstance, _ functions: igloo_write) {
        guard functions.keys != nil, functions.begin != nil, functions.open_sink != nil,
            functions.commit != nil, functions.abort != nil
        else { return nil }
        self.instance = instance
        self.functions = functions
    }

    func keys(table: [UInt8], _ context: CallContext) throws(IglooError) -> [Int]? {
        let arena = Arena()
        let table = arena.bytes(table)
        var columns = igloo_blob()
        let answer = try instance.call.run(context) { ctx, error in
            functions.keys(instance.pointer, ctx, table, &columns, error)
        }
        withExtendedLifetime(arena) {}
        let bytes = [UInt8](taking: &columns)
        guard answer == .ok else { return nil }
        guard bytes.count % 4 == 0 else {
            throw instance.call.broken("gave keys in \(bytes.count) bytes, not 4 each")
        }
        return stride(from: 0, to: bytes.count, by: 4).map { start in
            (0..<4).reduce(0) { $0 | Int(bytes[start + $1]) << ($1 * 8) }
        }
    }

    func begin(_ request: WriteRequest, _ context: CallContext) throws(IglooError) -> [UInt8] {
        let arena = Arena()
        var wire = igloo_write_request()
        wire.mode = request.mode.rawValue
        wire.schema = arena.str("")
        wire.name = arena.str("")
        switch request.target {
        case .table(let handle): wire.table = arena.bytes(handle)
        case .new(let schema, let name):
            wire.schema = arena.str(schema)
            wire.name = arena.str(name)
        }
        let keys = request.keys.map { UInt32(clamping: $0) }
        wire.keys = UnsafePointer(arena.array(keys))
        wire.n_keys = keys.count
        var schema = ArrowSchema()
        request.schema.export(to: &schema)
        defer { schema.release?(&schema) }
        var write = igloo_blob()
        _ = try instance.call.run(context) { ctx, error in
            functions.begin(instance.pointer, ctx, &wire, &schema, &write, error)
        }
        withExtendedLifetime(arena) {}
        return Array(taking: &write)
    }

    func openSink(
        write: [UInt8], attempt: [UInt8], schema: Schema, _ context: CallContext
    ) throws(IglooError) -> any BatchSink {
        var columns = ArrowSchema()
        schema.export(to: &columns)
        defer { columns.release?(&columns) }
        let arena = Arena()
        let write = arena.bytes(write)
        let attempt = arena.bytes(attempt)
        let sink = try instance.openSink(context) { ctx, out, error in
            functions.open_sink(instance.pointer, ctx, write, attempt, &columns, out, error)
        }
        withExtendedLifetime(arena) {}
        return sink
    }

    func commit(
        write: [UInt8], fragments: [[UInt8]], _ context: CallContext
    ) throws(IglooError) -> WriteOutcome {
        let arena = Arena()
        let write = arena.bytes(write)
        let list = arena.array(fragments.map { arena.bytes($0) })
        var rowCount: Int64 = -1
        var snapshot = igloo_blob()
        _ = try instance.call.run(context) { ctx, error in
            functions.commit(
                instance.pointer, ctx, write, list, fragments.count, &rowCount, &snapshot, error)
        }
        withExtendedLifetime(arena) {}
        return WriteOutcome(rowCount: rowCount.known, snapshot: Array(taking: &snapshot))
    }

    func abort(write: [UInt8], _ context: CallContext) throws(IglooError) {
        let arena = Arena()
        let write = arena.bytes(write)
        _ = try instance.call.run(context) { ctx, error in
            functions.abort(instance.pointer, ctx, write, error)
        }
        withExtendedLifetime(arena) {}
    }
}

/// A sink in a plugin; released when it is let go.
// SAFETY: `write` and `finish` are called by one thread at a time, by the protocol's contract;
// `cancel` touches nothing but constants.
final class ImportedSink: BatchSink, @unchecked Sendable {
    private let sink: igloo_sink
    private let instance: PluginInstance
    private let account: UInt64
    /// The flags that the plugin may still poll.
    private var tokens: [CancellationToken]

    /// Takes over `sink` and, unless it throws, `account`.
    init(
        _ sink: igloo_sink, _ instance: PluginInstance, account: UInt64, _ context: CallContext
    ) throws(IglooError) {
        guard sink.write != nil, sink.finish != nil, sink.cancel != nil, sink.release != nil else {
            sink.release?(sink.`self`)
            throw instance.call.broken("gave a sink whose functions are missing")
        }
        self.sink = sink
        self.instance = instance
        self.account = account
        tokens = [context.cancellation]
    }

    deinit {
        sink.release?(sink.`self`)
        MemoryAccounts.close(account)
    }

    private func call(_ context: CallContext) -> PluginCall {
        if tokens.last !== context.cancellation { tokens.append(context.cancellation) }
        var call = instance.call
        call.account = account
        return call
    }

    func write(_ batch: RecordBatch, _ context: CallContext) throws(IglooError) {
        var array = ArrowDeviceArray()
        _ = try call(context).run(context) { ctx, error in
            batch.export(to: &array)
            return sink.write(sink.`self`, ctx, &array, error)
        }
    }

    func finish(_ context: CallContext) throws(IglooError) -> [UInt8] {
        var fragment = igloo_blob()
        _ = try call(context).run(context) { ctx, error in
            sink.finish(sink.`self`, ctx, &fragment, error)
        }
        return Array(taking: &fragment)
    }

    func cancel() { sink.cancel?(sink.`self`) }
}
