// SPDX-License-Identifier: MIT

import Dispatch
import Foundation
import IglooArrow
import IglooContracts
import IglooPlugins
import TCPTransport
import Testing

/// Which side of the border a transport is tested from.
enum Border: CaseIterable {
    case linked, loaded

    func open(window: Int64 = 1 << 20, maxFrame: Int64 = 64 << 20, maxStreams: Int64 = 4_096) throws
        -> any Transport
    {
        switch self {
        case .linked:
            return try tcpTransport.create(
                OptionValues([
                    "window": .integer(window), "max_frame": .integer(maxFrame),
                    "max_streams": .integer(maxStreams), "connect_timeout": .integer(1_000_000_000),
                    "insecure": .bool(false),
                ]), CallContext())
        case .loaded:
            let manifest = try Manifest.parse(
                """
                manifest = 1
                [transport.data]
                use = "tcp"
                window = \(window)
                max_frame = \(maxFrame)
                max_streams = \(maxStreams)
                connect_timeout = "1s"
                """, path: "/tmp/igloo.toml")
            let registry = PluginRegistry(manifest: manifest, directories: [Self.plugins])
            return try #require(try registry.openTransport("data", CallContext()))
        }
    }

    private static var plugins: String {
        let executable =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let beside = URL(fileURLWithPath: executable).deletingLastPathComponent().path
        if FileManager.default.fileExists(atPath: "\(beside)/libigloo-tcp.so") { return beside }
        return URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().path + "/.build/debug"
    }
}

/// Two ends of a connection.
struct Pair {
    let listener: any TransportListener
    var client: (any TransportConnection)?
    var server: (any TransportConnection)?

    init(_ transport: any Transport) throws {
        listener = try transport.listen("127.0.0.1:0", within(10))
        client = try transport.connect(listener.boundAddress, within(10))
        server = try listener.accept(within(10))
    }

    /// Two ends of a stream.
    func stream(_ hello: String = "hello") throws -> (any TransportStream, any TransportStream) {
        let opened = try #require(client).openStream(hello: Array(hello.utf8), within(10))
        let taken = try #require(server).takeStream(within(10))
        #expect(taken.hello == Array(hello.utf8))
        return (opened, taken.stream)
    }
}

/// A context that ends in this time.
func within(_ seconds: Double) -> CallContext {
    CallContext(
        deadlineNanoseconds: Int64(DispatchTime.now().uptimeNanoseconds) + Int64(seconds * 1e9))
}

func bytes(_ text: String) -> Buffer { Buffer(copying: Array(text.utf8)) }

extension Buffer {
    var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// Runs `body` on another thread; what it throws is thrown by `wait`.
final class Background: @unchecked Sendable {
    private let done = DispatchSemaphore(value: 0)
    private var error: (any Error)?

    init(_ body: @escaping @Sendable () throws -> Void) {
        let thread = Thread { [self] in
            do { try body() } catch { self.error = error }
            done.signal()
        }
        thread.start()
    }

    func wait() throws {
        done.wait()
        if let error { throw error }
    }
}

/// The error that `body` throws; a failed test when it throws none.
func failure(
    _ body: () throws -> some Any, sourceLocation: SourceLocation = #_sourceLocation
) throws -> IglooError {
    do {
        _ = try body()
    } catch let error as IglooError {
        return error
    }
    Issue.record("no error was thrown", sourceLocation: sourceLocation)
    throw CancellationError()
}
