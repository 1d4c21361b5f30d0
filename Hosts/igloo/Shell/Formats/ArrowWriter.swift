// SPDX-License-Identifier: MIT

import IglooArrow
import IglooArrowIPC
import IglooContracts

/// Arrow's IPC stream.
struct ArrowWriter: ResultWriter {
    let channel: OutputChannel
    private var writer: IPCStreamWriter?

    init(channel: OutputChannel) { self.channel = channel }

    mutating func begin(_ schema: Schema) throws(IglooError) {
        let channel = channel
        do throws(ArrowError) {
            writer = try unsafe IPCStreamWriter(schema) { unsafe channel.append(raw: $0) }
        } catch {
            throw IglooError(error)
        }
    }

    mutating func write(_ batch: RecordBatch) throws(IglooError) {
        do throws(ArrowError) {
            try writer?.write(batch)
        } catch {
            throw IglooError(error)
        }
        try channel.flushIfFull()
    }

    mutating func end() throws(IglooError) {
        do throws(ArrowError) {
            try writer?.finish()
        } catch {
            throw IglooError(error)
        }
    }
}
