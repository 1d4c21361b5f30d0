// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// The rows of a table at one moment: a value, which costs little to keep and to change.
struct TableData: Sendable {
    /// In the order of their rows' numbers.
    private(set) var chunks: [Chunk] = []
    private(set) var deleted = RowSet()
    /// The number that the next row will have.
    private(set) var nextRow: Int64 = 0
    /// Raised when all rows are replaced at once: row numbers of before mean nothing any more.
    private(set) var generation = 0

    var rowCount: Int { chunks.reduce(0) { $0 + $1.rowCount } - deleted.count }
    var byteCount: Int { chunks.reduce(0) { $0 + $1.byteCount } }

    init() {}

    /// These rows in place of those of `old`.
    init(replacing old: TableData) {
        nextRow = old.nextRow
        generation = old.generation + 1
    }

    /// Puts a chunk behind the others. Small neighbours are merged, so that many small inserts
    /// make few chunks at the cost of copying each row some ten times at most.
    ///
    /// - Parameter firstOwnRow: rows before it belong to others and are not merged with.
    mutating func append(
        _ columns: [ArrayData], rowCount: Int, firstOwnRow: Int64 = 0,
        _ account: any MemoryAccount
    ) throws(IglooError) {
        if rowCount == 0 { return }
        append(
            try Chunk(firstRow: nextRow, columns: columns, rowCount: rowCount, account))
        try mergeTail(firstOwnRow: firstOwnRow, account)
    }

    /// Puts a chunk behind the others, under the next numbers.
    mutating func append(_ chunk: Chunk) {
        chunks.append(chunk.firstRow == nextRow ? chunk : chunk.renumbered(from: nextRow))
        nextRow += Int64(chunk.rowCount)
    }

    mutating func mergeTail(
        firstOwnRow: Int64 = 0, _ account: any MemoryAccount
    ) throws(IglooError) {
        while chunks.count > 1 {
            let (first, last) = (chunks[chunks.count - 2], chunks[chunks.count - 1])
            guard first.firstRow >= firstOwnRow, first.rows.upperBound == last.firstRow,
                first.rowCount <= 2 * last.rowCount,
                first.rowCount + last.rowCount <= Chunk.rowCountMax
            else { return }
            chunks.removeLast(2)
            chunks.append(try Chunk.merged(first, last, account))
        }
    }

    /// Marks rows as deleted; how many were not before.
    mutating func delete(_ rows: [Int64]) -> Int {
        var count = 0
        for row in rows where deleted.insert(row) { count += 1 }
        return count
    }

    mutating func delete(_ rows: RowSet) { deleted.formUnion(rows) }

    // MARK: - Looking

    /// The chunk that holds the row of this number.
    func chunk(of row: Int64) -> Chunk? {
        var (low, high) = (0, chunks.count)
        while low < high {
            let middle = (low + high) / 2
            if chunks[middle].firstRow <= row { low = middle + 1 } else { high = middle }
        }
        guard low > 0, chunks[low - 1].rows.contains(row) else { return nil }
        return chunks[low - 1]
    }

    func isLive(_ row: Int64) -> Bool { chunk(of: row) != nil && !deleted.contains(row) }

    /// The chunks' parts from row `first` on, without what is deleted.
    func liveColumns(from first: Int64) throws(IglooError) -> [(columns: [ArrayData], count: Int)] {
        var parts: [(columns: [ArrayData], count: Int)] = []
        for chunk in chunks where chunk.firstRow >= first {
            let gone = deleted.rows(in: chunk.rows)
            if gone.isEmpty {
                parts.append((chunk.columns, chunk.rowCount))
                continue
            }
            let kept = Self.places(of: chunk.rows, without: gone)
            if kept.isEmpty { continue }
            var columns: [ArrayData] = []
            do throws(ArrowError) {
                for column in chunk.columns { columns.append(try column.take(kept)) }
            } catch {
                throw IglooError(error)
            }
            parts.append((columns, kept.count))
        }
        return parts
    }

    /// The places of `rows` in their chunk, from 0, but for those of `gone`, which ascend.
    static func places(of rows: Range<Int64>, without gone: [Int64]) -> [Int] {
        var places: [Int] = []
        places.reserveCapacity(rows.count - gone.count)
        var next = 0
        for row in rows {
            if next < gone.count && gone[next] == row {
                next += 1
            } else {
                places.append(Int(row - rows.lowerBound))
            }
        }
        return places
    }
}
