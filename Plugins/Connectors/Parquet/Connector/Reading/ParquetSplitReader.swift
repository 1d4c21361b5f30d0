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
        /// The file's path tells the value.
        case path(Scalar)
    }

    let schema: Schema
    private let file: FileReader
    private let reader: ParquetReader
    private let origins: [Origin]
    // SAFETY: `next` is called by one thread at a time, by the protocol's contract.
    private var isDone = false

    init(
        _ prepared: PreparedPlan, _ split: ParquetSplit, _ footers: FooterCache
    ) throws(IglooError) {
        let (plan, table) = (prepared.plan, prepared.table)
        file = try FileReader(split.file)
        let scan = try FileScan(prepared, split.file, footers)
        var origins: [Origin] = []
        var wanted: [Int] = []
        for column in plan.columns {
            if !table.paths.isFromFile(column) {
                let type = table.schema.fields[column].type
                origins.append(.path(try table.paths.value(column, type, of: split.file.path)))
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

    func refine(_ filters: [RuntimeFilter], _ context: CallContext) throws(IglooError) {
        var ofFile: [RuntimeFilter] = []
        for var filter in filters {
            guard origins.indices.contains(filter.column),
                case .file(let place) = origins[filter.column]
            else { continue }
            filter.column = place
            ofFile.append(filter)
        }
        guard reader.refine(ofFile) else {
            throw IglooError(.unsupported, "the file's columns tell nothing of these filters")
        }
    }

    private func column(_ origin: Origin, _ field: Field, _ batch: RecordBatch) -> ArrayData {
        switch origin {
        case .file(let index): batch.columns[index].retyped(field.type)
        case .missing: ConstantColumn.null(field.type, count: batch.rowCount)
        case .path(let value): ConstantColumn.make(field.type, value, count: batch.rowCount)
        }
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
