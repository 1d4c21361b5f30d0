// SPDX-License-Identifier: MIT

internal import Glibc
public import IglooContracts

/// The few calls of the C library that move bytes.
public enum PlatformFiles {
    /// - Parameter name: what errors call it; `nil` = the path.
    public static func create(
        _ path: String, name: String? = nil
    ) throws(IglooError) -> Int32 {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        if descriptor < 0 { throw failure("cannot write to", name ?? path, errno) }
        return descriptor
    }

    /// Whether nothing stands at the path, or a file that another may replace.
    static func isReplaceable(_ path: String) -> Bool {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return true }
        return status.st_mode & S_IFMT == S_IFREG
    }

    /// A new file in a folder, under a name that nobody else has.
    static func createUnique(
        _ folder: String, ending: String
    ) throws(IglooError) -> (descriptor: Int32, path: String) {
        var template = Array("\(folder)/igloo-copy-XXXXXX.\(ending)".utf8CString)
        let descriptor = unsafe template.withUnsafeMutableBufferPointer { buffer -> Int32 in
            guard let start = buffer.baseAddress else { return -1 }
            return unsafe mkstemps(start, Int32(ending.utf8.count + 1))
        }
        if descriptor < 0 { throw failure("cannot write to", folder, errno) }
        let path = String(
            decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return (descriptor, path)
    }

    static func makeFolders(_ path: String) throws(IglooError) {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += (made.isEmpty || made == "/" ? "" : "/") + part
            if unsafe mkdir(made, 0o777) != 0, errno != EEXIST, errno != EISDIR {
                throw failure("cannot make the folder", made, errno)
            }
        }
    }

    static func hasContent(_ path: String) -> Bool {
        guard let folder = unsafe opendir(path) else { return false }
        defer { unsafe closedir(folder) }
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe Array(bytes.prefix { $0 != 0 })
            }
            if name != [0x2E] && name != [0x2E, 0x2E] { return true }
        }
        return false
    }

    static func remove(_ path: String) { _ = unsafe unlink(path) }

    static func rename(_ path: String, to new: String) throws(IglooError) {
        if unsafe Glibc.rename(path, new) != 0 { throw failure("cannot write to", new, errno) }
    }

    public static func close(_ descriptor: Int32) { _ = Glibc.close(descriptor) }

    /// Writes all bytes, however many calls it takes.
    static func write(
        _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, name: String
    ) throws(IglooError) {
        var rest = unsafe bytes[...]
        while unsafe !rest.isEmpty {
            let part = unsafe UnsafeRawBufferPointer(rebasing: rest)
            let count = unsafe Glibc.write(descriptor, part.baseAddress, part.count)
            if count >= 0 {
                unsafe rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                waitUntilWritable(descriptor)
            } else if errno != EINTR {
                throw failure("cannot write to", name, errno)
            }
        }
    }

    public static func write(
        _ text: String, to descriptor: Int32, name: String
    ) throws(IglooError) {
        let bytes = Array(text.utf8)
        var failure: IglooError?
        unsafe bytes.withUnsafeBytes { buffer in
            do throws(IglooError) {
                try unsafe write(buffer, to: descriptor, name: name)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    /// Another program may have made the shared terminal non-blocking.
    private static func waitUntilWritable(_ descriptor: Int32) {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = unsafe poll(&entry, 1, -1)
    }

    public static func failure(_ action: String, _ name: String, _ code: Int32) -> IglooError {
        let reason = unsafe String(cString: strerror(code))
        let kind: IglooError.Code =
            switch code {
            case ENOENT, ENOTDIR: .notFound
            case EACCES, EPERM, EROFS: .permissionDenied
            case ENOSPC, EDQUOT: .resourceExhausted
            default: .unavailable
            }
        let state: SQLState? =
            switch code {
            case ENOENT, ENOTDIR: .undefinedFile
            case ENOSPC, EDQUOT: .diskFull
            default: nil
            }
        var error = IglooError(kind, "\(action) '\(name)': \(reason)", sqlState: state)
        if code == EPIPE { error = .readerGone }
        return error
    }
}

extension IglooError {
    /// Whoever read the output has gone: nothing to report, and nobody to report to.
    public static let readerGone = IglooError(
        .unavailable, "nobody reads the output any more", sqlState: SQLState(rawValue: "08006"))

    public var isReaderGone: Bool { sqlState.rawValue == "08006" && origin == nil }
}
