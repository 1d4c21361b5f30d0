// SPDX-License-Identifier: MIT

import IglooContracts

/// Heads and bodies of responses. Each connection serves one request.
enum HTTPResponse {
    private static let reasons = [
        200: "OK", 204: "No Content", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
        404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout", 409: "Conflict",
        411: "Length Required", 413: "Content Too Large", 415: "Unsupported Media Type",
        421: "Misdirected Request", 499: "Client Closed Request", 500: "Internal Server Error",
        501: "Not Implemented", 503: "Service Unavailable", 504: "Gateway Timeout",
        505: "HTTP Version Not Supported", 507: "Insufficient Storage",
    ]

    /// How clients know where a body ends.
    enum Length: Equatable {
        case bytes(Int)
        case chunks, untilClose
    }

    /// Has the client send its body.
    static let goOn = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    static func head(
        _ status: Int, type: String? = nil, _ length: Length?, _ more: [(String, String)] = []
    ) -> [UInt8] {
        var text = "HTTP/1.1 \(status) \(reasons[status] ?? "Unknown")\r\n"
        if let type { text += "Content-Type: \(type)\r\n" }
        switch length {
        case .bytes(let count): text += "Content-Length: \(count)\r\n"
        case .chunks: text += "Transfer-Encoding: chunked\r\n"
        case .untilClose, nil: break
        }
        for (name, value) in more { text += "\(name): \(value)\r\n" }
        text += "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
        return Array(text.utf8)
    }

    static func json(_ status: Int, _ json: String, _ more: [(String, String)] = []) -> [UInt8] {
        let body = Array((json + "\n").utf8)
        return head(status, type: "application/json", .bytes(body.count), more) + body
    }

    static func failure(_ failure: HTTPFailure, _ more: [(String, String)] = []) -> [UInt8] {
        let error = failure.error
        var json = "{\"error\":{\"sqlstate\":\(quoted(error.sqlState.rawValue))"
        json += ",\"message\":\(quoted(error.message))"
        if let hint = error.hint { json += ",\"hint\":\(quoted(hint))" }
        var more = more
        if failure.status == 401 { more.append(("WWW-Authenticate", "Bearer")) }
        return self.json(failure.status, json + "}}", more)
    }

    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\" + String(scalar)
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
