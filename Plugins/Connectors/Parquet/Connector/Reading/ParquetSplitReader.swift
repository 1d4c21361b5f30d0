// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFiles
import IglooParquet

/// Reads a split in the table's columns.
///
/// Text that is dictionary-encoded throughout the split comes as `dictionary<int32, utf8View>`;
/// the reader's schema says so.
///
/// - Threads: as `BatchReader`.
final class ParquetSplitReader: BatchReader, @unchecked Sendable {
    /// Where a column of the output comes from.
    private enum Origin {
        /// The index in the file reader's batches.
        case file(Int)
        case missing
        case fileName
    }

    let schema: Schema
    private let file: FileReader
    private let reader: ParquetReader
    private let origins: [Origin]
    // SAFETY: `next` is called by one thread at a time, by the protocol's contract.
    private var isDone = false

    init(
        _ table: ParquetTable, _ plan: ParquetPlan, _ split: ParquetSplit,
        _ footers: FooterCache
    ) throws(IglooError) {
        file = try FileReader(split.file)
        let scan = try FileScan(table, plan, split.file, footers)
        var origins: [Origin] = []
        var wanted: [Int] = []
        for column in plan.columns {
            if table.isFileName(column) {
                origins.append(.fileName)
            } else if let index = scan.columns[column] {
                origins.append(.file(wanted.count))
                wanted.append(index)
            } else {
                origins.append(.missing)
            }
        }
        self.origins = origins
        reader = try ParquetReader(
            ParquetFile(file, footer: scan.footer), rowGroups: split.rowGroups, columns: wanted,
            filter: scan.filter, limit: plan.limit)
        var schema = table.schema.projected(plan.columns)
        for (index, origin) in origins.enumerated() {
            if case .file(let place) = origin,
                case .dictionary = reader.schema.fields[place].type
            {
                schema.fields[index].type = reader.schema.fields[place].type
            }
        }
        self.schema = schema
    }

    func next(_ context: CallContext) throws(IglooError) -> RecordBatch? {
        if isDone { return nil }
        guard let batch = try reader.next(context) else {
            isDone = true
            try file.checkUnchanged()
            return nil
        }
        var columns: [ArrayData] = []
        for (origin, field) in zip(origins, schema.fields) {
            columns.append(column(origin, field, batch))
        }
        return RecordBatch(schema: schema, columns: columns, rowCount: batch.rowCount)
    }

    private func column(_ origin: Origin, _ field: Field, _ batch: RecordBatch) -> ArrayData {
        switch origin {
        case .file(let index): batch.columns[index].retyped(field.type)
        case .missing: NullColumn.make(field.type, count: batch.rowCount)
        case .fileName: constantText(file.path, count: batch.rowCount)
        }
    }

    private func constantText(_ text: String, count: Int) -> ArrayData {
        let bytes = Buffer(copying: Array(text.utf8))
        let view = BinaryView(
            bytes.baseAddress, count: bytes.byteCount, bufferIndex: 0, offset: 0)
        return ArrayData(
            type: .utf8View, count: count, nullCount: 0,
            buffers: [Buffer(copying: Array(repeating: view, count: count)), bytes])
    }
}

extension ArrayData {
    /// The same data under a type that differs in which children may be null.
    fileprivate func retyped(_ type: DataType) -> ArrayData {
        if self.type == type { return self }
        let fields = type.childFields
        return ArrayData(
            type: type, count: count, offset: offset, nullCount: nullCount, validity: validity,
            buffers: buffers,
            children: zip(children, fields).map { $0.retyped($1.type) }, dictionary: dictionary)
    }
}

/// Columns of nothing but NULL.
enum NullColumn {
    static func make(_ type: DataType, count: Int) -> ArrayData {
        if type == .null { return ArrayData(type: .null, count: count) }
        var validity = BufferBuilder(zeroed: Bitmap.byteCount(forBits: count))
        var buffers: [Buffer] = []
        var children: [ArrayData] = []
        switch type {
        case .bool: buffers = [zeros(Bitmap.byteCount(forBits: count))]
        case .utf8View, .binaryView: buffers = [zeros(count * 16)]
        case .list(let field):
            buffers = [zeros((count + 1) * 4)]
            children = [make(field.type, count: 0)]
        case .map(let entries, _):
            buffers = [zeros((count + 1) * 4)]
            children = [make(entries.type, count: 0)]
        case .structure(let fields): children = fields.map { make($0.type, count: count) }
        default: buffers = [zeros(count * (type.fixedByteWidth ?? 0))]
        }
        return ArrayData(
            type: type, count: count, nullCount: count, validity: validity.finish(),
            buffers: buffers, children: children)
    }

    private static func zeros(_ byteCount: Int) -> Buffer {
        var builder = BufferBuilder(zeroed: byteCount)
        return builder.finish()
    }
}
