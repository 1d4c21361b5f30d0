// SPDX-License-Identifier: MIT

public import IglooContracts

/// What tells one state of a file from another: a file that was written to or replaced differs.
public struct FileIdentity: Hashable, Sendable {
    public var byteCount: Int64
    public var modifiedNanoseconds: Int64
    public var inode: UInt64

    public init(byteCount: Int64, modifiedNanoseconds: Int64, inode: UInt64) {
        self.byteCount = byteCount
        self.modifiedNanoseconds = modifiedNanoseconds
        self.inode = inode
    }
}

/// A file as it was when a table was opened.
public struct FileReference: Hashable, Sendable {
    /// Absolute.
    public var path: String
    public var identity: FileIdentity

    public init(path: String, identity: FileIdentity) {
        self.path = path
        self.identity = identity
    }
}

extension HandleEncoder {
    /// Appends files in their order. Paths are front-coded: what one shares with the one before
    /// is not repeated, so that a thousand files of a folder fit into some 40 KiB.
    public mutating func append(_ files: [FileReference]) {
        append(unsigned: UInt64(files.count))
        var previous: [UInt8] = []
        for file in files {
            let path = Array(file.path.utf8)
            var shared = 0
            while shared < min(path.count, previous.count) && path[shared] == previous[shared] {
                shared += 1
            }
            append(unsigned: UInt64(shared))
            append(blob: Array(path[shared...]))
            append(file.identity)
            previous = path
        }
    }

    public mutating func append(_ identity: FileIdentity) {
        append(identity.byteCount)
        append(identity.modifiedNanoseconds)
        append(unsigned: identity.inode)
    }
}

extension HandleDecoder {
    public mutating func files() throws(IglooError) -> [FileReference] {
        let count = try count()
        var files: [FileReference] = []
        files.reserveCapacity(count)
        var previous: [UInt8] = []
        for _ in 0..<count {
            let shared = try unsigned()
            guard shared <= UInt64(previous.count) else { throw malformed("a path is torn") }
            let path = previous.prefix(Int(shared)) + (try blob())
            guard let text = String(validating: path, as: UTF8.self) else {
                throw malformed("a path is not UTF-8")
            }
            files.append(FileReference(path: text, identity: try fileIdentity()))
            previous = Array(path)
        }
        return files
    }

    public mutating func fileIdentity() throws(IglooError) -> FileIdentity {
        let byteCount = try int64()
        guard byteCount >= 0 else { throw malformed("a file of \(byteCount) bytes") }
        let modified = try int64()
        return FileIdentity(
            byteCount: byteCount, modifiedNanoseconds: modified, inode: try unsigned())
    }
}
