// SPDX-License-Identifier: MIT

import IglooContracts

/// The body of a response whose length nobody knows when it begins.
///
/// - Source: RFC 9112, 6.3 and 7.1.
final class ResponseBody {
    let length: HTTPResponse.Length
    private let socket: Socket
    private let token: CancellationToken
    private var hasFailed = false

    /// - Parameter inChunks: else the end of the connection is its end.
    init(_ socket: Socket, _ token: CancellationToken, inChunks: Bool) {
        self.socket = socket
        self.token = token
        length = inChunks ? .chunks : .untilClose
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(IglooError) {
        guard !bytes.isEmpty else { return }
        guard length == .chunks else { return try send(bytes) }
        try send(Array((String(bytes.count, radix: 16) + "\r\n").utf8))
        try send(bytes)
        try send([13, 10])
    }

    func finish() throws(IglooError) {
        if length == .chunks { try send(Array("0\r\n\r\n".utf8)) }
    }

    /// Without `finish` a client must not take what it has for the whole. A chunk that is missing
    /// tells it; else the connection has to break.
    var hasToBreak: Bool { hasFailed || length != .chunks }

    private func send(_ bytes: [UInt8]) throws(IglooError) {
        try bytes.withUnsafeBufferPointer { (bytes) throws(IglooError) in
            try send(UnsafeRawBufferPointer(bytes))
        }
    }

    private func send(_ bytes: UnsafeRawBufferPointer) throws(IglooError) {
        do throws(IglooError) {
            try socket.send(bytes) { () throws(IglooError) in
                if token.isCancelled { throw .cancelled() }
            }
        } catch {
            hasFailed = true
            throw error
        }
    }
}
