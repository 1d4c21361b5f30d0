// SPDX-License-Identifier: MIT

import IglooArrow
import IglooCompression
import IglooContracts

/// Reads the wanted columns of one row group, in batches, deciding the filter on the way.
///
/// The filter's columns are read first; the others only where rows are left: a page of which no
/// row is wanted is never decompressed, and with an offset index not even read.
///
/// - Threads: one at a time.
final class RowGroupScan {
    private let file: ParquetFile
    private let rowGroup: Int
    private let columns: [Int]
    private let filter: RowFilter?
    private let filterColumns: [Int]
    private let keepsDictionaries: Set<Int>
    private var ranges: ArraySlice<Range<Int64>>
    private let batchRowCount: Int64
    private let decompressor: BlockDecompressor
    private var readers: [Int: LeafReader] = [:]

    init(
        _ file: ParquetFile, rowGroup: Int, columns: [Int], filter: RowFilter?,
        keepsDictionaries: Set<Int>, _ decompressor: BlockDecompressor
    ) throws(IglooError) {
        self.file = file
        self.rowGroup = rowGroup
        self.columns = columns
        self.filter = filter
        self.keepsDictionaries = keepsDictionaries
        self.decompressor = decompressor
        var used: Set<Int> = []
        filter?.collectColumns(into: &used)
        filterColumns = used.sorted()
        let group = file.metadata.rowGroups[rowGroup]
        if let filter {
            ranges = RowGroupPruning(file: file, rowGroup: rowGroup, filter: filter).rows()[...]
        } else {
            ranges = group.rowCount > 0 ? [0..<group.rowCount] : []
        }
        batchRowCount = Self.batchRowCount(file, group, columns + filterColumns)
        if !ranges.isEmpty { try openReaders(group) }
    }

    /// Long lists and wide values make for shorter batches.
    private static func batchRowCount(
        _ file: ParquetFile, _ group: RowGroupMetadata, _ columns: [Int]
    ) -> Int64 {
        var count = Int64(max(1, file.options.batchRowCount))
        let (entryCountMax, byteCountMax): (Int64, Int64) = (1 << 20, 64 << 20)
        var rowWidth: Int64 = 0
        for column in columns {
            for index in file.tree.roots[column].leaves {
                let leaf = file.tree.leaves[index]
                let width = Int64(max(1, leaf.outputByteWidth))
                rowWidth += width
                count = min(count, max(1, byteCountMax / rowWidth))
                guard !leaf.isFlat else { continue }
                let entriesPerRow = group.columns[index].valueCount / max(1, group.rowCount)
                count = min(count, max(1, entryCountMax / max(1, entriesPerRow)))
            }
        }
        return count
    }

    private func openReaders(_ group: RowGroupMetadata) throws(IglooError) {
        let isSelective = filter != nil
        var leafCount = 0
        for column in Set(columns + filterColumns) {
            leafCount += file.tree.roots[column].leaves.count
        }
        for column in Set(columns + filterColumns) {
            for index in file.tree.roots[column].leaves {
                let leaf = file.tree.leaves[index]
                let chunk = group.columns[index]
                let isFilterText = filterColumns.contains(column) && leaf.conversion == .views
                let keepsIndexes =
                    keepsDictionaries.contains(column)
                    || isFilterText && chunk.isWhollyDictionaryEncoded
                let offsets =
                    isSelective
                    ? PageIndexReading(file: file).offsetIndex(chunk, rowCount: group.rowCount)
                    : nil
                try located(leaf) { () throws(IglooError) in
                    readers[index] = try LeafReader(
                        file.source, leaf, chunk, rowCount: group.rowCount, offsetIndex: offsets,
                        keepsIndexes: keepsIndexes, checksPages: file.options.checksPages,
                        windowByteCount: ChunkWindow.stepByteCount(leafCount: leafCount),
                        decompressor)
                }
            }
        }
    }

    private func located(
        _ leaf: LeafColumn, _ body: () throws(IglooError) -> Void
    ) throws(IglooError) {
        do throws(IglooError) {
            try body()
        } catch {
            throw error.inside("row group \(rowGroup), column '\(leaf.path)'")
        }
    }

    // MARK: - Batches

    /// The next rows: one array a column; `nil` at the end. Batches without rows are left out.
    func next(
        _ context: CallContext
    ) throws(IglooError) -> (columns: [ArrayData], rowCount: Int)? {
        while let range = ranges.first {
            try context.checkCancelled()
            let end = min(range.upperBound, range.lowerBound + batchRowCount)
            ranges = ranges.dropFirst()
            if end < range.upperBound {
                ranges.insert(end..<range.upperBound, at: ranges.startIndex)
            }
            let rows = range.lowerBound..<end
            guard let filter else { return (try read(rows), rows.count) }
            if let batch = try read(rows, filter) { return batch }
        }
        return nil
    }

    private func read(_ rows: Range<Int64>) throws(IglooError) -> [ArrayData] {
        var arrays: [Int: ArrayData] = [:]
        for column in columns where arrays[column] == nil {
            arrays[column] = try read(column, [rows], count: rows.count)
        }
        return columns.map { arrays[$0]! }
    }

    private func read(
        _ rows: Range<Int64>, _ filter: RowFilter
    ) throws(IglooError) -> (columns: [ArrayData], rowCount: Int)? {
        var decided: [Int: ArrayData] = [:]
        for column in filterColumns {
            decided[column] = try read(column, [rows], count: rows.count)
        }
        let mask = try PooledMemory(byteCapacity: rows.count)
        let bytes = mask.base.assumingMemoryBound(to: UInt8.self)
        try FilterEvaluator(columns: decided, rowCount: rows.count).evaluate(filter, into: bytes)
        let selection = RowSelection(
            bytes, rowCount: rows.count,
            indexes: try PooledMemory(byteCapacity: rows.count * 4))
        guard selection.count > 0 else { return nil }
        let coarse = try selection.coarse(from: rows.lowerBound)
        var arrays: [Int: ArrayData] = [:]
        for column in columns where arrays[column] == nil {
            if let array = decided[column] {
                let taken = selection.isAll ? array : try selection.take(array)
                arrays[column] = try plain(taken, column)
            } else {
                arrays[column] = try read(column, rows, selection, coarse)
            }
        }
        return (columns.map { arrays[$0]! }, selection.count)
    }

    /// A filter's text column may be encoded where the caller wants none of it.
    private func plain(_ array: ArrayData, _ column: Int) throws(IglooError) -> ArrayData {
        guard let dictionary = array.dictionary, !keepsDictionaries.contains(column) else {
            return array
        }
        let memory = try PooledMemory(byteCapacity: array.count * 16)
        if dictionary.count > 0 {
            Gather.gather(
                dictionary.buffers[0].baseAddress, array.values(as: UInt32.self), array.count,
                into: memory.base, width: 16)
        } else {
            memory.base.initializeMemory(as: UInt8.self, repeating: 0, count: array.count * 16)
        }
        return ArrayData(
            type: dictionary.type, count: array.count, nullCount: array.nullCount,
            validity: array.validity,
            buffers: [memory.buffer(byteCount: array.count * 16)] + dictionary.buffers.dropFirst())
    }

    private func read(
        _ column: Int, _ rows: Range<Int64>, _ selection: RowSelection,
        _ coarse: RowSelection.Coarse
    ) throws(IglooError) -> ArrayData {
        if selection.isAll { return try read(column, [rows], count: rows.count) }
        guard file.tree.roots[column].isFlatLeaf else {
            return try read(
                column, selection.ranges(from: rows.lowerBound), count: selection.count)
        }
        let array = try read(column, coarse.ranges, count: coarse.rowCount)
        return try coarse.selection?.take(array) ?? array
    }

    private func read(
        _ column: Int, _ ranges: [Range<Int64>], count: Int
    ) throws(IglooError) -> ArrayData {
        let node = file.tree.roots[column]
        var batches: [Int: LeafBatch] = [:]
        for index in node.leaves {
            let reader = readers[index]!
            try located(reader.leaf) { () throws(IglooError) in
                for range in ranges { try reader.read(range) }
                batches[index] = try reader.finishBatch()
            }
        }
        do throws(IglooError) {
            return try NestedAssembler(batches).array(node, count: count)
        } catch {
            throw error.inside("row group \(rowGroup)")
        }
    }
}
