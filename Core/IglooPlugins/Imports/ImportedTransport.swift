// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts

/// The functions of a transport, of which none is missing, and its instance.
// SAFETY: instance functions are fully concurrent by the ABI.
struct TransportFunctions: @unchecked Sendable {
    let instance: PluginInstance
    let table: igloo_transport
    let batch: igloo_batch?

    /// - Throws: `internalError` when a function is missing.
    init(_ instance: PluginInstance, _ table: igloo_transport) throws(IglooError) {
        let batch = instance.facet(UInt32(IGLOO_FACET_BATCH_1), igloo_batch.self)
        guard table.listen != nil, table.accept != nil, table.connect != nil, table.peer != nil,
            table.open != nil, table.take != nil, table.send != nil, table.recv != nil,
            table.reset != nil, table.close_stream != nil, table.close_connection != nil,
            table.close_listener != nil,
            batch.map({ $0.send_batch != nil && $0.recv_batch != nil }) ?? true
        else { throw instance.call.broken("offers a transport whose table of functions has holes") }
        self.instance = instance
        self.table = table
        self.batch = batch
    }

    /// A call that makes something.
    ///
    /// - Parameter call: the instance's, or its waiting one.
    func make(
        _ what: String, _ call: PluginCall, _ context: CallContext,
        _ body: (
            UnsafePointer<igloo_ctx>, UnsafeMutablePointer<UnsafeMutableRawPointer?>,
            UnsafeMutablePointer<igloo_error>
        ) -> igloo_status
    ) throws(IglooError) -> UnsafeMutableRawPointer {
        var made: UnsafeMutableRawPointer?
        _ = try call.run(context) { ctx, error in body(ctx, &made, error) }
        guard let made else { throw instance.call.broken("made a \(what) that is not there") }
        return made
    }
}

/// A transport of a plugin, seen through the contract.
struct ImportedTransport: Transport {
    private let functions: TransportFunctions

    init(_ functions: TransportFunctions) { self.functions = functions }

    var movesBatches: Bool { functions.batch != nil }

    func listen(
        _ address: String, _ context: CallContext
    ) throws(IglooError) -> any TransportListener {
        let arena = Arena()
        let text = arena.str(address)
        var bound = igloo_blob()
        let listener = try functions.make("listener", functions.instance.call, context) {
            ctx, out, error in
            functions.table.listen(
                functions.instance.pointer, ctx, text, out, &bound, error)
        }
        withExtendedLifetime(arena) {}
        return ImportedListener(
            functions, listener,
            boundAddress: String(decoding: [UInt8](taking: &bound), as: UTF8.self))
    }

    func connect(
        _ address: String, _ context: CallContext
    ) throws(IglooError) -> any TransportConnection {
        let arena = Arena()
        let text = arena.str(address)
        let connection = try functions.make("connection", functions.instance.waitingCall, context) {
            ctx, out, error in
            functions.table.connect(functions.instance.pointer, ctx, text, out, error)
        }
        withExtendedLifetime(arena) {}
        return ImportedConnection(functions, connection)
    }
}

// SAFETY: listeners are fully concurrent by the ABI.
final class ImportedListener: TransportListener, @unchecked Sendable {
    let boundAddress: String
    private let functions: TransportFunctions
    private let pointer: UnsafeMutableRawPointer

    init(
        _ functions: TransportFunctions, _ pointer: UnsafeMutableRawPointer, boundAddress: String
    ) {
        self.functions = functions
        self.pointer = pointer
        self.boundAddress = boundAddress
    }

    deinit { functions.table.close_listener(pointer) }

    func accept(_ context: CallContext) throws(IglooError) -> any TransportConnection {
        let connection = try functions.make("connection", functions.instance.waitingCall, context) {
            ctx, out, error in
            functions.table.accept(pointer, ctx, out, error)
        }
        return ImportedConnection(functions, connection)
    }
}

// SAFETY: connections are fully concurrent by the ABI.
final class ImportedConnection: TransportConnection, @unchecked Sendable {
    private let functions: TransportFunctions
    private let pointer: UnsafeMutableRawPointer

    init(_ functions: TransportFunctions, _ pointer: UnsafeMutableRawPointer) {
        self.functions = functions
        self.pointer = pointer
    }

    deinit { functions.table.close_connection(pointer) }

    func peerIdentity() throws(IglooError) -> [UInt8] {
        var identity = igloo_blob()
        _ = try functions.instance.call.run(CallContext()) { _, error in
            functions.table.peer(pointer, &identity, error)
        }
        return Array(taking: &identity)
    }

    func openStream(
        hello: [UInt8], _ context: CallContext
    ) throws(IglooError) -> any TransportStream {
        let arena = Arena()
        let hello = arena.bytes(hello)
        let stream = try functions.make("stream", functions.instance.call, context) {
            ctx, out, error in
            functions.table.open(pointer, ctx, hello, out, error)
        }
        withExtendedLifetime(arena) {}
        return ImportedStream(functions, self, stream)
    }

    func takeStream(
        _ context: CallContext
    ) throws(IglooError) -> (stream: any TransportStream, hello: [UInt8]) {
        var hello = igloo_blob()
        let stream = try functions.make("stream", functions.instance.waitingCall, context) {
            ctx, out, error in
            functions.table.take(pointer, ctx, out, &hello, error)
        }
        return (ImportedStream(functions, self, stream), Array(taking: &hello))
    }
}

/// A stream, which is closed before its connection.
// SAFETY: sending and receiving are one call each at a time, by the protocol's contract.
final class ImportedStream: TransportStream, @unchecked Sendable {
    private let functions: TransportFunctions
    private let connection: ImportedConnection
    private let pointer: UnsafeMutableRawPointer

    init(
        _ functions: TransportFunctions, _ connection: ImportedConnection,
        _ pointer: UnsafeMutableRawPointer
    ) {
        self.functions = functions
        self.connection = connection
        self.pointer = pointer
    }

    deinit { functions.table.close_stream(pointer) }

    func send(
        _ pieces: [Buffer], isLast: Bool, _ context: CallContext
    ) throws(IglooError) {
        let arena = Arena()
        let wire = arena.array(
            pieces.map {
                igloo_bytes(
                    p: $0.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), n: $0.byteCount)
            })
        _ = try functions.instance.waitingCall.run(context) { ctx, error in
            functions.table.send(pointer, ctx, wire, pieces.count, isLast ? 1 : 0, error)
        }
        withExtendedLifetime((arena, pieces)) {}
    }

    func receive(_ context: CallContext) throws(IglooError) -> Buffer? {
        var frame = igloo_blob()
        let answer = try functions.instance.waitingCall.run(context) { ctx, error in
            functions.table.recv(pointer, ctx, &frame, error)
        }
        guard answer == .ok else { return nil }
        guard frame.n >= 0, frame.n == 0 || frame.p != nil else {
            throw functions.instance.call.broken(
                "received \(UInt(bitPattern: frame.n)) bytes at no address")
        }
        return Buffer(taking: frame)
    }

    func reset(_ code: IglooError.Code) { functions.table.reset(pointer, code.rawValue) }

    // MARK: - Batches

    func sendBatch(_ batch: RecordBatch, _ context: CallContext) throws(IglooError) {
        guard let send = functions.batch?.send_batch else { throw movesNoBatches() }
        var schema = ArrowSchema()
        batch.schema.export(to: &schema)
        defer { schema.release?(&schema) }
        _ = try functions.instance.waitingCall.run(context, moving: batch) { ctx, moved, error in
            send(pointer, ctx, &schema, moved, error)
        }
    }

    func receiveBatch(
        _ schema: Schema, _ context: CallContext
    ) throws(IglooError) -> RecordBatch? {
        guard let receive = functions.batch?.recv_batch else { throw movesNoBatches() }
        var columns = ArrowSchema()
        schema.export(to: &columns)
        defer { columns.release?(&columns) }
        var array = ArrowDeviceArray()
        let answer = try functions.instance.waitingCall.run(context) { ctx, error in
            receive(pointer, ctx, &columns, &array, error)
        }
        guard answer == .ok else { return nil }
        do throws(ArrowError) {
            return try RecordBatch(importing: &array, schema: schema)
        } catch {
            throw functions.instance.call.broken(error, "a batch")
        }
    }

    private func movesNoBatches() -> IglooError {
        IglooError(
            .unsupported, "this transport moves bytes, not batches",
            origin: functions.instance.call.plugin)
    }
}

extension Buffer {
    /// Bytes of a plugin, which are released with the last buffer over them.
    fileprivate init(taking blob: igloo_blob) {
        let box = BlobBox(blob)
        guard let bytes = blob.p, blob.n > 0 else {
            self = .empty
            return
        }
        self.init(baseAddress: UnsafeRawPointer(bytes), byteCount: blob.n, keeping: box)
    }
}

// SAFETY: touched by init and deinit only.
private final class BlobBox: @unchecked Sendable {
    private var blob: igloo_blob
    init(_ blob: igloo_blob) { self.blob = blob }
    deinit { blob.release?(&blob) }
}

extension TransportKind {
    /// - Throws: `internalError` when the kind lacks something that the ABI demands.
    init(importing pointer: UnsafePointer<igloo_kind>, plugin: String) throws(IglooError) {
        let kind = try ImportedKind(pointer, plugin: plugin)
        guard let functions = kind.functions(igloo_transport.self) else {
            throw kind.call.broken("offers a transport without functions")
        }
        self.init(name: kind.name, options: kind.options) { (values, context) throws(IglooError) in
            ImportedTransport(
                try TransportFunctions(PluginInstance(kind, values, context), functions))
        }
    }
}
