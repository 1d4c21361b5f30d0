// SPDX-License-Identifier: MIT

import IglooArrow

/// Rows on their way through a pipeline: one array of an engine type a column.
///
/// Text may be dictionary-encoded (int32 indexes, `utf8View` values); all else is flat.
struct Batch: Sendable {
    var columns: [ArrayData]
    /// Kept apart, since a batch may have rows and no column.
    var rowCount: Int

    init(columns: [ArrayData], rowCount: Int) {
        assert(columns.allSatisfy { $0.count == rowCount }, "columns of differing counts")
        self.columns = columns
        self.rowCount = rowCount
    }

    /// Rows a pipeline handles at a time: three vectors of 8-byte values fit the first cache.
    static let rowCountMax = 4_096

    /// The columns at these places.
    func selecting(_ places: [Int]) -> Batch {
        Batch(columns: places.map { columns[$0] }, rowCount: rowCount)
    }

    func slice(_ start: Int, count: Int) -> Batch {
        Batch(columns: columns.map { $0.slice(start, count: count) }, rowCount: count)
    }
}
