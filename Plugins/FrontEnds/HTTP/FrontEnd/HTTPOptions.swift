// SPDX-License-Identifier: MIT

import IglooContracts

struct HTTPOptions: Sendable {
    var host: String
    var port: UInt16
    var token: String?
    var connectionCountMax: Int
    var statementByteCountMax: Int
    var requestNanoseconds: Int64
    var sendNanoseconds: Int64

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
        OptionSpecification(
            "send_timeout", .duration, defaultText: "60s",
            documentation:
                "Within which a client has to take something of its answer; else the answer ends."),
    ]

    /// - Throws: `invalidArgument`.
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
        token = try Self.token(values)
        connectionCountMax = Int(try Self.number("max_connections", values, 64, 1...10_000))
        statementByteCountMax = Int(
            try Self.number("max_statement", values, 16 << 20, 1...(1 << 30)))
        requestNanoseconds = try Self.duration("request_timeout", values, seconds: 10)
        sendNanoseconds = try Self.duration("send_timeout", values, seconds: 60)
        guard token != nil || Loopback.isAddress(host) else {
            throw IglooError(
                .invalidArgument, "\(address) is open to others, and there is no token to show",
                hint: "token = { secret = \"file:/run/secrets/igloo-http\" }")
        }
    }

    /// A token that is empty, or that no client can send, is a mistake: the file of the secret is
    /// empty. It must not mean that everybody may come in.
    private static func token(_ values: OptionValues) throws(IglooError) -> String? {
        guard let token = values.string("token") else { return nil }
        guard !token.isEmpty, token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw IglooError(
                .invalidArgument,
                token.isEmpty
                    ? "the token is empty" : "the token has other characters than visible ASCII",
                hint:
                    "head -c 32 /dev/urandom | base64 makes one; leave the option out to have none")
        }
        return token
    }

    private static func number(
        _ name: String, _ values: OptionValues, _ usual: Int64, _ range: ClosedRange<Int64>
    ) throws(IglooError) -> Int64 {
        let value = values.integer(name) ?? usual
        guard range.contains(value) else {
            throw IglooError(
                .invalidArgument,
                "\(name) is from \(range.lowerBound) to \(range.upperBound), not \(value)")
        }
        return value
    }

    private static func duration(
        _ name: String, _ values: OptionValues, seconds: Int64
    ) throws(IglooError) -> Int64 {
        let value = values.integer(name) ?? seconds * 1_000_000_000
        guard (100_000_000...86_400_000_000_000).contains(value) else {
            throw IglooError(.invalidArgument, "\(name) is from 100ms to 24h")
        }
        return value
    }
}
