// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Bytes that came from a peer.
typealias IncomingBytes = Buffer

/// The thread of a connection: reads frames, and writes what is left over.
// SAFETY: its state is of the one thread that runs it.
final class ConnectionReader: @unchecked Sendable {
    private let core: ConnectionCore
    private let begun = MonotonicClock.nanoseconds()
    private var hasPreface = false
    private var head: [UInt8] = []
    private var header: FrameHeader?
    private var payload = BufferBuilder()

    init(_ core: ConnectionCore) { self.core = core }

    func run() {
        do throws(IglooError) {
            while !core.monitor.withLock({ core.isClosing }) {
                // A flood of frames must not keep it from all else.
                var frameCount = 0
                while frameCount < 1_000, try readSome() { frameCount += 1 }
                let hasOutput = try flush()
                core.socket.wait(
                    for: core.signal, alsoOutput: hasOutput, milliseconds: 1_000)
                try checkPreface()
            }
            leave()
            core.fail(IglooError(.cancelled, "the connection was closed"))
        } catch {
            core.fail(error)
            // A peer that closes need not wait any longer for more.
            core.socket.shutdownOutput()
        }
    }

    /// Writes what nobody waits for.
    ///
    /// - Returns: whether there is more, for which the socket has no room.
    private func flush() throws(IglooError) -> Bool {
        let count = core.monitor.withLock {
            guard !core.isWriting else { return 0 }
            core.flushSome()
            if core.outbound.isEmpty { core.writingEnded.broadcast() }
            return core.outbound.count
        }
        guard count <= ConnectionCore.outboundByteCountMax else {
            throw IglooError(.unavailable, "the peer does not read")
        }
        return count > 0
    }

    private func checkPreface() throws(IglooError) {
        guard !hasPreface, MonotonicClock.nanoseconds() - begun > core.options.connectNanoseconds
        else { return }
        throw IglooError(.unavailable, "the peer says nothing")
    }

    /// Says that no more will come, and gives the peer a moment to say the same: a socket that is closed
    /// with bytes in it takes back what was sent last.
    private func leave() {
        let end = MonotonicClock.nanoseconds() + 250_000_000
        var isDone = false
        while MonotonicClock.nanoseconds() < end, (try? flush()) == true {
            _ = core.socket.waitForOutput(milliseconds: 10)
        }
        core.socket.shutdownOutput()
        while !isDone, MonotonicClock.nanoseconds() < end {
            isDone = passOver()
            if !isDone { core.socket.waitForInput(milliseconds: 10) }
        }
    }

    /// - Returns: whether the peer has said its last.
    private func passOver() -> Bool {
        var memory = [UInt8](repeating: 0, count: 1 << 16)
        return memory.withUnsafeMutableBytes { memory in
            while true {
                do throws(IglooError) {
                    guard let count = try core.socket.receive(memory) else { return false }
                    if count == 0 { return true }
                } catch {
                    return true
                }
            }
        }
    }

    // MARK: - Frames

    /// - Returns: `false` when nothing is there now.
    private func readSome() throws(IglooError) -> Bool {
        guard let header else { return try readHead() }
        if payload.byteCount < header.payloadByteCount {
            payload.reserve(header.payloadByteCount - payload.byteCount)
            let place = UnsafeMutableRawBufferPointer(
                start: payload.baseAddress + payload.byteCount,
                count: header.payloadByteCount - payload.byteCount)
            guard let count = try receive(place) else { return false }
            payload.setByteCount(payload.byteCount + count)
            guard payload.byteCount == header.payloadByteCount else { return true }
        }
        self.header = nil
        try handle(header, payload.finish())
        return true
    }

    private func readHead() throws(IglooError) -> Bool {
        let wanted = hasPreface ? FrameHeader.byteCount : Wire.prefaceByteCount
        let start = head.count
        head.append(contentsOf: repeatElement(0, count: wanted - start))
        let count = try head.withUnsafeMutableBufferPointer {
            (bytes) throws(IglooError) -> Int? in
            try receive(
                UnsafeMutableRawBufferPointer(
                    rebasing: UnsafeMutableRawBufferPointer(bytes)[start...]))
        }
        head.removeLast(wanted - start - (count ?? 0))
        guard count != nil else { return false }
        guard head.count == wanted else { return true }
        if hasPreface {
            header = try FrameHeader(head)
        } else {
            let window = try Wire.window(ofPreface: head)
            hasPreface = true
            core.monitor.withLock {
                core.peerWindow = window
                core.incomingChanged.broadcast()
            }
        }
        head = []
        return true
    }

    private func receive(_ memory: UnsafeMutableRawBufferPointer) throws(IglooError) -> Int? {
        let count = try core.socket.receive(memory)
        if count == 0 {
            throw IglooError(.unavailable, "the peer closed the connection", isRetryable: true)
        }
        return count
    }

    private func handle(_ header: FrameHeader, _ payload: Buffer) throws(IglooError) {
        try core.monitor.withLock { () throws(IglooError) in
            switch header.kind {
            case .open: try open(header, payload)
            case .data: try add(header, payload)
            case .credit: try credit(header, Wire.number(Array(payload.bytes)[...]))
            case .reset:
                guard let state = try state(of: header) else { return }
                let code = Int32(bitPattern: Wire.number(Array(payload.bytes)[...]))
                core.forget(state)
                state.inbound = []
                state.firstInbound = 0
                state.fail(
                    IglooError(
                        code < 0 ? .init(rawValue: code) : .unknown, "the peer reset the stream"))
            }
        }
    }

    // MARK: - Under the monitor

    /// The stream that a frame belongs to; `nil` for one that is forgotten.
    private func state(of header: FrameHeader) throws(IglooError) -> StreamState? {
        if let known = core.streams[header.stream] { return known }
        let isOwn = (header.stream & 1 == 1) == core.isOpener
        let last = isOwn ? core.lastOwnStream : core.lastPeerStream
        guard header.stream != 0, last != UInt32.max, header.stream <= last else {
            throw Wire.broken("sent a frame of the stream \(header.stream), which is none")
        }
        return nil
    }

    private func open(_ header: FrameHeader, _ hello: Buffer) throws(IglooError) {
        let isPeers = (header.stream & 1 == 1) != core.isOpener
        guard isPeers, header.stream != 0, header.stream > core.lastPeerStream else {
            throw Wire.broken("opened the stream \(header.stream)")
        }
        core.lastPeerStream = header.stream
        guard core.incoming.count < ConnectionCore.backlogMax,
            core.streams.count < core.options.streamCountMax
        else { return core.queueReset(header.stream, .resourceExhausted) }
        let state = StreamState(
            id: header.stream, hello: Array(hello.bytes), credit: core.peerWindow ?? 0)
        core.streams[state.id] = state
        core.incoming.append(state)
        core.incomingChanged.broadcast()
    }

    private func add(_ header: FrameHeader, _ payload: Buffer) throws(IglooError) {
        guard let state = try state(of: header) else { return }
        guard !state.isRemotelyEnded else { throw Wire.broken("sent after the end of a stream") }
        state.inboundCost += payload.byteCount + Wire.frameCost
        guard state.inboundCost <= core.options.window else {
            throw Wire.broken("sent more than it has credit for")
        }
        if header.flags.contains(.endOfStream) {
            guard header.flags.contains(.endOfMessage) else {
                throw Wire.broken("ended a stream within a frame")
            }
            state.isRemotelyEnded = true
        }
        state.inbound.append(StreamState.Chunk(header: header, payload: payload))
        state.changed.broadcast()
    }

    private func credit(_ header: FrameHeader, _ more: UInt32) throws(IglooError) {
        guard let state = try state(of: header) else { return }
        guard Int(more) <= Wire.windowRange.upperBound,
            state.credit + Int(more) <= core.peerWindow ?? 0
        else { throw Wire.broken("gave more credit than its window holds") }
        state.credit += Int(more)
        state.changed.broadcast()
    }
}
