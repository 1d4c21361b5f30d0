// SPDX-License-Identifier: MIT

import Glibc
import IglooContracts

/// A file that is read in pieces.
final class FileByteSource: ByteSource {
    private let descriptor: Int32
    let byteCount: Int

    /// - Throws: `notFound`, `permissionDenied` or `unavailable`, naming the path.
    init(path: String) throws(IglooError) {
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
    }

    deinit { close(descriptor) }

    func read(offset: Int, count: Int) -> [UInt8]? {
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

enum Folders {
    /// The names in a folder, sorted; none when it cannot be read.
    static func names(in folder: String) -> [String] {
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

    static func isFile(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// The path without links and dots; itself when it leads nowhere.
    static func resolved(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// `path`, if absolute, else below `folder`.
    static func join(_ folder: String, _ path: String) -> String {
        if path.hasPrefix("/") || folder.isEmpty { return path }
        return folder.hasSuffix("/") ? folder + path : "\(folder)/\(path)"
    }

    /// The absolute folder of a file.
    static func folder(of path: String) -> String {
        let absolute = path.hasPrefix("/") ? path : join(current, path)
        guard let slash = absolute.lastIndex(of: "/"), slash > absolute.startIndex else {
            return "/"
        }
        return String(absolute[..<slash])
    }

    static var current: String {
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
