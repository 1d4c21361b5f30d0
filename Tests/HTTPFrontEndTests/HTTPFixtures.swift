// SPDX-License-Identifier: MIT

import Foundation
import Glibc
import HTTPFrontEnd
import IglooContracts
import IglooEngine
import Testing

/// Which side of the border a front end is tested from.
enum Border: CaseIterable {
    case linked, loaded
}

/// A front end over an engine, drained with the test.
// SAFETY: immutable.
final class Server: @unchecked Sendable {
    let port: UInt16
    let engine: Engine
    private let frontEnd: (any FrontEnd)?
    private let frontEnds: FrontEnds?

    /// - Parameter notices: of the linked one.
    init(
        _ border: Border, _ options: [String: OptionValue] = [:], _ manifest: String = "",
        notices: any NoticeSink = DiscardedNotices()
    ) throws {
        let address: String
        switch border {
        case .linked:
            engine = try Engine()
            let values = OptionValues(
                ["listen": .string("127.0.0.1:0"), "request_timeout": .integer(1_000_000_000)]
                    .merging(options) { $1 })
            let frontEnd = try httpFrontEnd.create(values, CallContext())
            let context = CallContext(notices: notices)
            address = try frontEnd.start(EngineGateway(engine), context)["http"] ?? ""
            self.frontEnd = frontEnd
            frontEnds = nil
        case .loaded:
            engine = try Engine(
                EngineConfiguration(
                    manifest: .text(
                        """
                        manifest = 1
                        [frontend.web]
                        use = "http"
                        listen = "127.0.0.1:0"
                        request_timeout = "1s"
                        \(manifest)
                        """, folder: "/tmp"), pluginDirectories: [Self.plugins]))
            let frontEnds = try FrontEnds(engine)
            address = frontEnds.addresses.first?.address ?? ""
            #expect(frontEnds.addresses.first?.name == "web")
            self.frontEnds = frontEnds
            frontEnd = nil
        }
        port = try #require(UInt16(address.split(separator: ":").last ?? ""))
    }

    deinit { try? drain(seconds: 0) }

    func drain(seconds: Double) throws {
        let context = CallContext(
            deadlineNanoseconds: Int64(DispatchTime.now().uptimeNanoseconds)
                + Int64(seconds * 1e9) + 1)
        try frontEnd?.drain(context)
        try frontEnds?.drain(context)
    }

    private static var plugins: String {
        let executable =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let beside = URL(fileURLWithPath: executable).deletingLastPathComponent().path
        if FileManager.default.fileExists(atPath: "\(beside)/libigloo-http.so") { return beside }
        return URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().path + "/.build/debug"
    }

    // MARK: - Clients

    func connect() -> Int32 { Self.connect(port) }

    static func connect(_ port: UInt16) -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        _ = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return descriptor
    }

    /// A connection on which something was said.
    func connect(saying text: String) -> Int32 {
        let descriptor = connect()
        Self.say(Array(text.utf8), descriptor)
        return descriptor
    }

    static func say(_ bytes: [UInt8], _ descriptor: Int32) {
        _ = bytes.withUnsafeBytes {
            send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
    }

    /// Everything until the server closes.
    ///
    /// - Returns: the error in place of an orderly end; 0 = none.
    static func listen(_ descriptor: Int32) -> (bytes: [UInt8], error: Int32) {
        var answer: [UInt8] = []
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = recv(descriptor, &bytes, bytes.count, 0)
            if count <= 0 { return (answer, count < 0 ? errno : 0) }
            answer += bytes[..<count]
        }
    }

    /// Sends bytes and reads until the server closes.
    func exchange(_ request: [UInt8]) -> [UInt8] {
        let descriptor = connect()
        defer { close(descriptor) }
        Self.say(request, descriptor)
        return Self.listen(descriptor).bytes
    }

    static func text(of sql: String, version: String = "1.1", _ headers: [String] = []) -> String {
        (["POST /v1/statement HTTP/\(version)", "Host: localhost", "Content-Type: application/sql"]
            + headers + ["Content-Length: \(sql.utf8.count)", "", sql]).joined(separator: "\r\n")
    }

    func request(
        _ method: String, _ path: String, _ headers: [String] = [], body: String? = nil
    ) -> Response {
        var text = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n"
        for header in headers { text += header + "\r\n" }
        if let body { text += "Content-Length: \(body.utf8.count)\r\n" }
        return Response(exchange(Array((text + "\r\n" + (body ?? "")).utf8)))
    }

    func statement(_ sql: String, _ format: String = "json", _ headers: [String] = []) -> Response {
        request(
            "POST", "/v1/statement?format=\(format)",
            ["Content-Type: application/sql"] + headers, body: sql)
    }
}

/// What a server answered.
struct Response {
    var status = 0
    var head = ""
    var body: [UInt8] = []
    /// The body was there to its end.
    var isWhole = false

    var text: String { String(decoding: body, as: UTF8.self) }

    init(_ bytes: [UInt8]) {
        let mark = Array("\r\n\r\n".utf8)
        guard let end = bytes.indices.first(where: { bytes[$0...].starts(with: mark) }) else {
            return
        }
        head = String(decoding: bytes[..<end], as: UTF8.self)
        status = Int(head.split(separator: " ").dropFirst().first ?? "") ?? 0
        let rest = Array(bytes[(end + 4)...])
        guard head.contains("Transfer-Encoding: chunked") else {
            body = rest
            isWhole = true
            return
        }
        var position = 0
        while let line = rest[position...].firstIndex(of: 13) {
            guard let count = Int(String(decoding: rest[position..<line], as: UTF8.self), radix: 16)
            else { return }
            if count == 0 {
                isWhole = true
                return
            }
            guard line + 2 + count <= rest.count else { return }
            body += rest[(line + 2)..<(line + 2 + count)]
            position = line + 2 + count + 2
            guard position <= rest.count else { return }
        }
    }
}

/// What those who run the server are told.
final class Told: NoticeSink {
    private let messages = Locked<[String]>([])
    var all: [String] { messages.withLock { $0 } }

    func add(_ notice: Notice) { messages.withLock { $0.append(notice.message) } }
}
