// SPDX-License-Identifier: MIT

import CCrypto
import IglooContracts

/// A key of Ed25519 in a PEM file, as `openssl genpkey -algorithm ed25519` writes them. Signatures
/// are those of `openssl pkeyutl -sign -rawin`: 64 bytes over the whole file.
final class Ed25519Key {
    static let signatureByteCount = 64

    private let key: OpaquePointer

    enum Part {
        case `public`, `private`
    }

    /// - Throws: `invalidArgument` when the file holds no such key.
    init(_ part: Part, pemFile path: String) throws(IglooError) {
        let file = try FileByteSource(path: path)
        guard file.byteCount <= 1 << 16, let text = file.read(offset: 0, count: file.byteCount),
            let memory = BIO_new_mem_buf(text, Int32(text.count))
        else { throw IglooError(.invalidArgument, "\(path) is too large for a key") }
        defer { BIO_free(memory) }
        // Without a callback, a key with a pass phrase would ask for it on the terminal.
        let refuse:
            @convention(c) (
                UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?
            ) -> Int32 = { _, _, _, _ in -1 }
        let key =
            switch part {
            case .public: PEM_read_bio_PUBKEY(memory, nil, refuse, nil)
            case .private: PEM_read_bio_PrivateKey(memory, nil, refuse, nil)
            }
        ERR_clear_error()
        guard let key, EVP_PKEY_get_id(key) == EVP_PKEY_ED25519 else {
            if let key { EVP_PKEY_free(key) }
            throw IglooError(
                .invalidArgument,
                "\(path) holds no \(part) Ed25519 key in PEM, without pass phrase",
                hint: "igloo plugin sign --new-key NAME makes a pair of keys")
        }
        self.key = key
    }

    private init(_ key: OpaquePointer) { self.key = key }

    deinit { EVP_PKEY_free(key) }

    /// A new pair of keys.
    static func generate() throws(IglooError) -> Ed25519Key {
        let context = EVP_PKEY_CTX_new_id(EVP_PKEY_ED25519, nil)
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_keygen(context, &key) == 1, let key
        else { throw IglooError(.internalError, "libcrypto makes no Ed25519 key") }
        return Ed25519Key(key)
    }

    func pem(_ part: Part) throws(IglooError) -> [UInt8] {
        guard let memory = BIO_new(BIO_s_mem()) else {
            throw IglooError(.resourceExhausted, "no memory for a key")
        }
        defer { BIO_free(memory) }
        let written =
            switch part {
            case .public: PEM_write_bio_PUBKEY(memory, key)
            case .private: PEM_write_bio_PrivateKey(memory, key, nil, nil, 0, nil, nil)
            }
        var text = [UInt8](repeating: 0, count: 4096)
        let count = BIO_read(memory, &text, Int32(text.count))
        guard written == 1, count > 0 else {
            throw IglooError(.internalError, "libcrypto does not write the key")
        }
        return Array(text.prefix(Int(count)))
    }

    func sign(_ message: [UInt8]) throws(IglooError) -> [UInt8] {
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        var signature = [UInt8](repeating: 0, count: Self.signatureByteCount)
        var count = signature.count
        guard EVP_DigestSignInit(context, nil, nil, nil, key) == 1,
            EVP_DigestSign(context, &signature, &count, message, message.count) == 1,
            count == Self.signatureByteCount
        else { throw IglooError(.internalError, "libcrypto does not sign") }
        return signature
    }

    func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        let isRight =
            signature.count == Self.signatureByteCount
            && EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1
            && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
        ERR_clear_error()
        return isRight
    }
}
