// SPDX-License-Identifier: MIT

import CIgloo
import IglooContracts

extension TestedKind {
    static let transport = TestedKind(
        number: IGLOO_TRANSPORT, word: "transport", plural: "transports",
        checks: StreamChecks.all + FlowChecks.all + PeerChecks.all,
        facets: DeclaredFacet.ofTransports,
        make: { try TransportInstance($0, $1, $2) },
        use: { instance, bench in
            let transport: TransportInstance = try instance.expected()
            let pair = try TransportPair(transport, bench)
            let (left, right) = try pair.streams()
            try left.send([[1, 2], [3]], isLast: true)
            try require(
                try right.receive() == [1, 2, 3] && (try right.receive()) == nil,
                "a frame of two pieces comes as another one")
            try right.send([], isLast: true)
            try require(try left.receive() == nil, "an end does not come")
        },
        provoke: { instance, bench in
            let transport: TransportInstance = try instance.expected()
            let call = Call()
            call.token.cancel()
            let listener = try transport.listen(bench.configuration.streams.address)
            return try TestedKind.countFailures([
                { _ = try transport.listen("") }, { _ = try transport.listen("no address\0") },
                { _ = try transport.connect("") }, { _ = try transport.connect("::::") },
                { _ = try listener.accept(call) },
            ])
        })
}

/// A connection and its two ends.
final class TransportPair {
    let transport: TransportInstance
    let listener: Listener
    let left: Connection
    let right: Connection

    init(_ transport: TransportInstance, _ bench: Bench) throws {
        self.transport = transport
        let listener = try transport.listen(bench.configuration.streams.address)
        self.listener = listener
        var accepted: Connection?
        let accepting = HostThread { accepted = try listener.accept(TransportPair.within(10)) }
        left = try transport.connect(listener.address, Self.within(10))
        try accepting.join()
        right = try require(accepted, "a connection is not accepted")
    }

    deinit {
        left.close()
        right.close()
        listener.close()
    }

    /// A call that ends after so many seconds.
    static func within(_ seconds: Double) -> Call {
        let call = Call()
        call.deadlineNanoseconds = MonotonicClock.nanoseconds() + Int64(seconds * 1_000_000_000)
        return call
    }

    /// A stream, and the other end of it.
    func streams(_ hello: [UInt8] = [7]) throws -> (Stream, Stream) {
        let left = try self.left.open(hello, Self.within(10))
        let right = try self.right.take(Self.within(10))
        try require(
            right.hello == hello, "a stream says hello with \(right.hello.count) other bytes")
        return (left, right)
    }
}

/// Bytes that follow from a number.
enum Noise {
    static func bytes(_ count: Int, _ random: inout Random) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: (count + 7) & ~7)
        bytes.withUnsafeMutableBytes { raw in
            let words = raw.bindMemory(to: UInt64.self)
            var index = 0
            while index < words.count {
                words[index] = random.next()
                index += 1
            }
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }
}
