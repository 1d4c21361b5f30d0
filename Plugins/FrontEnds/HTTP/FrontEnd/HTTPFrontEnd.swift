// SPDX-License-Identifier: MIT

public import IglooContracts

/// Statements over HTTP.
public let httpFrontEnd = FrontEndKind(name: "http", options: HTTPOptions.specifications) {
    (values, context) throws(IglooError) in
    HTTPFrontEnd(try HTTPOptions(values))
}

struct HTTPOptions: Sendable {
    var host: String
    var port: UInt16
    var token: String?
    var connectionCountMax: Int
    var statementByteCountMax: Int
    var requestNanoseconds: Int64

    static let specifications = [
        OptionSpecification(
            "listen", .string, defaultText: "127.0.0.1:8080",
            documentation: "Address and port; port 0 lets the system choose."),
        OptionSpecification(
            "token", .secret,
            documentation:
                "What clients show as `Authorization: Bearer TOKEN`; needed beyond this machine."),
        OptionSpecification(
            "max_connections", .integer, defaultText: "64",
            documentation: "Clients at a time; further ones are told to come again."),
        OptionSpecification(
            "max_statement", .byteCount, defaultText: "16MiB",
            documentation: "The longest statement."),
        OptionSpecification(
            "request_timeout", .duration, defaultText: "10s",
            documentation: "Within which a request has to be there as a whole."),
    ]

    init(_ values: OptionValues) throws(IglooError) {
        let address = values.string("listen") ?? "127.0.0.1:8080"
        guard let colon = address.lastIndex(of: ":"),
            let port = UInt16(address[address.index(after: colon)...])
        else {
            throw IglooError(
                .invalidArgument, "\"\(address)\" is no address", hint: "write 127.0.0.1:8080")
        }
        host = String(address[..<colon])
        self.port = port
        token = values.string("token").flatMap { $0.isEmpty ? nil : $0 }
        let connections = values.integer("max_connections") ?? 64
        let statement = values.integer("max_statement") ?? 16 << 20
        guard (1...10_000).contains(connections), (1...(1 << 30)).contains(statement) else {
            throw IglooError(
                .invalidArgument, "max_connections is from 1 to 10000, max_statement up to 1GiB")
        }
        connectionCountMax = Int(connections)
        statementByteCountMax = Int(statement)
        requestNanoseconds = max(values.integer("request_timeout") ?? 0, 100_000_000)
        guard token != nil || isLoopback else {
            throw IglooError(
                .invalidArgument, "\(address) is open to others, and there is no token to show",
                hint: "token = { secret = \"file:/run/secrets/igloo-http\" }")
        }
    }

    var isLoopback: Bool { host.hasPrefix("127.") }
}

/// Listens on a thread of its own, and serves each client on another.
// SAFETY: what changes is behind the lock.
final class HTTPFrontEnd: FrontEnd, @unchecked Sendable {
    let options: HTTPOptions
    private let state = Locked(State())

    private struct State {
        var isStarted = false
        var engine: (any QueryEngine)?
        var isDraining = false
        /// The accepting thread and the clients'.
        var threadCount = 0
        var clients: [Int: Client] = [:]
        var lastClient = 0
    }

    private struct Client {
        var token: CancellationToken
        /// The statement that it waits for.
        var queryId: String?
    }

    init(_ options: HTTPOptions) { self.options = options }

    func start(
        _ engine: any QueryEngine, _ context: CallContext
    ) throws(IglooError) -> [String: String] {
        let isFirst = state.withLock { state in
            defer { state.isStarted = true }
            return !state.isStarted
        }
        guard isFirst else { throw IglooError(.invalidState, "it was started already") }
        let socket = try Socket.listen(options.host, port: options.port)
        state.withLock { state in
            state.threadCount += 1
            state.engine = engine
        }
        let isRunning = OwnThread.start { [self] in
            accept(socket, engine)
            state.withLock { $0.threadCount -= 1 }
        }
        guard isRunning else {
            state.withLock { $0.threadCount -= 1 }
            throw IglooError(.resourceExhausted, "the system has no thread to listen on")
        }
        return ["http": "\(options.host):\(socket.boundPort)"]
    }

    private func accept(_ socket: Socket, _ engine: any QueryEngine) {
        while !state.withLock({ $0.isDraining }) {
            guard let client = socket.accept(milliseconds: 50) else { continue }
            let token = CancellationToken()
            let number = state.withLock { state -> Int? in
                guard state.clients.count < options.connectionCountMax else { return nil }
                state.lastClient += 1
                state.clients[state.lastClient] = Client(token: token)
                state.threadCount += 1
                return state.lastClient
            }
            guard let number else {
                refuse(client)
                continue
            }
            let isServed = OwnThread.start { [self] in
                HTTPConversation(client, engine, options, token) { [self] id in
                    state.withLock { $0.clients[number]?.queryId = id }
                }.run()
                leave(number)
            }
            if !isServed { leave(number) }
        }
    }

    private func leave(_ number: Int) {
        state.withLock { state in
            state.clients[number] = nil
            state.threadCount -= 1
        }
    }

    private func refuse(_ client: Socket) {
        let answer = HTTPResponse.failure(
            HTTPFailure(503, "there are \(options.connectionCountMax) clients already"))
        answer.withUnsafeBufferPointer { bytes in
            _ = try? client.send(UnsafeRawBufferPointer(bytes)) { () throws(IglooError) in
                throw .cancelled()
            }
        }
    }

    func drain(_ context: CallContext) throws(IglooError) {
        state.withLock { $0.isDraining = true }
        while state.withLock({ $0.threadCount }) > 0 {
            let isOver =
                context.cancellation.isCancelled
                || context.deadlineNanoseconds.map { Clock.now > $0 } ?? false
            if isOver { cancelAll() }
            Clock.sleep(milliseconds: 5)
        }
    }

    private func cancelAll() {
        let (engine, clients) = state.withLock { ($0.engine, Array($0.clients.values)) }
        for client in clients {
            client.token.cancel()
            if let id = client.queryId { try? engine?.cancel(queryId: id) }
        }
    }
}
