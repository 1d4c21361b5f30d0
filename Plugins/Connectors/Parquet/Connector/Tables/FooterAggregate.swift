// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFiles
import IglooParquet

/// An aggregate over all rows of a table that the files' footers answer.
struct FooterAggregate: Hashable, Sendable {
    let function: PushdownAggregate.Function
    /// Of the table; `nil` for counts of rows.
    let column: Int?

    /// - Returns: `nil` when footers do not answer it, whatever they say.
    init?(_ aggregate: PushdownAggregate, _ table: ParquetTable) {
        guard !aggregate.isDistinct, aggregate.filter == nil else { return nil }
        let isCount = aggregate.function == .countRows || aggregate.function == .count
        guard !isCount || aggregate.type == .int64 else { return nil }
        function = aggregate.function
        if function == .countRows {
            column = nil
            return
        }
        guard aggregate.arguments.count == 1, case .column(let index, _) = aggregate.arguments[0],
            table.schema.fields.indices.contains(index), table.paths.isFromFile(index)
        else { return nil }
        column = index
        let type = table.schema.fields[index].type
        switch function {
        case .count: return
        // Writers cut the bounds of texts, and leave NaN out of those of floats.
        case .minimum, .maximum:
            guard type.isInteger || type.isTime, aggregate.type == type else { return nil }
        case .countRows, .sum, .boolAnd, .boolOr: return nil
        }
    }

    init?(code: (function: Int, column: Int)) {
        guard let raw = UInt16(exactly: code.function),
            let function = PushdownAggregate.Function(rawValue: raw)
        else { return nil }
        self.function = function
        column = code.column < 0 ? nil : code.column
        if (function == .countRows) != (column == nil) { return nil }
    }

    var code: [Int] { [Int(function.rawValue), column ?? -1] }

    /// The value over all row groups.
    ///
    /// - Returns: `nil` when a footer does not tell.
    func value(
        _ prepared: PreparedPlan, _ footers: FooterCache, _ context: CallContext
    ) throws(IglooError) -> Scalar? {
        var count: Int64 = 0
        var extreme: Scalar?
        for file in prepared.files {
            try context.checkCancelled()
            let scan = try FileScan(prepared, file, footers)
            for group in scan.rowGroups {
                let rowCount = scan.footer.metadata.rowGroups[group].rowCount
                guard let column else {
                    count &+= rowCount
                    continue
                }
                // A column that this file lacks is NULL in all of its rows.
                guard let index = scan.columns[column] else { continue }
                guard let bounds = scan.footer.statistics(column: index, rowGroup: group),
                    let nullCount = bounds.nullCount, nullCount <= rowCount
                else { return nil }
                count &+= rowCount &- nullCount
                if function == .count || nullCount == rowCount { continue }
                guard let bound = function == .minimum ? bounds.minimum : bounds.maximum else {
                    return nil
                }
                if let known = extreme, (function == .minimum) != bound.precedes(known) { continue }
                extreme = bound
            }
        }
        switch function {
        case .minimum, .maximum: return extreme ?? .null
        default: return .int(count)
        }
    }
}

extension DataType {
    fileprivate var isTime: Bool {
        switch self {
        case .date32, .time32, .time64, .timestamp: true
        default: false
        }
    }
}

/// The one row of a scan whose aggregates the footers answer.
///
/// - Threads: as `BatchReader`.
final class FooterReader: BatchReader, @unchecked Sendable {
    let schema: Schema
    // SAFETY: `next` is called by one thread at a time, by the protocol's contract.
    private var batch: RecordBatch?

    init(
        _ prepared: PreparedPlan, _ footers: FooterCache, _ context: CallContext
    ) throws(IglooError) {
        let aggregates = prepared.plan.aggregates
        schema = Self.schema(aggregates, prepared.table)
        // None of the files may have changed since they were planned with.
        for file in prepared.files { try FileReader(file).checkUnchanged() }
        var columns: [ArrayData] = []
        for (aggregate, field) in zip(aggregates, schema.fields) {
            guard let value = try aggregate.value(prepared, footers, context) else {
                throw IglooError(
                    .invalidArgument, "malformed parquet plan: its footers tell no \(field.name)")
            }
            columns.append(ConstantColumn.make(field.type, value, count: 1))
        }
        batch = RecordBatch(schema: schema, columns: columns, rowCount: 1)
    }

    static func schema(_ aggregates: [FooterAggregate], _ table: ParquetTable) -> Schema {
        Schema(
            aggregates.map { aggregate in
                guard let column = aggregate.column else { return Field("count", .int64) }
                let field = table.schema.fields[column]
                return aggregate.function == .count
                    ? Field("count", .int64) : Field(field.name, field.type)
            })
    }

    func next(_ context: CallContext) throws(IglooError) -> RecordBatch? {
        defer { batch = nil }
        return batch
    }
}
