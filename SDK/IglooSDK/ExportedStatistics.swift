// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts

let exportedStatisticsTable = igloo_stats(stats: scanStatistics)

private func scanStatistics(
    _ instance: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ handle: igloo_bytes, _ columns: UnsafePointer<UInt32>?, _ count: Int,
    _ out: UnsafeMutablePointer<igloo_table_stats>?, _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    var isUnknown = false
    let status = exported(error) { () throws(IglooError) in
        let out = try required(out)
        let statistics = try ExportedConnector.at(instance).statistics(
            handle: Array(handle), columns: Array(columns, count: count).map { Int($0) },
            CallContext(context))
        guard let statistics else {
            isUnknown = true
            return
        }
        statistics.write(to: out)
    }
    return isUnknown ? igloo_status(IGLOO_END) : status
}

extension TableStatistics {
    func write(to out: UnsafeMutablePointer<igloo_table_stats>) {
        let arena = Arena()
        var encoder = ExpressionEncoder()
        let columns = columns.map { column in
            igloo_column_stats(
                column: UInt32(clamping: column.column), exact: column.isExact ? 1 : 0,
                null_fraction: Double(known: column.nullFraction),
                distinct: Double(known: column.distinctCount),
                avg_bytes: Double(known: column.averageByteCount),
                min: encoder.append(bound: column.minimum),
                max: encoder.append(bound: column.maximum))
        }
        out.pointee = igloo_table_stats(
            rows: Double(known: rowCount), bytes: Double(known: byteCount), exact: isExact ? 1 : 0,
            n: UInt32(clamping: columns.count),
            columns: arena.array(columns).map { UnsafePointer($0) },
            exprs: arena.bytes(encoder.finish()),
            release: { statistics in Arena.release(owner: statistics?.pointee.owner) },
            owner: arena.retained())
    }
}

extension ExpressionEncoder {
    /// Adds a bound of a column, whose unit and scale are the column's.
    ///
    /// - Returns: "none" for bounds that are unknown or nested.
    fileprivate mutating func append(bound: Scalar?) -> UInt32 {
        let type: DataType? =
            switch bound {
            case .bool: .bool
            case .int: .int64
            case .uint: .uint64
            case .float: .float64
            case .decimal: .decimal128(precision: 38, scale: 0)
            case .wideDecimal: .decimal256(precision: 76, scale: 0)
            case .text: .utf8
            case .binary: .binary
            case .interval: .interval(.monthDayNano)
            case nil, .null, .list, .structure, .map: nil
            }
        guard let bound, let type else { return UInt32.max }
        return append(.literal(bound, type))
    }
}
