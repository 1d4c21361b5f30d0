// SPDX-License-Identifier: MIT

/// A way to compress a block of bytes.
public enum Compression: UInt8, Sendable, CaseIterable, CustomStringConvertible {
    /// Snappy's raw format.
    case snappy
    /// RFC 1952, one member or several; RFC 1950 (zlib) is understood too.
    case gzip
    /// One frame or several (RFC 8878).
    case zstd
    /// LZ4's block format, without any header.
    case lz4Raw
    /// LZ4's frame format, as Arrow IPC uses it.
    case lz4Frame
    /// LZ4 blocks behind big-endian sizes, as Hadoop writes them, or, since writers disagree
    /// about it, a frame or a bare block. Only to be read.
    case lz4Hadoop
    /// RFC 7932. Only to be read.
    case brotli

    public var description: String {
        switch self {
        case .snappy: "snappy"
        case .gzip: "gzip"
        case .zstd: "zstd"
        case .lz4Raw, .lz4Frame, .lz4Hadoop: "lz4"
        case .brotli: "brotli"
        }
    }
}
