// SPDX-License-Identifier: MIT

import IglooContracts
import IglooFiles
import IglooParquet

/// Cuts a scan into row groups, of which several small ones make a split.
///
/// - Threads: as `SplitSource`.
final class ParquetSplitSource: SplitSource, @unchecked Sendable {
    private let prepared: PreparedPlan
    private let footers: FooterCache
    private let targetByteCount: Int64
    // SAFETY: `next` is called by one thread at a time, by the protocol's contract.
    private var files: ArraySlice<FileReference>
    private var ready: ArraySlice<Split> = []
    private static let splitCountPerFile: Int64 = 64
    /// Less is read faster than a reader is opened.
    private static let byteCountMin: Int64 = 1 << 20

    init(_ prepared: PreparedPlan, _ footers: FooterCache, targetByteCount: Int) {
        self.prepared = prepared
        self.footers = footers
        self.targetByteCount = Int64(max(1, targetByteCount))
        files = prepared.files[...]
    }

    func next(countMax: Int, _ context: CallContext) throws(IglooError) -> [Split]? {
        while ready.isEmpty {
            guard let file = files.popFirst() else { return nil }
            try context.checkCancelled()
            ready = try splits(file)[...]
        }
        let page = ready.prefix(max(1, countMax))
        ready = ready.dropFirst(page.count)
        return Array(page)
    }

    private func splits(_ file: FileReference) throws(IglooError) -> [Split] {
        let scan = try FileScan(prepared, file, footers)
        // Many enough that no thread is left with a long one at the end.
        let wholeByteCount = scan.rowGroups.reduce(Int64(0)) { $0 &+ scan.byteCount($1) }
        let byteCountMax = min(
            targetByteCount, max(wholeByteCount / Self.splitCountPerFile, Self.byteCountMin))
        var splits: [Split] = []
        var groups: [Int] = []
        var rowCount: Int64 = 0
        var byteCount: Int64 = 0
        func close() {
            guard !groups.isEmpty else { return }
            splits.append(
                Split(
                    payload: ParquetSplit(file: file, rowGroups: groups).encoded(),
                    rowCount: rowCount, byteCount: byteCount))
            (groups, rowCount, byteCount) = ([], 0, 0)
        }
        for group in scan.rowGroups {
            let bytes = scan.byteCount(group)
            if byteCount &+ bytes > byteCountMax { close() }
            groups.append(group)
            rowCount &+= scan.footer.metadata.rowGroups[group].rowCount
            byteCount &+= bytes
        }
        close()
        return splits
    }
}
