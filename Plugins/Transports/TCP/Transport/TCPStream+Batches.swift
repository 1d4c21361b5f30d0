// SPDX-License-Identifier: MIT

import IglooArrow
import IglooArrowIPC
import IglooContracts

/// Batches go as streams of Arrow's IPC format, written from the batch's own memory.
extension TCPStream {
    func sendBatch(_ batch: RecordBatch, _ context: CallContext) throws(IglooError) {
        var failure: IglooError?
        var message = OutgoingMessage(self, context, .batch)
        var small: [UInt8] = []
        /// Large buffers are sent from where they are, small ones are gathered first.
        func add(_ bytes: UnsafeRawBufferPointer, isEnd: Bool = false) throws(IglooError) {
            if !isEnd && bytes.count < 1 << 12 && small.count + bytes.count <= 1 << 16 {
                small += bytes
                return
            }
            let gathered = small
            small = []
            try gathered.withUnsafeBufferPointer { (gathered) throws(IglooError) in
                try message.append(UnsafeRawBufferPointer(gathered))
                try message.append(bytes)
                // Memory of either is of this call only.
                if isEnd { try message.finish(.endOfMessage) } else { try message.flush() }
            }
        }
        do throws(ArrowError) {
            let writer = try IPCStreamWriter(batch.schema) { (bytes) throws(ArrowError) in
                do throws(IglooError) {
                    try add(bytes)
                } catch {
                    failure = error
                    throw ArrowError(.invalid, "the peer is gone")
                }
            }
            try writer.write(batch)
            try writer.finish()
        } catch {
            throw abandoned(
                failure ?? IglooError(.invalidArgument, "a batch that cannot be sent: \(error)"))
        }
        do throws(IglooError) {
            try add(UnsafeRawBufferPointer(start: nil, count: 0), isEnd: true)
        } catch {
            throw abandoned(error)
        }
    }

    func receiveBatch(
        _ schema: Schema, _ context: CallContext
    ) throws(IglooError) -> RecordBatch? {
        guard let first = try nextChunk(context) else { return nil }
        guard first.header.flags.contains(.batch) else {
            let flags = first.header.flags
            if flags.contains(.endOfStream) && first.payload.byteCount == 0 { return nil }
            throw unexpected("a frame of bytes")
        }
        let source = ChunkSource(self, first, context)
        do throws(ArrowError) {
            let reader = try IPCStreamReader(source)
            guard reader.schema == schema else {
                throw ArrowError(.invalid, "it has other columns than agreed")
            }
            let batch = try reader.next()
            guard let batch, try reader.next() == nil, source.isAtEnd else {
                throw ArrowError(.invalid, "it is not one batch")
            }
            return batch
        } catch {
            throw abandoned(
                source.failure ?? IglooError(.invalidData, "a batch that is none came: \(error)"))
        }
    }
}

/// The bytes of a frame, part after part.
private final class ChunkSource: IPCByteSource {
    private let stream: TCPStream
    private let context: CallContext
    private var chunk: Buffer
    private var position = 0
    private var byteCount = 0
    private var isLast: Bool
    private(set) var failure: IglooError?

    init(_ stream: TCPStream, _ first: StreamState.Chunk, _ context: CallContext) {
        self.stream = stream
        self.context = context
        chunk = first.payload
        isLast = first.header.flags.contains(.endOfMessage)
        byteCount = first.payload.byteCount
    }

    var isAtEnd: Bool { isLast && position == chunk.byteCount }

    /// Memory grows with what comes, not with what is asked for.
    func read(_ wanted: Int) throws(ArrowError) -> Buffer {
        if wanted <= chunk.byteCount - position {
            position += max(wanted, 0)
            return chunk.slice(position - max(wanted, 0)..<position)
        }
        var bytes = BufferBuilder()
        while bytes.byteCount < wanted {
            if position == chunk.byteCount {
                guard try advance() else { break }
                continue
            }
            let count = min(wanted - bytes.byteCount, chunk.byteCount - position)
            bytes.append(UnsafeRawBufferPointer(rebasing: chunk.bytes[position..<position + count]))
            position += count
        }
        return bytes.finish()
    }

    private func advance() throws(ArrowError) -> Bool {
        guard !isLast else { return false }
        do throws(IglooError) {
            guard let next = try stream.nextChunk(context) else { return false }
            guard next.header.flags.contains(.batch) else {
                throw stream.unexpected("a frame of bytes")
            }
            chunk = next.payload
            position = 0
            isLast = next.header.flags.contains(.endOfMessage)
            byteCount += chunk.byteCount
            guard byteCount <= stream.core.options.messageByteCountMax else {
                throw stream.tooLarge()
            }
            return true
        } catch {
            failure = error
            throw ArrowError(.invalid, "the frame does not go on")
        }
    }
}
