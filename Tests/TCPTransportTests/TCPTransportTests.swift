// SPDX-License-Identifier: MIT

import Foundation
import IglooArrow
import IglooArrowTesting
import IglooContracts
import Synchronization
import Testing

/// The contract of transports, on both sides of the border.
@Suite(.serialized) struct TCPTransportTests {
    @Test(arguments: Border.allCases)
    func framesComeInOrderAndWhole(_ border: Border) throws {
        let pair = try Pair(border.open())
        #expect(try pair.client?.peerIdentity() == [])
        let (near, far) = try pair.stream()
        try near.send([bytes("a"), .empty, bytes("bc")], isLast: false, within(10))
        try near.send([.empty], isLast: false, within(10))
        try near.send([bytes("last")], isLast: true, within(10))
        #expect(try far.receive(within(10))?.text == "abc")
        #expect(try far.receive(within(10))?.byteCount == 0)
        #expect(try far.receive(within(10))?.text == "last")
        #expect(try far.receive(within(10)) == nil)
        #expect(try far.receive(within(10)) == nil)
        // The other direction is still open.
        try far.send([bytes("answer")], isLast: false, within(10))
        try far.send([], isLast: true, within(10))
        #expect(try near.receive(within(10))?.text == "answer")
        #expect(try near.receive(within(10)) == nil)
        let late = try failure { try near.send([bytes("x")], isLast: false, within(1)) }
        #expect(late.code == .invalidState, "\(late)")
        // The other side opens streams, too.
        let back = try #require(pair.server).openStream(hello: [7], within(10))
        let taken = try #require(pair.client).takeStream(within(10))
        #expect(taken.hello == [7])
        try taken.stream.send([bytes("z")], isLast: true, within(10))
        #expect(try back.receive(within(10))?.text == "z")
    }

    @Test(arguments: Border.allCases)
    func largeFramesFlowThroughSmallWindows(_ border: Border) throws {
        let pair = try Pair(border.open(window: 1 << 19))
        let (near, far) = try pair.stream()
        let words = (0..<4_000_000).map { UInt64($0) &* 0x9E37_79B9_7F4A_7C15 }
        let large = Buffer(copying: words)
        let sender = Background {
            for _ in 0..<3 { try near.send([large], isLast: false, within(60)) }
            try near.send([], isLast: true, within(60))
        }
        for _ in 0..<3 {
            let frame = try #require(try far.receive(within(60)))
            #expect(frame.byteCount == large.byteCount)
            #expect(frame.bytes.elementsEqual(large.bytes))
        }
        #expect(try far.receive(within(60)) == nil)
        try sender.wait()
    }

    @Test(arguments: Border.allCases)
    func manyStreamsShareAConnection(_ border: Border) throws {
        let pair = try Pair(border.open())
        let (client, server) = (try #require(pair.client), try #require(pair.server))
        let (count, rounds) = (200, 20)
        let echo = Background {
            try withThreads(8) { _ in
                for _ in 0..<count / 8 {
                    let (stream, hello) = try server.takeStream(within(60))
                    while let frame = try stream.receive(within(60)) {
                        try stream.send([Buffer(copying: hello), frame], isLast: false, within(60))
                    }
                    try stream.send([], isLast: true, within(60))
                }
            }
        }
        try withThreads(8) { thread in
            for index in 0..<count / 8 {
                let name = "stream \(thread * 100 + index)"
                let stream = try client.openStream(hello: Array(name.utf8), within(60))
                for round in 0..<rounds {
                    let more = String(repeating: "x", count: round * 300)
                    try stream.send([bytes("\(round)\(more)")], isLast: false, within(60))
                    let answer = try stream.receive(within(60))?.text
                    if answer != "\(name)\(round)\(more)" { throw IglooError(.unknown, "mixed up") }
                }
                try stream.send([], isLast: true, within(60))
                guard try stream.receive(within(60)) == nil else {
                    throw IglooError(.unknown, "no end")
                }
            }
        }
        try echo.wait()
    }

    @Test(arguments: Border.allCases)
    func aSlowReaderHoldsTheWriterUp(_ border: Border) throws {
        let pair = try Pair(border.open())
        let (near, far) = try pair.stream()
        let sent = Atomic(0)
        let chunk = Buffer(copying: [UInt8](repeating: 1, count: 1 << 16))
        let sender = Background {
            for _ in 0..<200 {
                try near.send([chunk], isLast: false, within(60))
                sent.wrappingAdd(1, ordering: .relaxed)
            }
        }
        Thread.sleep(forTimeInterval: 0.3)
        #expect(sent.load(ordering: .relaxed) <= 16, "a window holds that many, and no more")
        // Another stream goes on meanwhile.
        let (other, otherFar) = try pair.stream("other")
        try other.send([bytes("quick")], isLast: true, within(5))
        #expect(try otherFar.receive(within(5))?.text == "quick")
        for _ in 0..<200 { #expect(try far.receive(within(60))?.byteCount == 1 << 16) }
        try sender.wait()
    }

    @Test(arguments: Border.allCases)
    func waitingEndsWhenAsked(_ border: Border) throws {
        let pair = try Pair(border.open(window: 1 << 19))
        let (near, far) = try pair.stream()
        #expect(try failure { try far.receive(within(0.1)) }.code == .deadlineExceeded)
        #expect(try failure { try pair.listener.accept(within(0.1)) }.code == .deadlineExceeded)
        #expect(
            try failure { try pair.server?.takeStream(within(0.1)) }.code == .deadlineExceeded)
        // Nothing was lost by that.
        try near.send([bytes("a")], isLast: false, within(5))
        #expect(try far.receive(within(5))?.text == "a")
        // Cancelled in the middle of a frame that nobody receives.
        let context = CallContext()
        let start = Date()
        let canceller = Background {
            Thread.sleep(forTimeInterval: 0.2)
            context.cancellation.cancel()
        }
        let large = Buffer(copying: [UInt8](repeating: 1, count: 8 << 20))
        #expect(try failure { try near.send([large], isLast: false, context) }.code == .cancelled)
        try canceller.wait()
        #expect(Date().timeIntervalSince(start) < 3)
        #expect(try failure { try far.receive(within(5)) }.code == .cancelled)
        #expect(
            try failure { try near.send([bytes("b")], isLast: false, within(5)) }.code.rawValue < 0)
        // The connection is as good as before.
        let (again, againFar) = try pair.stream("again")
        try again.send([bytes("fine")], isLast: true, within(5))
        #expect(try againFar.receive(within(5))?.text == "fine")
    }

    @Test(arguments: Border.allCases)
    func resetsReachBothSides(_ border: Border) throws {
        let pair = try Pair(border.open())
        let (near, far) = try pair.stream()
        try far.send([bytes("first")], isLast: false, within(5))
        let receiver = Background {
            let frame = try near.receive(within(10))
            #expect(frame?.text == "first")
            let error = try failure { try near.receive(within(10)) }
            #expect(error.code == .cancelled)
        }
        Thread.sleep(forTimeInterval: 0.1)
        near.reset(.permissionDenied)
        try receiver.wait()
        #expect(try failure { try far.receive(within(5)) }.code == .permissionDenied)
        #expect(
            try failure { try far.send([bytes("x")], isLast: false, within(5)) }.code
                == .permissionDenied)
        #expect(try failure { try near.receive(within(5)) }.code == .cancelled)
        near.reset(.permissionDenied)
        // A stream that is let go of is reset.
        var (mine, theirs): ((any TransportStream)?, any TransportStream) = try pair.stream("gone")
        try mine?.send([bytes("x")], isLast: false, within(5))
        mine = nil
        #expect(
            try failure {
                while try theirs.receive(within(5)) != nil {}
            }.code == .cancelled)
    }

    @Test(arguments: Border.allCases)
    func aPeerThatIsGoneIsNoticed(_ border: Border) throws {
        var pair = try Pair(border.open())
        var (near, far): ((any TransportStream)?, any TransportStream) = try pair.stream()
        // What was sent before still arrives.
        try near?.send([bytes("will")], isLast: true, within(5))
        try far.send([bytes("x")], isLast: true, within(5))
        #expect(try near?.receive(within(5))?.text == "x")
        #expect(try near?.receive(within(5)) == nil)
        let (other, otherFar) = try pair.stream("other")
        near = nil
        pair.client = nil
        withExtendedLifetime(other) {}
        #expect(try far.receive(within(5))?.text == "will")
        #expect(try far.receive(within(5)) == nil)
        _ = otherFar
        let refused = try failure {
            try border.open().connect("127.0.0.1:1", within(5))
        }
        #expect(refused.code == .unavailable && refused.isRetryable, "\(refused)")
    }

    @Test(arguments: Border.allCases)
    func addressesAreChecked(_ border: Border) throws {
        let transport = try border.open()
        for address in ["", "x", "127.0.0.1", ":80", "127.0.0.1:70000", "127.0.0.1:-1"] {
            let error = try failure { try transport.listen(address, within(1)) }
            #expect(error.code == .invalidArgument && error.hint != nil, "\(address): \(error)")
        }
        let open = try failure { try transport.listen("0.0.0.0:0", within(1)) }
        #expect(open.code == .permissionDenied && open.hint?.contains("insecure") == true)
        #expect(
            try failure { try transport.connect("8.8.8.8:1", within(1)) }.code == .permissionDenied)
        let first = try transport.listen("127.0.0.1:0", within(1))
        #expect(
            try failure { try transport.listen(first.boundAddress, within(1)) }.code
                == .alreadyExists)
        let tooLong = try failure {
            try Pair(transport).client?.openStream(
                hello: [UInt8](repeating: 0, count: 1 << 17), within(1))
        }
        #expect(tooLong.code == .invalidArgument)
    }

    @Test(arguments: Border.allCases)
    func limitsHold(_ border: Border) throws {
        let pair = try Pair(border.open(maxFrame: 1 << 20, maxStreams: 10))
        let (near, far) = try pair.stream()
        let sender = Background {
            let large = Buffer(copying: [UInt8](repeating: 1, count: 2 << 20))
            _ = try? near.send([large], isLast: false, within(5))
        }
        let error = try failure { try far.receive(within(5)) }
        #expect(error.code == .resourceExhausted && error.hint != nil, "\(error)")
        try sender.wait()
        let client = try #require(pair.client)
        var streams: [any TransportStream] = []
        for _ in 0..<9 { streams.append(try client.openStream(hello: [], within(5))) }
        while streams.count < 12 {
            guard let stream = try? client.openStream(hello: [], within(5)) else { break }
            streams.append(stream)
        }
        #expect(streams.count <= 10)
        #expect(
            try failure { try client.openStream(hello: [], within(5)) }.code == .resourceExhausted)
    }
}

/// Runs `body` on threads of its own, all at once.
func withThreads(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws {
    let threads = (0..<count).map { number in Background { try body(number) } }
    for thread in threads { try thread.wait() }
}
