// SPDX-License-Identifier: MIT

import CIglooKernels
import Glibc
import IglooContracts
import Synchronization

/// A temporary file without a name: whatever becomes of this process, nothing of it is left.
///
/// - Threads: any; pieces are written beside each other.
final class SpillFile: Sendable {
    private let descriptor: Int32
    private let folder: String
    private let end = Atomic<Int>(0)

    /// - Throws: with the folder's name when no file can be made there.
    init(folder: String) throws(IglooError) {
        self.folder = folder
        descriptor = igloo_open_unnamed(folder)
        guard descriptor >= 0 else { throw Self.failure("make a temporary file in", folder, errno) }
    }

    deinit { close(descriptor) }

    /// Writes bytes and tells where they stand.
    func append(_ bytes: UnsafeRawBufferPointer) throws(IglooError) -> Int {
        let start = end.wrappingAdd(bytes.count, ordering: .relaxed).oldValue
        var written = 0
        while written < bytes.count {
            let count = pwrite(
                descriptor, bytes.baseAddress! + written, bytes.count - written, start + written)
            if count < 0 && errno == EINTR { continue }
            // A disk that takes nothing and says nothing is full.
            guard count > 0 else {
                throw Self.failure(
                    "write a temporary file in", folder, count == 0 ? ENOSPC : errno)
            }
            written += count
        }
        return start
    }

    func read(_ target: UnsafeMutableRawBufferPointer, at start: Int) throws(IglooError) {
        var read = 0
        while read < target.count {
            let count = pread(
                descriptor, target.baseAddress! + read, target.count - read, start + read)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                throw Self.failure("read a temporary file in", folder, count == 0 ? EIO : errno)
            }
            read += count
        }
    }

    /// Gives the disk back what nobody will read again. Where that cannot be done, it stays.
    func free(_ range: Range<Int>) {
        _ = igloo_punch_hole(descriptor, Int64(range.lowerBound), Int64(range.count))
    }

    private static func failure(_ action: String, _ folder: String, _ code: Int32) -> IglooError {
        let reason = String(cString: strerror(code))
        switch code {
        case ENOSPC, EDQUOT, EFBIG:
            return IglooError(
                .resourceExhausted, "cannot \(action) '\(folder)': \(reason)",
                hint:
                    "Make room there, SET temp_directory to another folder, or raise memory_limit",
                sqlState: .diskFull)
        case ENOENT, ENOTDIR, EACCES, EPERM, EROFS:
            return IglooError(
                code == ENOENT || code == ENOTDIR ? .notFound : .permissionDenied,
                "cannot \(action) '\(folder)': \(reason)",
                hint: "SET temp_directory to a folder that this process may write to",
                sqlState: code == ENOENT || code == ENOTDIR
                    ? .undefinedFile : .insufficientPrivilege)
        case EMFILE, ENFILE:
            return IglooError(
                .resourceExhausted, "cannot \(action) '\(folder)': \(reason)",
                hint: "Raise the limit of open files (ulimit -n)")
        default:
            return IglooError(.unavailable, "cannot \(action) '\(folder)': \(reason)")
        }
    }
}

/// Where temporary files go unless told otherwise.
public enum TemporaryFolder {
    /// `TMPDIR`, else `/var/tmp`, which unlike `/tmp` is seldom a piece of the memory that files
    /// are to relieve.
    public static func standard() -> String {
        if let path = getenv("TMPDIR").map({ String(cString: $0) }), !path.isEmpty { return path }
        return access("/var/tmp", W_OK) == 0 ? "/var/tmp" : "/tmp"
    }
}
