// SPDX-License-Identifier: MIT

import CIgloo
import IglooContracts

/// Peers: who they are, and when they are gone.
enum PeerChecks {
    static let all: [Check] = [
        Check("transport.peer_death_detected_in_deadline", limit: 120, peerDeath),
        Check("transport.identity_matches_credentials", identity),
        Check("transport.unauthenticated_peer_refused", strangers),
        Check("transport.connect_refused_vs_timeout", refusedOrLate),
    ]

    private static func peerDeath(_ bench: Bench) throws {
        let transport = try bench.instance(as: TransportInstance.self)
        let listener = try transport.listen(bench.configuration.streams.address)
        // It says a word and is killed.
        let dying = HostThread {
            _ = try? bench.continueElsewhere("peer", [Array(listener.address.utf8)])
        }
        let connection = try listener.accept(TransportPair.within(30))
        let stream = try connection.take(TransportPair.within(30))
        try require(
            try stream.receive(TransportPair.within(30)) == [1], "the word of a peer does not come")
        try dying.join()
        let start = MonotonicClock.nanoseconds()
        let limit = bench.configuration.streams.peerSeconds
        for (what, body) in [
            ("recv", { _ = try stream.receive(TransportPair.within(Double(limit) + 5)) }),
            ("take", { _ = try connection.take(TransportPair.within(Double(limit) + 5)) }),
            (
                "send",
                { for _ in 0..<100 { try stream.send([[UInt8](repeating: 1, count: 1 << 20)]) } }
            ),
        ] as [(String, () throws -> Void)] {
            let status = try StreamChecks.requireFailure(
                "\(what) from a peer that was killed", body)
            try require(
                status != IGLOO_E_DEADLINE,
                "\(what) from a peer that was killed waits for \(limit) s and longer")
        }
        let milliseconds = Int((MonotonicClock.nanoseconds() - start) / 1_000_000)
        try require(
            milliseconds <= limit * 1_000,
            "that a peer was killed is found out after \(milliseconds) ms; \(limit) s are granted "
                + "(peer_within)")
    }

    /// In the other process: connects, sends a frame, and dies with all of it open.
    static func die(_ address: [UInt8], _ bench: Bench) throws -> String {
        let transport = try bench.instance(as: TransportInstance.self)
        let connection = try transport.connect(
            String(decoding: address, as: UTF8.self), TransportPair.within(10))
        let stream = try connection.open([], TransportPair.within(10))
        try stream.send([[1]])
        // What was sent is on its way once the peer can have read it.
        Clock.sleep(milliseconds: 200)
        _ = Unmanaged.passRetained(stream)
        PlatformIO.kill()
    }

    private static func identity(_ bench: Bench) throws {
        let transport = try bench.instance(as: TransportInstance.self)
        let pair = try TransportPair(transport, bench)
        let names = [try pair.left.peer(), try pair.right.peer()].map {
            String(decoding: $0, as: UTF8.self)
        }
        guard let identity = bench.configuration.streams.identity else {
            try require(
                names.allSatisfy(\.isEmpty),
                "peers are called \(names), and no identity is declared: a name vouches for somebody"
            )
            throw CheckEnd.skipped("it declares no identity of peers")
        }
        try require(
            names == [identity, identity], "peers are called \(names), not \"\(identity)\"")
    }

    private static func strangers(_ bench: Bench) throws {
        guard let options = bench.configuration.streams.stranger else {
            throw CheckEnd.skipped("conformance.toml has no [streams.stranger] options")
        }
        let transport = try bench.instance(as: TransportInstance.self)
        let stranger = try bench.instance(as: TransportInstance.self, options)
        let listener = try transport.listen(bench.configuration.streams.address)
        let accepting = HostThread {
            do {
                let connection = try listener.accept(TransportPair.within(3))
                _ = try connection.take(TransportPair.within(3))
            } catch is CallFailure {
                return
            }
            throw CheckEnd.failed("a peer without credentials opens a stream")
        }
        let status = try StreamChecks.requireFailure("a peer without credentials") {
            let connection = try stranger.connect(listener.address, TransportPair.within(3))
            let stream = try connection.open([], TransportPair.within(3))
            while try stream.receive(TransportPair.within(3)) != nil {}
        }
        try require(
            [IGLOO_E_UNAUTHENTICATED, IGLOO_E_DENIED, IGLOO_E_UNAVAILABLE].contains(Int(status)),
            "a peer without credentials gets \(status)")
        try accepting.join()
        try bench.use(transport)
    }

    /// Who is not there is told apart from who says nothing.
    private static func refusedOrLate(_ bench: Bench) throws {
        let transport = try bench.instance(as: TransportInstance.self)
        let listener = try transport.listen(bench.configuration.streams.address)
        let address = listener.address
        listener.close()
        let start = MonotonicClock.nanoseconds()
        let status = try StreamChecks.requireFailure("a connection to where nobody listens") {
            _ = try transport.connect(address, TransportPair.within(20)).open(
                [], TransportPair.within(20))
        }
        try require(
            status == IGLOO_E_UNAVAILABLE,
            "a connection to where nobody listens is \(status), not UNAVAILABLE")
        let milliseconds = (MonotonicClock.nanoseconds() - start) / 1_000_000
        try require(milliseconds < 10_000, "that nobody listens is told after \(milliseconds) ms")
        guard let silent = PlatformSilence(beside: address) else {
            throw CheckEnd.skipped(
                "\(address) is no address of TCP, at which the kit could be silent")
        }
        let begun = MonotonicClock.nanoseconds()
        let late = try StreamChecks.requireFailure("a stream to a peer that says nothing") {
            _ = try transport.connect(silent.address, TransportPair.within(0.5)).open(
                [], TransportPair.within(0.5))
        }
        try require(
            [IGLOO_E_DEADLINE, IGLOO_E_UNAVAILABLE].contains(Int(late)),
            "a peer that says nothing is \(late), not DEADLINE")
        let waited = Int((MonotonicClock.nanoseconds() - begun) / 1_000_000)
        try require(
            waited < 1_000 + 2 * bench.cancelMilliseconds,
            "two calls of half a second each took \(waited) ms")
    }
}
