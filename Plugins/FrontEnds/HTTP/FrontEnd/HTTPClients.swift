// SPDX-License-Identifier: MIT

import IglooContracts

/// One client, for those who do not serve it: what has to end with it.
///
/// - Threads: any.
final class HTTPClient: Sendable {
    let socket: Socket
    let token = CancellationToken()
    private let asked = Locked(false)

    init(_ socket: Socket) { self.socket = socket }

    /// The request is there as a whole. A client that ends sending before that may be done with it.
    func hasAsked() { asked.withLock { $0 = true } }

    func isGone(_ ending: Socket.Ending) -> Bool {
        switch ending {
        case .none: false
        case .sending: asked.withLock { $0 }
        case .whole: true
        }
    }

    /// Its statement follows the token. By the id others could be meant: it is refused while it is in use.
    func cancel() { token.cancel() }
}

/// The clients that are served now, each on a thread.
///
/// - Threads: any.
final class HTTPClients: Sendable {
    private let countMax: Int
    private let all = Locked<[ObjectIdentifier: HTTPClient]>([:])

    init(countMax: Int) { self.countMax = countMax }

    var count: Int { all.withLock(\.count) }

    /// - Returns: `nil` when there are as many as there may be.
    func add(_ socket: Socket) -> HTTPClient? {
        all.withLock { clients in
            guard clients.count < countMax else { return nil }
            let client = HTTPClient(socket)
            clients[ObjectIdentifier(client)] = client
            return client
        }
    }

    func remove(_ client: HTTPClient) {
        all.withLock { $0[ObjectIdentifier(client)] = nil }
    }

    func cancelAll() {
        for client in all.withLock({ Array($0.values) }) { client.cancel() }
    }

    /// Nobody waits for the statements of clients that went away.
    func cancelThoseGone() {
        let clients = all.withLock { Array($0.values) }
        if clients.isEmpty { return }
        for (client, ending) in zip(clients, Socket.endings(of: clients.map(\.socket)))
        where !client.token.isCancelled && client.isGone(ending) {
            client.cancel()
        }
    }
}
