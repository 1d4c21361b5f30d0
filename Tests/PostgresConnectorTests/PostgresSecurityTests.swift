// SPDX-License-Identifier: MIT

import Foundation
import IglooContracts
import IglooEngine
import IglooEngineTesting
import IglooSQLLogic
import Testing

@testable import PostgresConnector

/// Connections that prove whom they speak to, and passwords that stand nowhere.
@Suite struct PostgresSecurityTests {
    private let server: PostgresServer

    init() throws { server = try PostgresServer.shared.get() }

    private func failure(_ options: [String: OptionValue]) throws -> IglooError {
        let connector = try server.connector(options)
        do throws(IglooError) {
            try connector.ping(CallContext())
        } catch {
            return error
        }
        Issue.record("the server was trusted: \(options)")
        return .cancelled()
    }

    @Test func aServerThatProvesItsNameIsTrusted() throws {
        let options = try PostgresOptions(
            server.values([
                "host": .string("localhost"), "sslmode": .string("verify-full"),
                "sslrootcert": .string(server.authority),
            ]))
        let connection = try PostgresConnection(options, CallContext())
        let rows = try connection.rows(
            "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", [], CallContext())
        #expect(rows == [["t"]])
    }

    @Test func aServerOfAnotherNameIsNot() throws {
        let options: [String: OptionValue] = [
            "host": .string("127.0.0.1"), "sslmode": .string("verify-full"),
            "sslrootcert": .string(server.authority),
        ]
        let error = try failure(options)
        #expect(error.code == .unauthenticated && !error.isRetryable)
        #expect(error.message.contains("does not match host name"), "\(error)")
        #expect(error.hint?.contains("sslrootcert") == true)
        // verify-ca asks for the authority alone.
        var loose = options
        loose["sslmode"] = .string("verify-ca")
        try server.connector(loose).ping(CallContext())
    }

    @Test func aServerWhomAnotherAuthorityVouchesForIsNot() throws {
        for mode in ["verify-ca", "verify-full"] {
            let error = try failure([
                "host": .string("localhost"), "sslmode": .string(mode),
                "sslrootcert": .string(server.otherAuthority),
            ])
            #expect(error.code == .unauthenticated)
            #expect(error.message.contains("certificate verify failed"), "\(error)")
        }
        let missing = try failure([
            "host": .string("localhost"), "sslmode": .string("verify-full"),
            "sslrootcert": .string("/no such file"),
        ])
        #expect(missing.message.contains("/no such file"), "\(missing)")
    }

    @Test func aWrongPasswordIsToldAndNotShown() throws {
        let error = try failure(["password": .string("hunter2")])
        #expect(error.code == .unauthenticated && error.sqlState.rawValue.hasPrefix("28"))
        #expect(!"\(error)".contains("hunter2"))
    }

    /// The manifest names a file or a variable; what stands there opens the server.
    @Test(arguments: ["file", "env"])
    func passwordsByReference(provider: String) throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("igloo-secret-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("password")
        try (server.password + "\n").write(to: file, atomically: true, encoding: .utf8)
        setenv("IGLOO_TEST_PG_SECRET", server.password, 1)
        func session(_ reference: String) throws -> EngineSession {
            var configuration = EngineConfiguration(pluginDirectories: [Places.plugins])
            configuration.manifest = .text(
                """
                manifest = 1
                [catalog.pg]
                connector = "postgres"
                host = "127.0.0.1"
                port = \(server.port)
                user = "igloo"
                database = "postgres"
                password = { secret = "\(reference)" }
                """, folder: folder.path)
            return EngineSession(try Engine(configuration).makeSession())
        }
        try server.run(
            "CREATE TABLE IF NOT EXISTS guarded (k int)", "TRUNCATE guarded",
            "INSERT INTO guarded VALUES (7)")
        let right = provider == "file" ? "file:password" : "env:IGLOO_TEST_PG_SECRET"
        guard case .rows(let rows, _) = try session(right).run("SELECT k FROM pg.public.guarded")
        else {
            Issue.record("\(right) does not open the server")
            return
        }
        #expect(rows == [["7"]])
        guard
            case .failure(_, let message) = try session("\(provider):missing").run(
                "SELECT k FROM pg.public.guarded")
        else {
            Issue.record("a secret that is not there opens the server")
            return
        }
        #expect(message.contains("missing") && !message.contains(server.password), "\(message)")
    }
}
