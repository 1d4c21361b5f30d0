// SPDX-License-Identifier: MIT

import Glibc
import IglooContracts

/// The system calls of this module, with errors that name the path.
enum PlatformFile {
    enum Kind: Equatable { case file, directory, other(String) }

    struct Status {
        var kind: Kind
        var identity: FileIdentity
        var device: UInt64
    }

    /// The status of what `path` leads to; `nil` when there is nothing.
    static func status(_ path: String) throws(IglooError) -> Status? {
        var raw = stat()
        if stat(path, &raw) == 0 { return Status(raw) }
        let code = errno
        if code == ENOENT || code == ENOTDIR || code == ENAMETOOLONG { return nil }
        throw failure("cannot look at", path, code)
    }

    /// The time of day, as files' times are told.
    static func nowNanoseconds() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
    }

    /// The path without symbolic links; as it is where that cannot be told.
    static func resolved(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// Opens a regular file for reading.
    static func open(_ path: String) throws(IglooError) -> (descriptor: Int32, FileIdentity) {
        // O_NONBLOCK: a pipe must be refused below, not waited for here.
        var descriptor: Int32
        repeat {
            descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        } while descriptor < 0 && errno == EINTR
        guard descriptor >= 0 else { throw failure("cannot open", path, errno) }
        do throws(IglooError) {
            let status = try self.status(of: descriptor, path)
            switch status.kind {
            case .file: return (descriptor, status.identity)
            case .directory:
                throw IglooError(
                    .invalidArgument, "'\(path)' is a directory, where a file is expected",
                    hint: "name the files in it: '\(path)/*'")
            case .other(let kind):
                throw IglooError(
                    .invalidArgument, "'\(path)' is \(kind), not a file",
                    hint: "copy its content to a file first")
            }
        } catch {
            _ = Glibc.close(descriptor)
            throw error
        }
    }

    static func status(of descriptor: Int32, _ path: String) throws(IglooError) -> Status {
        var raw = stat()
        guard fstat(descriptor, &raw) == 0 else { throw failure("cannot look at", path, errno) }
        return Status(raw)
    }

    static func close(_ descriptor: Int32) { _ = Glibc.close(descriptor) }

    /// Reads up to `buffer.count` bytes; fewer only at the end of the file.
    static func read(
        _ descriptor: Int32, at offset: Int64, into buffer: UnsafeMutableRawBufferPointer,
        _ path: String
    ) throws(IglooError) -> Int {
        var done = 0
        while done < buffer.count {
            let count = pread(
                descriptor, buffer.baseAddress! + done, buffer.count - done,
                off_t(offset + Int64(done)))
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw failure("cannot read", path, errno) }
            if count == 0 { break }
            done += count
        }
        return done
    }

    static func adviseSequential(_ descriptor: Int32) {
        _ = posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
    }

    /// The names in a directory, without `.` and `..`, in byte order. Names that are not UTF-8
    /// are left out: no SQL text could name them.
    static func names(in directory: String) throws(IglooError) -> [String] {
        guard let stream = opendir(directory) else {
            throw failure("cannot list", directory, errno)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                String(validatingCString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
            }
            if let name, name != ".", name != ".." { names.append(name) }
        }
        if errno != 0 { throw failure("cannot list", directory, errno) }
        names.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return names
    }

    static func currentDirectory() throws(IglooError) -> String {
        guard let path = getcwd(nil, 0) else {
            throw IglooError(
                .unavailable, "the current directory is gone: \(String(cString: strerror(errno)))")
        }
        defer { free(path) }
        return String(cString: path)
    }

    private static func failure(_ action: String, _ path: String, _ code: Int32) -> IglooError {
        let why = String(cString: strerror(code))
        switch code {
        case EACCES, EPERM:
            return IglooError(
                .permissionDenied, "\(action) '\(path)': \(why)",
                hint: "user \(geteuid()) needs the right to read it and to enter its folders")
        case ENOENT, ENOTDIR:
            return IglooError(
                .notFound, "\(action) '\(path)': \(why)", sqlState: .undefinedFile)
        case EMFILE, ENFILE, ENOMEM:
            return IglooError(.resourceExhausted, "\(action) '\(path)': \(why)", isRetryable: true)
        case ELOOP:
            return IglooError(.invalidArgument, "\(action) '\(path)': \(why)")
        default:
            return IglooError(.unavailable, "\(action) '\(path)': \(why)")
        }
    }
}

extension PlatformFile.Status {
    fileprivate init(_ raw: stat) {
        switch raw.st_mode & S_IFMT {
        case S_IFREG: kind = .file
        case S_IFDIR: kind = .directory
        case S_IFIFO: kind = .other("a pipe")
        case S_IFSOCK: kind = .other("a socket")
        default: kind = .other("a device")
        }
        identity = FileIdentity(
            byteCount: Int64(raw.st_size),
            modifiedNanoseconds: Int64(raw.st_mtim.tv_sec) &* 1_000_000_000
                &+ Int64(raw.st_mtim.tv_nsec),
            inode: UInt64(raw.st_ino))
        device = UInt64(raw.st_dev)
    }
}
