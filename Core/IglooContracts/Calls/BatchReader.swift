// SPDX-License-Identifier: MIT

public import IglooArrow

/// A stream of batches: the only way rows leave a plugin or enter one.
///
/// - Threads: one call of `next` at a time, on any thread; `cancel` at any time from any thread.
public protocol BatchReader: AnyObject, Sendable {
    /// The schema of every batch.
    var schema: Schema { get }

    /// The next batch, or `nil` at the end (and at every call after it). Batches may be empty.
    ///
    /// - Throws: whatever the source meets; after an error the reader is at its end.
    /// - Cancellation: `cancelled` within 100 ms of `context.cancellation` where the source can.
    func next(_ context: CallContext) throws(IglooError) -> RecordBatch?

    /// Breaks a blocking `next`. Idempotent, must not block.
    func cancel()

    /// Tells what rows are needed from now on: others may be left out, and need not be. Called
    /// between two calls of `next`, any number of times; each adds to what was said before.
    ///
    /// - Throws: `unsupported` when the reader makes nothing of it; it is not told again.
    func refine(_ filters: [RuntimeFilter], _ context: CallContext) throws(IglooError)
}

extension BatchReader {
    public func cancel() {}

    public func refine(_ filters: [RuntimeFilter], _ context: CallContext) throws(IglooError) {
        throw IglooError(.unsupported, "this reader leaves out no rows by itself")
    }
}

/// Batches that are already there.
///
/// - Threads: as `BatchReader`.
public final class ArrayBatchReader: BatchReader, @unchecked Sendable {
    public let schema: Schema
    // SAFETY: `next` is called by one thread at a time, by the protocol's contract.
    private var remaining: ArraySlice<RecordBatch>

    public init(schema: Schema, batches: [RecordBatch]) {
        self.schema = schema
        remaining = batches[...]
    }

    public func next(_ context: CallContext) throws(IglooError) -> RecordBatch? {
        try context.checkCancelled()
        return remaining.popFirst()
    }
}
