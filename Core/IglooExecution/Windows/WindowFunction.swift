// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Evaluates one call over whole partitions: one value a row.
enum WindowFunction {
    static func evaluate(
        _ call: WindowLayout.Call, over rows: WindowRows, _ context: CallContext
    ) throws(IglooError) -> ArrayData {
        switch call.call.function.function {
        case "row_number", "rank", "dense_rank": return RankingFunctions.number(call, rows)
        case "percent_rank", "cume_dist": return RankingFunctions.share(call, rows)
        case "ntile": return try RankingFunctions.tile(try rows.column(call.arguments[0]), rows)
        case "lag", "lead": return try RowPicks.neighbours(call, rows)
        case "nth_value": return try RowPicks.framed(call, rows)
        case "fill": return try Interpolation.fill(call, rows)
        case "first", "last", "any_value":
            let function = call.call.function
            let isPlain =
                !function.isDistinct && function.filter == nil && function.order.isEmpty
            if isPlain { return try RowPicks.framed(call, rows) }
            return try FrameAggregate(call, rows, context).evaluate()
        default: return try FrameAggregate(call, rows, context).evaluate()
        }
    }
}

/// Functions of a row's place in its partition.
enum RankingFunctions {
    static func number(_ call: WindowLayout.Call, _ rows: WindowRows) -> ArrayData {
        var values: [Int64] = []
        values.reserveCapacity(rows.rowCount)
        let function = call.call.function.function
        for row in 0..<rows.rowCount {
            switch function {
            case "row_number": values.append(Int64(row - rows.partitionStart[row] + 1))
            case "rank":
                values.append(Int64(rows.peers(row).lowerBound - rows.partitionStart[row] + 1))
            default:
                let first = rows.firstGroup[Int(rows.partition[row])]
                values.append(Int64(rows.group[row] - first + 1))
            }
        }
        return ArrayData(
            type: .int64, count: rows.rowCount, nullCount: 0, buffers: [Buffer(copying: values)])
    }

    static func share(_ call: WindowLayout.Call, _ rows: WindowRows) -> ArrayData {
        var values: [Double] = []
        values.reserveCapacity(rows.rowCount)
        let isRank = call.call.function.function == "percent_rank"
        for row in 0..<rows.rowCount {
            let start = rows.partitionStart[row]
            let count = rows.partitionEnd[row] - start
            let peers = rows.peers(row)
            if isRank {
                values.append(
                    count == 1 ? 0 : Double(peers.lowerBound - start) / Double(count - 1))
            } else {
                values.append(Double(peers.upperBound - start) / Double(count))
            }
        }
        return ArrayData(
            type: .float64, count: rows.rowCount, nullCount: 0, buffers: [Buffer(copying: values)])
    }

    /// The first parts have one row more where the rows do not divide.
    static func tile(_ parts: ArrayData, _ rows: WindowRows) throws(IglooError) -> ArrayData {
        let counts = parts.values(as: Int64.self)
        var builder = PrimitiveBuilder<Int64>(.int64, zero: 0)
        for row in 0..<rows.rowCount {
            if parts.isNull(row) {
                builder.appendNull()
                continue
            }
            guard counts[row] > 0 else {
                throw IglooError(
                    .invalidArgument, "argument of ntile must be greater than zero",
                    sqlState: SQLState(rawValue: "22014"))
            }
            let place = Int64(row - rows.partitionStart[row])
            let total = Int64(rows.partitionEnd[row] - rows.partitionStart[row])
            let (size, longer) = total.quotientAndRemainder(dividingBy: counts[row])
            let border = longer * (size + 1)
            builder.append(
                place < border || size == 0
                    ? place / (size + 1) + 1 : longer + (place - border) / size + 1)
        }
        return builder.finish()
    }
}
