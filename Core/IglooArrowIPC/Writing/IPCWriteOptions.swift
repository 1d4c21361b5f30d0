// SPDX-License-Identifier: MIT
public import IglooArrow

/// How IPC data is written.
public struct IPCWriteOptions: Sendable {
    /// `nil` leaves bodies as they are, so that readers can share their memory.
    public var compression: IPCCompression?
    /// Whether a dictionary that has grown is sent as its new part alone.
    public var sendsDictionaryDeltas: Bool
    /// What a file's footer says about the file as a whole.
    public var fileMetadata: Metadata

    public init(
        compression: IPCCompression? = nil, sendsDictionaryDeltas: Bool = true,
        fileMetadata: Metadata = [:]
    ) {
        self.compression = compression
        self.sendsDictionaryDeltas = sendsDictionaryDeltas
        self.fileMetadata = fileMetadata
    }
}

/// Receives what is written, piece by piece; the bytes are valid until it returns.
public typealias IPCSink = (UnsafeRawBufferPointer) throws(ArrowError) -> Void
