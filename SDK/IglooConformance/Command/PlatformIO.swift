// SPDX-License-Identifier: MIT

import CIglooConformance
import Glibc
import IglooContracts

/// Files, descriptors and folders, as far as the kit needs them.
enum PlatformIO {
    static func write(_ text: String, to descriptor: Int32) {
        write(Array(text.utf8), to: descriptor)
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { return }
            rest = rest.dropFirst(count)
        }
    }

    static func writeFile(_ path: String, _ bytes: [UInt8]) throws(IglooError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failed("cannot write \(path)") }
        write(bytes, to: descriptor)
        guard close(descriptor) == 0 else { throw failed("cannot write \(path)") }
    }

    static func append(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) {
        write(Array(bytes), to: descriptor)
    }

    static func makeFile(_ path: String) throws(IglooError) -> Int32 {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failed("cannot write \(path)") }
        return descriptor
    }

    static func close(_ descriptor: Int32) -> Int32 { Glibc.close(descriptor) }

    /// A new folder that only this user can read.
    static func makeTemporaryFolder() throws(IglooError) -> String {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var name = Array("\(base)/igloo-conformance-XXXXXX".utf8CString)
        guard mkdtemp(&name) != nil else { throw failed("cannot make a folder in \(base)") }
        return String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static func makeFolder(_ path: String) throws(IglooError) {
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
            throw failed("cannot make \(path)")
        }
    }

    /// Makes it the folder from which names of files count.
    static func enter(_ path: String) { _ = chdir(path) }

    /// Removes a folder and all that is in it.
    static func remove(_ path: String) { igloo_remove_tree(path) }

    static func copy(_ source: [UInt8], to path: String) throws(IglooError) {
        try writeFile(path, source)
        guard chmod(path, 0o755) == 0 else { throw failed("cannot write \(path)") }
    }

    /// The program that runs.
    static var program: String {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = buffer.withUnsafeMutableBytes {
            readlink(
                "/proc/self/exe", $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
        }
        return String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
    }

    /// Ends the process at once, without the last words of libraries.
    static func end(_ status: Int32) -> Never { _exit(status) }

    /// Ends the process as a crash of the machine would.
    static func kill() -> Never {
        Glibc.kill(getpid(), SIGKILL)
        _exit(1)
    }

    static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    private static func failed(_ what: String) -> IglooError {
        IglooError(.unavailable, "\(what): \(String(cString: strerror(errno)))")
    }
}
