// SPDX-License-Identifier: MIT

import IglooContracts

/// A request of HTTP/1.1, without its body.
///
/// - Source: RFC 9112.
struct HTTPRequest {
    var method: String
    /// Without the query.
    var path: String
    var query: [String: String] = [:]
    /// Names in lower case.
    var headers: [String: String] = [:]
    /// Clients of HTTP/1.0 know neither chunks nor answers before the answer.
    var takesChunks: Bool

    static let headByteCountMax = 1 << 14

    /// - Parameter head: everything before the empty line.
    /// - Throws: `HTTPFailure` of status 400 or 505.
    init(_ head: [UInt8]) throws(HTTPFailure) {
        guard let text = String(validating: head, as: UTF8.self) else {
            throw HTTPFailure(400, "the request is not text")
        }
        // "\r\n" is one character of Swift.
        var lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)[...]
        let words = (lines.popFirst() ?? "").split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, !words[0].isEmpty, words[1].hasPrefix("/") else {
            throw HTTPFailure(400, "the first line is none of a request")
        }
        guard words[2] == "HTTP/1.1" || words[2] == "HTTP/1.0" else {
            throw HTTPFailure(505, "the protocol is not HTTP/1.1")
        }
        method = String(words[0])
        takesChunks = words[2] == "HTTP/1.1"
        let parts = words[1].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let path = Self.decoded(parts[0]) else {
            throw HTTPFailure(400, "the path has a broken escape")
        }
        self.path = path
        for pair in parts.count > 1 ? parts[1].split(separator: "&") : [] {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decoded(sides[0]),
                let value = Self.decoded(sides.count > 1 ? sides[1] : "")
            else { throw HTTPFailure(400, "the query has a broken escape") }
            query[name] = value
        }
        for line in lines {
            guard let colon = line.firstIndex(of: ":"), colon != line.startIndex,
                !line.contains(where: { $0 == "\0" || $0 == "\n" || $0 == "\r" })
            else { throw HTTPFailure(400, "a header is malformed") }
            let name = line[..<colon].lowercased()
            guard !name.contains(" "), !name.contains("\t") else {
                throw HTTPFailure(400, "a header is malformed")
            }
            // What decides over lengths and rights must not be there twice.
            if headers[name] != nil,
                ["content-length", "transfer-encoding", "host", "authorization", "content-type"]
                    .contains(name)
            {
                throw HTTPFailure(400, "the header \(name) is there twice")
            }
            headers[name] = Self.trimmed(line[line.index(after: colon)...])
        }
    }

    /// Its body is rows for a table, and not read as a whole.
    var bringsRows: Bool {
        method == "POST" && path.hasPrefix(HTTPIngest.path) && path != HTTPIngest.path
    }

    /// How many bytes follow.
    func bodyByteCount(max: Int) throws(HTTPFailure) -> Int {
        guard headers["transfer-encoding"] == nil else {
            throw HTTPFailure(411, "bodies are taken with a Content-Length only")
        }
        guard let text = headers["content-length"] else {
            if method == "POST" { throw HTTPFailure(411, "there is no Content-Length") }
            return 0
        }
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else {
            throw HTTPFailure(400, "the Content-Length is no number")
        }
        guard let count = Int(text), count <= max else {
            throw HTTPFailure(413, "statements have at most \(max) bytes")
        }
        return count
    }

    /// It sends its body once it is told that the head is well.
    var waitsToBeAsked: Bool {
        takesChunks && headers["expect"]?.lowercased() == "100-continue"
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while let first = text.first, first == " " || first == "\t" { text = text.dropFirst() }
        while let last = text.last, last == " " || last == "\t" { text = text.dropLast() }
        return String(text)
    }

    /// Without escapes; `nil` for broken ones.
    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard rest.count >= 2,
                    let high = Character(UnicodeScalar(rest[rest.startIndex])).hexDigitValue,
                    let low = Character(UnicodeScalar(rest[rest.startIndex + 1])).hexDigitValue
                else { return nil }
                bytes.append(UInt8(high << 4 | low))
                rest = rest.dropFirst(2)
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

/// Why a request is refused, as HTTP says it.
struct HTTPFailure: Error {
    var status: Int
    var error: IglooError

    init(_ status: Int, _ message: String, hint: String? = nil) {
        self.status = status
        error = IglooError(.invalidArgument, message, hint: hint)
    }

    /// An error of the engine.
    init(_ error: IglooError) {
        self.error = error
        status =
            switch error.code {
            // What a constraint forbids.
            case _ where error.sqlState.rawValue.hasPrefix("23"): 409
            case .unauthenticated: 401
            case .permissionDenied: 403
            case .notFound: 404
            case .cancelled: 499
            case .alreadyExists, .conflict, .invalidState: 409
            case _ where Self.isOfStatement(error.sqlState): 400
            case .resourceExhausted: 507
            case .unavailable: 503
            case .deadlineExceeded: 504
            case .unsupported: 501
            case .internalError, .invalidData, .unknown: 500
            default: 400
            }
    }

    /// Data exceptions, errors of syntax and meaning, and limits that a statement is over.
    private static func isOfStatement(_ state: SQLState) -> Bool {
        ["22", "42", "54"].contains(state.rawValue.prefix(2))
    }
}
