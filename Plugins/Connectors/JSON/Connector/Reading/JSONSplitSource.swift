// SPDX-License-Identifier: MIT

import IglooContracts
import IglooFiles

/// Cuts files of lines into splits at line ends, which no JSON string can hold; other files are
/// one split each.
final class JSONSplitSource: SplitSource, @unchecked Sendable {
    // SAFETY: `next` is called by one thread at a time, by the protocol's contract.
    private let table: JSONTable
    private let targetByteCount: Int64
    private var nextFile = 0
    private var rest: (content: OpenedContent, split: JSONSplit)?
    private let chunk = TextChunk(byteCapacity: 64 << 10)

    init(_ table: JSONTable, targetByteCount: Int) {
        self.table = table
        self.targetByteCount = Int64(max(1, targetByteCount))
    }

    func next(countMax: Int, _ context: CallContext) throws(IglooError) -> [Split]? {
        var splits: [Split] = []
        while splits.count < max(1, countMax) {
            try context.checkCancelled()
            if rest == nil {
                guard nextFile < table.text.files.count else { break }
                let file = table.text.files[nextFile]
                nextFile += 1
                if file.identity.byteCount == 0 { continue }
                let content = try table.text.content.opened(try FileReader(file))
                let layout = try JSONSniffer.layout(content, table)
                rest = (content, JSONSplit(file: file, layout: layout, start: 0, end: nil))
            }
            guard let (content, whole) = rest else { continue }
            var split = whole
            split.end = try end(of: split, content, context)
            rest = nil
            if let end = split.end {
                var following = split
                (following.start, following.end) = (end, nil)
                rest = (content, following)
            }
            let byteCount = (split.end ?? content.reader.byteCount) - split.start
            splits.append(
                Split(
                    payload: split.encoded(),
                    rowCount: Int64(table.text.rowCount(Double(byteCount))),
                    byteCount: byteCount))
        }
        return splits.isEmpty && rest == nil && nextFile >= table.text.files.count ? nil : splits
    }

    /// Where the split ends: behind the first line end from the target on; `nil` = at the end.
    private func end(
        of split: JSONSplit, _ content: OpenedContent, _ context: CallContext
    ) throws(IglooError) -> Int64? {
        let reader = content.reader
        let (target, overflow) = split.start.addingReportingOverflow(targetByteCount - 1)
        guard split.layout == .lines, !overflow, target < reader.byteCount,
            content.isPlain
        else { return nil }
        var position = target
        while position < reader.byteCount {
            try context.checkCancelled()
            let count = try reader.read(
                at: position,
                into: UnsafeMutableRawBufferPointer(start: chunk.bytes, count: chunk.byteCapacity))
            if let newline = TextBytes.firstIndex(of: 0x0A, chunk.bytes, count) {
                let end = position + Int64(newline) + 1
                return end < reader.byteCount ? end : nil
            }
            position += Int64(count)
        }
        return nil
    }
}
