// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// One stream of a connection, which it keeps open.
// SAFETY: sending and receiving are one call each at a time, by the protocol's contract; what they
// share is touched under the connection's monitor.
final class TCPStream: TransportStream, @unchecked Sendable {
    let state: StreamState
    private let connection: TCPConnection
    var core: ConnectionCore { connection.core }

    init(_ state: StreamState, _ connection: TCPConnection) {
        self.state = state
        self.connection = connection
    }

    deinit {
        let isDone = core.monitor.withLock { state.isLocallyEnded && state.isRemotelyEnded }
        if isDone { core.monitor.withLock { core.forget(state) } } else { reset(.cancelled) }
    }

    func reset(_ code: IglooError.Code) { core.reset(state, code) }

    // MARK: - Sending

    func send(
        _ pieces: [Buffer], isLast: Bool, _ context: CallContext
    ) throws(IglooError) {
        var message = OutgoingMessage(self, context)
        do throws(IglooError) {
            for piece in pieces { try message.append(piece.bytes) }
            try message.finish(isLast ? [.endOfMessage, .endOfStream] : .endOfMessage)
        } catch {
            throw abandoned(error)
        }
    }

    /// A frame that was begun and not ended makes the stream useless.
    func abandoned(_ error: IglooError) -> IglooError {
        reset(error.code)
        return error
    }

    /// Sends a part of a frame, as soon as the peer lets it.
    func sendChunk(
        _ slices: [UnsafeRawBufferPointer], _ flags: FrameHeader.Flags, _ context: CallContext
    ) throws(IglooError) {
        let count = slices.reduce(0) { $0 + $1.count }
        try core.monitor.withLock { () throws(IglooError) in
            while true {
                if let failure = state.failure { throw failure }
                guard !state.isLocallyEnded else {
                    throw IglooError(.invalidState, "the stream's last frame was sent already")
                }
                if state.credit >= count + Wire.frameCost { break }
                try context.checkTime()
                state.changed.wait(core.monitor, milliseconds: Int64(stepMilliseconds))
            }
            state.credit -= count + Wire.frameCost
        }
        try core.write(
            FrameHeader(.data, flags, stream: state.id, payloadByteCount: count), slices, context)
        if flags.contains(.endOfStream) {
            core.monitor.withLock { state.isLocallyEnded = true }
        }
    }

    // MARK: - Receiving

    func receive(_ context: CallContext) throws(IglooError) -> Buffer? {
        guard let first = try nextChunk(context) else { return nil }
        guard !first.header.flags.contains(.batch) else { throw unexpected("a batch") }
        if first.header.flags.contains(.endOfMessage) {
            // The end alone.
            let isEnd = first.header.flags.contains(.endOfStream) && first.payload.byteCount == 0
            return isEnd ? nil : first.payload
        }
        var whole = BufferBuilder()
        whole.append(first.payload.bytes)
        while let chunk = try nextPart(context) {
            guard !chunk.header.flags.contains(.batch) else { throw unexpected("a batch") }
            guard chunk.payload.byteCount <= core.options.messageByteCountMax - whole.byteCount
            else { throw tooLarge() }
            whole.append(chunk.payload.bytes)
            if chunk.header.flags.contains(.endOfMessage) { return whole.finish() }
        }
        throw abandoned(Wire.broken("ended a stream within a frame"))
    }

    /// As `nextChunk`, within a frame, which cannot be taken up again after an error.
    private func nextPart(_ context: CallContext) throws(IglooError) -> StreamState.Chunk? {
        do throws(IglooError) {
            return try nextChunk(context)
        } catch {
            throw abandoned(error)
        }
    }

    /// The next part of a frame; `nil` once the peer has ended and everything was received.
    func nextChunk(_ context: CallContext) throws(IglooError) -> StreamState.Chunk? {
        try core.monitor.withLock { () throws(IglooError) -> StreamState.Chunk? in
            while true {
                if let chunk = state.takeChunk() {
                    giveBack(chunk)
                    return chunk
                }
                if state.isRemotelyEnded { return nil }
                if let failure = state.failure { throw failure }
                try context.checkTime()
                state.changed.wait(core.monitor, milliseconds: Int64(stepMilliseconds))
            }
        }
    }

    /// Gives the peer credit for what was received, a good deal at once.
    private func giveBack(_ chunk: StreamState.Chunk) {
        let cost = chunk.payload.byteCount + Wire.frameCost
        state.inboundCost -= cost
        state.consumedCost += cost
        guard state.consumedCost >= core.options.window / 4, !state.isRemotelyEnded,
            core.failure == nil, core.streams[state.id] != nil
        else { return }
        core.queue(
            FrameHeader(.credit, stream: state.id, payloadByteCount: 4).bytes
                + Wire.bytes(UInt32(state.consumedCost)))
        state.consumedCost = 0
    }

    func unexpected(_ what: String) -> IglooError {
        abandoned(IglooError(.invalidData, "\(what) came where something else was waited for"))
    }

    func tooLarge() -> IglooError {
        abandoned(
            IglooError(
                .resourceExhausted,
                "a frame of more than \(core.options.messageByteCountMax) bytes came",
                hint: "the option max_frame allows more"))
    }
}

/// A frame on its way out, cut in parts.
struct OutgoingMessage {
    private let stream: TCPStream
    private let context: CallContext
    private let kind: FrameHeader.Flags
    private var held: [UnsafeRawBufferPointer] = []
    private var heldByteCount = 0

    init(_ stream: TCPStream, _ context: CallContext, _ kind: FrameHeader.Flags = []) {
        self.stream = stream
        self.context = context
        self.kind = kind
    }

    /// - Ownership: the bytes stay until `finish` or `flush`.
    mutating func append(_ bytes: UnsafeRawBufferPointer) throws(IglooError) {
        var rest = bytes
        while !rest.isEmpty {
            if heldByteCount == Wire.payloadByteCountMax || held.count == 60 { try flush() }
            let part = rest.prefix(Wire.payloadByteCountMax - heldByteCount)
            held.append(UnsafeRawBufferPointer(rebasing: part))
            heldByteCount += part.count
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(part.count))
        }
    }

    /// Sends what was appended so far.
    mutating func flush() throws(IglooError) {
        guard heldByteCount > 0 else { return }
        let slices = held
        (held, heldByteCount) = ([], 0)
        try stream.sendChunk(slices, kind, context)
    }

    mutating func finish(_ flags: FrameHeader.Flags) throws(IglooError) {
        let slices = held
        (held, heldByteCount) = ([], 0)
        try stream.sendChunk(slices, kind.union(flags), context)
    }
}
