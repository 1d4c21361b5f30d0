// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooContracts

/// Rows on their way into a table: gathered into parts of a chunk's size, in buffers of their own,
/// and accounted until they are let go.
public struct RowBuffer {
    private let account: any MemoryAccount
    private var pending: [[ArrayData]]
    private var pendingCount = 0
    private var charges: [MemoryCharge] = []
    public private(set) var parts: [NewRows] = []

    /// - Parameter columnCount: columns of each batch.
    public init(columnCount: Int, memory: any MemoryAccount) {
        account = memory
        pending = Array(repeating: [], count: columnCount)
    }

    public mutating func append(_ columns: [ArrayData], count: Int) throws(IglooError) {
        if count == 0 { return }
        for (index, column) in columns.enumerated() { pending[index].append(column) }
        pendingCount += count
        if pendingCount >= Chunk.rowCountMax { try join() }
    }

    /// Makes a part of what came last; call it before `parts` are read for the last time.
    public mutating func finish() throws(IglooError) {
        if pendingCount > 0 { try join() }
    }

    /// The parts so far, which the caller now owns.
    public mutating func takeParts() -> [NewRows] {
        defer {
            parts = []
            charges = []
        }
        return parts
    }

    private mutating func join() throws(IglooError) {
        var columns: [ArrayData] = []
        for arrays in pending { columns.append(try ArrayData.joined(arrays)) }
        charges.append(
            try MemoryCharge(columns.reduce(64) { $0 + $1.heldByteCount }, account))
        parts.append(NewRows(columns: columns, count: pendingCount))
        pending = Array(repeating: [], count: pending.count)
        pendingCount = 0
    }
}
