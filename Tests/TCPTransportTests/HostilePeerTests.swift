// SPDX-License-Identifier: MIT

import Foundation
import Glibc
import IglooArrow
import IglooContracts
import Testing

/// A peer that knows the wire and does not keep to it: each breach ends the connection with an error
/// that says so, before anything is made of its numbers.
@Suite(.serialized) struct HostilePeerTests {
    private static let preface =
        Array("IGLOOTP1".utf8) + number(1 << 20) + [0, 0, 0, 0]

    private static func number(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }

    private static func frame(
        _ kind: UInt8, _ flags: UInt8 = 0, stream: UInt32, length: UInt32? = nil,
        _ payload: [UInt8] = []
    ) -> [UInt8] {
        number(length ?? UInt32(payload.count)) + number(stream) + [kind, flags, 0, 0] + payload
    }

    /// What a listener says to a peer that sends these bytes.
    private func answer(to bytes: [UInt8], _ border: Border) throws -> IglooError {
        let transport = try border.open()
        let listener = try transport.listen("127.0.0.1:0", within(5))
        let peer = try RawPeer(listener.boundAddress)
        let connection = try listener.accept(within(5))
        peer.send(bytes)
        // Kept, since frames for streams that are let go of are passed over.
        var kept: [any TransportStream] = []
        return try failure {
            while true {
                let (stream, _) = try connection.takeStream(within(5))
                kept.append(stream)
                while try stream.receive(within(5)) != nil {}
            }
        }
    }

    @Test(arguments: Border.allCases)
    func everyBreachIsNamed(_ border: Border) throws {
        let open = Self.frame(1, stream: 1)
        let broken: [[UInt8]] = [
            Array("GET / HTTP/1.1\r\n\r\n".utf8),
            Array("IGLOOTP1".utf8) + Self.number(0) + [0, 0, 0, 0],
            Array("IGLOOTP1".utf8) + Self.number(.max) + [0, 0, 0, 0],
            Self.preface + Self.frame(0, stream: 1), Self.preface + Self.frame(9, stream: 1),
            Self.preface + Self.frame(1, stream: 1, length: .max),
            Self.preface + open + Self.frame(2, 1, stream: 1, length: .max),
            Self.preface + open + Self.frame(2, 1, stream: 1, length: 1 << 18 + 1),
            Self.preface + open + Self.frame(2, 0xFF, stream: 1),
            Self.preface + Self.frame(1, stream: 0), Self.preface + Self.frame(1, stream: 2),
            Self.preface + open + open,
            Self.preface + Self.frame(1, stream: 5) + Self.frame(1, stream: 3),
            Self.preface + Self.frame(2, 1, stream: 1),
            Self.preface + Self.frame(3, stream: 7, Self.number(1)),
            Self.preface + open + Self.frame(3, stream: 1, Self.number(.max)),
            Self.preface + open + Self.frame(3, stream: 1, Self.number(1)),
            Self.preface + open + Self.frame(3, stream: 1, [1, 2]),
            Self.preface + open + Self.frame(2, 2, stream: 1),
            Self.preface + open + Self.frame(2, 3, stream: 1) + Self.frame(2, 1, stream: 1),
        ]
        for bytes in broken {
            let error = try answer(to: bytes, border)
            #expect(
                error.code == .invalidData && error.message.contains("broke the protocol"),
                "\(bytes.suffix(24)): \(error)")
        }
        // More than the window, on a stream that nobody reads; and a number of empty frames.
        let chunk = Self.frame(2, 1, stream: 1, [UInt8](repeating: 0, count: 1 << 18))
        for flood in [
            Array(repeatElement(chunk, count: 5).joined()),
            Array(repeatElement(Self.frame(2, 1, stream: 1), count: 20_000).joined()),
        ] {
            let transport = try border.open()
            let listener = try transport.listen("127.0.0.1:0", within(5))
            let peer = try RawPeer(listener.boundAddress)
            let connection = try listener.accept(within(5))
            peer.send(Self.preface + open + flood)
            let kept = try? connection.takeStream(within(5))
            let error = try failure { try connection.takeStream(within(5)) }
            withExtendedLifetime(kept) {}
            #expect(error.message.contains("credit"), "\(error)")
        }
    }

    @Test(arguments: Border.allCases)
    func batchesOfJunkAreErrors(_ border: Border) throws {
        let schema = Schema([Field("n", .int64)])
        for junk in [[], [1, 2, 3], [UInt8](repeating: 0xFF, count: 1_000)] as [[UInt8]] {
            let transport = try border.open()
            let listener = try transport.listen("127.0.0.1:0", within(5))
            let peer = try RawPeer(listener.boundAddress)
            let connection = try listener.accept(within(5))
            peer.send(Self.preface + Self.frame(1, stream: 1) + Self.frame(2, 5, stream: 1, junk))
            let (stream, _) = try connection.takeStream(within(5))
            let error = try failure { try stream.receiveBatch(schema, within(5)) }
            #expect(error.code == .invalidData, "\(error)")
        }
    }

    @Test(arguments: Border.allCases)
    func silenceAndAbsenceAreNoticed(_ border: Border) throws {
        let transport = try border.open()
        let listener = try transport.listen("127.0.0.1:0", within(5))
        // One that says nothing, ...
        let silent = try RawPeer(listener.boundAddress)
        let first = try listener.accept(within(5))
        let nothing = try failure { try first.takeStream(within(10)) }
        #expect(nothing.code == .unavailable && nothing.message.contains("nothing"), "\(nothing)")
        silent.end()
        // ... one that goes in the middle of a frame, ...
        let torn = try RawPeer(listener.boundAddress)
        let second = try listener.accept(within(5))
        torn.send(
            Self.preface + Self.frame(1, stream: 1) + Self.frame(2, 1, stream: 1, length: 100, [1]))
        let (stream, _) = try second.takeStream(within(5))
        torn.end()
        let gone = try failure { try stream.receive(within(5)) }
        #expect(gone.code == .unavailable && gone.isRetryable, "\(gone)")
        #expect(try failure { try second.openStream(hello: [], within(5)) }.code == .unavailable)
        // ... and one whose bytes come one by one.
        let slow = try RawPeer(listener.boundAddress)
        let third = try listener.accept(within(5))
        for byte in Self.preface + Self.frame(1, stream: 1, [9])
            + Self.frame(2, 3, stream: 1, [7, 8])
        {
            slow.send([byte])
        }
        let (last, hello) = try third.takeStream(within(5))
        #expect(hello == [9])
        #expect(try last.receive(within(5)).map { Array($0.bytes) } == [7, 8])
        #expect(try last.receive(within(5)) == nil)
    }

    @Test(arguments: Border.allCases)
    func randomBytesNeverCrash(_ border: Border) throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<60 {
            var bytes = Self.preface + Self.frame(1, stream: 1)
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let kind = UInt8.random(in: 1...4, using: &generator)
                let payload = (0..<Int.random(in: 0...64, using: &generator)).map { _ in
                    UInt8.random(in: 0...255, using: &generator)
                }
                bytes += Self.frame(
                    kind, UInt8.random(in: 0...7, using: &generator),
                    stream: UInt32.random(in: 0...4, using: &generator), payload)
            }
            let transport = try border.open()
            let listener = try transport.listen("127.0.0.1:0", within(5))
            let peer = try RawPeer(listener.boundAddress)
            let connection = try listener.accept(within(5))
            peer.send(bytes)
            peer.end()
            while let (stream, _) = try? connection.takeStream(within(5)) {
                while (try? stream.receive(within(5))) ?? nil != nil {}
            }
        }
    }
}

/// A socket without manners.
private final class RawPeer {
    private var descriptor: Int32

    init(_ address: String) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = try #require(UInt16(address.split(separator: ":").last ?? "")).bigEndian
        inet_pton(AF_INET, "127.0.0.1", &place.sin_addr)
        let status = withUnsafePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(status == 0)
    }

    deinit { end() }

    func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return }
            sent += count
        }
    }

    func end() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }
}
