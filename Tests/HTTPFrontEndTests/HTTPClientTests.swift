// SPDX-License-Identifier: MIT

import Foundation
import Glibc
import HTTPFrontEnd
import IglooContracts
import Testing

/// Clients as they come: such that mean ill, that are old, slow, or gone.
@Suite(.serialized) struct HTTPClientTests {
    private static let endless =
        "SELECT count(*) FROM generate_series(1, 100000000000) AS a(x) WHERE x % 7 = 3"
    private static let endlessRows = "SELECT * FROM generate_series(1, 100000000000) AS a(x)"
    private static let lateError = "SELECT 1 / (400000 - i) AS x FROM range(500000) AS r(i)"

    private func status(_ server: Server) -> String { server.request("GET", "/v1/status").text }

    @Test func hostsAreNamesOfThisMachine() throws {
        let server = try Server(.linked)
        let hosts = [
            ("localhost", 200), ("LocalHost:80", 200), ("127.0.0.1", 200), ("127.1.2.3:8080", 200),
            ("[::1]", 200), ("[::1]:8080", 200),
            ("127.evil.example", 421), ("127.0.0.1.evil.example", 421), ("127.0.0", 421),
            ("127.0.0.256", 421), ("127.0.0.+1", 421), ("128.0.0.1", 421), ("localhost.evil", 421),
            ("localhost:x", 421), ("127.0.0.1:8080:1", 421), ("[::2]", 421), ("", 421), (":", 421),
        ]
        for (host, status) in hosts {
            let request = "GET /v1/status HTTP/1.1\r\nHost: \(host)\r\n\r\n"
            let answer = Response(server.exchange(Array(request.utf8)))
            #expect(answer.status == status, "\(host): \(answer)")
        }
    }

    @Test(arguments: Border.allCases)
    func oldClientsGetNoChunks(_ border: Border) throws {
        let server = try Server(border)
        let whole = server.connect(saying: Server.text(of: "SELECT 7 AS a", version: "1.0"))
        defer { close(whole) }
        let (bytes, error) = Server.listen(whole)
        let answer = Response(bytes)
        #expect(error == 0 && answer.status == 200)
        #expect(answer.text == "[\n{\"a\":7}\n]\n" && !answer.head.contains("Transfer-Encoding"))
        // Where the end of the connection is that of the rows, it must not just end.
        let part = server.connect(saying: Server.text(of: Self.lateError, version: "1.0"))
        defer { close(part) }
        let late = Server.listen(part)
        #expect(late.error == ECONNRESET, "\(late.error) after \(late.bytes.count) bytes")
    }

    @Test func bodiesAreAskedFor() throws {
        let server = try Server(.linked, ["token": .string("t")])
        let sql = "SELECT 7 AS a"
        let request = Server.text(
            of: sql, ["Expect: 100-Continue", "Authorization: Bearer t", "Accept: text/csv"])
        let head = String(request.dropLast(sql.count))
        let descriptor = server.connect(saying: head)
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1_000)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        #expect(
            String(decoding: bytes[..<max(count, 0)], as: UTF8.self)
                == "HTTP/1.1 100 Continue\r\n\r\n")
        Server.say(Array(sql.utf8), descriptor)
        let answer = Response(Server.listen(descriptor).bytes)
        #expect(answer.status == 200 && answer.text == "a\n7\n", "\(answer)")
        // Who may not ask, or does not wait, is not asked.
        for (text, status) in [
            (head.split(separator: "Bearer t").joined(separator: "Bearer x"), 401), (request, 200),
            (request.split(separator: "HTTP/1.1").joined(separator: "HTTP/1.0"), 200),
        ] {
            let answer = Response(server.exchange(Array(text.utf8)))
            #expect(answer.status == status, "\(answer)")
        }
    }

    @Test func lateErrorsAreTold() throws {
        let told = Told()
        let server = try Server(.linked, notices: told)
        let late = server.statement(Self.lateError, "json", ["X-Igloo-Query-Id: late-1"])
        #expect(late.status == 200 && !late.isWhole)
        waitUntil { told.all == ["statement late-1: division by zero"] }
    }

    @Test(arguments: Border.allCases)
    func statementsEndWithTheirClients(_ border: Border) throws {
        let server = try Server(border)
        for sql in [Self.endless, Self.endlessRows] {
            let descriptor = server.connect(saying: Server.text(of: sql))
            waitUntil { status(server).contains("\"running\":1") }
            close(descriptor)
            waitUntil { status(server).contains("\"running\":0") }
        }
    }

    @Test func clientsThatTakeNothingAreGivenUp() throws {
        let told = Told()
        let server = try Server(
            .linked, ["max_connections": .integer(1), "send_timeout": .integer(400_000_000)],
            notices: told)
        let descriptor = server.connect(
            saying: Server.text(of: Self.endlessRows, ["X-Igloo-Query-Id: stuck"]))
        defer { close(descriptor) }
        waitUntil { server.request("GET", "/v1/status").status != 200 }
        waitUntil { server.request("GET", "/v1/status").status == 200 }
        let messages = told.all
        #expect(
            messages.count == 1
                && messages[0].hasPrefix("statement stuck: the client has taken nothing"),
            "\(messages)")
    }

    @Test(arguments: ["request_timeout", "send_timeout"])
    func timesAreLimited(_ option: String) {
        for value in [0, 99_999_999, 86_400_000_000_001, Int64.max] {
            #expect(throws: IglooError.self) { try Server(.linked, [option: .integer(value)]) }
        }
    }
}

/// Ends although the engine does not give a call back.
@Suite struct StuckEngineTests {
    @Test func drainingIsGivenUp() throws {
        let options = OptionValues(["listen": .string("127.0.0.1:0")])
        let frontEnd = try httpFrontEnd.create(options, CallContext())
        let address = try frontEnd.start(StuckEngine(), CallContext())["http"] ?? ""
        let port = try #require(UInt16(address.split(separator: ":").last ?? ""))
        let descriptor = Server.connect(port)
        defer { close(descriptor) }
        Server.say(Array("GET /v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8), descriptor)
        Thread.sleep(forTimeInterval: 0.5)
        let start = Date()
        do throws(IglooError) {
            try frontEnd.drain(CallContext(deadlineNanoseconds: 1))
            Issue.record("the client did end")
        } catch {
            #expect(error.code == .deadlineExceeded, "\(error)")
        }
        #expect((7..<15).contains(Date().timeIntervalSince(start)))
    }
}

private struct StuckEngine: QueryEngine {
    func openSession(
        credentials: [UInt8], settings: [String: String], _ context: CallContext
    ) throws(IglooError) -> any QuerySession {
        throw IglooError(.unsupported, "there are none")
    }

    func cancel(queryId: String) throws(IglooError) {}

    func status() throws(IglooError) -> EngineStatus {
        Thread.sleep(forTimeInterval: 20)
        throw .cancelled()
    }
}
