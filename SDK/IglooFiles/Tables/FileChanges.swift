// SPDX-License-Identifier: MIT

public import IglooContracts

/// How fresh tables are that stand in files: by their sizes, times and inodes.
public struct FileChanges: ConnectorChanges {
    /// The files of a table's handle.
    public typealias Files = @Sendable ([UInt8]) throws(IglooError) -> [String]

    private let files: Files

    public init(_ files: @escaping Files) { self.files = files }

    public func token(
        table: [UInt8], _ context: CallContext
    ) throws(IglooError) -> ChangeToken {
        var references: [FileReference] = []
        for path in try files(table) {
            try context.checkCancelled()
            // A file that is gone is a change, too.
            if let status = try PlatformFile.status(path), status.kind == .file {
                references.append(FileReference(path: path, identity: status.identity))
            }
        }
        var bytes = references.fingerprint
        let now = PlatformFile.nowNanoseconds()
        if references.contains(where: { now &- $0.identity.modifiedNanoseconds < Self.tick }) {
            // Another write in this tick of the file system's clock would have the same time.
            Swift.withUnsafeBytes(of: now.littleEndian) { bytes += $0 }
        }
        return ChangeToken(bytes)
    }

    /// The path of the file itself, beside which programs put what belongs to it.
    public static func resolved(_ path: String) -> String { PlatformFile.resolved(path) }

    /// File systems take the time from the kernel's ticks, 10 ms long at most.
    private static let tick: Int64 = 20_000_000
}

extension [FileReference] {
    /// Names the state of the files: FNV-1a of what identifies them.
    public var fingerprint: [UInt8] {
        var encoder = HandleEncoder(tag: 0)
        encoder.append(self)
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in encoder.bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        return Swift.withUnsafeBytes(of: hash.littleEndian) { [UInt8]($0) }
    }
}
