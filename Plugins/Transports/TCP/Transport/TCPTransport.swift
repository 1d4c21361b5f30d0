// SPDX-License-Identifier: MIT

public import IglooContracts

/// Streams over TCP, many over one connection, each with a window of its own.
public let tcpTransport = TransportKind(
    name: "tcp", options: TCPOptions.specifications
) { (values, context) throws(IglooError) in
    TCPTransport(options: try TCPOptions(values))
}

struct TCPOptions: Sendable {
    var window: Int
    var messageByteCountMax: Int
    var streamCountMax: Int
    var connectNanoseconds: Int64
    var peerMilliseconds: Int
    var isInsecure: Bool

    static let specifications = [
        OptionSpecification(
            "window", .byteCount, defaultText: "4MiB",
            documentation: "What a stream may hold that came and was not received yet."),
        OptionSpecification(
            "max_frame", .byteCount, defaultText: "256MiB",
            documentation: "The largest frame or batch that is taken from a peer."),
        OptionSpecification(
            "max_streams", .integer, defaultText: "4096",
            documentation: "Streams of one connection at a time; further ones are reset."),
        OptionSpecification(
            "connect_timeout", .duration, defaultText: "10s",
            documentation: "How long to wait for a peer to answer at all."),
        OptionSpecification(
            "peer_timeout", .duration, defaultText: "20s",
            documentation: "After which a peer that does not answer any more is given up."),
        OptionSpecification(
            "insecure", .bool, defaultText: "false",
            documentation:
                "Allow addresses beyond this machine: nothing is encrypted, and no peer is known."),
    ]

    init(_ values: OptionValues) throws(IglooError) {
        let window = values.integer("window") ?? 4 << 20
        let message = values.integer("max_frame") ?? 256 << 20
        let streams = values.integer("max_streams") ?? 4_096
        guard let window = Int(exactly: window), Wire.windowRange.contains(window) else {
            throw IglooError(.invalidArgument, "window is from 512KiB to 1GiB")
        }
        guard (1...(1 << 40)).contains(message), (1...1_000_000).contains(streams) else {
            throw IglooError(
                .invalidArgument, "max_frame is up to 1TiB, max_streams from 1 to 1000000")
        }
        self.window = window
        messageByteCountMax = Int(message)
        streamCountMax = Int(streams)
        connectNanoseconds = max(values.integer("connect_timeout") ?? 10_000_000_000, 1_000_000)
        let peer = (values.integer("peer_timeout") ?? 20_000_000_000) / 1_000_000
        peerMilliseconds = Int(min(max(peer, 1_000), 86_400_000))
        isInsecure = values.bool("insecure") ?? false
    }
}

struct TCPTransport: Transport {
    let options: TCPOptions
    var movesBatches: Bool { true }

    func listen(
        _ address: String, _ context: CallContext
    ) throws(IglooError) -> any TransportListener {
        try TCPListener(Socket.listen(address, isInsecure: options.isInsecure), options)
    }

    func connect(
        _ address: String, _ context: CallContext
    ) throws(IglooError) -> any TransportConnection {
        let socket = try Socket.connect(
            address, isInsecure: options.isInsecure, options.connectNanoseconds, context)
        return try TCPConnection(socket, options, isOpener: true)
    }
}

final class TCPListener: TransportListener {
    let boundAddress: String
    private let socket: Socket
    private let options: TCPOptions

    init(_ socket: Socket, _ options: TCPOptions) throws(IglooError) {
        self.socket = socket
        self.options = options
        boundAddress = try socket.boundAddress()
    }

    func accept(_ context: CallContext) throws(IglooError) -> any TransportConnection {
        while true {
            if let accepted = try socket.accept() {
                return try TCPConnection(accepted, options, isOpener: false)
            }
            try context.checkTime()
            socket.waitForInput(milliseconds: stepMilliseconds)
        }
    }
}

/// How long anything waits before it looks whether its call was cancelled.
let stepMilliseconds = 50

extension CallContext {
    /// Throws when the call is cancelled or its deadline is over.
    func checkTime() throws(IglooError) {
        try checkCancelled()
        if let deadlineNanoseconds, MonotonicClock.nanoseconds() > deadlineNanoseconds {
            throw IglooError(.deadlineExceeded, "the peer did not answer in time")
        }
    }
}
