// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts

extension TransportKind: ExportableKind {
    private static let table = ConstantTable(
        igloo_transport(
            listen: listen, accept: accept, connect: connect, peer: peerIdentity, open: openStream,
            take: takeStream, send: send, recv: receive,
            reset: { try? stream($0).reset(IglooError.Code(rawValue: $1)) },
            close_stream: { ExportedValue<any TransportStream>.release($0) },
            close_connection: { ExportedValue<any TransportConnection>.release($0) },
            close_listener: { ExportedValue<any TransportListener>.release($0) }))

    var form: KindForm {
        KindForm(
            number: UInt32(IGLOO_TRANSPORT), table: Self.table,
            create: { createInstance(of: TransportKind.self, $0, $1, $2, $3, $4, $5) { $1 } },
            destroy: { ExportedValue<any Transport>.release($0) }, facet: transportFacet)
    }
}

private let batchFacet = ConstantTable(
    igloo_batch(send_batch: sendBatch, recv_batch: receiveBatch))

private func transportFacet(
    _ instance: UnsafeMutableRawPointer?, _ id: UInt32
) -> UnsafeRawPointer? {
    guard id == UInt32(IGLOO_FACET_BATCH_1),
        let transport = try? ExportedValue<any Transport>.at(instance), transport.movesBatches
    else { return nil }
    return batchFacet.pointer
}

private func stream(
    _ pointer: UnsafeMutableRawPointer?
) throws(IglooError) -> any TransportStream {
    try ExportedValue<any TransportStream>.at(pointer)
}

// MARK: - Connections

private func listen(
    _ instance: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ address: igloo_str, _ out: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ bound: UnsafeMutablePointer<igloo_blob>?, _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let (out, bound) = (try required(out), try required(bound))
        let listener = try ExportedValue<any Transport>.at(instance).listen(
            String(address), CallContext(context))
        bound.pointee = igloo_blob(exporting: Array(listener.boundAddress.utf8))
        out.pointee = ExportedValue<any TransportListener>.retained(listener)
    }
}

private func accept(
    _ listener: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ out: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let out = try required(out)
        let connection = try ExportedValue<any TransportListener>.at(listener).accept(
            CallContext(context))
        out.pointee = ExportedValue<any TransportConnection>.retained(connection)
    }
}

private func connect(
    _ instance: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ address: igloo_str, _ out: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let out = try required(out)
        let connection = try ExportedValue<any Transport>.at(instance).connect(
            String(address), CallContext(context))
        out.pointee = ExportedValue<any TransportConnection>.retained(connection)
    }
}

private func peerIdentity(
    _ connection: UnsafeMutableRawPointer?, _ out: UnsafeMutablePointer<igloo_blob>?,
    _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let out = try required(out)
        out.pointee = igloo_blob(
            exporting: try ExportedValue<any TransportConnection>.at(connection).peerIdentity())
    }
}

// MARK: - Streams

private func openStream(
    _ connection: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ hello: igloo_bytes, _ out: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let out = try required(out)
        let stream = try ExportedValue<any TransportConnection>.at(connection).openStream(
            hello: Array(hello), CallContext(context))
        out.pointee = ExportedValue<any TransportStream>.retained(stream)
    }
}

private func takeStream(
    _ connection: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ out: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ hello: UnsafeMutablePointer<igloo_blob>?, _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let (out, hello) = (try required(out), try required(hello))
        let taken = try ExportedValue<any TransportConnection>.at(connection).takeStream(
            CallContext(context))
        hello.pointee = igloo_blob(exporting: taken.hello)
        out.pointee = ExportedValue<any TransportStream>.retained(taken.stream)
    }
}

private func send(
    _ pointer: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ pieces: UnsafePointer<igloo_bytes>?, _ count: Int, _ isLast: UInt32,
    _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        var buffers: [Buffer] = []
        for piece in Array(pieces, count: count) where piece.n > 0 {
            guard let bytes = piece.p else {
                throw IglooError(.invalidArgument, "the host passed \(piece.n) bytes at no address")
            }
            // The host's memory stays until this call returns; a stream keeps no longer to it.
            buffers.append(
                Buffer(unowned: UnsafeRawPointer(bytes), byteCount: piece.n, release: {}))
        }
        // An empty frame is not the end alone.
        if buffers.isEmpty && count > 0 { buffers = [.empty] }
        try stream(pointer).send(buffers, isLast: isLast != 0, CallContext(context))
    }
}

private func receive(
    _ pointer: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ out: UnsafeMutablePointer<igloo_blob>?, _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    var isEnd = false
    let status = exported(error) { () throws(IglooError) in
        let out = try required(out)
        if let frame = try stream(pointer).receive(CallContext(context)) {
            out.pointee = igloo_blob(lending: frame)
        } else {
            isEnd = true
        }
    }
    return isEnd ? igloo_status(IGLOO_END) : status
}

// MARK: - Batches

private func sendBatch(
    _ pointer: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ schema: UnsafePointer<ArrowSchema>?, _ moved: UnsafeMutablePointer<ArrowDeviceArray>?,
    _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let moved = try required(moved)
        let batch: RecordBatch
        do throws(ArrowError) {
            guard let schema else { throw ArrowError(.invalid, "the host passed no columns") }
            batch = try RecordBatch(importing: moved, schema: Schema(borrowing: schema))
        } catch {
            moved.pointee.array.release?(&moved.pointee.array)
            throw IglooError(.invalidArgument, "a batch to be sent: \(error)")
        }
        do throws(IglooError) {
            try stream(pointer).sendBatch(batch, CallContext(context))
        } catch {
            // A call that is to be repeated has not taken the batch.
            if error.code == .pending { batch.export(to: moved) }
            throw error
        }
    }
}

private func receiveBatch(
    _ pointer: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ schema: UnsafePointer<ArrowSchema>?, _ out: UnsafeMutablePointer<ArrowDeviceArray>?,
    _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    var isEnd = false
    let status = exported(error) { () throws(IglooError) in
        let out = try required(out)
        let columns = try writtenColumns(schema)
        if let batch = try stream(pointer).receiveBatch(columns, CallContext(context)) {
            batch.export(to: out)
        } else {
            isEnd = true
        }
    }
    return isEnd ? igloo_status(IGLOO_END) : status
}

extension igloo_blob {
    /// A buffer for the host, which releases it.
    fileprivate init(lending buffer: Buffer) {
        self.init(
            p: UnsafeMutablePointer(
                mutating: buffer.baseAddress.assumingMemoryBound(to: UInt8.self)),
            n: buffer.byteCount,
            release: { ExportedValue<Buffer>.release($0?.pointee.owner) },
            owner: ExportedValue<Buffer>.retained(buffer))
    }
}
