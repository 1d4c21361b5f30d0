// SPDX-License-Identifier: MIT

import CCrypto
package import IglooContracts

/// The SHA-256 of a file: the name of its content, whatever the file is called.
public struct ContentHash: Hashable, Sendable, CustomStringConvertible {
    let bytes: [UInt8]

    static let byteCount = 32

    /// From 64 hexadecimal digits; `nil` for any other text.
    public init?(hexadecimal text: String) {
        let digits = text.utf8.map { digit in Self.value(ofDigit: digit) }
        guard digits.count == 2 * Self.byteCount else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[index], let low = digits[index + 1] else { return nil }
            bytes.append(high << 4 | low)
        }
        self.bytes = bytes
    }

    /// Of all bytes of `source`.
    ///
    /// - Throws: `unavailable` when they cannot be read to their end.
    package init(of source: some ByteSource) throws(IglooError) {
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
        else { throw IglooError(.internalError, "libcrypto does not start SHA-256") }
        defer { EVP_MD_CTX_free(context) }
        var offset = 0
        while offset < source.byteCount {
            let count = min(1 << 20, source.byteCount - offset)
            guard let chunk = source.read(offset: offset, count: count),
                EVP_DigestUpdate(context, chunk, chunk.count) == 1
            else { throw IglooError(.unavailable, "the file cannot be read to its end") }
            offset += count
        }
        var digest = [UInt8](repeating: 0, count: Self.byteCount)
        guard EVP_DigestFinal_ex(context, &digest, nil) == 1 else {
            throw IglooError(.internalError, "libcrypto does not end SHA-256")
        }
        bytes = digest
    }

    /// 64 hexadecimal digits.
    public var description: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
            as: UTF8.self)
    }

    private static func value(ofDigit digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x41...0x46: digit - 0x41 + 10
        case 0x61...0x66: digit - 0x61 + 10
        default: nil
        }
    }
}
