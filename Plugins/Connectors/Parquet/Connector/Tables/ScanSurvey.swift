// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFiles
import IglooParquet

/// What the footers say of a planned scan: which row groups it reads, and what is in them.
struct ScanSurvey {
    private let prepared: PreparedPlan
    private(set) var rowCount: Int64 = 0
    private(set) var byteCount: Int64 = 0
    private var rowGroupCount = 0
    private var keptCount = 0

    init(
        _ prepared: PreparedPlan, _ footers: FooterCache, _ context: CallContext
    ) throws(IglooError) {
        self.prepared = prepared
        for file in prepared.files {
            try context.checkCancelled()
            let scan = try FileScan(prepared, file, footers)
            rowGroupCount += scan.footer.metadata.rowGroups.count
            for group in scan.rowGroups {
                keptCount += 1
                rowCount &+= scan.footer.metadata.rowGroups[group].rowCount
                byteCount &+= scan.byteCount(group)
            }
        }
    }

    /// For EXPLAIN.
    var text: String {
        let plan = prepared.plan
        let groups =
            keptCount == rowGroupCount
            ? "\(rowGroupCount) row groups" : "\(keptCount) of \(rowGroupCount) row groups"
        let conditions = plan.conjuncts.isEmpty ? "" : ", \(plan.conjuncts.count) conditions"
        let limit = plan.limit.map { ", limit \($0)" } ?? ""
        return "\(prepared.files.summary) (\(groups)\(conditions)\(limit))"
    }

    /// Row counts are exact unless a condition was pushed down.
    func statistics(
        _ columns: [Int], _ footers: FooterCache, _ context: CallContext
    ) throws(IglooError) -> TableStatistics {
        var summaries = columns.map { ColumnSummary(column: $0) }
        for file in prepared.files {
            try context.checkCancelled()
            let scan = try FileScan(prepared, file, footers)
            for index in summaries.indices {
                let column = summaries[index].column
                guard prepared.table.schema.fields.indices.contains(column) else {
                    throw IglooError(.invalidArgument, "the table has no column \(column)")
                }
                for group in scan.rowGroups { summaries[index].add(scan, group) }
            }
        }
        return TableStatistics(
            rowCount: Double(rowCount), byteCount: Double(byteCount),
            isExact: prepared.filter == nil, columns: summaries.map(\.statistics))
    }
}

/// A file as the plan reads it.
struct FileScan {
    let footer: ParquetFooter
    /// For each of the table's columns its index in the file.
    let columns: [Int?]
    let filter: RowFilter?
    /// Those that may hold rows for which the filter is TRUE, in order.
    let rowGroups: [Int]
    private let readColumns: [Int]

    init(
        _ prepared: PreparedPlan, _ file: FileReference, _ footers: FooterCache
    ) throws(IglooError) {
        let plan = prepared.plan
        footer = try footers.footer(file, plan.definition.options.reading)
        columns = try prepared.table.columns(in: footer, file)
        for column in plan.columns where !columns.indices.contains(column) {
            throw IglooError(
                .invalidArgument, "malformed parquet plan: there is no column \(column)")
        }
        let columns = columns
        filter = prepared.filter?.remapped { columns[$0] }
        var used: Set<Int> = []
        filter?.collectColumns(into: &used)
        for column in plan.columns { if let index = columns[column] { used.insert(index) } }
        readColumns = used.sorted()
        var kept: [Int] = []
        for group in footer.metadata.rowGroups.indices {
            guard footer.metadata.rowGroups[group].rowCount > 0 else { continue }
            if let filter, !footer.mayMatch(filter, rowGroup: group) { continue }
            kept.append(group)
        }
        rowGroups = kept
    }

    /// Bytes of the columns that are read of a row group.
    func byteCount(_ rowGroup: Int) -> Int64 {
        footer.compressedByteCount(rowGroup: rowGroup, columns: readColumns)
    }
}

/// What the row groups together say of a column.
private struct ColumnSummary {
    let column: Int
    private var rowCount: Int64 = 0
    private var nullCount: Int64? = 0
    private var distinctCount: Int64?
    private var groupCount = 0
    private var minimum: Scalar?
    private var maximum: Scalar?
    private var hasMinimum = true
    private var hasMaximum = true
    private var byteCount: Int64 = 0

    init(column: Int) { self.column = column }

    mutating func add(_ scan: FileScan, _ group: Int) {
        let rows = scan.footer.metadata.rowGroups[group].rowCount
        rowCount &+= rows
        groupCount += 1
        guard let index = scan.columns[column] else {
            nullCount = nullCount.map { $0 &+ rows }
            return
        }
        byteCount &+= scan.footer.compressedByteCount(rowGroup: group, columns: [index])
        guard let bounds = scan.footer.statistics(column: index, rowGroup: group) else {
            (nullCount, hasMinimum, hasMaximum) = (nil, false, false)
            return
        }
        if let more = bounds.nullCount, let sum = nullCount {
            nullCount = sum &+ more
        } else {
            nullCount = nil
        }
        distinctCount = groupCount == 1 ? bounds.distinctCount : nil
        // Without values there is nothing to bound.
        if bounds.nullCount == rows { return }
        merge(bounds)
    }

    private mutating func merge(_ bounds: ParquetFooter.Bounds) {
        if let low = bounds.minimum, hasMinimum {
            minimum = minimum.map { $0.precedes(low) ? $0 : low } ?? low
        } else {
            hasMinimum = false
        }
        if let high = bounds.maximum, hasMaximum {
            maximum = maximum.map { $0.precedes(high) ? high : $0 } ?? high
        } else {
            hasMaximum = false
        }
    }

    var statistics: ColumnStatistics {
        let fraction = nullCount.flatMap {
            rowCount > 0 ? min(1, Double($0) / Double(rowCount)) : nil
        }
        return ColumnStatistics(
            column: column, nullFraction: fraction, distinctCount: distinctCount.map(Double.init),
            averageByteCount: rowCount > 0 ? Double(byteCount) / Double(rowCount) : nil,
            minimum: hasMinimum ? minimum : nil, maximum: hasMaximum ? maximum : nil)
    }
}
