// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFiles

/// Reads one split.
///
/// Batches have up to 8,192 rows, fewer where there are very many columns. Long texts point into the memory the file was read to.
final class CSVReader: BatchReader, @unchecked Sendable {
    // SAFETY: `next` is called by one thread at a time, by the protocol's contract.
    private static let batchRowCountMax = 8192
    private static let batchByteCountMax = 32 << 20

    let schema: Schema
    private let plan: TextPlan<CSVTable>
    private let split: CSVSplit
    private let stream: any ByteStream
    private let piece: CSVPiece
    private let rows = CSVRows()
    /// Table columns whose values must be read, though nobody wants them, to know which records
    /// are to be left out: the answer must not depend on the columns asked for.
    private let checkedColumns: [Int]
    private let batchRowCount: Int

    private var rowCursor = 0
    private var isPieceUTF8 = true
    private var consumedCount = 0
    private var remainingLimit: Int64
    private var isDone = false
    /// Raised once the rows before it are delivered.
    private var pendingError: IglooError?
    private var faults: RecordFaults

    init(_ plan: TextPlan<CSVTable>, _ split: CSVSplit, _ context: CallContext) throws(IglooError) {
        self.plan = plan
        self.split = split
        schema = plan.schema
        stream = try plan.table.text.content.opened(try FileReader(split.file))
            .stream(from: split.start, to: split.end)
        faults = RecordFaults(plan.table.text.policy, path: split.file.path)
        piece = CSVPiece(stream, plan.table, contentOffset: split.start)
        let wanted = Set(plan.columns)
        let policy = plan.table.text.policy
        checkedColumns =
            policy == .skip
            ? split.fields.indices.filter { !wanted.contains($0) && split.fields[$0] >= 0 } : []
        remainingLimit = plan.limit ?? .max
        batchRowCount = min(
            Self.batchRowCountMax, max(64, Self.batchByteCountMax / 16 / max(1, plan.columns.count))
        )
    }

    func next(_ context: CallContext) throws(IglooError) -> RecordBatch? {
        if isDone { return nil }
        do throws(IglooError) {
            while true {
                try context.checkCancelled()
                if remainingLimit <= 0 { break }
                if rowCursor < rows.count {
                    let batch = try makeBatch()
                    if batch.rowCount > 0 { return batch }
                } else if let error = pendingError {
                    throw error
                } else if try !loadPiece(context) {
                    break
                }
            }
            try stream.checkUnchanged()
        } catch {
            finish(context)
            throw error
        }
        finish(context)
        return nil
    }

    private func finish(_ context: CallContext) {
        isDone = true
        if let notice = faults.notice { context.notices.add(notice) }
    }

    // MARK: - Pieces

    /// Reads on and finds the records; `false` at the end.
    private func loadPiece(_ context: CallContext) throws(IglooError) -> Bool {
        while true {
            switch try piece.advance(dropping: consumedCount, context) {
            case .end: return false
            case .lines:
                consumedCount = piece.index.completeByteCount
                isPieceUTF8 =
                    TextBytes.isASCII(piece.bytes, consumedCount)
                    || TextBytes.isUTF8(piece.bytes, consumedCount)
                rowCursor = 0
                sortLines()
                return true
            case .endless(let reachedEnd):
                try skipEndless(reachedEnd)
            }
        }
    }

    /// A record that does not end: fails, or goes on after its first line.
    private func skipEndless(_ reachedEnd: Bool) throws(IglooError) {
        let size = plan.table.text.recordByteCountMax
        let why =
            piece.index.endsInsideQuotes
            ? "a quoted field is not closed" + (reachedEnd ? "" : " within \(size) bytes")
            : "the record is longer than \(size) bytes"
        let error =
            faults.wantsDescription
            ? fault(
                at: 0, byteCount: piece.filledCount, column: nil, why,
                hint: reachedEnd ? nil : "max_line_size says how long a record may be") : nil
        if plan.table.text.policy == .fail, let error { throw error }
        faults.note(error)
        let newline = plan.table.dialect.newline
        var end = 0
        while end < piece.filledCount && piece.bytes[end] != newline { end += 1 }
        consumedCount = min(end + 1, piece.filledCount)
    }

    /// Decides of each line whether it is a record.
    private func sortLines() {
        let lineEnds = piece.index.lineEnds
        let lineCount = piece.index.lineCount
        rows.clear(capacity: lineCount)
        let expected = split.fieldCount
        let hasComments = plan.table.dialect.comment != nil
        var first: UInt32 = 0
        var line = 0
        while line < lineCount {
            let end = lineEnds[line]
            let count = Int(end &- first) &+ 1
            if count == expected && !hasComments {
                rows.append(first)
            } else if !sortOddLine(first, count) {
                return
            }
            first = end &+ 1
            line &+= 1
        }
    }

    /// - Returns: `false` when the reading ends here.
    private func sortOddLine(_ first: UInt32, _ count: Int) -> Bool {
        let expected = split.fieldCount
        let ends = piece.index.fieldEnds
        let start = Int(ends[Int(first) - 1] &+ 1)
        let end = Int(ends[Int(first) + count - 1])
        let isEmpty =
            end == start
            || (end == start + 1 && piece.bytes[start] == 0x0D
                && plan.table.dialect.stripsCarriageReturn)
        if let comment = plan.table.dialect.comment, end > start, piece.bytes[start] == comment {
            return true
        }
        if count == expected {
            rows.append(first)
            return true
        }
        if count == 1 && isEmpty { return true }
        if count == expected + 1 && lastIsEmpty(first, count) {
            rows.append(first)
            return true
        }
        if count < expected && plan.table.padsShortRecords {
            rows.append(first, shortCount: count)
            return true
        }
        if count == expected - 1 && count == plan.table.text.paths.fileColumnCount {
            // The files' lines end with a delimiter, but not all of them.
            rows.append(first, shortCount: count)
            return true
        }
        let error =
            faults.wantsDescription
            ? fault(
                at: start, byteCount: end - start, column: nil,
                "the record has \(count) fields instead of \(expected)",
                hint: "on_error='skip' leaves such records out") : nil
        switch plan.table.text.policy {
        case .fail:
            pendingError = error
            return false
        case .skip: faults.note(error)
        case .null:
            faults.note(error)
            rows.append(first, shortCount: count)
        }
        return true
    }

    private func lastIsEmpty(_ first: UInt32, _ count: Int) -> Bool {
        let ends = piece.index.fieldEnds
        let last = Int(first) + count - 1
        let byteCount = Int(ends[last]) - Int(ends[last - 1] &+ 1)
        return byteCount == 0
            || (byteCount == 1 && piece.bytes[Int(ends[last]) - 1] == 0x0D
                && plan.table.dialect.stripsCarriageReturn)
    }

    // MARK: - Batches

    private func makeBatch() throws(IglooError) -> RecordBatch {
        var count = min(rows.count - rowCursor, batchRowCount)
        if Int64(count) > remainingLimit { count = Int(remainingLimit) }
        let start = rowCursor
        rowCursor += count
        let arrays = try parse(start, &count)
        remainingLimit -= Int64(count)
        return RecordBatch(schema: schema, columns: arrays, rowCount: count)
    }

    /// Parses the columns of the rows; those left out make `count` smaller.
    private func parse(_ start: Int, _ count: inout Int) throws(IglooError) -> [ArrayData] {
        var failures = CSVColumnParser.Failures()
        let arrays = try columns(start..<start + count, &failures)
        guard failures.count > 0 else { return arrays }
        let error = faults.wantsDescription ? valueFault(failures) : nil
        switch plan.table.text.policy {
        case .fail:
            if let error, failures.firstRow <= start { throw error }
            // The rows before it come first; then the error.
            pendingError = error
            count = failures.firstRow - start
            rowCursor = rows.count
            return arrays.map { $0.slice(0, count: count) }
        case .null:
            faults.note(error, count: failures.count)
            return arrays
        case .skip:
            faults.note(error, count: failures.rows.count)
            count = rows.remove(failures.rows, from: start..<start + count)
            var none = CSVColumnParser.Failures()
            return try columns(start..<start + count, &none)
        }
    }

    private func columns(
        _ range: Range<Int>, _ failures: inout CSVColumnParser.Failures
    ) throws(IglooError) -> [ArrayData] {
        var range = range
        var arrays: [ArrayData] = []
        arrays.reserveCapacity(plan.columns.count)
        let full = range.count
        for column in checkedColumns {
            _ = try array(column, range, &failures)
        }
        for column in plan.columns {
            let array = try array(column, range, &failures)
            arrays.append(array)
            if plan.table.text.policy == .fail && failures.firstRow < range.upperBound {
                // Only an earlier failure than the one found still matters.
                range = range.lowerBound..<failures.firstRow
            }
        }
        if range.count < full {
            arrays = arrays.map { $0.slice(0, count: min($0.count, range.count)) }
        }
        return arrays
    }

    private func array(
        _ column: Int, _ range: Range<Int>, _ failures: inout CSVColumnParser.Failures
    ) throws(IglooError) -> ArrayData {
        let text = plan.table.text
        let type = text.schema.fields[column].type
        let field = split.fields[column]
        guard field >= 0 else {
            return try text.paths.array(column, type, of: split.file.path, count: range.count)
        }
        let parser = CSVColumnParser(
            table: plan.table, piece: piece, rows: rows, isUTF8: isPieceUTF8, range: range)
        return parser.parse(
            field: field, column: column, isLast: isLast(field), &failures)
    }

    /// Whether a record may end with this field.
    private func isLast(_ field: Int) -> Bool {
        field >= split.fieldCount - 2 || !rows.shortCounts.isEmpty
    }

    // MARK: - Faults

    private func valueFault(_ failures: CSVColumnParser.Failures) -> IglooError {
        let (row, column) = (failures.firstRow, failures.firstColumn)
        let field = plan.table.text.schema.fields[column]
        let parser = CSVColumnParser(
            table: plan.table, piece: piece, rows: rows, isUTF8: isPieceUTF8, range: row..<row + 1)
        let fileField = split.fields[column]
        let value = parser.value(row, fileField, isLast: true)
        let shown = TextBytes.excerpt(value.start, value.count, max: 60)
        var why = "'\(shown)' is not a \(SQLTypeName.name(field.type))"
        var hint: String?
        if value.isMalformed || (field.type == .utf8View && !failures.isInvalidText) {
            why = "a quote inside the quoted field is neither doubled nor its end: '\(shown)'"
            hint = "the options quote and escape say how fields are quoted"
        } else if failures.isInvalidText && field.type == .utf8View {
            why = "the text '\(shown)' is not valid UTF-8"
            hint = "the option encoding says how the file is encoded: encoding = 'latin-1'"
        } else if plan.table.guessed[column] {
            hint =
                "the type was guessed from a sample: say columns or types"
                + " = {'\(field.name)': 'VARCHAR'}, or sample_size=-1"
        }
        let ends = piece.index.fieldEnds
        let first = Int(rows.first[row])
        let start = Int(ends[first - 1] &+ 1)
        let end = Int(ends[first + min(split.fieldCount, rows.shortCounts[row] ?? .max) - 1])
        return fault(
            at: start, byteCount: end - start,
            column: "column '\(field.name)' (field \(fileField + 1) of \(split.fieldCount))", why,
            hint: hint)
    }

    /// An error about the record at `offset` of the piece.
    private func fault(
        at offset: Int, byteCount: Int, column: String?, _ why: String, hint: String?
    ) -> IglooError {
        var place = "'\(split.file.path)'"
        if let line = line(at: offset) { place += ", line \(line)" }
        if let column { place += ", \(column)" }
        let text = TextBytes.excerpt(piece.bytes + offset, byteCount)
        return IglooError(
            .invalidData, "\(place): \(why); the record: \(text)", hint: hint,
            sqlState: .invalidTextRepresentation)
    }

    /// The number of the line at `offset`, counted from 1; `nil` when the file cannot be read
    /// any more.
    private func line(at offset: Int) -> Int64? {
        let inPiece = piece.lineEndCount(upTo: offset)
        guard let content = try? plan.table.text.content.opened(try FileReader(split.file)),
            let before = try? content.lines(
                upTo: piece.contentOffset, newline: plan.table.dialect.newline)
        else { return nil }
        return before.count + inPiece + 1
    }
}
