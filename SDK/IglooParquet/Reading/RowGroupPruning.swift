// SPDX-License-Identifier: MIT

/// Finds the rows of a row group among which a filter may be TRUE.
struct RowGroupPruning {
    let file: ParquetFile
    let rowGroup: Int
    let filter: RowFilter

    private var group: RowGroupMetadata { file.metadata.rowGroups[rowGroup] }
    private var indexes: PageIndexReading { PageIndexReading(file: file) }

    /// Ranges of rows in ascending order; none when the row group can be left out.
    func rows() -> [Range<Int64>] {
        guard group.rowCount > 0, file.footer.mayMatch(filter, rowGroup: rowGroup), bloomAllows()
        else {
            return []
        }
        return rowsByPages()
    }

    private func leaf(_ column: Int) -> LeafColumn? {
        guard case .leaf(let index) = file.tree.roots[column].kind else { return nil }
        let leaf = file.tree.leaves[index]
        return leaf.isFlat ? leaf : nil
    }

    private func bloomAllows() -> Bool {
        for (column, values) in filter.equalities() {
            guard let leaf = leaf(column), values.count <= 256 else { continue }
            let decoder = StatisticsDecoder(leaf: leaf)
            var keys: [[UInt8]] = []
            for value in values {
                guard let key = decoder.plain(value) else { break }
                keys.append(key)
            }
            guard keys.count == values.count,
                let bloom = indexes.bloomFilter(group.columns[leaf.index])
            else { continue }
            if !keys.contains(where: bloom.mayContain) { return false }
        }
        return true
    }

    // MARK: - Pages

    private struct Pages {
        var leaf: LeafColumn
        var offsets: OffsetIndex
        var bounds: ColumnIndex
    }

    /// The row group is cut wherever a page of one of the filter's columns begins; each piece
    /// then lies within one page of every column.
    private func rowsByPages() -> [Range<Int64>] {
        var columns: Set<Int> = []
        filter.collectColumns(into: &columns)
        var pages: [Int: Pages] = [:]
        var cuts: Set<Int64> = [0]
        for column in columns {
            guard let leaf = leaf(column) else { continue }
            let chunk = group.columns[leaf.index]
            guard let offsets = indexes.offsetIndex(chunk, rowCount: group.rowCount),
                let bounds = indexes.columnIndex(chunk)
            else { continue }
            pages[column] = Pages(leaf: leaf, offsets: offsets, bounds: bounds)
            cuts.formUnion(offsets.pages.map(\.firstRow))
        }
        guard !pages.isEmpty else { return [0..<group.rowCount] }
        let starts = cuts.sorted()
        var current: [Int: Int] = [:]
        var ranges: [Range<Int64>] = []
        for (index, start) in starts.enumerated() {
            let end = index + 1 < starts.count ? starts[index + 1] : group.rowCount
            for (column, column_pages) in pages {
                let next = (current[column] ?? -1) + 1
                if next < column_pages.offsets.pages.count,
                    column_pages.offsets.pages[next].firstRow == start
                {
                    current[column] = next
                }
            }
            let mayMatch = filter.mayMatch { column in
                guard let own = pages[column], let page = current[column] else {
                    return file.footer.bounds(column: column, rowGroup: rowGroup)
                }
                return bounds(own, page)
            }
            guard mayMatch else { continue }
            if let last = ranges.last, last.upperBound == start {
                ranges[ranges.count - 1] = last.lowerBound..<end
            } else {
                ranges.append(start..<end)
            }
        }
        return ranges
    }

    private func bounds(_ pages: Pages, _ page: Int) -> ColumnBounds? {
        guard let statistics = pages.bounds.statistics(page: page) else { return nil }
        var bounds = ColumnBounds(
            statistics, pages.leaf, hasTypeOrder: file.footer.hasTypeOrder(pages.leaf.index),
            valueCount: nil)
        if pages.bounds.isNullPage[page] { (bounds.nullCount, bounds.valueCount) = (1, 1) }
        return bounds
    }
}
