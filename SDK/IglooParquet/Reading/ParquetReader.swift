// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooContracts
import IglooCompression

/// Reads row groups of a file: some columns, the rows for which a filter is TRUE, up to a limit.
///
/// Batches hold up to `ParquetOptions.batchRowCount` rows and never span row groups.
///
/// - Threads: as `BatchReader`.
public final class ParquetReader: BatchReader, @unchecked Sendable {
    public let schema: Schema
    // SAFETY: `next` is called by one thread at a time, by the protocol's contract.
    private let file: ParquetFile
    private let columns: [Int]
    private let filter: RowFilter?
    /// What a running query has said of the columns since.
    private var tests: [(column: Int, test: MembershipTest)] = []
    private let keepsDictionaries: Set<Int>
    private var rowGroups: ArraySlice<Int>
    private var remaining: Int64
    private var scan: RowGroupScan?
    private let decompressor = BlockDecompressor()
    private let account = PoolAccount()

    /// - Parameters:
    ///   - rowGroups: in the order in which they are to be read; `nil` = all.
    ///   - columns: indexes into the file's schema, in the wanted order; `nil` = all.
    ///   - filter: over the file's columns.
    ///   - limit: the most rows that are delivered.
    /// - Throws: `invalidArgument` for row groups and columns that are not there.
    public init(
        _ file: ParquetFile, rowGroups: [Int]? = nil, columns: [Int]? = nil,
        filter: RowFilter? = nil, limit: Int64? = nil
    ) throws(IglooError) {
        let fields = file.schema.fields
        let groups = rowGroups ?? Array(file.metadata.rowGroups.indices)
        let wanted = columns ?? Array(fields.indices)
        var used = Set(wanted)
        filter?.collectColumns(into: &used)
        guard used.allSatisfy(fields.indices.contains) else {
            throw IglooError(
                .invalidArgument, "'\(file.source.name)' has no such column among \(used.sorted())")
        }
        guard groups.allSatisfy(file.metadata.rowGroups.indices.contains) else {
            throw IglooError(
                .invalidArgument, "'\(file.source.name)' has no such row group among \(groups)")
        }
        self.file = file
        self.columns = wanted
        self.filter = filter
        self.rowGroups = groups[...]
        remaining = max(0, limit ?? Int64.max)
        keepsDictionaries = Self.dictionaryColumns(file, groups, wanted)
        var result = file.schema.projected(wanted)
        for (index, column) in wanted.enumerated() where keepsDictionaries.contains(column) {
            result.fields[index].type = .dictionary(
                index: .int32, value: result.fields[index].type, isOrdered: false)
        }
        schema = result
    }

    /// Text columns that are dictionary-encoded in all of the row groups.
    private static func dictionaryColumns(
        _ file: ParquetFile, _ groups: [Int], _ columns: [Int]
    ) -> Set<Int> {
        guard file.options.keepsDictionaries, !groups.isEmpty else { return [] }
        return Set(columns).filter { column in
            let node = file.tree.roots[column]
            guard case .leaf(let leaf) = node.kind, node.isFlatLeaf,
                file.tree.leaves[leaf].type == .utf8View
            else { return false }
            return groups.allSatisfy {
                file.metadata.rowGroups[$0].columns[leaf].isWhollyDictionaryEncoded
            }
        }
    }

    /// Leaves out row groups, pages and rows that a running query needs no more: rows from the next
    /// ones on, pages from the next row group on.
    ///
    /// - Returns: whether anything of it is of use here.
    public func refine(_ filters: [RuntimeFilter]) -> Bool {
        for filter in filters {
            guard columns.indices.contains(filter.column) else { continue }
            let column = columns[filter.column]
            let type = file.schema.fields[column].type
            guard file.tree.roots[column].isFlatLeaf,
                filter.type == type || filter.type == .null || type.isText && filter.type.isText,
                let test = MembershipTest(filter, type)
            else { continue }
            tests.removeAll { $0.column == column && test.covers($0.test) }
            tests.append((column, test))
        }
        if tests.isEmpty { return false }
        if let filter = refinedFilter { scan?.refine(filter) }
        return true
    }

    /// The filter, and the tests that leave out enough.
    private var refinedFilter: RowFilter? {
        tests.removeAll { !$0.test.isUseful }
        if tests.isEmpty { return filter }
        return .all(
            (filter.map { [$0] } ?? []) + tests.map { .isNeeded(column: $0.column, $0.test) })
    }

    public func next(_ context: CallContext) throws(IglooError) -> RecordBatch? {
        do throws(IglooError) {
            return try account.run(context) { () throws(IglooError) in try nextBatch(context) }
        } catch {
            (scan, rowGroups) = (nil, [])
            throw error.code == .cancelled ? error : error.inFile(file.source.name)
        }
    }

    private func nextBatch(_ context: CallContext) throws(IglooError) -> RecordBatch? {
        while remaining > 0 {
            if scan == nil {
                guard let group = rowGroups.popFirst() else { return nil }
                scan = try RowGroupScan(
                    file, rowGroup: group, columns: columns, filter: refinedFilter,
                    keepsDictionaries: keepsDictionaries, decompressor)
            }
            guard let (arrays, rowCount) = try scan!.next(context) else {
                scan = nil
                continue
            }
            let batch = RecordBatch(schema: schema, columns: arrays, rowCount: rowCount)
            for array in arrays { PoolAccount.handOver(array) }
            let kept = Int(min(Int64(rowCount), remaining))
            remaining -= Int64(kept)
            return kept < rowCount ? batch.slice(0, count: kept) : batch
        }
        return nil
    }
}
