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
        var reader: FileReader
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
                guard nextFile < table.files.count else { break }
                walk = try begin(table.files[nextFile], context)
                nextFile += 1
            }
            if var current = walk {
                walk = nil
                let split = try cut(&current, context)
                splits.append(described(split, current.reader))
                if split.end != nil {
                    current.split.start = current.position
                    walk = current
                }
            }
        }
        return splits.isEmpty && walk == nil && nextFile >= table.files.count ? nil : splits
    }

    private func described(_ split: CSVSplit, _ reader: FileReader) -> Split {
        let byteCount = (split.end ?? reader.byteCount) - split.start
        return Split(
            payload: split.encoded(),
            rowCount: Int64(Double(byteCount) / max(1, table.averageRowByteCount)),
            byteCount: byteCount)
    }

    /// Reads the head of a file; `nil` when there are no records in it.
    private func begin(
        _ file: FileReference, _ context: CallContext
    ) throws(IglooError) -> Walk? {
        if file.identity.byteCount == 0 { return nil }
        let reader = try FileReader(file)
        let head = try CSVHead.read(reader, table, context)
        guard head.fieldCount > 0 else { return nil }
        let (fieldCount, fields) = try CSVFields.map(head, table, path: file.path)
        let split = CSVSplit(
            file: file, start: head.dataStart, end: nil, fieldCount: fieldCount, fields: fields)
        return Walk(
            reader: reader, split: split, scanner: CSVScanner(table.dialect),
            position: head.dataStart)
    }

    /// The next split: up to the first record that begins at the target or after it.
    private func cut(
        _ walk: inout Walk, _ context: CallContext
    ) throws(IglooError) -> CSVSplit {
        let start = walk.split.start
        let (target, overflow) = start.addingReportingOverflow(targetByteCount)
        let byteCount = walk.reader.byteCount
        let compression = try walk.reader.compression(table.compression)
        guard compression == .none, !overflow, target < byteCount else { return walk.split }
        var recordStart = start
        while walk.position < byteCount {
            try context.checkCancelled()
            let buffer = UnsafeMutableRawBufferPointer(
                start: chunk.bytes, count: chunk.byteCapacity)
            let count = try walk.reader.read(at: walk.position, into: buffer)
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
            if walk.position - recordStart > Int64(table.lineByteCountMax) { break }
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

/// Which field of a file belongs to which column of the table.
enum CSVFields {
    static func map(
        _ head: CSVHead, _ table: CSVTable, path: String
    ) throws(IglooError) -> (fieldCount: Int, fields: [Int]) {
        let columnCount = table.fileColumnCount
        guard table.dialect.hasHeader else {
            // A file whose lines end with a delimiter has one field more than the table columns.
            let count = head.fieldCount == columnCount + 1 ? head.fieldCount : columnCount
            return (count, Array(0..<columnCount))
        }
        let names = CSVNames.tidied(head.names).map { $0.lowercased() }
        let columns = table.schema.fields.prefix(columnCount).map { $0.name.lowercased() }
        var places: [String: Int] = [:]
        for (field, name) in names.enumerated() { places[name] = field }
        let fields = columns.map { places[$0] ?? -1 }
        let extra = names.indices.filter { field in
            !fields.contains(field) && !(field == names.count - 1 && head.names[field].isEmpty)
        }
        if table.unitesByName { return (names.count, fields) }
        if fields.allSatisfy({ $0 < 0 }) || options(table, renames: fields, extra) {
            // The columns were given other names than the header's: they go by their places.
            guard names.count == columnCount || names.count == columnCount + 1 else {
                throw mismatch(path, "has \(names.count) columns instead of \(columnCount)", table)
            }
            return (names.count, Array(0..<columnCount))
        }
        if let missing = fields.firstIndex(of: -1) {
            throw mismatch(path, "has no column '\(table.schema.fields[missing].name)'", table)
        }
        if let first = extra.first {
            throw mismatch(path, "has a column '\(head.names[first])' that others lack", table)
        }
        return (names.count, fields)
    }

    /// Columns that were named by the user take the places of the header's.
    private static func options(_ table: CSVTable, renames fields: [Int], _ extra: [Int]) -> Bool {
        let missing = fields.count { $0 < 0 }
        let isGiven = !table.guessed.prefix(fields.count).contains(true)
        return missing > 0 && (isGiven || table.hasGivenNames) && missing == extra.count
    }

    private static func mismatch(_ path: String, _ what: String, _ table: CSVTable) -> IglooError {
        let names = table.schema.fields.prefix(8).map(\.name).joined(separator: ", ")
        return IglooError(
            .invalidData, "'\(path)' \(what); the table's columns are \(names)",
            hint: "union_by_name=true lets files have different columns")
    }
}
