// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts
import IglooPlugins

/// An instance of a transport under test.
final class TransportInstance: Instance {
    fileprivate let functions: igloo_transport

    override init(
        _ kind: UnsafePointer<igloo_kind>, _ values: OptionValues, _ call: Call = Call()
    ) throws {
        functions = try Self.functions(kind, as: igloo_transport.self)
        try require(
            functions.listen != nil && functions.accept != nil && functions.connect != nil
                && functions.peer != nil && functions.open != nil && functions.take != nil
                && functions.send != nil && functions.recv != nil && functions.reset != nil
                && functions.close_stream != nil && functions.close_connection != nil
                && functions.close_listener != nil,
            "the transport's table of functions has holes")
        try super.init(kind, values, call)
    }

    func listen(_ address: String, _ call: Call = Call()) throws -> Listener {
        let arena = Arena()
        let text = arena.str(address)
        var (listener, bound) = (UnsafeMutableRawPointer?.none, igloo_blob())
        try call.run(
            "listen",
            leftovers: {
                (listener == nil ? [] : ["a listener"])
                    + (bound.release == nil ? [] : ["an address"])
            }
        ) { functions.listen(pointer, $0, text, &listener, &bound, $1) }
        withExtendedLifetime(arena) {}
        let bytes = [UInt8](taking: &bound)
        return Listener(
            self, try require(listener, "listen answered OK and made no listener"),
            String(decoding: bytes, as: UTF8.self))
    }

    func connect(_ address: String, _ call: Call = Call()) throws -> Connection {
        let arena = Arena()
        let text = arena.str(address)
        var connection: UnsafeMutableRawPointer?
        try call.run("connect", leftovers: { connection == nil ? [] : ["a connection"] }) {
            functions.connect(pointer, $0, text, &connection, $1)
        }
        withExtendedLifetime(arena) {}
        return Connection(
            self, try require(connection, "connect answered OK and made no connection"))
    }

    fileprivate var batches: igloo_batch? {
        facet(IGLOO_FACET_BATCH_1)?.assumingMemoryBound(to: igloo_batch.self).pointee
    }

    var movesBatches: Bool { facet(IGLOO_FACET_BATCH_1) != nil }
}

/// Where peers connect to; closed once.
final class Listener {
    let address: String
    private let transport: TransportInstance
    private let pointer: UnsafeMutableRawPointer
    private var isClosed = false

    fileprivate init(
        _ transport: TransportInstance, _ pointer: UnsafeMutableRawPointer, _ address: String
    ) {
        self.transport = transport
        self.pointer = pointer
        self.address = address
    }

    deinit { close() }

    func close() {
        if isClosed { return }
        isClosed = true
        transport.functions.close_listener(pointer)
    }

    func accept(_ call: Call = Call()) throws -> Connection {
        var connection: UnsafeMutableRawPointer?
        try call.run("accept", leftovers: { connection == nil ? [] : ["a connection"] }) {
            transport.functions.accept(pointer, $0, &connection, $1)
        }
        return Connection(
            transport, try require(connection, "accept answered OK and made no connection"))
    }
}

/// A way to a peer; closed once, after its streams.
final class Connection {
    fileprivate let transport: TransportInstance
    private let pointer: UnsafeMutableRawPointer
    private var isClosed = false

    fileprivate init(_ transport: TransportInstance, _ pointer: UnsafeMutableRawPointer) {
        self.transport = transport
        self.pointer = pointer
    }

    deinit { close() }

    func close() {
        if isClosed { return }
        isClosed = true
        transport.functions.close_connection(pointer)
    }

    func peer() throws -> [UInt8] {
        var identity = igloo_blob()
        try Call().run("peer", leftovers: { identity.release == nil ? [] : ["a name"] }) {
            _, error in
            transport.functions.peer(pointer, &identity, error)
        }
        return [UInt8](taking: &identity)
    }

    func open(_ hello: [UInt8] = [], _ call: Call = Call()) throws -> Stream {
        let arena = Arena()
        let bytes = arena.bytes(hello)
        var stream: UnsafeMutableRawPointer?
        try call.run("open", leftovers: { stream == nil ? [] : ["a stream"] }) {
            transport.functions.open(pointer, $0, bytes, &stream, $1)
        }
        withExtendedLifetime(arena) {}
        return Stream(
            self, try require(stream, "open answered OK and made no stream"), hello: hello)
    }

    func take(_ call: Call = Call()) throws -> Stream {
        var (stream, hello) = (UnsafeMutableRawPointer?.none, igloo_blob())
        try call.run(
            "take",
            leftovers: {
                (stream == nil ? [] : ["a stream"]) + (hello.release == nil ? [] : ["a hello"])
            }
        ) { transport.functions.take(pointer, $0, &stream, &hello, $1) }
        let bytes = [UInt8](taking: &hello)
        return Stream(
            self, try require(stream, "take answered OK and gave no stream"), hello: bytes)
    }
}

/// A stream; closed once, before its connection.
final class Stream {
    let hello: [UInt8]
    private let connection: Connection
    private let pointer: UnsafeMutableRawPointer
    private var functions: igloo_transport { connection.transport.functions }
    private var isClosed = false

    fileprivate init(
        _ connection: Connection, _ pointer: UnsafeMutableRawPointer, hello: [UInt8]
    ) {
        self.connection = connection
        self.pointer = pointer
        self.hello = hello
    }

    deinit { close() }

    func close() {
        if isClosed { return }
        isClosed = true
        functions.close_stream(pointer)
    }

    func reset(_ code: Int) { functions.reset(pointer, Int32(code)) }

    /// One frame of these pieces; none: the end alone.
    func send(_ pieces: [[UInt8]], isLast: Bool = false, _ call: Call = Call()) throws {
        let arena = Arena()
        let list = pieces.map { arena.bytes($0) }
        try call.run("send") {
            functions.send(pointer, $0, list, list.count, isLast ? 1 : 0, $1)
        }
        withExtendedLifetime(arena) {}
    }

    /// - Returns: `nil` after the last.
    func receive(_ call: Call = Call()) throws -> [UInt8]? {
        var frame = igloo_blob()
        let answer = try call.run(
            "recv", mayEnd: true, leftovers: { frame.release == nil ? [] : ["a frame"] }
        ) { functions.recv(pointer, $0, &frame, $1) }
        if answer == .end {
            try require(frame.n == 0 && frame.release == nil, "recv answered END with a frame")
            return nil
        }
        try require(frame.n == 0 || frame.p != nil, "recv gave \(frame.n) bytes at no address")
        return [UInt8](taking: &frame)
    }

    // MARK: - Batches

    private func batches() throws -> igloo_batch {
        let table = try require(connection.transport.batches, "there is no facet of batches")
        try require(
            table.send_batch != nil && table.recv_batch != nil, "the facet of batches has holes")
        return table
    }

    func sendBatch(_ batch: RecordBatch, _ call: Call = Call()) throws {
        let table = try batches()
        var (schema, moved) = (ArrowSchema(), ArrowDeviceArray())
        batch.schema.export(to: &schema)
        defer { schema.release?(&schema) }
        batch.export(to: &moved)
        try call.run("send_batch") { table.send_batch(pointer, $0, &schema, &moved, $1) }
    }

    func receiveBatch(_ columns: Schema, _ call: Call = Call()) throws -> RecordBatch? {
        let table = try batches()
        var (schema, out) = (ArrowSchema(), ArrowDeviceArray())
        columns.export(to: &schema)
        defer { schema.release?(&schema) }
        let answer = try call.run(
            "recv_batch", mayEnd: true, leftovers: { out.array.release == nil ? [] : ["a batch"] }
        ) { table.recv_batch(pointer, $0, &schema, &out, $1) }
        if answer == .end { return nil }
        return try RecordBatch(importing: &out, schema: columns, validation: .full)
    }
}
