// SPDX-License-Identifier: MIT

package import CIgloo
import IglooABI
import IglooArrow
package import IglooContracts

extension TableStatistics {
    /// - Throws: `invalidArgument` when the bounds cannot be read.
    package init(_ statistics: igloo_table_stats) throws(IglooError) {
        self.init(
            rowCount: statistics.rows.known, byteCount: statistics.bytes.known,
            isExact: statistics.exact != 0)
        let bounds = try ExpressionDecoder(Array(statistics.exprs))
        for column in Array(statistics.columns, count: Int(statistics.n)) {
            columns.append(
                ColumnStatistics(
                    column: Int(column.column), nullFraction: column.null_fraction.known,
                    distinctCount: column.distinct.known, averageByteCount: column.avg_bytes.known,
                    minimum: try bounds.bound(at: column.min),
                    maximum: try bounds.bound(at: column.max), isExact: column.exact != 0))
        }
    }
}

extension ExpressionDecoder {
    fileprivate func bound(at index: UInt32) throws(IglooError) -> Scalar? {
        if index == UInt32.max { return nil }
        if case .literal(let value, _) = try expression(at: index), !value.isNull { return value }
        return nil
    }
}
