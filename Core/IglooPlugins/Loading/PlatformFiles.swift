// SPDX-License-Identifier: MIT

import CLibltdl
import Glibc
package import IglooContracts

/// Which file it is, and in which state: another one, or a changed one, has another identity.
struct FileIdentity: Hashable {
    private let device: UInt64
    private let inode: UInt64
    private let byteCount: Int
    private let changed: [Int]

    fileprivate init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        byteCount = Int(status.st_size)
        changed = [
            status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec,
            status.st_ctim.tv_nsec,
        ]
    }
}

/// A file that is read in pieces.
package final class FileByteSource: ByteSource {
    let descriptor: Int32
    package let byteCount: Int
    let identity: FileIdentity

    /// - Throws: `notFound`, `permissionDenied` or `unavailable`, naming the path.
    package init(path: String) throws(IglooError) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard descriptor >= 0 else { throw IglooError(systemError: errno, "cannot open \(path)") }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let error = errno
            close(descriptor)
            throw IglooError(systemError: error, "cannot look at \(path)")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw IglooError(.invalidArgument, "\(path) is not a regular file")
        }
        byteCount = Int(status.st_size)
        identity = FileIdentity(status)
    }

    private init(taking descriptor: Int32, _ status: stat) {
        self.descriptor = descriptor
        byteCount = Int(status.st_size)
        identity = FileIdentity(status)
    }

    deinit { close(descriptor) }

    package func read(offset: Int, count: Int) -> [UInt8]? {
        guard offset >= 0, count >= 0, offset <= byteCount, count <= byteCount - offset else {
            return nil
        }
        var done = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while done < count {
                let step = pread(
                    descriptor, buffer.baseAddress! + done, count - done, off_t(offset + done))
                if step < 0 && errno == EINTR { continue }
                if step <= 0 { break }
                done += step
            }
            filled = done
        }
        return done == count ? bytes : nil
    }

    /// The path under which this process finds the very file that is open.
    var descriptorPath: String { "/proc/self/fd/\(descriptor)" }

    /// A copy in memory that nobody can change any more, not even this process.
    ///
    /// - Throws: `resourceExhausted` or `unavailable`.
    func sealedCopy() throws(IglooError) -> FileByteSource {
        let copy = igloo_memfd_create(
            "igloo-plugin", UInt32(IGLOO_MFD_CLOEXEC_AND_SEALABLE))
        guard copy >= 0 else { throw IglooError(systemError: errno, "cannot make a sealed copy") }
        var offset = 0
        while offset < byteCount {
            let count = min(1 << 20, byteCount - offset)
            guard let chunk = read(offset: offset, count: count),
                pwrite(copy, chunk, count, off_t(offset)) == count
            else {
                close(copy)
                throw IglooError(.unavailable, "cannot make a sealed copy of all bytes")
            }
            offset += count
        }
        var status = stat()
        guard fcntl(copy, Int32(IGLOO_F_ADD_SEALS), Int32(IGLOO_F_SEAL_ALL)) == 0,
            fstat(copy, &status) == 0
        else {
            close(copy)
            throw IglooError(systemError: errno, "cannot seal a copy")
        }
        return FileByteSource(taking: copy, status)
    }
}

extension IglooError {
    /// An error of the system as one of ours.
    init(systemError number: Int32, _ what: String) {
        let code: Code =
            switch number {
            case ENOENT, ENOTDIR: .notFound
            case EACCES, EPERM: .permissionDenied
            default: .unavailable
            }
        self.init(code, "\(what): \(String(cString: strerror(number)))")
    }
}

package enum Folders {
    /// The names in a folder, sorted; none when it cannot be read.
    package static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            names.append(name)
        }
        return names.sorted()
    }

    package static func isFile(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    static func isThere(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// The permissions of a file; those of a new one when it is not there.
    static func mode(of path: String) -> mode_t {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o777 : 0o644
    }

    /// The path without links and dots; itself when it leads nowhere.
    package static func resolved(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// `path`, if absolute, else below `folder`.
    package static func join(_ folder: String, _ path: String) -> String {
        if path.hasPrefix("/") || folder.isEmpty { return path }
        return folder.hasSuffix("/") ? folder + path : "\(folder)/\(path)"
    }

    /// The absolute folder of a file.
    package static func folder(of path: String) -> String {
        let absolute = path.hasPrefix("/") ? path : join(current, path)
        guard let slash = absolute.lastIndex(of: "/"), slash > absolute.startIndex else {
            return "/"
        }
        return String(absolute[..<slash])
    }

    /// Makes a folder, and those above it, which only this user may look into.
    static func makePrivate(_ path: String) throws(IglooError) {
        guard mkdir(path, 0o700) != 0, errno != EEXIST else { return }
        guard errno == ENOENT, path != "/" else {
            throw IglooError(systemError: errno, "cannot make the folder \(path)")
        }
        try makePrivate(folder(of: path))
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw IglooError(systemError: errno, "cannot make the folder \(path)")
        }
    }

    /// Replaces a file at once, or makes it.
    static func replace(
        _ path: String, with bytes: [UInt8], mode: mode_t = 0o600
    ) throws(IglooError) {
        let new = "\(path).new-\(getpid())"
        let descriptor = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw IglooError(systemError: errno, "cannot write \(new)") }
        var done = 0
        while done < bytes.count {
            let step = bytes[done...].withUnsafeBytes {
                write(descriptor, $0.baseAddress, $0.count)
            }
            if step < 0 && errno == EINTR { continue }
            if step <= 0 { break }
            done += step
        }
        let isWritten = done == bytes.count
        guard close(descriptor) == 0, isWritten, rename(new, path) == 0 else {
            let code = errno
            unlink(new)
            throw IglooError(systemError: code, "cannot write \(path)")
        }
    }

    static func remove(_ path: String) throws(IglooError) {
        guard unlink(path) == 0 || errno == ENOENT else {
            throw IglooError(systemError: errno, "cannot remove \(path)")
        }
    }

    package static var current: String {
        guard let path = getcwd(nil, 0) else { return "." }
        defer { free(path) }
        return String(cString: path)
    }
}

enum StandardError {
    static func write(line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = bytes.withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
    }
}
