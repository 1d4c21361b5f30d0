// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// What states of aggregates need in order to write rows out: those of groups that partitioning by
/// the keys does not make smaller.
struct StateSpilling: Sendable {
    let query: QueryExecution
    let metrics: OperatorMetrics
    let memory: OperatorMemory

    /// The groups of rows as a column.
    static func column(_ groups: UnsafePointer<UInt32>, _ rowCount: Int) -> ArrayData {
        var builder = BufferBuilder(byteCapacity: rowCount * 4)
        builder.append(
            UnsafeRawBufferPointer(start: UnsafeRawPointer(groups), count: rowCount * 4))
        return ArrayData(type: .uint32, count: rowCount, nullCount: 0, buffers: [builder.finish()])
    }
}
