// SPDX-License-Identifier: MIT

internal import Glibc
package import IglooContracts
package import IglooFormats

// What the shell reads, beside what all formats need.
extension PlatformFiles {
    package static func openForReading(_ path: String) throws(IglooError) -> Int32 {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 { throw failure("cannot read", path, errno) }
        var status = stat()
        if unsafe fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR {
            close(descriptor)
            throw failure("cannot read", path, EISDIR)
        }
        return descriptor
    }

    /// Reads what is there, up to `byteCountMax` bytes: empty at the end.
    package static func read(
        _ descriptor: Int32, byteCountMax: Int, name: String
    ) throws(IglooError) -> [UInt8] {
        while true {
            var code: Int32 = 0
            let bytes = unsafe [UInt8](unsafeUninitializedCapacity: byteCountMax) { buffer, count in
                let result = unsafe Glibc.read(
                    descriptor, buffer.baseAddress, byteCountMax)
                code = result < 0 ? errno : 0
                count = max(0, result)
            }
            switch code {
            case 0: return bytes
            case EINTR: continue
            case EAGAIN:
                var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                _ = unsafe poll(&entry, 1, -1)
            default: throw failure("cannot read", name, code)
            }
        }
    }

    /// Adds `text` to the end of a file that only its user may read.
    static func append(_ text: String, to path: String) throws(IglooError) {
        let flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC
        let descriptor = unsafe open(path, flags, 0o600)
        if descriptor < 0 { throw failure("cannot write to", path, errno) }
        defer { close(descriptor) }
        try write(text, to: descriptor, name: path)
    }

    /// Replaces a file by another with this text, at once.
    static func replace(_ path: String, with text: String) throws(IglooError) {
        let new = path + ".new"
        _ = unsafe unlink(new)
        try append(text, to: new)
        if unsafe rename(new, path) != 0 { throw failure("cannot write to", path, errno) }
    }

    /// A pipe that is not inherited.
    static func pipe() throws(IglooError) -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [-1, -1]
        if unsafe Glibc.pipe(&ends) != 0 { throw failure("cannot open", "a pipe", errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    /// The path with the user's home for a leading `~`.
    static func withHome(_ path: String) -> String {
        guard path.hasPrefix("~/"), let home = PlatformTerminal.environment("HOME") else {
            return path
        }
        return home + path.dropFirst()
    }

    /// What is in a folder (this one, if empty), folders with a slash; nothing if it cannot be read.
    package static func names(in folder: String) -> [String] {
        let path = folder.isEmpty ? "." : folder
        guard let listing = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(listing) }
        var names: [String] = []
        while let entry = unsafe readdir(listing) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name == "." || name == ".." { continue }
            var status = stat()
            let isFolder =
                unsafe stat(path + "/" + name, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
            names.append(isFolder ? name + "/" : name)
        }
        return names
    }
}
