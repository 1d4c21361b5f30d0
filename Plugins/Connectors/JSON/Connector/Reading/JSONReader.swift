// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFiles

/// Reads one split.
///
/// Batches have up to 8,192 rows, fewer where there are very many columns or long records.
final class JSONReader: BatchReader, @unchecked Sendable {
    // SAFETY: `next` is called by one thread at a time, by the protocol's contract.
    private static let batchRowCountMax = 8192
    private static let batchByteCountMax = 64 << 20

    let schema: Schema
    private let plan: TextPlan<JSONTable>
    private let split: JSONSplit
    private let stream: any ByteStream
    private let records: JSONRecords
    private let settings: JSONColumnSettings
    /// The file's columns that are read, and where each column of the answer finds its own; -1 for
    /// those that the path tells.
    private let columns: [JSONColumn]
    private let fields: JSONFieldTable
    private let places: [Int]
    private var rowCount = 0
    /// Bytes of text that the rows came from.
    private var batchByteCount = 0
    private let batchRowCount: Int
    private let charge = MemoryCharge()
    private var remainingLimit: Int64
    private var isDone = false
    /// Raised once the rows before it are delivered.
    private var pendingError: IglooError?
    private var faults: RecordFaults

    init(_ plan: TextPlan<JSONTable>, _ split: JSONSplit) throws(IglooError) {
        self.plan = plan
        self.split = split
        schema = plan.schema
        let text = plan.table.text
        stream = try text.content.opened(try FileReader(split.file))
            .stream(from: split.start, to: split.end)
        records = JSONRecords(
            stream, split.layout, contentOffset: split.start,
            byteCountMax: text.recordByteCountMax)
        faults = RecordFaults(text.policy, path: split.file.path)
        let settings = JSONColumnSettings(text)
        self.settings = settings
        // Which records are left out must not depend on the columns asked for.
        let all = Array(text.schema.fields.indices)
        let wanted = text.policy == .skip ? all : Array(Set(plan.columns)).sorted()
        let read = wanted.filter { text.isFromFile($0) }
        columns = read.map { JSONColumn(text.schema.fields[$0], settings) }
        fields = JSONFieldTable(read.map { text.schema.fields[$0].name })
        places = plan.columns.map { read.firstIndex(of: $0) ?? -1 }
        remainingLimit = plan.limit ?? .max
        batchRowCount = min(
            Self.batchRowCountMax, max(64, Self.batchByteCountMax / 16 / max(1, read.count)))
    }

    func next(_ context: CallContext) throws(IglooError) -> RecordBatch? {
        if isDone { return nil }
        do throws(IglooError) {
            if pendingError == nil && remainingLimit > 0 {
                try fill(context)
                if rowCount > 0 { return try makeBatch() }
            }
            if let error = pendingError { throw error }
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

    // MARK: - Rows

    private func fill(_ context: CallContext) throws(IglooError) {
        while rowCount < batchRowCount && Int64(rowCount) < remainingLimit {
            if rowCount & 255 == 255 {
                try context.checkCancelled()
                // What grows may be twice as large as it has to be.
                try charge.hold(2 * batchByteCount, context.memory)
            }
            // Bounds memory, and the 32-bit offsets of views and lists.
            if batchByteCount > Self.batchByteCountMax { return }
            let parser: JSONParser?
            do throws(IglooError) {
                parser = try records.next(context) { describe($0) }
            } catch {
                if rowCount == 0 { throw error }
                pendingError = error
                return
            }
            guard var parser else { return }
            let start = parser.index
            do throws(JSONFault) {
                try readRecord(&parser)
                noteMismatches()
                try records.accept(parser)
                rowCount += 1
                batchByteCount += parser.index - start
            } catch {
                for column in columns { column.cut(to: rowCount) }
                settings.clear()
                if try !recover(error, parser, context) { return }
            }
        }
    }

    private func readRecord(_ parser: inout JSONParser) throws(JSONFault) {
        if plan.table.hasObjects {
            try JSONColumn.readObject(&parser, fields, columns, row: rowCount)
        } else if columns.isEmpty {
            try parser.skipValue()
        } else {
            try columns[0].append(&parser)
        }
        if split.layout == .lines { try parser.expectEnd() }
    }

    /// Goes on after a fault, if the policy and the layout allow it; `false` ends the batch.
    private func recover(
        _ fault: JSONFault, _ parser: JSONParser, _ context: CallContext
    ) throws(IglooError) -> Bool {
        if fault.kind == .incomplete {
            if try records.readMore(context) { return true }
            pendingError = describe(
                JSONFault(.syntax, fault.message, offset: records.filledCount))
            return false
        }
        // Where a malformed value ends is only known where lines end; one of another type is read
        // to its end.
        var next = parser
        next.index = records.recordOffset
        let canGoOn: Bool
        if split.layout == .lines {
            canGoOn = true
        } else {
            canGoOn = fault.kind == .mismatch && (try? next.skipValue()) != nil
        }
        guard plan.table.text.policy != .fail, canGoOn else {
            pendingError = describe(fault)
            return false
        }
        faults.note(faults.wantsDescription ? describe(fault) : nil)
        if split.layout == .lines {
            records.skipLine()
        } else {
            try? records.accept(next)
        }
        if plan.table.text.policy == .null {
            for column in columns { column.appendNull() }
            rowCount += 1
        }
        return true
    }

    /// Counts the values of the record just read that became NULL.
    private func noteMismatches() {
        guard let first = settings.firstMismatch else { return }
        faults.note(
            faults.wantsDescription ? describe(first) : nil, count: settings.mismatchCount)
        settings.clear()
    }

    private func makeBatch() throws(IglooError) -> RecordBatch {
        let arrays = columns.map { $0.finish() }
        let text = plan.table.text
        var output: [ArrayData] = []
        for (column, place) in zip(plan.columns, places) {
            if place >= 0 {
                output.append(arrays[place])
            } else {
                let type = text.schema.fields[column].type
                output.append(
                    try text.paths.array(column, type, of: split.file.path, count: rowCount))
            }
        }
        let batch = RecordBatch(schema: schema, columns: output, rowCount: rowCount)
        remainingLimit -= Int64(rowCount)
        (rowCount, batchByteCount) = (0, 0)
        return batch
    }

    private func describe(_ fault: JSONFault) -> IglooError {
        let start = min(records.recordOffset, records.filledCount)
        var end = start
        while end < records.filledCount && end - start < 200 && records.bytes[end] != 0x0A {
            end += 1
        }
        return JSONPlace.error(
            fault, split.file, plan.table.text.content,
            offset: records.contentOffset + Int64(fault.offset),
            excerpt: TextBytes.excerpt(records.bytes + start, end - start),
            isGuessed: plan.table.isGuessed)
    }
}
