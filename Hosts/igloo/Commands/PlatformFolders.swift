// SPDX-License-Identifier: MIT

internal import Glibc
internal import IglooContracts
import IglooFormats
import IglooShell

/// Files, folders and programs, as far as commands for plugins need them.
enum PlatformFolders {
    static func isThere(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    /// The files in a folder that are named as plugins are, sorted.
    static func plugins(in folder: String) -> [String] {
        PlatformFiles.names(in: folder)
            .filter { $0.hasPrefix("igloo-") && $0.hasSuffix(".so") }.sorted()
    }

    static var current: String {
        guard let path = unsafe getcwd(nil, 0) else { return "." }
        defer { unsafe free(path) }
        return unsafe String(cString: path)
    }

    /// - Throws: `notFound` when the path leads nowhere.
    static func absolute(_ path: String) throws(IglooError) -> String {
        guard let resolved = unsafe realpath(path, nil) else {
            throw PlatformFiles.failure("cannot find", path, errno)
        }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    static func read(_ path: String) throws(IglooError) -> String {
        let descriptor = try PlatformFiles.openForReading(path)
        defer { PlatformFiles.close(descriptor) }
        var bytes: [UInt8] = []
        while true {
            let chunk = try PlatformFiles.read(descriptor, byteCountMax: 1 << 16, name: path)
            if chunk.isEmpty { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk
        }
    }

    /// Writes a file, and makes the folders above it.
    static func write(_ text: String, to path: String) throws(IglooError) {
        try makeFolder(above: path)
        let descriptor = try PlatformFiles.create(path)
        defer { PlatformFiles.close(descriptor) }
        try PlatformFiles.write(text, to: descriptor, name: path)
    }

    private static func makeFolder(above path: String) throws(IglooError) {
        guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return }
        let folder = String(path[..<slash])
        if unsafe mkdir(folder, 0o777) == 0 || errno == EEXIST { return }
        guard errno == ENOENT else { throw PlatformFiles.failure("cannot make", folder, errno) }
        try makeFolder(above: folder)
        if unsafe mkdir(folder, 0o777) != 0 && errno != EEXIST {
            throw PlatformFiles.failure("cannot make", folder, errno)
        }
    }

    /// Puts a copy in the place of `path`, at once: a process that uses the old file keeps it.
    static func copy(_ source: String, to path: String) throws(IglooError) {
        let new = path + ".new"
        try run(["cp", source, new])
        if unsafe rename(new, path) != 0 {
            throw PlatformFiles.failure("cannot write to", path, errno)
        }
    }

    /// Igloo's sources: where told, or the first folder above this program that holds them.
    static func sources(_ told: String?) throws(IglooError) -> String {
        func hasSources(_ folder: String) -> Bool { isThere(folder + "/SDK/IglooSDK") }
        if let told {
            let folder = try absolute(told)
            if hasSources(folder) { return folder }
            throw IglooError(.notFound, "\(told) does not hold Igloo's sources: no SDK/IglooSDK")
        }
        var folder = HostFolders.program ?? ""
        while let slash = folder.lastIndex(of: "/") {
            folder = String(folder[..<slash])
            if hasSources(folder) { return folder }
        }
        throw IglooError(
            .notFound, "Igloo's sources are not above this program",
            hint: "--sdk FOLDER, where they are: a plugin in Swift is built with them")
    }

    /// Runs a program of the PATH; what it writes goes where ours goes.
    ///
    /// - Throws: `notFound` when it is not installed, `unavailable` when it fails.
    static func run(_ words: [String]) throws(IglooError) {
        var pointers = unsafe words.map { unsafe strdup($0) } + [nil]
        defer { unsafe pointers.forEach { unsafe free($0) } }
        var process: pid_t = 0
        let code = unsafe posix_spawnp(&process, words[0], nil, nil, &pointers, environ)
        guard code == 0 else {
            if code == ENOENT {
                throw IglooError(
                    .notFound, "\(words[0]) is not installed, or not on the PATH",
                    hint: hint(for: words[0]))
            }
            throw PlatformFiles.failure("cannot start", words[0], code)
        }
        var status: Int32 = 0
        while unsafe waitpid(process, &status, 0) < 0 && errno == EINTR {}
        guard status == 0 else {
            throw IglooError(.unavailable, "\(words.joined(separator: " ")) failed")
        }
    }

    private static func hint(for program: String) -> String? {
        switch program {
        case "make": "apt-get install make"
        case "swift": "https://www.swift.org/install/linux/"
        default: nil
        }
    }
}
