// SPDX-License-Identifier: MIT

public import IglooContracts

/// Statements over HTTP.
public let httpFrontEnd = FrontEndKind(name: "http", options: HTTPOptions.specifications) {
    (values, context) throws(IglooError) in
    HTTPFrontEnd(try HTTPOptions(values))
}

/// Listens on a thread of its own, and serves each client on another.
///
/// - Threads: one call at a time.
final class HTTPFrontEnd: FrontEnd {
    private let options: HTTPOptions
    private let clients: HTTPClients
    private let state = Locked(State())

    private struct State {
        var isStarted = false
        var isListening = false
        var isDraining = false
    }

    /// How long clients have to go away once they are cancelled: calls into plugins that do not
    /// end are given up earlier.
    private static let patienceNanoseconds: Int64 = 8_000_000_000

    init(_ options: HTTPOptions) {
        self.options = options
        clients = HTTPClients(countMax: options.connectionCountMax)
    }

    func start(
        _ engine: any QueryEngine, _ context: CallContext
    ) throws(IglooError) -> [String: String] {
        let isFirst = state.withLock { state in
            defer { state.isStarted = true }
            return !state.isStarted
        }
        guard isFirst else { throw IglooError(.invalidState, "it was started already") }
        let socket = try Socket.listen(
            options.host, port: options.port, sendNanoseconds: options.sendNanoseconds)
        state.withLock { state in
            state.isListening = true
        }
        let notices = context.notices
        let isRunning = OwnThread.start { [self] in
            accept(socket, engine, notices)
            state.withLock { $0.isListening = false }
        }
        guard isRunning else {
            state.withLock { $0.isListening = false }
            throw IglooError(.resourceExhausted, "the system has no thread to listen on")
        }
        return ["http": "\(options.host):\(socket.boundPort)"]
    }

    // MARK: - Clients

    private func accept(
        _ listener: Socket, _ engine: any QueryEngine, _ notices: any NoticeSink
    ) {
        var complainedAt: Int64?
        while !state.withLock(\.isDraining) {
            do throws(IglooError) {
                if let socket = try listener.accept(milliseconds: 50) {
                    serve(socket, engine, notices)
                }
            } catch {
                if complainedAt.map({ MonotonicClock.nanoseconds() - $0 > 60_000_000_000 }) ?? true
                {
                    notices.add(Notice(error.message))
                    complainedAt = MonotonicClock.nanoseconds()
                }
                Clock.sleep(milliseconds: 100)
            }
            clients.cancelThoseGone()
        }
    }

    private func serve(_ socket: Socket, _ engine: any QueryEngine, _ notices: any NoticeSink) {
        guard let client = clients.add(socket) else { return refuse(socket) }
        let isServed = OwnThread.start { [clients, options] in
            HTTPConversation(client, engine, options, notices).run()
            clients.remove(client)
        }
        if !isServed { clients.remove(client) }
    }

    private func refuse(_ socket: Socket) {
        let answer = HTTPResponse.failure(
            HTTPFailure(503, "there are \(options.connectionCountMax) clients already"))
        answer.withUnsafeBufferPointer { bytes in
            _ = try? socket.send(UnsafeRawBufferPointer(bytes)) { () throws(IglooError) in
                throw .cancelled()
            }
        }
    }

    // MARK: - The end

    /// - Throws: `deadlineExceeded` when clients do not end even some seconds after they are cancelled.
    func drain(_ context: CallContext) throws(IglooError) {
        state.withLock { $0.isDraining = true }
        var cancelledSince: Int64?
        while state.withLock(\.isListening) || clients.count > 0 {
            let isOver =
                context.cancellation.isCancelled
                || context.deadlineNanoseconds.map { MonotonicClock.nanoseconds() > $0 } ?? false
            isOver ? clients.cancelAll() : clients.cancelThoseGone()
            if isOver { cancelledSince = cancelledSince ?? MonotonicClock.nanoseconds() }
            if let cancelledSince,
                MonotonicClock.nanoseconds() - cancelledSince > Self.patienceNanoseconds
            {
                throw IglooError(
                    .deadlineExceeded,
                    "\(clients.count) clients are left whose statements do not end")
            }
            Clock.sleep(milliseconds: 10)
        }
    }
}
