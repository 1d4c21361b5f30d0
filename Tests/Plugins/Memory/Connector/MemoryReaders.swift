// SPDX-License-Identifier: MIT

import Glibc
import IglooArrow
import IglooContracts
import Synchronization

/// Splits that come after a page without any.
final class MemorySplits: SplitSource, @unchecked Sendable {
    private let splits: ArraySplitSource
    // SAFETY: `next` is called by one thread at a time.
    private var isFirst = true

    init(_ splits: [Split]) { self.splits = ArraySplitSource(splits) }

    func next(countMax: Int, _ context: CallContext) throws(IglooError) -> [Split]? {
        if isFirst {
            isFirst = false
            return []
        }
        return try splits.next(countMax: countMax, context)
    }
}

/// Batches of numbers, with the manners that the table's name promises.
final class NumberReader: BatchReader, @unchecked Sendable {
    let schema = Schema([Field("number", .int64)])
    private let name: String
    private let isCancelled = Atomic(false)
    // SAFETY: `next` is called by one thread at a time.
    private var batchCount: Int64 = 0

    init(_ name: String) { self.name = name }

    func next(_ context: CallContext) throws(IglooError) -> RecordBatch? {
        batchCount += 1
        switch name {
        case "hungry":
            try context.memory.reserve(1 << 20)
            if batchCount > 8 { return nil }
        case "noisy":
            if batchCount > 2 { return nil }
            context.notices.add(
                Notice("\(batchCount) rows skipped", hint: batchCount == 1 ? "look ä" : nil))
        case "torn":
            if batchCount == 2 {
                throw IglooError(.invalidData, "row 1024 is torn", sqlState: .dataCorrupted)
            }
        case "stuck":
            while !isCancelled.load(ordering: .acquiring) {
                try context.checkCancelled()
                usleep(1000)
            }
            throw .cancelled()
        default: try context.checkCancelled()
        }
        return batch()
    }

    func cancel() { isCancelled.store(true, ordering: .releasing) }

    private func batch() -> RecordBatch {
        var builder = PrimitiveBuilder<Int64>(.int64, zero: 0)
        for number in 0..<1024 { builder.append(batchCount * 1024 + Int64(number)) }
        return RecordBatch(schema: schema, columns: [builder.finish()], rowCount: 1024)
    }
}
