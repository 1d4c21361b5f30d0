// SPDX-License-Identifier: MIT

import IglooArrow
import IglooArrowIPC
import IglooContracts

/// A result as a stream of Arrow's IPC format, in memory of its own.
struct CacheEntry: Sendable {
    var key: CacheKey
    var tags: [[UInt8]]
    /// When it is not found any more; `nil` = never.
    var expiry: Int64?
    var byteCount: Int
    /// Each is a whole number of messages.
    var chunks: [Buffer]
}

/// Reads an entry; batches share its memory, which stays as long as anyone reads.
// SAFETY: `next` is called by one thread at a time, by the protocol's contract.
final class CacheReader: BatchReader, @unchecked Sendable {
    private let reader: IPCStreamReader
    var schema: Schema { reader.schema }

    init(_ entry: CacheEntry) throws(IglooError) {
        do throws(ArrowError) {
            reader = try IPCStreamReader(
                ChunkSource(entry.chunks), options: IPCReadOptions(validation: .structure))
        } catch {
            throw IglooError(.internalError, "an entry of the cache cannot be read: \(error)")
        }
    }

    func next(_ context: CallContext) throws(IglooError) -> RecordBatch? {
        try context.checkCancelled()
        do throws(ArrowError) {
            return try reader.next()
        } catch {
            throw IglooError(.internalError, "an entry of the cache cannot be read: \(error)")
        }
    }
}

/// The bytes of an entry, chunk after chunk; no read crosses the end of one.
private final class ChunkSource: IPCByteSource {
    private var remaining: ArraySlice<Buffer>
    private var position = 0

    init(_ chunks: [Buffer]) { remaining = chunks[...] }

    func read(_ byteCount: Int) throws(ArrowError) -> Buffer {
        while let chunk = remaining.first, position == chunk.byteCount {
            remaining.removeFirst()
            position = 0
        }
        guard let chunk = remaining.first else { return .empty }
        let start = position
        position += min(max(byteCount, 0), chunk.byteCount - start)
        return chunk.slice(start..<position)
    }
}

/// Writes an entry, and keeps it once it is finished.
// SAFETY: one call at a time, by the protocol's contract.
final class CacheSink: BatchSink, @unchecked Sendable {
    private let cache: MemoryCache
    private let number: Int
    private let output: Output
    private let writer: IPCStreamWriter
    private var chunks: [Buffer] = []
    private var isKept = true

    /// Where the writer's bytes are collected.
    private final class Output {
        var bytes = BufferBuilder()
    }

    init(_ cache: MemoryCache, _ number: Int, _ schema: Schema) throws(IglooError) {
        self.cache = cache
        self.number = number
        let output = Output()
        self.output = output
        do throws(ArrowError) {
            writer = try IPCStreamWriter(schema) { (bytes) throws(ArrowError) in
                output.bytes.append(bytes)
            }
        } catch {
            cache.abandon(number)
            throw IglooError(.unsupported, "columns that cannot be kept: \(error)")
        }
        collect()
    }

    deinit { cache.abandon(number) }

    func write(_ batch: RecordBatch, _ context: CallContext) throws(IglooError) {
        try context.checkCancelled()
        guard isKept else { return }
        do throws(ArrowError) {
            try writer.write(batch)
        } catch {
            throw IglooError(.invalidArgument, "a batch that cannot be kept: \(error)")
        }
        collect()
    }

    func finish(_ context: CallContext) throws(IglooError) -> [UInt8] {
        if isKept {
            do throws(ArrowError) {
                try writer.finish()
            } catch {
                throw IglooError(.internalError, "the end of an entry: \(error)")
            }
            collect()
            cache.finish(number, chunks)
        }
        chunks = []
        return []
    }

    /// Takes over what was written, if the cache has room.
    private func collect() {
        let chunk = output.bytes.finish()
        if cache.reserve(chunk.byteCount, for: number) {
            chunks.append(chunk)
        } else {
            isKept = false
            chunks = []
        }
    }
}
