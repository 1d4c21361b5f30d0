// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFiles

/// Cuts files into splits at the beginnings of records.
///
/// Whether a line end is one depends on every quote before it, so the file is looked through from
/// its beginning with the reader's own scanner, 64 bytes at a time: splits are proven, not
/// guessed, and any process can open them. That is done as splits are asked for, in bounded
/// memory; files that fit into one split, compressed ones and the last split need none of it.
final class CSVSplitSource: SplitSource, @unchecked Sendable {
    // SAFETY: `next` is called by one thread at a time, by the protocol's contract.
    private static let blockByteCount = 1 << 20

    private let table: CSVTable
    private let targetByteCount: Int64
    private var nextFile = 0
    private var walk: Walk?
    private let chunk = TextChunk(byteCapacity: CSVSplitSource.blockByteCount)

    /// A file on the way of being cut.
    private struct Walk {
        var content: OpenedContent
        var split: CSVSplit
        var scanner: CSVScanner
        var position: Int64
    }

    init(_ table: CSVTable, targetByteCount: Int) {
        self.table = table
        self.targetByteCount = Int64(max(targetByteCount, 1))
    }

    func next(countMax: Int, _ context: CallContext) throws(IglooError) -> [Split]? {
        var splits: [Split] = []
        while splits.count < max(1, countMax) {
            try context.checkCancelled()
            if walk == nil {
                guard nextFile < table.text.files.count else { break }
                walk = try begin(table.text.files[nextFile], context)
                nextFile += 1
            }
            if var current = walk {
                walk = nil
                let split = try cut(&current, context)
                splits.append(described(split, current.content.reader))
                if split.end != nil {
                    current.split.start = current.position
                    walk = current
                }
            }
        }
        return splits.isEmpty && walk == nil && nextFile >= table.text.files.count ? nil : splits
    }

    private func described(_ split: CSVSplit, _ reader: FileReader) -> Split {
        let byteCount = (split.end ?? reader.byteCount) - split.start
        return Split(
            payload: split.encoded(),
            rowCount: Int64(table.text.rowCount(Double(byteCount))),
            byteCount: byteCount)
    }

    /// Reads the head of a file; `nil` when there are no records in it.
    private func begin(
        _ file: FileReference, _ context: CallContext
    ) throws(IglooError) -> Walk? {
        if file.identity.byteCount == 0 { return nil }
        let content = try table.text.content.opened(try FileReader(file))
        let head = try CSVHead.read(content, table, context)
        guard head.fieldCount > 0 else { return nil }
        let fields = try CSVFields(head, table, path: file.path)
        let split = CSVSplit(
            file: file, start: head.dataStart, end: nil, fieldCount: fields.count,
            fields: fields.places)
        return Walk(
            content: content, split: split, scanner: CSVScanner(table.dialect),
            position: head.dataStart)
    }

    /// The next split: up to the first record that begins at the target or after it.
    private func cut(
        _ walk: inout Walk, _ context: CallContext
    ) throws(IglooError) -> CSVSplit {
        let start = walk.split.start
        let (target, overflow) = start.addingReportingOverflow(targetByteCount)
        let byteCount = walk.content.reader.byteCount
        guard walk.content.isPlain, !overflow, target < byteCount else { return walk.split }
        var recordStart = start
        while walk.position < byteCount {
            try context.checkCancelled()
            let buffer = UnsafeMutableRawBufferPointer(
                start: chunk.bytes, count: chunk.byteCapacity)
            let count = try walk.content.reader.read(at: walk.position, into: buffer)
            let found = Self.firstRecord(
                at: target - walk.position, chunk.bytes, count, &walk.scanner)
            if let last = found.last { recordStart = walk.position + Int64(last) }
            if let place = found.place {
                walk.position += Int64(place)
                walk.scanner.reset()
                guard walk.position < byteCount else { break }
                var split = walk.split
                split.end = walk.position
                return split
            }
            walk.position += Int64(count)
            // What does not end is a fault that a reader must find; it gets all the rest.
            if walk.position - recordStart > Int64(table.text.recordByteCountMax) { break }
        }
        return walk.split
    }

    /// The first beginning of a record at or after `target`, and the last one seen.
    private static func firstRecord(
        at target: Int64, _ bytes: UnsafePointer<UInt8>, _ count: Int, _ scanner: inout CSVScanner
    ) -> (place: Int?, last: Int?) {
        var place = -1
        var last = -1
        scanner.scan(bytes, count) { offset, _, newlines in
            if newlines == 0 { return true }
            last = offset &+ 64 &- newlines.leadingZeroBitCount
            if Int64(last) < target { return true }
            var bits = newlines
            while bits != 0 {
                let start = offset &+ bits.trailingZeroBitCount &+ 1
                if Int64(start) >= target {
                    place = start
                    return false
                }
                bits &= bits &- 1
            }
            return true
        }
        return (place < 0 ? nil : place, last < 0 ? nil : last)
    }
}
