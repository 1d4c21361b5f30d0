// SPDX-License-Identifier: MIT

/// The names of this machine that lead nowhere else.
enum Loopback {
    /// An address of IPv4 in 127.0.0.0/8. Any name may begin so.
    static func isAddress(_ text: some StringProtocol) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let numbers = parts.compactMap { part -> UInt8? in
            guard part.allSatisfy({ (48...57).contains($0) }) else { return nil }
            return UInt8(String(decoding: part, as: UTF8.self))
        }
        return parts.count == 4 && numbers.count == 4 && numbers[0] == 127
    }

    /// - Parameter host: the header `Host`, with or without a port.
    static func isNamed(by host: String) -> Bool {
        var name = host[...]
        if let colon = host.lastIndex(of: ":"), !host.hasSuffix("]") {
            let port = host[host.index(after: colon)...]
            guard port.utf8.allSatisfy({ (48...57).contains($0) }) else { return false }
            name = host[..<colon]
        }
        return name.lowercased() == "localhost" || name == "[::1]" || isAddress(name)
    }
}
