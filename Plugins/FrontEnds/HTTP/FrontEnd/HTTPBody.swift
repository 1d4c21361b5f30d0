// SPDX-License-Identifier: MIT

import IglooContracts

/// The body of a request as it comes in, of a stated length or in chunks.
///
/// - Threads: one at a time.
/// - Source: RFC 9112, 6 and 7.1.
final class HTTPBody {
    /// Why it ended before its end.
    private(set) var failure: HTTPFailure?
    /// Called several times a second while nothing comes.
    var whileWaiting: () throws(IglooError) -> Void = {}

    private let socket: Socket
    private let token: CancellationToken
    private let idleNanoseconds: Int64
    /// What has come and was not taken yet.
    private var received: ArraySlice<UInt8>
    private var part: Part

    private enum Part {
        /// So many bytes are yet to come; `isChunk`: of a chunk.
        case data(Int, isChunk: Bool)
        case chunkHead
        case end
    }

    private static let stepByteCount = 1 << 16
    private static let lineByteCountMax = 1 << 10

    /// - Parameter received: what came after the head.
    /// - Throws: when the head does not say how long the body is.
    init(
        _ request: HTTPRequest, _ socket: Socket, received: [UInt8], idleNanoseconds: Int64,
        _ token: CancellationToken
    ) throws(HTTPFailure) {
        self.socket = socket
        self.token = token
        self.idleNanoseconds = idleNanoseconds
        self.received = received[...]
        switch request.headers["transfer-encoding"]?.lowercased() {
        case nil: part = .data(try request.bodyByteCount(max: .max), isChunk: false)
        case "chunked":
            // Two lengths are how requests are smuggled.
            guard request.headers["content-length"] == nil else {
                throw HTTPFailure(400, "there are a Content-Length and chunks")
            }
            part = .chunkHead
        default: throw HTTPFailure(501, "of transfer encodings there is chunked alone")
        }
    }

    /// Bytes, never none; `nil` at the end, and after a failure.
    func read() throws(IglooError) -> [UInt8]? {
        do throws(HTTPFailure) {
            return try next()
        } catch {
            failure = error
            part = .end
            throw error.error
        }
    }

    private func next() throws(HTTPFailure) -> [UInt8]? {
        while true {
            switch part {
            case .end: return nil
            case .chunkHead: part = try chunk()
            case .data(0, let isChunk):
                guard isChunk else {
                    part = .end
                    continue
                }
                guard try line().isEmpty else { throw malformed() }
                part = .chunkHead
            case .data(let count, let isChunk):
                if received.isEmpty { try receive() }
                let bytes = Array(received.prefix(min(count, Self.stepByteCount)))
                received = received.dropFirst(bytes.count)
                part = .data(count - bytes.count, isChunk: isChunk)
                return bytes
            }
        }
    }

    private func chunk() throws(HTTPFailure) -> Part {
        let digits = try line().prefix { $0 != UInt8(ascii: ";") && $0 != 32 }
        guard !digits.isEmpty, digits.count <= 15,
            let count = Int(String(decoding: digits, as: UTF8.self), radix: 16), count >= 0
        else { throw malformed() }
        if count > 0 { return .data(count, isChunk: true) }
        while try !line().isEmpty {}
        return .end
    }

    /// Up to the next end of a line.
    private func line() throws(HTTPFailure) -> [UInt8] {
        var line: [UInt8] = []
        while true {
            if received.isEmpty { try receive() }
            guard let byte = received.popFirst() else { continue }
            if byte == 10 {
                guard line.popLast() == 13 else { throw malformed() }
                return line
            }
            line.append(byte)
            guard line.count <= Self.lineByteCountMax else { throw malformed() }
        }
    }

    private func receive() throws(HTTPFailure) {
        let end = MonotonicClock.nanoseconds().addingReportingOverflow(idleNanoseconds)
        while received.isEmpty {
            guard !token.isCancelled else { throw HTTPFailure(.cancelled()) }
            guard end.overflow || MonotonicClock.nanoseconds() < end.partialValue else {
                throw HTTPFailure(408, "nothing more of the body came in time")
            }
            guard let bytes = socket.read(max: Self.stepByteCount, milliseconds: 50) else {
                do throws(IglooError) { try whileWaiting() } catch { throw HTTPFailure(error) }
                continue
            }
            guard !bytes.isEmpty else { throw HTTPFailure(400, "the body ends too early") }
            received = bytes[...]
        }
    }

    private func malformed() -> HTTPFailure {
        HTTPFailure(400, "the chunks of the body are malformed")
    }
}
