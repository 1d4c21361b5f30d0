// SPDX-License-Identifier: MIT

import Foundation
import IglooContracts

@testable import PostgresConnector

/// A PostgreSQL server of the tests' own, started when it is first asked for and ended with them.
final class PostgresServer: Sendable {
    static let shared = Result { try PostgresServer() }

    let port: Int
    let password = "secret of the tests"
    /// The authority that vouches for the server's certificate, and one that does not.
    let authority: String
    let otherAuthority: String

    private init() throws {
        let bin = try Self.binaries()
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("igloo-postgres-\(getpid())")
        try? FileManager.default.removeItem(at: folder)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let passwordFile = folder.appendingPathComponent("password")
        try password.write(to: passwordFile, atomically: true, encoding: .utf8)
        authority = try Self.makeAuthority("ours", in: folder.path)
        otherAuthority = try Self.makeAuthority("others", in: folder.path)
        try Self.makeServerCertificate("ours", in: folder.path)
        if getuid() == 0 { try Self.run("/bin/chown", ["-R", "postgres", folder.path]) }
        let data = folder.appendingPathComponent("data").path
        try Self.runAsUser(
            bin + "/initdb",
            [
                "-D", data, "-U", "igloo", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync",
                "--auth=scram-sha-256", "--pwfile=\(passwordFile.path)",
            ])
        port = Self.freePort()
        let server = try Self.start(
            bin + "/postgres",
            [
                "-D", data, "-p", "\(port)", "-c", "listen_addresses=127.0.0.1", "-c",
                "unix_socket_directories=", "-c", "fsync=off", "-c", "max_connections=50", "-c",
                "ssl=on", "-c", "ssl_cert_file=\(folder.path)/server.crt", "-c",
                "ssl_key_file=\(folder.path)/server.key",
            ])
        Self.endAtExit(server, folder)
        let deadline = Date() + 30
        while (try? connection()) == nil {
            guard Date() < deadline, server.isRunning else {
                throw CocoaError(.featureUnsupported)
            }
            usleep(50_000)
        }
    }

    /// The options of a catalog over the server.
    func values(_ more: [String: OptionValue] = [:]) -> OptionValues {
        var values = OptionValues([
            "host": .string("127.0.0.1"), "port": .integer(Int64(port)), "user": .string("igloo"),
            "password": .string(password), "database": .string("postgres"),
            "sslmode": .string("disable"),
        ])
        for (name, value) in more { values[name] = value }
        return values
    }

    func connector(_ more: [String: OptionValue] = [:]) throws -> any Connector {
        try postgresConnector.create(values(more), CallContext())
    }

    func connection() throws -> PostgresConnection {
        try PostgresConnection(try PostgresOptions(values()), CallContext())
    }

    /// Runs statements, one after another, and returns the rows of the last.
    @discardableResult
    func run(_ statements: String...) throws -> [[String?]] {
        let connection = try connection()
        var rows: [[String?]] = []
        for statement in statements { rows = try connection.rows(statement, [], CallContext()) }
        return rows
    }

    // MARK: - Certificates

    /// - Returns: the path of its certificate.
    private static func makeAuthority(_ name: String, in folder: String) throws -> String {
        let path = "\(folder)/\(name).crt"
        try run(
            "/usr/bin/openssl",
            [
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                "/CN=igloo tests \(name)", "-keyout", "\(folder)/\(name).key", "-out", path,
            ])
        return path
    }

    /// For the name `localhost` and no other, not even its address.
    private static func makeServerCertificate(_ authority: String, in folder: String) throws {
        try run(
            "/usr/bin/openssl",
            [
                "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout",
                "\(folder)/server.key", "-out", "\(folder)/server.csr",
            ])
        try run(
            "/usr/bin/openssl",
            [
                "x509", "-req", "-days", "2", "-in", "\(folder)/server.csr", "-CA",
                "\(folder)/\(authority).crt", "-CAkey", "\(folder)/\(authority).key",
                "-CAcreateserial", "-out", "\(folder)/server.crt",
            ])
        chmod("\(folder)/server.key", 0o600)
    }

    // MARK: - Processes

    private static func binaries() throws -> String {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        guard let newest = versions.compactMap(Int.init).max() else {
            throw IglooError(
                .notFound, "no PostgreSQL server under \(root)",
                hint: "make test installs it: Debian's package postgresql")
        }
        return "\(root)/\(newest)/bin"
    }

    /// PostgreSQL refuses to run as root.
    private static func asUser(_ program: String, _ arguments: [String]) -> Process {
        let process = Process()
        if getuid() == 0 {
            process.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
            process.arguments =
                ["--reuid=postgres", "--regid=postgres", "--clear-groups", program] + arguments
        } else {
            process.executableURL = URL(fileURLWithPath: program)
            process.arguments = arguments
        }
        process.currentDirectoryURL = URL(fileURLWithPath: "/")
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        return process
    }

    private static func runAsUser(_ program: String, _ arguments: [String]) throws {
        try finish(asUser(program, arguments))
    }

    private static func run(_ program: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        try finish(process)
    }

    private static func finish(_ process: Process) throws {
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw IglooError(
                .unavailable, "\(process.arguments ?? []) exited \(process.terminationStatus)")
        }
    }

    private static func start(_ program: String, _ arguments: [String]) throws -> Process {
        let process = asUser(program, arguments)
        try process.run()
        return process
    }

    nonisolated(unsafe) private static var running: (Process, URL)?

    private static func endAtExit(_ process: Process, _ folder: URL) {
        running = (process, folder)
        atexit {
            guard let (process, folder) = PostgresServer.running else { return }
            kill(process.processIdentifier, SIGQUIT)
            process.waitUntilExit()
            try? FileManager.default.removeItem(at: folder)
        }
    }

    private static func freePort() -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = bind(descriptor, address, size)
                getsockname(descriptor, address, &size)
            }
            return Int(UInt16(bigEndian: pointer.pointee.sin_port))
        }
    }
}
