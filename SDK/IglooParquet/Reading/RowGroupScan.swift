// SPDX-License-Identifier: MIT

import IglooArrow
import IglooCompression
import IglooContracts

/// Reads the wanted columns of one row group, in batches, deciding the filter on the way.
///
/// The filter's columns are read first, texts last among them; the others only where rows are left:
/// a page of which no row is wanted is never decompressed, and with an offset index not even read.
///
/// - Threads: one at a time.
final class RowGroupScan {
    private let file: ParquetFile
    private let rowGroup: Int
    private let columns: [Int]
    /// The filter, in the order in which its conditions are decided.
    private var stages: [Stage] = []
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
        self.keepsDictionaries = keepsDictionaries
        self.decompressor = decompressor
        let group = file.metadata.rowGroups[rowGroup]
        if let filter {
            ranges = RowGroupPruning(file: file, rowGroup: rowGroup, filter: filter).rows()[...]
        } else {
            ranges = group.rowCount > 0 ? [0..<group.rowCount] : []
        }
        let filterColumns = filter?.columns ?? []
        batchRowCount = Self.batchRowCount(file, group, columns + filterColumns)
        if !ranges.isEmpty { try openReaders(group, filterColumns) }
        if let filter { stages = stages(of: filter) }
    }

    // MARK: - Filtering

    /// A condition, and the columns that it needs beside those of the stages before.
    private struct Stage {
        var filter: RowFilter
        var columns: [Int]
    }

    /// Conditions on texts that are no dictionary's are decided for the rows that the others leave.
    private func stages(of filter: RowFilter) -> [Stage] {
        guard case .all(let conditions) = filter else {
            return [Stage(filter: filter, columns: filter.columns)]
        }
        let cheap = conditions.filter { !$0.columns.contains(where: isCostly) }
        let costly = conditions.filter { $0.columns.contains(where: isCostly) }
        var stages: [Stage] = []
        var known: Set<Int> = []
        for part in [cheap, costly] where !part.isEmpty {
            let filter = part.count == 1 ? part[0] : .all(part)
            stages.append(
                Stage(filter: filter, columns: filter.columns.filter { !known.contains($0) }))
            known.formUnion(filter.columns)
        }
        return stages
    }

    private func isCostly(_ column: Int) -> Bool {
        guard case .leaf(let leaf) = file.tree.roots[column].kind else { return true }
        return file.tree.leaves[leaf].conversion == .views
            && !file.metadata.rowGroups[rowGroup].columns[leaf].isWhollyDictionaryEncoded
    }

    /// Leaves out more rows from here on, by columns that are read already.
    func refine(_ filter: RowFilter) {
        let isOpen = filter.columns.allSatisfy { column in
            file.tree.roots[column].leaves.allSatisfy { readers[$0] != nil }
        }
        guard isOpen else { return }
        stages = stages(of: filter)
        if !file.footer.mayMatch(filter, rowGroup: rowGroup) { ranges = [] }
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

    private func openReaders(
        _ group: RowGroupMetadata, _ filterColumns: [Int]
    ) throws(IglooError) {
        let isSelective = !filterColumns.isEmpty
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
            if stages.isEmpty { return (try read(rows), rows.count) }
            if let batch = try readFiltered(rows) { return batch }
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

    /// Rows for which the stages so far are TRUE.
    private struct Chosen {
        var selection: RowSelection
        /// Columns that were read, all of the batch's rows or the selected ones.
        var whole: [Int: ArrayData] = [:]
        var selected: [Int: ArrayData] = [:]
    }

    private func readFiltered(
        _ rows: Range<Int64>
    ) throws(IglooError) -> (columns: [ArrayData], rowCount: Int)? {
        var chosen = Chosen(selection: try RowSelection(all: rows.count))
        for stage in stages {
            try decide(stage, rows, &chosen)
            if chosen.selection.count == 0 { return nil }
        }
        let selection = chosen.selection
        let coarse = try selection.coarse(from: rows.lowerBound)
        var arrays: [Int: ArrayData] = [:]
        for column in columns where arrays[column] == nil {
            if let array = chosen.selected[column] {
                arrays[column] = try plain(array, column)
            } else if let array = chosen.whole[column] {
                let taken = selection.isAll ? array : try selection.take(array)
                arrays[column] = try plain(taken, column)
            } else {
                arrays[column] = try read(column, rows, selection, coarse)
            }
        }
        return (columns.map { arrays[$0]! }, selection.count)
    }

    /// Leaves the rows for which the stage's condition is TRUE as well.
    private func decide(
        _ stage: Stage, _ rows: Range<Int64>, _ chosen: inout Chosen
    ) throws(IglooError) {
        let before = chosen.selection
        var operands: [Int: ArrayData] = [:]
        if before.isAll {
            for column in stage.columns {
                chosen.whole[column] = try read(column, [rows], count: rows.count)
            }
            operands = chosen.whole
        } else {
            let coarse = try before.coarse(from: rows.lowerBound)
            for column in stage.columns {
                chosen.selected[column] = try read(column, rows, before, coarse)
            }
            operands = chosen.selected
            for column in stage.filter.columns where operands[column] == nil {
                operands[column] = try chosen.whole[column].map { (array) throws(IglooError) in
                    try before.take(array)
                }
            }
        }
        let mask = try PooledMemory(byteCapacity: before.count)
        let bytes = mask.base.assumingMemoryBound(to: UInt8.self)
        try FilterEvaluator(columns: operands, rowCount: before.count)
            .evaluate(stage.filter, into: bytes)
        let kept = RowSelection(
            bytes, rowCount: before.count,
            indexes: try PooledMemory(byteCapacity: before.count * 4))
        if kept.isAll { return }
        for (column, array) in chosen.selected { chosen.selected[column] = try kept.take(array) }
        chosen.selection = try before.selecting(kept)
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
