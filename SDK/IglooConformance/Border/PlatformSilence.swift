// SPDX-License-Identifier: MIT

import Glibc

/// A peer of TCP that takes connections and never says a word.
final class PlatformSilence {
    let address: String
    private let descriptor: Int32

    /// - Parameter address: where a transport has listened; `nil` when that is none of IPv4.
    init?(beside address: String) {
        guard let colon = address.lastIndex(of: ":") else { return nil }
        let host = String(address[..<colon])
        var socketAddress = sockaddr_in()
        socketAddress.sin_family = sa_family_t(AF_INET)
        guard inet_pton(AF_INET, host, &socketAddress.sin_addr) == 1 else { return nil }
        let descriptor = socket(
            AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &socketAddress) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && listen(descriptor, 16) == 0
                    && getsockname(descriptor, $0, &size) == 0
            }
        }
        self.descriptor = descriptor
        self.address = "\(host):\(UInt16(bigEndian: socketAddress.sin_port))"
        if !isListening { return nil }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }
}
