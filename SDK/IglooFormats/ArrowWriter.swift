// SPDX-License-Identifier: MIT

public import IglooArrow
import IglooArrowIPC
public import IglooContracts

/// Arrow's IPC stream.
public struct ArrowWriter: ResultWriter {
    let channel: OutputChannel
    private var writer: IPCStreamWriter?

    public init(channel: OutputChannel) { self.channel = channel }

    public mutating func begin(_ schema: Schema) throws(IglooError) {
        let channel = channel
        do throws(ArrowError) {
            writer = try unsafe IPCStreamWriter(schema) { unsafe channel.append(raw: $0) }
        } catch {
            throw IglooError(error)
        }
    }

    public mutating func write(_ batch: RecordBatch) throws(IglooError) {
        do throws(ArrowError) {
            try writer?.write(batch)
        } catch {
            throw IglooError(error)
        }
        try channel.flushIfFull()
    }

    public mutating func end() throws(IglooError) {
        do throws(ArrowError) {
            try writer?.finish()
        } catch {
            throw IglooError(error)
        }
    }
}
