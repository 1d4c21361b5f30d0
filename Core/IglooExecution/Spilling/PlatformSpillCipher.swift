// SPDX-License-Identifier: MIT

import Glibc
import IglooArrow
import IglooContracts
import Synchronization

/// Encrypts blocks by AES-256-GCM with a key that this process draws at random and never tells.
///
/// The library is loaded when it is first wanted.
///
/// - Shape: of an encrypted block: 12 bytes of nonce, the bytes, 16 bytes of tag.
/// - Threads: any.
final class SpillCipher: Sendable {
    private let library: CryptoLibrary
    private let key: [UInt8]
    /// No nonce comes twice with one key.
    private let nonceCount = Atomic<UInt64>(0)
    private static let nonceByteCount = 12
    private static let tagByteCount = 16
    /// What one call of the library takes.
    private static let pieceByteCount = 1 << 30

    private static let made = Result { () throws(IglooError) in try SpillCipher() }

    /// - Throws: `unsupported` where the library is not there.
    static func shared() throws(IglooError) -> SpillCipher { try made.get() }

    private init() throws(IglooError) {
        library = try CryptoLibrary()
        var key = [UInt8](repeating: 0, count: 32)
        guard getentropy(&key, key.count) == 0 else {
            throw IglooError(.unavailable, "the system gives no random numbers")
        }
        self.key = key
    }

    func encrypted(_ bytes: Buffer) throws(IglooError) -> Buffer {
        let nonce = nonceCount.wrappingAdd(1, ordering: .relaxed).newValue
        let byteCount = Self.nonceByteCount + bytes.byteCount + Self.tagByteCount
        var result = BufferBuilder(byteCapacity: byteCount)
        result.append(nonce)
        result.append(UInt32(0))
        let start = result.baseAddress
        let context = try CryptoContext(library)
        let body = start + Self.nonceByteCount
        guard
            library.encryptInit(context.pointer, library.cipher(), nil, key, start) == 1,
            update(library.encryptUpdate, context, bytes.bytes, body),
            library.encryptFinal(context.pointer, body + bytes.byteCount, &context.count) == 1,
            library.control(
                context.pointer, CryptoLibrary.getTag, Int32(Self.tagByteCount),
                body + bytes.byteCount) == 1
        else { throw IglooError(.internalError, "libcrypto cannot encrypt") }
        result.setByteCount(byteCount)
        return result.finish()
    }

    func decrypted(_ bytes: Buffer) throws(IglooError) -> Buffer {
        let byteCount = bytes.byteCount - Self.nonceByteCount - Self.tagByteCount
        guard byteCount >= 0 else { throw SpillFormat.damaged() }
        var result = BufferBuilder(byteCapacity: byteCount)
        let target = result.baseAddress
        let body = bytes.slice(Self.nonceByteCount..<Self.nonceByteCount + byteCount)
        let tag = UnsafeMutableRawPointer(mutating: body.baseAddress + byteCount)
        let context = try CryptoContext(library)
        guard
            library.decryptInit(context.pointer, library.cipher(), nil, key, bytes.baseAddress)
                == 1,
            update(library.decryptUpdate, context, body.bytes, target),
            library.control(
                context.pointer, CryptoLibrary.setTag, Int32(Self.tagByteCount), tag) == 1,
            library.decryptFinal(context.pointer, target + byteCount, &context.count) == 1
        else { throw SpillFormat.damaged() }
        result.setByteCount(byteCount)
        return result.finish()
    }

    private func update(
        _ body: CryptoLibrary.Update, _ context: CryptoContext, _ source: UnsafeRawBufferPointer,
        _ target: UnsafeMutableRawPointer
    ) -> Bool {
        var done = 0
        while done < source.count {
            let count = min(source.count - done, Self.pieceByteCount)
            guard
                body(
                    context.pointer, target + done, &context.count, source.baseAddress! + done,
                    Int32(count)) == 1
            else { return false }
            done += count
        }
        return true
    }
}

/// The functions of OpenSSL's libcrypto that are needed, found by their names.
private struct CryptoLibrary: @unchecked Sendable {
    // SAFETY: C functions that any thread may call; the library stays loaded.
    typealias Init =
        @convention(c) (
            OpaquePointer?, OpaquePointer?, OpaquePointer?, UnsafeRawPointer?, UnsafeRawPointer?
        ) -> Int32
    typealias Update =
        @convention(c) (
            OpaquePointer?, UnsafeMutableRawPointer?, UnsafeMutablePointer<Int32>?,
            UnsafeRawPointer?,
            Int32
        ) -> Int32
    typealias Final =
        @convention(c) (
            OpaquePointer?, UnsafeMutableRawPointer?, UnsafeMutablePointer<Int32>?
        ) -> Int32
    typealias Control =
        @convention(c) (
            OpaquePointer?, Int32, Int32, UnsafeMutableRawPointer?
        ) -> Int32

    /// EVP_CTRL_AEAD_GET_TAG and EVP_CTRL_AEAD_SET_TAG of openssl/evp.h.
    static let getTag: Int32 = 0x10
    static let setTag: Int32 = 0x11

    let newContext: @convention(c) () -> OpaquePointer?
    let freeContext: @convention(c) (OpaquePointer?) -> Void
    let cipher: @convention(c) () -> OpaquePointer?
    let encryptInit: Init
    let encryptUpdate: Update
    let encryptFinal: Final
    let decryptInit: Init
    let decryptUpdate: Update
    let decryptFinal: Final
    let control: Control

    init() throws(IglooError) {
        let missing = IglooError(
            .unsupported, "temporary files cannot be encrypted: there is no libcrypto",
            hint: "Install OpenSSL 3, or SET temp_file_encryption = off")
        guard let library = dlopen("libcrypto.so.3", RTLD_NOW) ?? dlopen("libcrypto.so", RTLD_NOW)
        else { throw missing }
        func find<Function>(_ name: String, _ type: Function.Type) throws(IglooError) -> Function {
            guard let address = dlsym(library, name) else { throw missing }
            return unsafeBitCast(address, to: type)
        }
        newContext = try find("EVP_CIPHER_CTX_new", (@convention(c) () -> OpaquePointer?).self)
        freeContext = try find(
            "EVP_CIPHER_CTX_free", (@convention(c) (OpaquePointer?) -> Void).self)
        cipher = try find("EVP_aes_256_gcm", (@convention(c) () -> OpaquePointer?).self)
        encryptInit = try find("EVP_EncryptInit_ex", Init.self)
        encryptUpdate = try find("EVP_EncryptUpdate", Update.self)
        encryptFinal = try find("EVP_EncryptFinal_ex", Final.self)
        decryptInit = try find("EVP_DecryptInit_ex", Init.self)
        decryptUpdate = try find("EVP_DecryptUpdate", Update.self)
        decryptFinal = try find("EVP_DecryptFinal_ex", Final.self)
        control = try find("EVP_CIPHER_CTX_ctrl", Control.self)
    }
}

/// What the library keeps between calls, freed once.
private final class CryptoContext {
    let pointer: OpaquePointer
    var count: Int32 = 0
    private let library: CryptoLibrary

    init(_ library: CryptoLibrary) throws(IglooError) {
        guard let pointer = library.newContext() else {
            throw IglooError(.resourceExhausted, "libcrypto gets no memory")
        }
        self.pointer = pointer
        self.library = library
    }

    deinit { library.freeContext(pointer) }
}
