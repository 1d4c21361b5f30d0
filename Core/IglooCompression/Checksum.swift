// SPDX-License-Identifier: MIT

import CZlib

/// Checksums of blocks.
public enum Checksum {
    /// CRC-32 as gzip and Parquet use it.
    public static func crc32(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        guard let base = bytes.baseAddress else { return 0 }
        return UInt32(
            truncatingIfNeeded: crc32_z(0, base.assumingMemoryBound(to: UInt8.self), bytes.count))
    }
}
