// SPDX-License-Identifier: MIT

public import IglooContracts

/// A file that is whole or not there: it takes its name once everything is written.
///
/// - Threads: one at a time.
public final class OutputFile {
    public let channel: OutputChannel
    private let path: String
    /// Where the bytes go until then; `nil` for what is no regular file, such as a pipe.
    private var temporaryPath: String?

    public init(_ path: String) throws(IglooError) {
        self.path = path
        temporaryPath = PlatformFiles.isReplaceable(path) ? path + ".partial" : nil
        channel = OutputChannel(
            descriptor: try PlatformFiles.create(temporaryPath ?? path, name: path), name: path,
            ownsDescriptor: true)
    }

    deinit {
        if let temporaryPath { PlatformFiles.remove(temporaryPath) }
    }

    /// Makes the folder of this path, and those around it, unless they are there.
    public static func makeFolders(_ path: String) throws(IglooError) {
        try PlatformFiles.makeFolders(path)
    }

    /// Whether a folder of this path has anything in it.
    public static func hasContent(_ path: String) -> Bool { PlatformFiles.hasContent(path) }

    /// Bytes as a new file that only its owner may read; the path.
    public static func spool(
        _ bytes: [UInt8], folder: String, ending: String
    ) throws(IglooError) -> String {
        let (descriptor, path) = try PlatformFiles.createUnique(folder, ending: ending)
        let channel = OutputChannel(descriptor: descriptor, name: path, ownsDescriptor: true)
        for part in stride(from: 0, to: bytes.count, by: 1 << 16) {
            unsafe bytes[part..<min(part + (1 << 16), bytes.count)].withUnsafeBytes {
                unsafe channel.append(raw: $0)
            }
            try channel.flushIfFull()
        }
        try channel.flush()
        return path
    }

    public static func remove(_ path: String) { PlatformFiles.remove(path) }

    public func finish() throws(IglooError) {
        try channel.flush()
        guard let temporaryPath else { return }
        try PlatformFiles.rename(temporaryPath, to: path)
        self.temporaryPath = nil
    }
}
