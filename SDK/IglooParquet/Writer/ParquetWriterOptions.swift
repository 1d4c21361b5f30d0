// SPDX-License-Identifier: MIT

public import IglooCompression

/// How a file is written.
public struct ParquetWriterOptions: Sendable {
    /// `nil` = not compressed.
    public var compression: Compression? = .snappy
    /// Of gzip and zstd, in their own scale; `nil` = the library's choice.
    public var compressionLevel: Int32?
    /// Rows of a row group, unless its bytes end it before.
    public var rowGroupRowCount = 131_072
    /// Bytes of a row group as kept in memory, encoded and compressed.
    public var rowGroupByteCount = 128 << 20
    /// Bytes of a page before compression, about.
    public var pageByteCount = 1 << 20
    public var pageRowCount = 20_000
    /// Dictionaries that grow larger are given up.
    public var dictionaryByteCount = 1 << 20
    /// Bounds of texts are cut to this many bytes.
    public var boundByteCount = 64
    /// The application's own notes, kept in the file.
    public var keyValues: [(key: String, value: String)] = []
    /// Who wrote the file.
    public var createdBy = "igloo version 0.1.0"

    public init() {}
}
