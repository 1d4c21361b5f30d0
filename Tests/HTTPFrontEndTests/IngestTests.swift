// SPDX-License-Identifier: MIT

import Foundation
import Glibc
import IglooArrow
import IglooArrowIPC
import IglooContracts
import Testing

/// Rows of clients on their way into tables, on both sides of the border.
@Suite(.serialized) struct IngestTests {
    private func server(_ border: Border) throws -> Server {
        let server = try Server(border)
        let made = server.statement(
            "CREATE TABLE t (a integer NOT NULL, b text, c decimal(10,2), d date DEFAULT "
                + "DATE '2020-01-01', CHECK (a < 1000000))")
        try #require(made.status == 200, "\(made)")
        return server
    }

    private func post(
        _ server: Server, _ type: String, _ body: [UInt8], path: String = "/v1/tables/t",
        _ headers: [String] = []
    ) -> Response {
        var head = "POST \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: \(type)\r\n"
        for header in headers { head += header + "\r\n" }
        if !headers.contains(where: { $0.hasPrefix("Transfer") }) {
            head += "Content-Length: \(body.count)\r\n"
        }
        return Response(server.exchange(Array((head + "\r\n").utf8) + body))
    }

    private func csv(_ server: Server, _ text: String, path: String = "/v1/tables/t") -> Response {
        post(server, "text/csv; charset=utf-8", Array(text.utf8), path: path)
    }

    private func lines(_ server: Server, _ text: String, path: String = "/v1/tables/t") -> Response
    {
        post(server, "application/x-ndjson", Array(text.utf8), path: path)
    }

    private func rows(_ server: Server) -> String {
        server.statement("SELECT * FROM t ORDER BY a", "csv").text
    }

    private func count(_ server: Server) -> String {
        server.statement("SELECT count(*) AS n FROM t", "csv").text
    }

    @Test(arguments: Border.allCases)
    func rowsComeIn(_ border: Border) throws {
        let server = try server(border)
        let first = csv(
            server, "\u{FEFF}a,B,c\r\n1,\"x \"\"y\"\", \nz\",1.5\r\n\r\n2,,\n3,\"\",-7.25")
        #expect(first.status == 200 && first.text == "{\"rows_affected\":3}\n", "\(first)")
        #expect(
            rows(server)
                == "a,b,c,d\n1,\"x \"\"y\"\", \nz\",1.50,2020-01-01\n2,,,2020-01-01\n"
                + "3,\"\",-7.25,2020-01-01\n")
        let second = lines(
            server,
            "{\"a\": 4, \"b\": \"\\u00e4\\ud83d\\ude00\\n\", \"d\": \"2024-02-29\"}\n\n"
                + "{\"d\":null,\"a\":5,\"b\":{\"x\": [1, true]}}\r\n{\"a\":6}")
        #expect(second.text == "{\"rows_affected\":3}\n", "\(second)")
        #expect(
            server.statement("SELECT b, d FROM t WHERE a > 3 ORDER BY a", "csv").text
                == "b,d\n\"ä😀\n\",2024-02-29\n\"{\"\"x\"\": [1, true]}\",\n,\n")
        // Without a heading, and by the whole name.
        let third = csv(
            server, "7;x\n".replacingOccurrences(of: ";", with: ","),
            path: "/v1/tables/memory.main.t?columns=a,b")
        #expect(third.status == 200, "\(third)")
        let arrow = try post(server, "application/vnd.apache.arrow.stream", stream(8..<11))
        #expect(arrow.text == "{\"rows_affected\":3}\n", "\(arrow)")
        #expect(count(server) == "n\n10\n")
    }

    private func stream(_ numbers: Range<Int32>) throws -> [UInt8] {
        let schema = Schema([Field("a", .int32)])
        let collected = Locked<[UInt8]>([])
        let writer = try IPCStreamWriter(schema) { bytes throws(ArrowError) in
            collected.withLock { $0 += Array(bytes) }
        }
        let column = ArrayData(
            type: .int32, count: numbers.count, buffers: [Buffer(copying: Array(numbers))])
        try writer.write(RecordBatch(schema: schema, columns: [column], rowCount: numbers.count))
        try writer.finish()
        return collected.withLock { $0 }
    }

    @Test(arguments: Border.allCases)
    func badRowsLeaveNothing(_ border: Border) throws {
        let server = try server(border)
        let good = (0..<70_000).map { "\($0),x" }.joined(separator: "\n") + "\n"
        var faults: [(Response, Int, String)] = [
            (csv(server, "a,b\n" + good + "nan,x\n"), 400, "22P02"),
            (csv(server, "a,b\n" + good + "1000000,x\n"), 409, "23514"),
            (csv(server, "a,b\n" + good + ",x\n"), 409, "23502"),
            (csv(server, "a,b\n" + good + "1,2,3\n"), 400, "line 70002 has 3 values"),
            (csv(server, "a,b\n1,\"x"), 400, "not closed"),
            (csv(server, "a,b\n1,\"x\"y\n"), 400, "goes on after the quotes"),
            (csv(server, "a,nothing\n1,2\n"), 400, "42703"),
            (csv(server, "a,A\n1,2\n"), 400, "42701"),
            (csv(server, ""), 400, "not even a heading"),
            (csv(server, "a\n1\n", path: "/v1/tables/nothing"), 404, "42P01"),
            (csv(server, "a\n1\n", path: "/v1/tables/t%20WHERE"), 400, "42601"),
            (csv(server, "a\n1\n", path: "/v1/tables/t?columns="), 400, "columns"),
            (lines(server, "{\"a\":1}\n{\"a\":}"), 400, "line 2"),
            (lines(server, "{\"a\":1}\n[1]"), 400, "line 2"),
            (lines(server, "{\"a\":1}\n{\"b\":1}"), 400, "none of the columns"),
            (lines(server, "{\"a\":1,\"a\":2}"), 400, "more than once"),
            (lines(server, "{\"a\":1}\n{\"a\":1,\"a\":2}"), 400, "twice"),
            (lines(server, "{\"a\":\"\\ud800\"}"), 400, "no character"),
            (lines(server, "{\"b\":" + String(repeating: "[", count: 9_999)), 400, "deep"),
            (lines(server, "\n"), 400, "no rows"),
            (post(server, "text/plain", Array("a\n1\n".utf8)), 415, "text/csv"),
            (post(server, "text/csv", Array("a,b\n1,".utf8) + [0xFF, 10]), 400, "UTF-8"),
            (post(server, "application/vnd.apache.arrow.stream", [1, 2, 3, 4]), 400, "Arrow"),
        ]
        let arrow = try stream(0..<1_000)
        faults.append(
            (
                post(server, "application/vnd.apache.arrow.stream", Array(arrow.prefix(900))), 400,
                "Arrow"
            ))
        for (answer, status, text) in faults {
            #expect(answer.status == status && answer.text.contains(text), "\(text): \(answer)")
        }
        #expect(count(server) == "n\n0\n")
        let state = server.request("GET", "/v1/status").text
        #expect(state.contains("\"running\":0") && state.contains("\"sessions\":0"), "\(state)")
    }

    @Test(arguments: Border.allCases)
    func bodiesComeInChunks(_ border: Border) throws {
        let server = try server(border)
        func chunks(_ body: String, _ more: [String] = []) -> Response {
            post(
                server, "text/csv", Array(body.utf8), ["Transfer-Encoding: chunked"] + more)
        }
        #expect(chunks("4\r\na\n1\n\r\n2;x=y\r\n2\n\r\n0\r\nx: y\r\n\r\n").text.contains(":2"))
        #expect(count(server) == "n\n2\n")
        for body in ["3\r\na\n1X\r\n", "x\r\n", "-1\r\n", "ffffffffffffffffff\r\n", "3\na\n1\r\n"] {
            let answer = chunks(body)
            #expect(answer.status == 400, "\(body): \(answer)")
        }
        #expect(chunks("0\r\n\r\n", ["Content-Length: 5"]).status == 400)
        #expect(count(server) == "n\n2\n")
    }

    private func send(_ descriptor: Int32, _ text: String) {
        _ = Array(text.utf8).withUnsafeBytes {
            Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
    }

    private func answer(_ descriptor: Int32) -> Response {
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        var answer: [UInt8] = []
        while true {
            let count = recv(descriptor, &bytes, bytes.count, 0)
            if count <= 0 { return Response(answer) }
            answer += bytes[..<count]
        }
    }

    private static let head =
        "POST /v1/tables/t HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\n"
        + "X-Igloo-Query-Id: slow-1\r\nContent-Length: 1000000\r\n\r\na\n"

    @Test(arguments: Border.allCases)
    func slowClientsHoldNobodyUp(_ border: Border) throws {
        let server = try server(border)
        let descriptor = server.connect()
        defer { close(descriptor) }
        let rows = (0..<20).map { "\($0)\n" }
        let length = 2 + rows.joined().utf8.count
        send(
            descriptor,
            Self.head.replacingOccurrences(of: "1000000", with: "\(length)"))
        for row in rows {
            #expect(count(server) == "n\n0\n")
            send(descriptor, row)
            Thread.sleep(forTimeInterval: 0.03)
        }
        let answer = answer(descriptor)
        #expect(answer.status == 200, "\(answer)")
        #expect(count(server) == "n\n20\n")
    }

    @Test(arguments: Border.allCases)
    func whatIsCutOffLeavesNothing(_ border: Border) throws {
        let server = try server(border)
        func isRunning() -> Bool {
            server.request("GET", "/v1/status").text.contains("\"running\":1")
        }
        let many = (0..<100_000).map { "\($0)\n" }.joined()
        // The client goes away.
        var descriptor = server.connect()
        send(descriptor, Self.head + many)
        try waitUntil(isRunning)
        close(descriptor)
        try waitUntil { !isRunning() }
        #expect(count(server) == "n\n0\n")
        // Somebody cancels it while the client says nothing.
        descriptor = server.connect()
        send(descriptor, Self.head + many)
        try waitUntil(isRunning)
        #expect(server.request("DELETE", "/v1/statement/slow-1").status == 204)
        let cancelled = answer(descriptor)
        #expect(cancelled.status == 499 && cancelled.text.contains("57014"), "\(cancelled)")
        close(descriptor)
        // The client stops without an end.
        descriptor = server.connect()
        send(descriptor, Self.head + "1\n")
        let late = answer(descriptor)
        #expect(late.status == 408, "\(late)")
        close(descriptor)
        try waitUntil { !isRunning() }
        #expect(count(server) == "n\n0\n")
    }

    private func waitUntil(_ isTrue: () -> Bool) throws {
        for _ in 0..<500 {
            if isTrue() { return }
            Thread.sleep(forTimeInterval: 0.02)
        }
        Issue.record("it did not come to that within ten seconds")
    }
}
