// SPDX-License-Identifier: MIT

public import IglooArrow

/// How a Parquet file is to be read.
public struct ParquetOptions: Hashable, Sendable {
    /// Decimals of up to 18 digits come as `decimal64` instead of `decimal128`.
    public var prefersDecimal64 = false
    /// The unit of the timestamps that INT96 values become. Nanoseconds reach from 1677 to 2262
    /// only; what is beyond wraps around.
    public var int96Unit = TimeUnit.nanosecond
    /// Byte arrays without an annotation are text: some writers leave it out.
    public var readsBinaryAsText = false
    /// Text columns whose chunk is wholly dictionary-encoded come as
    /// `dictionary<int32, utf8View>` arrays; the schema of the batches says so.
    public var keepsDictionaries = false
    /// Compares the checksums of pages that have one. Costs about a nanosecond a byte.
    public var checksPages = false
    /// Rows of a batch at most.
    public var batchRowCount = 65_536

    public init() {}
}
