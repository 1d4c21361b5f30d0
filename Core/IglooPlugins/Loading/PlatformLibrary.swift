// SPDX-License-Identifier: MIT

import CLibltdl
import Glibc
package import IglooContracts
import Synchronization

/// Shared objects that were loaded through libltdl. None is ever unloaded: a Swift runtime that
/// was part of one cannot be taken away from under the process.
package enum SharedObject {
    /// libltdl keeps global state, among it the last error.
    private static let isInitialised = Mutex(false)

    /// Loads the object at `path` and finds `symbol` in it.
    ///
    /// - Throws: the dynamic linker's own message.
    package static func load(
        _ path: String, symbol: String
    ) throws(IglooError) -> UnsafeMutableRawPointer {
        let result: Result<Address, IglooError> = isInitialised.withLock { isInitialised in
            if !isInitialised {
                guard lt_dlinit() == 0 else {
                    return .failure(
                        IglooError(.internalError, "libltdl does not start: \(lastError())"))
                }
                isInitialised = true
            }
            return Result { () throws(IglooError) in
                Address(try find(symbol, in: try open(path), path))
            }
        }
        return try result.get().pointer
    }

    /// A pointer that may leave the lock.
    private struct Address: @unchecked Sendable {
        // SAFETY: it points at code, which is never unloaded.
        let pointer: UnsafeMutableRawPointer
        init(_ pointer: UnsafeMutableRawPointer) { self.pointer = pointer }
    }

    private static func open(_ path: String) throws(IglooError) -> lt_dlhandle {
        var advice: lt_dladvise?
        guard lt_dladvise_init(&advice) == 0 else {
            throw IglooError(.resourceExhausted, "no memory to load \(path)")
        }
        defer { lt_dladvise_destroy(&advice) }
        guard lt_dladvise_local(&advice) == 0, lt_dladvise_resident(&advice) == 0 else {
            throw IglooError(.internalError, "libltdl cannot load for good: \(lastError())")
        }
        if let handle = lt_dlopenadvise(path, advice) { return handle }
        // libltdl says "file not found" whatever the reason: the second try is for the message.
        let known = lastError()
        if let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) {
            dlclose(handle)
            throw failed(path, known)
        }
        throw failed(path, dlerror().map { String(cString: $0) } ?? known)
    }

    /// The symbol must stand in this very object, not in one that it links.
    private static func find(
        _ symbol: String, in handle: lt_dlhandle, _ path: String
    ) throws(IglooError) -> UnsafeMutableRawPointer {
        guard let address = lt_dlsym(handle, symbol) else {
            throw failed(path, "it does not export \(symbol)")
        }
        var info = igloo_dl_info()
        guard igloo_dladdr(address, &info) != 0, let name = info.file_name else {
            throw failed(path, "\(symbol) belongs to no object")
        }
        let owner = Folders.resolved(String(cString: name))
        guard owner == Folders.resolved(path) else {
            throw failed(path, "its \(symbol) stands in \(owner)")
        }
        return address
    }

    private static func failed(_ path: String, _ why: String) -> IglooError {
        IglooError(.unavailable, "the plugin \(path) does not load: \(why)")
    }

    private static func lastError() -> String {
        lt_dlerror().map { String(cString: $0) } ?? "unknown error"
    }
}
