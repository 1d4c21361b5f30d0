// SPDX-License-Identifier: MIT

public import IglooContracts

/// A file that is open for reading, by `pread`.
///
/// User files are never mapped into memory: one that is truncated meanwhile would kill the
/// process, where a read only comes back short and becomes an error.
///
/// - Threads: any, at the same time.
public final class FileReader: Sendable {
    public let path: String
    /// The state of the file when it was opened.
    public let identity: FileIdentity
    private let descriptor: Int32

    /// Opens `path`.
    ///
    /// - Throws: `notFound`, `permissionDenied`, `invalidArgument` (a directory, a pipe),
    ///   `unavailable`.
    public init(path: String) throws(IglooError) {
        self.path = path
        (descriptor, identity) = try PlatformFile.open(path)
        PlatformFile.adviseSequential(descriptor)
    }

    /// Opens a file that must still be as it was when the table was opened.
    ///
    /// - Throws: as `init(path:)`, and `invalidState` when it is not.
    public convenience init(_ reference: FileReference) throws(IglooError) {
        do throws(IglooError) {
            try self.init(path: reference.path)
        } catch {
            if error.code == .notFound { throw Self.changed(reference.path, "it is gone") }
            throw error
        }
        try Self.compare(reference.path, reference.identity, identity)
    }

    deinit { PlatformFile.close(descriptor) }

    public var byteCount: Int64 { identity.byteCount }

    /// The file as a reference, for handles.
    public var reference: FileReference { FileReference(path: path, identity: identity) }

    /// Fills `buffer` from `offset` on, up to the end of the file as it was when opened.
    ///
    /// - Returns: how many bytes were read: fewer than `buffer.count` only at the end.
    /// - Throws: `invalidState` when the file became shorter; `unavailable` when reading fails.
    public func read(
        at offset: Int64, into buffer: UnsafeMutableRawBufferPointer
    ) throws(IglooError) -> Int {
        precondition(offset >= 0, "a file has no bytes before its beginning")
        let wanted = Int(min(Int64(buffer.count), max(0, byteCount - offset)))
        guard wanted > 0 else { return 0 }
        let count = try PlatformFile.read(
            descriptor, at: offset,
            into: UnsafeMutableRawBufferPointer(rebasing: buffer[0..<wanted]), path)
        if count < wanted { throw Self.changed(path, "it became shorter") }
        return count
    }

    /// Throws `invalidState` when the file is no longer as it was when opened. Ask it after the
    /// last read, so that a file which was overwritten meanwhile is not taken for one state.
    public func checkUnchanged() throws(IglooError) {
        let now = try PlatformFile.status(of: descriptor, path).identity
        try Self.compare(path, identity, now)
    }

    private static func compare(
        _ path: String, _ before: FileIdentity, _ now: FileIdentity
    ) throws(IglooError) {
        if before.byteCount != now.byteCount {
            throw changed(path, "it had \(before.byteCount) bytes and has \(now.byteCount) now")
        }
        if before.inode != now.inode { throw changed(path, "another file took its place") }
        if before.modifiedNanoseconds != now.modifiedNanoseconds {
            throw changed(path, "it was written to")
        }
    }

    private static func changed(_ path: String, _ how: String) -> IglooError {
        IglooError(
            .invalidState, "file '\(path)' changed while it was read: \(how)",
            hint: "run the statement again once nobody writes to the file", isRetryable: true)
    }
}
