// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts

/// A reader of the host; released when it is let go.
// SAFETY: `next` is called by one thread at a time, by the protocol's contract; `cancel` touches
// nothing but constants.
final class HostReader: BatchReader, @unchecked Sendable {
    let schema: Schema
    private let reader: igloo_reader
    private let owner: AnyObject
    /// The flags that the host may still poll.
    private var tokens: [CancellationToken]

    /// Takes over `reader`.
    init(
        _ reader: igloo_reader, keeping owner: AnyObject, _ context: CallContext
    ) throws(IglooError) {
        guard reader.schema != nil, reader.next != nil, reader.cancel != nil,
            reader.release != nil
        else {
            reader.release?(reader.`self`)
            throw IglooError(.internalError, "the host gave a reader whose functions are missing")
        }
        do throws(IglooError) {
            var columns = ArrowSchema()
            _ = try HostCall.run(context) { _, error in
                reader.schema(reader.`self`, &columns, error)
            }
            schema = try HostCall.schema(&columns)
        } catch {
            reader.release(reader.`self`)
            throw error
        }
        self.reader = reader
        self.owner = owner
        tokens = [context.cancellation]
    }

    deinit { reader.release(reader.`self`) }

    func next(_ context: CallContext) throws(IglooError) -> RecordBatch? {
        if tokens.last !== context.cancellation { tokens.append(context.cancellation) }
        var array = ArrowDeviceArray()
        let status = try HostCall.run(context) { ctx, error in
            reader.next(reader.`self`, ctx, &array, error)
        }
        if status == igloo_status(IGLOO_END) { return nil }
        return try HostCall.batch(&array, schema)
    }

    func cancel() { reader.cancel(reader.`self`) }
}

/// Rows on their way into a table of the host; released when it is let go.
// SAFETY: one call at a time, by the protocol's contract; `cancel` touches nothing but constants.
final class HostIngest: RowIngest, @unchecked Sendable {
    private let sink: igloo_sink
    private let owner: AnyObject

    /// Takes over `sink`.
    init(_ sink: igloo_sink, keeping owner: AnyObject) throws(IglooError) {
        guard sink.write != nil, sink.finish != nil, sink.cancel != nil, sink.release != nil else {
            sink.release?(sink.`self`)
            throw IglooError(.internalError, "the host gave a sink whose functions are missing")
        }
        self.sink = sink
        self.owner = owner
    }

    deinit { sink.release(sink.`self`) }

    func write(_ batch: RecordBatch, _ context: CallContext) throws(IglooError) {
        var moved = ArrowDeviceArray()
        batch.export(to: &moved)
        _ = try HostCall.run(context) { ctx, error in
            sink.write(sink.`self`, ctx, &moved, error)
        }
    }

    func finish(_ context: CallContext) throws(IglooError) -> Int64 {
        var fragment = igloo_blob()
        _ = try HostCall.run(context) { ctx, error in
            sink.finish(sink.`self`, ctx, &fragment, error)
        }
        let bytes = [UInt8](taking: &fragment)
        guard bytes.count == 8 else {
            throw IglooError(.internalError, "the host does not say how many rows it took")
        }
        return bytes.reversed().reduce(0) { $0 << 8 | Int64($1) }
    }

    func cancel() { sink.cancel(sink.`self`) }
}
