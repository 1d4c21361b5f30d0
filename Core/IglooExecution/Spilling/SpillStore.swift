// SPDX-License-Identifier: MIT

import CLZ4
import IglooArrow
import IglooContracts
import Synchronization

/// A batch in a query's temporary file.
struct SpillBlock: Sendable {
    fileprivate let offset: Int
    fileprivate let storedByteCount: Int
    /// Decompressed; about what the rows take in memory.
    let byteCount: Int
    let rowCount: Int
}

/// Rows in a temporary file, in the order in which they were written.
struct SpillRun: Sendable {
    private(set) var blocks: [SpillBlock] = []
    private(set) var rowCount = 0
    private(set) var byteCount = 0

    mutating func append(_ block: SpillBlock) {
        blocks.append(block)
        rowCount += block.rowCount
        byteCount += block.byteCount
    }

    mutating func append(_ run: SpillRun) {
        blocks += run.blocks
        rowCount += run.rowCount
        byteCount += run.byteCount
    }
}

/// The temporary file of one query, made when the first operator spills.
///
/// - Threads: any.
final class SpillStore: Sendable {
    private let folder: String
    private let isEncrypted: Bool
    private let file = Locked<SpillFile?>(nil)
    private let movedByteCount = Atomic<Int>(0)
    /// After so many bytes that came and went, what the C library keeps of them is given back: who
    /// spills has no memory to spare.
    private static let trimmedByteCount = 32 << 20
    /// Above this LZ4 cannot go, and far below it blocks should stay.
    private static let compressedByteCountMax = 1 << 30

    init(folder: String, isEncrypted: Bool) {
        self.folder = folder
        self.isEncrypted = isEncrypted
    }

    private func opened() throws(IglooError) -> SpillFile {
        try file.withLock { (file) throws(IglooError) in
            if let file { return file }
            let new = try SpillFile(folder: folder)
            file = new
            return new
        }
    }

    /// Writes a batch. Its columns are known by their types when they are read.
    func write(_ batch: Batch, _ metrics: OperatorMetrics) throws(IglooError) -> SpillBlock {
        let raw = try SpillFormat.encode(batch)
        var stored = Self.compressed(raw) ?? raw
        if isEncrypted { stored = try SpillCipher.shared().encrypted(stored) }
        let offset = try opened().append(stored.bytes)
        noteMoved(raw.byteCount)
        metrics.spilledRows.wrappingAdd(Int64(batch.rowCount), ordering: .relaxed)
        metrics.spilledBytes.wrappingAdd(Int64(stored.byteCount), ordering: .relaxed)
        return SpillBlock(
            offset: offset, storedByteCount: stored.byteCount, byteCount: raw.byteCount,
            rowCount: batch.rowCount)
    }

    /// Reads a batch, the last time it is wanted.
    func take(_ block: SpillBlock, types: [DataType]) throws(IglooError) -> Batch {
        let batch = try read(block, types: types)
        free(block)
        noteMoved(block.byteCount)
        return batch
    }

    private func noteMoved(_ byteCount: Int) {
        let (old, new) = movedByteCount.wrappingAdd(byteCount, ordering: .relaxed)
        if old / Self.trimmedByteCount != new / Self.trimmedByteCount { RawMemory.trim() }
    }

    func read(_ block: SpillBlock, types: [DataType]) throws(IglooError) -> Batch {
        var builder = BufferBuilder(byteCapacity: block.storedByteCount)
        try opened().read(
            UnsafeMutableRawBufferPointer(
                start: builder.baseAddress, count: block.storedByteCount), at: block.offset)
        builder.setByteCount(block.storedByteCount)
        var stored = builder.finish()
        if isEncrypted { stored = try SpillCipher.shared().decrypted(stored) }
        let raw =
            stored.byteCount == block.byteCount
            ? stored : try Self.decompressed(stored, byteCount: block.byteCount)
        return try SpillFormat.decode(raw, types: types)
    }

    func free(_ block: SpillBlock) {
        file.withLock { $0 }?.free(block.offset..<block.offset + block.storedByteCount)
    }

    // MARK: - Compression

    /// `nil` where compressing saves nothing.
    private static func compressed(_ raw: Buffer) -> Buffer? {
        guard raw.byteCount <= compressedByteCountMax else { return nil }
        var builder = BufferBuilder(byteCapacity: raw.byteCount)
        let count = LZ4_compress_default(
            raw.pointer(as: CChar.self), builder.pointer(as: CChar.self), Int32(raw.byteCount),
            Int32(raw.byteCount - 1))
        guard count > 0 else { return nil }
        builder.setByteCount(Int(count))
        return builder.finish()
    }

    private static func decompressed(
        _ stored: Buffer, byteCount: Int
    ) throws(IglooError) -> Buffer {
        var builder = BufferBuilder(byteCapacity: byteCount)
        let count = LZ4_decompress_safe(
            stored.pointer(as: CChar.self), builder.pointer(as: CChar.self),
            Int32(clamping: stored.byteCount), Int32(clamping: byteCount))
        guard Int(count) == byteCount else { throw SpillFormat.damaged() }
        builder.setByteCount(byteCount)
        return builder.finish()
    }
}
