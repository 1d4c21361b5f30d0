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

    public func finish() throws(IglooError) {
        try channel.flush()
        guard let temporaryPath else { return }
        try PlatformFiles.rename(temporaryPath, to: path)
        self.temporaryPath = nil
    }
}
