// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Rows of a table that stand together, with numbers in sequence. They never change: what is
/// deleted is noted beside them, in `TableData`.
///
/// - Threads: immutable, hence free to share.
final class Chunk: Sendable {
    /// Rows a chunk has at most: what one thread reads at a time.
    static let rowCountMax = 65_536

    /// The number of the first row; the others follow without a gap.
    let firstRow: Int64
    let columns: [ArrayData]
    let rowCount: Int
    let zones: [Zone]
    private let memory: MemoryCharge

    /// - Throws: `resourceExhausted` when the budget has no room for the rows.
    init(
        firstRow: Int64, columns: [ArrayData], rowCount: Int, _ account: any MemoryAccount
    ) throws(IglooError) {
        self.firstRow = firstRow
        self.columns = columns
        self.rowCount = rowCount
        memory = try MemoryCharge(columns.reduce(64) { $0 + $1.heldByteCount }, account)
        zones = columns.map { Zone($0) }
    }

    private init(_ chunk: Chunk, firstRow: Int64) {
        self.firstRow = firstRow
        columns = chunk.columns
        rowCount = chunk.rowCount
        zones = chunk.zones
        memory = chunk.memory
    }

    /// The same rows under other numbers.
    func renumbered(from row: Int64) -> Chunk { Chunk(self, firstRow: row) }

    var rows: Range<Int64> { firstRow..<firstRow + Int64(rowCount) }
    var byteCount: Int { memory.byteCount }

    /// The rows of two neighbours in one chunk.
    static func merged(
        _ first: Chunk, _ second: Chunk, _ account: any MemoryAccount
    ) throws(IglooError) -> Chunk {
        var columns: [ArrayData] = []
        for (left, right) in zip(first.columns, second.columns) {
            columns.append(try ArrayData.joined([left, right]))
        }
        return try Chunk(
            firstRow: first.firstRow, columns: columns,
            rowCount: first.rowCount + second.rowCount, account)
    }
}

/// Bytes taken from a budget, given back with the last reference.
final class MemoryCharge: Sendable {
    let byteCount: Int
    private let account: any MemoryAccount

    init(_ byteCount: Int, _ account: any MemoryAccount) throws(IglooError) {
        try account.reserve(byteCount)
        self.byteCount = byteCount
        self.account = account
    }

    deinit { try? account.reserve(-byteCount) }
}

extension ArrayData {
    /// The bytes of the buffers this array keeps alive.
    var heldByteCount: Int {
        buffers.reduce(validity?.byteCount ?? 0) { $0 + $1.byteCount }
            + children.reduce(0) { $0 + $1.heldByteCount } + (dictionary?.heldByteCount ?? 0)
    }

    /// Arrays put end to end, in buffers of their own that hold little more than the elements.
    static func joined(_ arrays: [ArrayData]) throws(IglooError) -> ArrayData {
        do throws(ArrowError) {
            let whole = try ArrayData.concatenating(arrays)
            // Many small appends would leave a data buffer each.
            if whole.buffers.count > 16, whole.type == .utf8View || whole.type == .binaryView {
                var builder = BinaryViewBuilder(whole.type)
                for index in 0..<whole.count {
                    if whole.isNull(index) {
                        builder.appendNull()
                    } else {
                        builder.append(whole.bytes(at: index))
                    }
                }
                return builder.finish()
            }
            return try whole.compacted()
        } catch {
            throw IglooError(error)
        }
    }
}
