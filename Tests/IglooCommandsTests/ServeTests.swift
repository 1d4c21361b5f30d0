// SPDX-License-Identifier: MIT

import Foundation
import Glibc
import Testing

/// `igloo serve` as a process.
@Suite struct ServeTests {
    /// With so few descriptors that clients wait for one, the server neither spins nor gives up.
    @Test func descriptorsMayRunOut() throws {
        let server = try ServeProcess("request_timeout = \"60s\"", descriptorCountMax: 48)
        let clients = (0..<60).map { _ in server.connect() }
        #expect(!clients.contains(-1))
        server.waitUntil { server.errors.contains("no client can be taken") }
        let before = server.processorSeconds
        Thread.sleep(forTimeInterval: 1)
        let used = server.processorSeconds - before
        #expect(used < 0.4, "\(used) s in one second of waiting")
        for client in clients { close(client) }
        server.waitUntil { server.status().contains("\"running\":0") }
        #expect(server.errors.components(separatedBy: "no client can be taken").count == 2)
        server.end()
        #expect(server.exitStatus == 0)
    }
}

private final class ServeProcess {
    private let place: CommandProcess
    private let process = Process()
    private var port: UInt16 = 0

    init(_ options: String, descriptorCountMax: Int) throws {
        place = try CommandProcess()
        try place.write(
            "igloo.toml",
            "manifest = 1\n[frontend.web]\nuse = \"http\"\nlisten = \"127.0.0.1:0\"\n\(options)\n")
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = [
            "-c",
            "ulimit -n \(descriptorCountMax); exec \"$0\" serve --manifest igloo.toml >out 2>err",
            "\(CommandProcess.folder)/igloo",
        ]
        process.currentDirectoryURL = URL(fileURLWithPath: place.path)
        process.environment = place.environment
        try process.run()
        waitUntil { text("out").hasSuffix("\n") }
        port = try #require(
            UInt16(text("out").split(separator: ":").last?.dropLast() ?? ""), "\(errors)")
    }

    deinit { if process.isRunning { process.terminate() } }

    var errors: String { text("err") }
    var exitStatus: Int32 { process.terminationStatus }

    private func text(_ name: String) -> String { (try? place.read(name)) ?? "" }

    var processorSeconds: Double {
        let path = "/proc/\(process.processIdentifier)/stat"
        let words = ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "")
            .split(separator: " ")
        guard words.count > 14 else { return 0 }
        return ((Double(words[13]) ?? 0) + (Double(words[14]) ?? 0))
            / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    func connect() -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return status == 0 ? descriptor : -1
    }

    func status() -> String {
        let descriptor = connect()
        defer { close(descriptor) }
        let request = "GET /v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n"
        _ = request.withCString { send(descriptor, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
        var bytes = [UInt8](repeating: 0, count: 1 << 12)
        let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_WAITALL))
        return String(decoding: bytes[..<max(count, 0)], as: UTF8.self)
    }

    func end() {
        process.terminate()
        process.waitUntilExit()
    }

    func waitUntil(_ isTrue: () -> Bool) {
        for _ in 0..<500 {
            if isTrue() { return }
            Thread.sleep(forTimeInterval: 0.02)
        }
        Issue.record("it did not come to that within ten seconds: \(errors)")
    }
}
