// SPDX-License-Identifier: MIT

import IglooContracts

/// One TCP connection and its streams.
///
/// A thread of its own reads, and answers what needs no waiting; it never waits for whoever uses a
/// stream, since a peer may send no more than it has credit for. Frames of data are written by those
/// who send them.
// SAFETY: what changes is touched under the monitor only, but for the reader's own state.
final class TCPConnection: TransportConnection, @unchecked Sendable {
    let core: ConnectionCore

    init(_ socket: Socket, _ options: TCPOptions, isOpener: Bool) throws(IglooError) {
        socket.prepare(peerMilliseconds: options.peerMilliseconds)
        core = ConnectionCore(socket, try WakeSignal(), options, isOpener: isOpener)
        try core.start()
    }

    deinit { core.close() }

    /// TCP alone does not know.
    func peerIdentity() throws(IglooError) -> [UInt8] { [] }

    func openStream(
        hello: [UInt8], _ context: CallContext
    ) throws(IglooError) -> any TransportStream {
        guard hello.count <= Wire.helloByteCountMax else {
            throw IglooError(
                .invalidArgument,
                "a hello of \(hello.count) bytes, where \(Wire.helloByteCountMax) are the most")
        }
        return TCPStream(try core.openStream(hello, context), self)
    }

    func takeStream(
        _ context: CallContext
    ) throws(IglooError) -> (stream: any TransportStream, hello: [UInt8]) {
        let state = try core.takeStream(context)
        return (TCPStream(state, self), state.hello)
    }
}

/// What became of one stream so far; under the connection's monitor.
final class StreamState {
    struct Chunk {
        var header: FrameHeader
        var payload: IncomingBytes
    }

    let id: UInt32
    let hello: [UInt8]
    let changed = Condition()
    /// What the peer still allows.
    var credit: Int
    var inbound: [Chunk] = []
    var firstInbound = 0
    var inboundCost = 0
    /// Received, but not yet given back to the peer as credit.
    var consumedCost = 0
    var isLocallyEnded = false
    var isRemotelyEnded = false
    var failure: IglooError?

    init(id: UInt32, hello: [UInt8], credit: Int) {
        self.id = id
        self.hello = hello
        self.credit = credit
    }

    func takeChunk() -> Chunk? {
        guard firstInbound < inbound.count else { return nil }
        let chunk = inbound[firstInbound]
        firstInbound += 1
        if firstInbound == inbound.count || firstInbound > 1_024 {
            inbound.removeFirst(firstInbound)
            firstInbound = 0
        }
        return chunk
    }

    func fail(_ error: IglooError) {
        if failure == nil { failure = error }
        changed.broadcast()
    }
}

// SAFETY: as of `TCPConnection`.
final class ConnectionCore: @unchecked Sendable {
    let socket: Socket
    let signal: WakeSignal
    let options: TCPOptions
    let isOpener: Bool
    let monitor = Monitor()

    // Under the monitor:
    var streams: [UInt32: StreamState] = [:]
    var incoming: [StreamState] = []
    let incomingChanged = Condition()
    var failure: IglooError?
    var peerWindow: Int?
    var lastOwnStream: UInt32
    var lastPeerStream: UInt32 = 0
    /// Frames that nobody waits for, to be written before all others.
    var outbound: [UInt8] = []
    var isWriting = false
    let writingEnded = Condition()
    var isClosing = false

    private var thread: OwnThread?

    /// Streams that wait to be taken.
    static let backlogMax = 256
    /// A peer that lets more than this pile up does not read.
    static let outboundByteCountMax = 1 << 20

    init(_ socket: Socket, _ signal: WakeSignal, _ options: TCPOptions, isOpener: Bool) {
        self.socket = socket
        self.signal = signal
        self.options = options
        self.isOpener = isOpener
        // The side that connected opens odd streams, the other even ones.
        lastOwnStream = isOpener ? UInt32.max : 0
    }

    func start() throws(IglooError) {
        monitor.withLock { queue(Wire.preface(window: options.window)) }
        let reader = ConnectionReader(self)
        guard let thread = OwnThread.start({ reader.run() }) else {
            throw IglooError(.resourceExhausted, "the system has no thread for a connection")
        }
        self.thread = thread
    }

    /// Ends the connection and its thread.
    func close() {
        monitor.withLock { isClosing = true }
        signal.raise()
        if let thread { OwnThread.join(thread) }
        thread = nil
    }

    /// Ends everything with this error.
    func fail(_ error: IglooError) {
        monitor.withLock {
            guard failure == nil else { return }
            failure = error
            // Streams that have all they need are not touched.
            for stream in streams.values where !stream.isRemotelyEnded || !stream.isLocallyEnded {
                stream.fail(error)
            }
            incomingChanged.broadcast()
            writingEnded.broadcast()
        }
    }

    // MARK: - Streams

    func openStream(
        _ hello: [UInt8], _ context: CallContext
    ) throws(IglooError) -> StreamState {
        let state = try monitor.withLock { () throws(IglooError) -> StreamState in
            while peerWindow == nil {
                if let failure { throw failure }
                try context.checkTime()
                incomingChanged.wait(monitor, milliseconds: Int64(stepMilliseconds))
            }
            if let failure { throw failure }
            guard streams.count < options.streamCountMax else {
                throw IglooError(
                    .resourceExhausted, "the connection has \(streams.count) streams already",
                    hint: "the option max_streams allows more")
            }
            guard lastOwnStream < UInt32.max - 3 || lastOwnStream == UInt32.max else {
                throw IglooError(.invalidState, "the connection has no numbers left: make another")
            }
            lastOwnStream &+= 2
            let state = StreamState(id: lastOwnStream, hello: hello, credit: peerWindow ?? 0)
            streams[state.id] = state
            queue(
                FrameHeader(.open, stream: state.id, payloadByteCount: hello.count).bytes + hello)
            return state
        }
        return state
    }

    func takeStream(_ context: CallContext) throws(IglooError) -> StreamState {
        try monitor.withLock { () throws(IglooError) -> StreamState in
            while incoming.isEmpty {
                if let failure { throw failure }
                try context.checkTime()
                incomingChanged.wait(monitor, milliseconds: Int64(stepMilliseconds))
            }
            return incoming.removeFirst()
        }
    }

    /// Forgets a stream; whatever still comes for it is passed over. Under the monitor.
    func forget(_ state: StreamState) { streams[state.id] = nil }

    func reset(_ state: StreamState, _ code: IglooError.Code) {
        monitor.withLock {
            if streams[state.id] != nil, failure == nil,
                !state.isLocallyEnded || !state.isRemotelyEnded
            {
                queueReset(state.id, code)
            }
            forget(state)
            state.inbound = []
            state.firstInbound = 0
            state.fail(IglooError(.cancelled, "the stream was reset"))
        }
    }

    /// Under the monitor.
    func queueReset(_ stream: UInt32, _ code: IglooError.Code) {
        queue(
            FrameHeader(.reset, stream: stream, payloadByteCount: 4).bytes
                + Wire.bytes(UInt32(bitPattern: code.rawValue)))
    }
}
