// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFiles

/// Reads one split.
///
/// Batches have up to 8,192 rows.
final class JSONReader: BatchReader, @unchecked Sendable {
    // SAFETY: `next` is called by one thread at a time, by the protocol's contract.
    private static let batchRowCount = 8192
    private static let batchByteCountMax = 64 << 20

    let schema: Schema
    private let plan: JSONPlan
    private let split: JSONSplit
    private let stream: any ByteStream
    private let records: JSONRecords
    private let faults: JSONFaultCount
    /// The table's columns that are read, and where each column of the answer finds its own.
    private let columns: [JSONColumn]
    private let fields: JSONFieldTable
    private let places: [Int]
    private var rowCount = 0
    /// Bytes of text that the rows came from.
    private var batchByteCount = 0
    private var remainingLimit: Int64
    private var isDone = false
    /// Raised once the rows before it are delivered.
    private var pendingError: IglooError?
    private var firstFault: String?

    init(_ plan: JSONPlan, _ split: JSONSplit) throws(IglooError) {
        self.plan = plan
        self.split = split
        schema = plan.schema
        let reader = try FileReader(split.file)
        let compression = try reader.compression(plan.table.compression)
        if compression == .none {
            stream = FileByteStream(reader, from: split.start, to: split.end)
        } else {
            stream = try compression.stream(reader)
            try stream.skip(split.start)
        }
        records = JSONRecords(
            stream, split.layout, contentOffset: split.start,
            byteCountMax: plan.table.recordByteCountMax)
        faults = JSONFaultCount(readsNull: plan.table.policy == .null)
        // Which records are left out must not depend on the columns asked for.
        let all = plan.table.schema.fields.indices
        let read = plan.table.policy == .skip ? Array(all) : Array(Set(plan.columns)).sorted()
        let faults = faults
        columns = read.map { JSONColumn(plan.table.schema.fields[$0], faults) }
        fields = JSONFieldTable(read.map { plan.table.schema.fields[$0].name })
        var places: [Int] = []
        for column in plan.columns { places.append(read.firstIndex(of: column) ?? 0) }
        self.places = places
        remainingLimit = plan.limit ?? .max
    }

    func next(_ context: CallContext) throws(IglooError) -> RecordBatch? {
        if isDone { return nil }
        do throws(IglooError) {
            if pendingError == nil && remainingLimit > 0 {
                try fill(context)
                if rowCount > 0 { return makeBatch() }
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
        guard faults.count > 0 else { return }
        let what = plan.table.policy == .skip ? "left out" : "read with NULLs"
        context.notices.add(
            Notice(
                "\(faults.count) malformed records of '\(split.file.path)' were \(what);"
                    + " the first: \(firstFault ?? "")"))
    }

    // MARK: - Rows

    private func fill(_ context: CallContext) throws(IglooError) {
        while rowCount < Self.batchRowCount && Int64(rowCount) < remainingLimit {
            if rowCount & 255 == 255 { try context.checkCancelled() }
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
                let before = faults.count
                if before > 0 && firstFault == nil, let first = faults.first {
                    firstFault = describe(first).message
                }
                try records.accept(parser)
                rowCount += 1
                batchByteCount += parser.index - start
            } catch {
                for column in columns { column.cut(to: rowCount) }
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
        guard plan.table.policy != .fail, canGoOn else {
            pendingError = describe(fault)
            return false
        }
        faults.count += 1
        if firstFault == nil { firstFault = describe(fault).message }
        if split.layout == .lines {
            records.skipLine()
        } else {
            try? records.accept(next)
        }
        if plan.table.policy == .null {
            for column in columns { column.appendNull() }
            rowCount += 1
        }
        return true
    }

    private func makeBatch() -> RecordBatch {
        let arrays = columns.map { $0.finish() }
        let batch = RecordBatch(
            schema: schema, columns: places.map { arrays[$0] }, rowCount: rowCount)
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
            fault, split.file, plan.table.compression,
            offset: records.contentOffset + Int64(fault.offset),
            excerpt: TextBytes.excerpt(records.bytes + start, end - start),
            isGuessed: plan.table.isGuessed)
    }
}
