// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import Testing

@testable import IglooExecution

@Suite struct BatchTests {
    /// Operators have room for so many rows, and no more.
    @Test(arguments: [[3_000, 3_000, 90], [4_096, 1], [1, 4_096], [4_000, 96, 1], [0, 5], []])
    func mergedBatchesAreNeverTooLong(counts: [Int]) throws {
        var next: Int64 = 0
        let batches = counts.map { count in
            var builder = PrimitiveBuilder<Int64>(.int64, zero: 0)
            for _ in 0..<count {
                builder.append(next)
                next += 1
            }
            return Batch(columns: [builder.finish()], rowCount: count)
        }
        var values: [Int64] = []
        for batch in try Batch.merged(batches) {
            #expect(batch.rowCount <= Batch.rowCountMax)
            for row in 0..<batch.rowCount {
                guard case .int(let value) = batch.columns[0].scalar(at: row) else { continue }
                values.append(value)
            }
        }
        #expect(values == Array(0..<next))
    }
}
