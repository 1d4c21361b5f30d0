// SPDX-License-Identifier: MIT

import Dispatch
import Foundation
import Glibc
import IglooArrow
import IglooArrowIPC
import IglooContracts
import IglooEngine
import Testing

/// A server on loopback, on both sides of the border.
@Suite(.serialized) struct HTTPFrontEndTests {
    /// A statement that takes long, and more memory or time than anyone waits for.
    private static let endless =
        "SELECT count(*) FROM generate_series(1, 100000000000) AS a(x) WHERE x % 7 = 3"

    @Test(arguments: Border.allCases)
    func statementsAreAnswered(_ border: Border) throws {
        let server = try Server(border)
        let sql =
            "SELECT 1 AS n, 'ä\"b' AS t, DATE '2024-02-29' AS d, 1.50 AS m, NULL AS x, [1, NULL] AS l"
        let json = server.statement(sql)
        #expect(json.status == 200 && json.isWhole, "\(json)")
        #expect(
            json.text
                == "[\n{\"n\":1,\"t\":\"ä\\\"b\",\"d\":\"2024-02-29\",\"m\":1.50,\"x\":null,\"l\":[1,null]}\n]\n"
        )
        #expect(json.head.contains("Content-Type: application/json"))
        let lines = server.statement("SELECT * FROM range(3) AS r(i)", "jsonl")
        #expect(lines.text == "{\"i\":0}\n{\"i\":1}\n{\"i\":2}\n")
        let csv = server.statement(sql, "csv")
        #expect(csv.text.hasPrefix("n,t,d,m,x,l\n1,\"ä\"\"b\",2024-02-29,1.50,,"), "\(csv.text)")
        #expect(server.statement("SELECT 1 AS a WHERE false", "csv").text == "a\n")
        #expect(server.statement("SELECT 1 WHERE false").text == "[]\n")
        let accepted = server.request(
            "POST", "/v1/statement",
            ["Content-Type: application/sql", "Accept: text/html, text/csv;q=0.5"],
            body: "SELECT 7 AS a;")
        #expect(accepted.text == "a\n7\n")
        for (types, text) in [
            ("Accept: text/*", "a\n7\n"), ("Accept:", "[\n{\"a\":7}\n]\n"),
            ("Accept: ,text/html, application/X-NDJSON ;q=1", "{\"a\":7}\n"),
        ] {
            let answer = server.request(
                "POST", "/v1/statement", ["Content-Type: application/sql", types],
                body: "SELECT 7 AS a")
            #expect(answer.text == text, "\(types): \(answer)")
        }
        // Sessions end with their request: what is to be kept is made in the catalog.
        #expect(server.statement("CREATE TABLE t AS SELECT 1 AS a").status == 200)
        let inserted = server.statement("INSERT INTO t VALUES (2), (3)")
        #expect(inserted.text == "{\"rows_affected\":2}\n", "\(inserted)")
        #expect(server.statement("SELECT sum(a) AS s FROM t", "csv").text == "s\n6\n")
        #expect(server.statement("EXPLAIN SELECT 1").status == 200)
        let identity = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"
        let logical = server.statement(
            "SELECT uuid '\(identity)' AS u, [inet '10.0.0.1'] AS l", "csv")
        #expect(logical.text == "u,l\n\(identity),[10.0.0.1]\n", "\(logical.text)")
        let tables = server.request("GET", "/v1/tables")
        #expect(tables.status == 200 && tables.text.contains("\"name\":\"t\""), "\(tables)")
        let status = server.request("GET", "/v1/status").text
        #expect(status.contains("\"running\":0") && status.contains("\"sessions\":0"), "\(status)")
    }

    @Test(arguments: Border.allCases)
    func rowsComeAsArrow(_ border: Border) throws {
        let server = try Server(border)
        let answer = server.statement(
            "SELECT i, 'text ' || i AS t FROM range(100000) AS r(i)", "arrow")
        #expect(answer.status == 200 && answer.isWhole)
        let reader = try IPCStreamReader(IPCBufferSource(Buffer(copying: answer.body)))
        #expect(reader.schema.fields.map(\.name) == ["i", "t"])
        var (count, sum) = (0, Int64(0))
        while let batch = try reader.next() {
            count += batch.rowCount
            for row in 0..<batch.rowCount {
                if case .int(let value) = batch.columns[0].scalar(at: row) { sum += value }
            }
        }
        #expect(count == 100_000 && sum == 4_999_950_000)
    }

    @Test(arguments: Border.allCases)
    func errorsKeepTheirParts(_ border: Border) throws {
        let server = try Server(border)
        let syntax = server.statement("SELEC 1")
        #expect(syntax.status == 400 && syntax.text.contains("\"sqlstate\":\"42601\""), "\(syntax)")
        let missing = server.statement("SELECT * FROM nowhere")
        #expect(missing.status == 404 && missing.text.contains("42P01"), "\(missing)")
        let division = server.statement("SELECT 1 / (i - 5) FROM range(10) AS r(i)")
        #expect(division.status == 400 && division.text.contains("22012"), "\(division)")
        let deep = server.statement(
            "SELECT " + String(repeating: "(", count: 20_000) + "1"
                + String(repeating: ")", count: 20_000))
        #expect(deep.status == 400 && deep.text.contains("54001"), "\(deep)")
        #expect(server.statement("CREATE TABLE t (a integer)").status == 200)
        let twice = server.statement("CREATE TABLE t (a integer)")
        #expect(twice.status == 409 && twice.text.contains("42P07"), "\(twice)")
        let parameters = server.statement("SELECT $1")
        #expect(parameters.status == 501, "\(parameters)")
        // One that comes after the first rows breaks the connection: nobody takes it for whole.
        let late = server.statement("SELECT 1 / (3000000 - i) AS x FROM range(4000000) AS r(i)")
        #expect(late.status == 400 || late.status == 200 && !late.isWhole, "\(late.status)")
        #expect(server.statement("SELECT 1").status == 200)
    }

    @Test(arguments: Border.allCases)
    func statementsAreCancelled(_ border: Border) throws {
        let server = try Server(border)
        let done = DispatchSemaphore(value: 0)
        let answer = Locked(Response([]))
        Thread.detachNewThread {
            let found = server.statement(Self.endless, "json", ["X-Igloo-Query-Id: long-1"])
            answer.withLock { $0 = found }
            done.signal()
        }
        waitUntil { server.request("GET", "/v1/status").text.contains("\"running\":1") }
        let twice = server.statement("SELECT 1", "json", ["X-Igloo-Query-Id: long-1"])
        #expect(twice.status == 409, "\(twice)")
        // That this client goes away is nothing to the statement whose id it wanted.
        Thread.sleep(forTimeInterval: 0.3)
        #expect(server.request("DELETE", "/v1/statement/other").status == 404)
        #expect(server.request("DELETE", "/v1/statement/long-1").status == 204)
        #expect(done.wait(timeout: .now() + 5) == .success)
        #expect(answer.withLock { $0.status } == 499, "\(answer.withLock { $0 })")
        #expect(answer.withLock { $0.text }.contains("57014"))
        #expect(server.request("DELETE", "/v1/statement/long-1").status == 404)
    }

    @Test(arguments: Border.allCases)
    func drainingEnds(_ border: Border) throws {
        let server = try Server(border)
        let done = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            _ = server.statement(Self.endless)
            done.signal()
        }
        waitUntil { server.request("GET", "/v1/status").text.contains("\"running\":1") }
        let start = Date()
        try server.drain(seconds: 0.2)
        #expect(Date().timeIntervalSince(start) < 5)
        #expect(done.wait(timeout: .now() + 5) == .success)
    }

    @Test(arguments: Border.allCases)
    func manyClientsAtOnce(_ border: Border) throws {
        let server = try Server(border)
        #expect(server.statement("CREATE TABLE hits (n integer)").status == 200)
        let faults = Locked<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 16) { client in
            for round in 0..<10 {
                let number = client * 100 + round
                let answer = server.statement(
                    "SELECT \(number) AS n, count(*) AS c FROM range(\(number)) AS r", "csv")
                if answer.text != "n,c\n\(number),\(number)\n" {
                    faults.withLock { $0.append("\(answer)") }
                }
            }
        }
        #expect(faults.withLock { $0 } == [])
    }

    @Test(arguments: Border.allCases)
    func badRequestsAreRefused(_ border: Border) throws {
        let server = try Server(
            border, ["max_statement": .integer(1_000)], "max_statement = 1000")
        let host = "Host: localhost\r\n"
        let sql = "Content-Type: application/sql\r\n"
        let cases: [(String, Int)] = [
            ("\r\n\r\n", 400), ("GET\r\n\r\n", 400), ("GET / HTTP/2.0\r\n\r\n", 505),
            ("GET /x HTTP/1.1\r\n\(host)\r\n", 404),
            ("PUT /v1/status HTTP/1.1\r\n\(host)\r\n", 405),
            ("GET /v1/status HTTP/1.1\r\n\r\n", 421),
            ("GET /v1/status HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421),
            ("GET /%zz HTTP/1.1\r\n\(host)\r\n", 400),
            ("GET /v1/status HTTP/1.1\r\nbad\r\n\r\n", 400),
            ("POST /v1/statement HTTP/1.1\r\n\(host)\(sql)\r\n", 411),
            ("POST /v1/statement HTTP/1.1\r\n\(host)\(sql)Content-Length: -1\r\n\r\n", 400),
            ("POST /v1/statement HTTP/1.1\r\n\(host)\(sql)Content-Length: +5\r\n\r\nabcde", 400),
            (
                "POST /v1/statement HTTP/1.1\r\n\(host)\(sql)Content-Length: 99999999999999999999\r\n\r\n",
                413
            ),
            ("POST /v1/statement HTTP/1.1\r\n\(host)\(sql)Content-Length: 1001\r\n\r\n", 413),
            (
                "POST /v1/statement HTTP/1.1\r\n\(host)\(sql)Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                400
            ),
            (
                "POST /v1/statement HTTP/1.1\r\n\(host)\(sql)Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                411
            ),
            ("POST /v1/statement HTTP/1.1\r\n\(host)\(sql)Content-Length: 9\r\n\r\nSELECT", 408),
            (
                "POST /v1/statement HTTP/1.1\r\n\(host)Content-Type: text/plain\r\nContent-Length: 8\r\n\r\nSELECT 1",
                400
            ),
            (
                "POST /v1/statement?format=xml HTTP/1.1\r\n\(host)\(sql)Content-Length: 8\r\n\r\nSELECT 1",
                400
            ),
            (
                "POST /v1/statement HTTP/1.1\r\n\(host)\(sql)X-Igloo-Query-Id: a b\r\nContent-Length: 8\r\n\r\nSELECT 1",
                400
            ),
            ("GET /\(String(repeating: "x", count: 20_000)) HTTP/1.1\r\n\r\n", 400),
        ]
        for (request, status) in cases {
            let answer = Response(server.exchange(Array(request.utf8)))
            #expect(answer.status == status, "\(request.prefix(120)): \(answer)")
        }
        let bytes = Array(
            "POST /v1/statement HTTP/1.1\r\n\(host)\(sql)Content-Length: 2\r\n\r\n".utf8)
        #expect(Response(server.exchange(bytes + [0xFF, 0xFE])).status == 400)
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<50 {
            let junk = (0..<200).map { _ in UInt8.random(in: 0...255, using: &generator) }
            _ = server.exchange(junk + Array("\r\n\r\n".utf8))
        }
        #expect(server.statement("SELECT 1").status == 200)
    }

    @Test func tokensAreAskedFor() throws {
        let server = try Server(.linked, ["token": .string("s3cret")])
        #expect(server.statement("SELECT 1").status == 401)
        #expect(
            server.statement("SELECT 1", "json", ["Authorization: Bearer s3creT"]).status == 401)
        #expect(
            server.statement("SELECT 1", "json", ["Authorization: Bearer s3cret"]).status == 200)
        // The file of a secret that is empty does not open the server to everybody.
        for token in ["", "two words", "größer"] {
            #expect(throws: IglooError.self) { try Server(.linked, ["token": .string(token)]) }
        }
        #expect(throws: IglooError.self) { try Server(.loaded, [:], "token = \"\"") }
        #expect(throws: IglooError.self) {
            try Server(.linked, ["listen": .string("0.0.0.0:0")])
        }
        #expect(throws: IglooError.self) { try Server(.linked, ["listen": .string("nowhere")]) }
    }
}
