// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Counts, sums and means of exact numbers: any frame's is a difference of two running totals.
struct RunningTotals {
    private enum Result { case count, integer, decimal, mean(divisor: Double) }

    private let result: Result
    private let type: DataType
    /// Before each row, and behind the last one.
    private var counts: [Int] = [0]
    private var sums: [Int128] = []

    /// `nil` for what is not exact: floats, and decimals whose totals may not fit.
    init?(
        _ call: AggregateCall, _ arguments: [ArrayData], _ wanted: [UInt32], _ rows: WindowRows
    ) {
        type = call.type
        switch call.function {
        case "count": result = .count
        case "sum", "avg":
            guard let argument = call.arguments.first?.type, Self.isExact(argument) else {
                return nil
            }
            if call.function == "avg" {
                var divisor = 1.0
                for _ in 0..<(argument.decimalShape?.scale ?? 0) { divisor *= 10 }
                result = .mean(divisor: divisor)
            } else {
                result = call.type == .int64 ? .integer : .decimal
            }
        default: return nil
        }
        counts.reserveCapacity(rows.rowCount + 1)
        var next = 0
        for row in 0..<rows.rowCount {
            let isWanted = next < wanted.count && wanted[next] == UInt32(row)
            counts.append(counts[row] + (isWanted ? 1 : 0))
            if isWanted { next += 1 }
        }
        if case .count = result { return }
        setSums(WideReader(arguments[0]), rows.rowCount)
    }

    /// Sums of 2^32 values of the type fit 128 bits.
    private static func isExact(_ type: DataType) -> Bool {
        type.isInteger || (type.decimalShape.map { $0.precision <= 28 } ?? false)
    }

    private mutating func setSums(_ reader: WideReader, _ rowCount: Int) {
        sums.reserveCapacity(rowCount + 1)
        var sum: Int128 = 0
        sums.append(0)
        for row in 0..<rowCount {
            if counts[row + 1] > counts[row] { sum += reader.wide(row) }
            sums.append(sum)
        }
    }

    func evaluate(_ bounds: FrameBounds) throws(IglooError) -> ArrayData {
        switch result {
        case .count:
            var values: [Int64] = []
            values.reserveCapacity(bounds.starts.count)
            for row in bounds.starts.indices { values.append(Int64(count(bounds.pieces(row)))) }
            return ArrayData(
                type: .int64, count: values.count, nullCount: 0, buffers: [Buffer(copying: values)])
        case .integer:
            var builder = PrimitiveBuilder<Int64>(type, zero: 0)
            for row in bounds.starts.indices {
                let pieces = bounds.pieces(row)
                if count(pieces) == 0 {
                    builder.appendNull()
                } else if let value = Int64(exactly: sum(pieces)) {
                    builder.append(value)
                } else {
                    throw IntegerSumState.overflow()
                }
            }
            return builder.finish()
        case .decimal:
            var builder = PrimitiveBuilder<Int128>(type, zero: 0)
            for row in bounds.starts.indices {
                let pieces = bounds.pieces(row)
                if count(pieces) == 0 { builder.appendNull() } else { builder.append(sum(pieces)) }
            }
            return builder.finish()
        case .mean(let divisor):
            var builder = PrimitiveBuilder<Double>(.float64, zero: 0)
            for row in bounds.starts.indices {
                let pieces = bounds.pieces(row)
                let count = count(pieces)
                if count == 0 {
                    builder.appendNull()
                } else {
                    builder.append(Double(sum(pieces)) / (Double(count) * divisor))
                }
            }
            return builder.finish()
        }
    }

    @inline(__always)
    private func count(_ pieces: (Range<Int>, Range<Int>, Range<Int>)) -> Int {
        counts[pieces.0.upperBound] - counts[pieces.0.lowerBound]
            + counts[pieces.1.upperBound] - counts[pieces.1.lowerBound]
            + counts[pieces.2.upperBound] - counts[pieces.2.lowerBound]
    }

    @inline(__always)
    private func sum(_ pieces: (Range<Int>, Range<Int>, Range<Int>)) -> Int128 {
        sums[pieces.0.upperBound] - sums[pieces.0.lowerBound]
            + sums[pieces.1.upperBound] - sums[pieces.1.lowerBound]
            + sums[pieces.2.upperBound] - sums[pieces.2.lowerBound]
    }
}
