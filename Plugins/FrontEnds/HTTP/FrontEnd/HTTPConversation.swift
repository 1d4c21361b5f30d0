// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFormats

/// One request of one client, and its response.
// SAFETY: of the one thread that runs it.
final class HTTPConversation {
    private let client: HTTPClient
    private let engine: any QueryEngine
    private let options: HTTPOptions
    /// Of those who run the server.
    private let notices: any NoticeSink
    private var received: [UInt8] = []
    private var hasToBreak = false
    private var socket: Socket { client.socket }
    private var token: CancellationToken { client.token }

    init(
        _ client: HTTPClient, _ engine: any QueryEngine, _ options: HTTPOptions,
        _ notices: any NoticeSink
    ) {
        self.client = client
        self.engine = engine
        self.options = options
        self.notices = notices
    }

    func run() {
        do throws(HTTPFailure) {
            try serve(try request())
        } catch {
            answer(HTTPResponse.failure(error))
        }
        hasToBreak ? socket.breakOff() : socket.finish()
    }

    private func answer(_ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { bytes in
            try? socket.send(UnsafeRawBufferPointer(bytes)) { () throws(IglooError) in
                if self.token.isCancelled { throw .cancelled() }
            }
        }
    }

    // MARK: - Requests

    private func request() throws(HTTPFailure) -> HTTPRequest {
        let end = MonotonicClock.nanoseconds() + options.requestNanoseconds
        while true {
            let length = Self.headByteCount(received)
            guard length ?? received.count <= HTTPRequest.headByteCountMax else {
                throw HTTPFailure(400, "the head of the request is too long")
            }
            if let length {
                let request = try HTTPRequest(Array(received[..<length]))
                received.removeFirst(length + 4)
                try check(request)
                if request.bringsRows { return request }
                let count = try request.bodyByteCount(max: options.statementByteCountMax)
                if received.count < count && request.waitsToBeAsked { answer(HTTPResponse.goOn) }
                while received.count < count { try receive(end) }
                received.removeLast(received.count - count)
                client.hasAsked()
                return request
            }
            try receive(end)
        }
    }

    private func receive(_ end: Int64) throws(HTTPFailure) {
        guard MonotonicClock.nanoseconds() < end, !token.isCancelled else {
            throw HTTPFailure(408, "the request did not come in time")
        }
        guard let bytes = socket.read(max: 1 << 16, milliseconds: 50) else { return }
        guard !bytes.isEmpty else { throw HTTPFailure(400, "the request ends too early") }
        received += bytes
    }

    private static func headByteCount(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        for index in 0...(bytes.count - 4)
        where bytes[index] == 13 && bytes[index + 1] == 10 && bytes[index + 2] == 13
            && bytes[index + 3] == 10
        {
            return index
        }
        return nil
    }

    /// Who may ask at all.
    private func check(_ request: HTTPRequest) throws(HTTPFailure) {
        if let wanted = options.token {
            let given = request.headers["authorization"] ?? ""
            guard Self.isSame("Bearer \(wanted)", given) else {
                throw HTTPFailure(401, "the token is missing or wrong")
            }
            return
        }
        // A page in a browser may have its name lead to this machine: it then says that name.
        guard let host = request.headers["host"], Loopback.isNamed(by: host) else {
            throw HTTPFailure(
                421, "the request is for another host than this machine",
                hint: "name it as 127.0.0.1 or localhost")
        }
    }

    /// Takes the same time for all texts of one length.
    private static func isSame(_ left: String, _ right: String) -> Bool {
        let (left, right) = (Array(left.utf8), Array(right.utf8))
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    // MARK: - Answers

    private func serve(_ request: HTTPRequest) throws(HTTPFailure) {
        let statement = "/v1/statement"
        if request.bringsRows { return try ingest(request) }
        do throws(IglooError) {
            switch (request.method, request.path) {
            case ("POST", statement): return try execute(request)
            case ("DELETE", let path) where path.hasPrefix(statement + "/"):
                try engine.cancel(queryId: String(path.dropFirst(statement.count + 1)))
                return answer(HTTPResponse.head(204, nil))
            case ("GET", "/v1/status"): return try status()
            case ("GET", "/v1/tables"): return try tables(request)
            case (_, statement), (_, "/v1/status"), (_, "/v1/tables"): break
            default: throw IglooError(.notFound, "there is nothing at \(request.path)")
            }
        } catch {
            throw HTTPFailure(error)
        }
        throw HTTPFailure(405, "\(request.method) means nothing at \(request.path)")
    }

    private func status() throws(IglooError) {
        let status = try engine.status()
        answer(
            HTTPResponse.json(
                200,
                "{\"uptime_seconds\":\(Double(status.uptimeNanoseconds / 1_000_000) / 1_000)"
                    + ",\"sessions\":\(status.sessionCount),\"running\":\(status.runningCount)"
                    + ",\"ended\":\(status.endedCount)}"))
    }

    private func tables(_ request: HTTPRequest) throws(IglooError) {
        let context = CallContext(cancellation: token)
        let session = try engine.openSession(credentials: [], settings: [:], context)
        try send(try session.listTables(context), .json, request, session, context, [])
    }

    private func execute(_ request: HTTPRequest) throws(IglooError) {
        let format = try ResultFormat(request)
        try Self.checkType(request)
        guard let sql = String(validating: received, as: UTF8.self) else {
            throw IglooError(.invalidArgument, "the statement is not UTF-8")
        }
        let context = try self.context(request)
        let session = try engine.openSession(credentials: [], settings: [:], context)
        let statement = try session.prepare(sql, context)
        guard statement.parameters.fields.isEmpty else {
            throw IglooError(
                .unsupported, "the statement has parameters, and none can be given here")
        }
        let head = [("X-Igloo-Query-Id", context.queryId)]
        switch try statement.execute(nil, context) {
        case .done(let count):
            answer(HTTPResponse.json(200, "{\"rows_affected\":\(count)}", head))
        case .rows(let reader): try send(reader, format, request, session, context, head)
        }
    }

    /// Under which name and trace the request's statement runs.
    private func context(_ request: HTTPRequest) throws(IglooError) -> CallContext {
        let id = request.headers["x-igloo-query-id"] ?? Clock.randomName()
        guard !id.isEmpty, id.utf8.count <= 64,
            id.utf8.allSatisfy({
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
                    || $0 == 45 || $0 == 95
            })
        else {
            throw IglooError(
                .invalidArgument, "the X-Igloo-Query-Id is of letters, digits, - and _, up to 64")
        }
        var context = CallContext(cancellation: token, queryId: id)
        context.trace = request.headers["traceparent"].flatMap { TraceContext(header: $0) } ?? .none
        return context
    }

    private func ingest(_ request: HTTPRequest) throws(HTTPFailure) {
        let ingest = try HTTPIngest(request, options)
        let body = try HTTPBody(
            request, socket, received: received, idleNanoseconds: options.requestNanoseconds, token)
        received = []
        let (context, session): (CallContext, any QuerySession)
        do throws(IglooError) {
            context = try self.context(request)
            session = try engine.openSession(credentials: [], settings: [:], context)
        } catch {
            throw HTTPFailure(error)
        }
        if request.waitsToBeAsked { answer(HTTPResponse.goOn) }
        let count = try ingest.run(body, session, context)
        answer(
            HTTPResponse.json(
                200, "{\"rows_affected\":\(count)}", [("X-Igloo-Query-Id", context.queryId)]))
    }

    /// A page in a browser can send texts and forms anywhere, but not this.
    private static func checkType(_ request: HTTPRequest) throws(IglooError) {
        let type = request.headers["content-type"]?.prefix { $0 != ";" && $0 != " " }.lowercased()
        guard type == "application/sql" else {
            throw IglooError(
                .invalidArgument, "a statement is sent with Content-Type: application/sql")
        }
    }

    // MARK: - Rows

    /// Sends rows as they come. Errors before the first are the response's status; later ones break
    /// the connection before the end, so that nobody takes a part for the whole.
    private func send(
        _ reader: any BatchReader, _ format: ResultFormat, _ request: HTTPRequest,
        _ session: any QuerySession, _ context: CallContext, _ head: [(String, String)]
    ) throws(IglooError) {
        var batch = try reader.next(context)
        let body = ResponseBody(socket, token, inChunks: request.takesChunks)
        let rows = TextRows { (column) throws(IglooError) in
            let schema = Schema([Field("c", column.type)])
            return try session.text(
                of: RecordBatch(schema: schema, columns: [column], rowCount: column.count), context
            ).columns[0]
        }
        let channel = OutputChannel(name: "the client") { (bytes) throws(IglooError) in
            try body.write(bytes)
        }
        var writer = format.writer(rows, channel)
        answer(HTTPResponse.head(200, type: format.type, body.length, head))
        do throws(IglooError) {
            try writer.begin(reader.schema)
            while let current = batch {
                try writer.write(current)
                batch = try reader.next(context)
            }
            try writer.end()
            try channel.flush()
            try body.finish()
        } catch {
            reader.cancel()
            hasToBreak = body.hasToBreak
            // The client is told nothing of it any more.
            if error.code != .cancelled {
                notices.add(Notice("statement \(context.queryId): \(error.message)"))
            }
        }
    }
}
