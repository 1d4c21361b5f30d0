// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// count(*) and count(x).
final class CountState: AggregateState {
    private var counts: [Int64] = []

    override func resize(_ groupCount: Int) {
        if groupCount > counts.count {
            counts.append(contentsOf: repeatElement(0, count: groupCount - counts.count))
        }
    }

    override func update(
        _ groups: UnsafePointer<UInt32>, _ arguments: [ArrayData], _ rowCount: Int
    ) throws(IglooError) {
        let nullable = arguments.first.flatMap { $0.nullCount > 0 ? $0 : nil }
        counts.withUnsafeMutableBufferPointer { counts in
            var row = 0
            while row < rowCount {
                if nullable == nil || !nullable.unsafelyUnwrapped.isNull(row) {
                    counts[Int(groups[row])] &+= 1
                }
                row &+= 1
            }
        }
    }

    override func merge(
        _ other: AggregateState, _ sources: [UInt32], _ targets: [UInt32]
    ) throws(IglooError) {
        guard let other = other as? CountState else { return }
        for (source, target) in zip(sources, targets) {
            counts[Int(target)] += other.counts[Int(source)]
        }
    }

    override func finish(_ range: Range<Int>) throws(IglooError) -> ArrayData {
        ArrayData(
            type: .int64, count: range.count, nullCount: 0,
            buffers: [Buffer(copying: Array(counts[range]))])
    }
}

/// Sums of integers and decimals, exact in 128 bits.
class IntegerSumState: AggregateState {
    fileprivate var sums: [Int128] = []
    fileprivate var counts: [Int64] = []
    private let result: DataType

    init(_ result: DataType) { self.result = result }

    override func resize(_ groupCount: Int) {
        guard groupCount > counts.count else { return }
        sums.append(contentsOf: repeatElement(0, count: groupCount - sums.count))
        counts.append(contentsOf: repeatElement(0, count: groupCount - counts.count))
    }

    override func update(
        _ groups: UnsafePointer<UInt32>, _ arguments: [ArrayData], _ rowCount: Int
    ) throws(IglooError) {
        let array = arguments[0]
        let reader = WideReader(array)
        let hasNulls = array.nullCount > 0
        var overflowed = false
        sums.withUnsafeMutableBufferPointer { sums in
            counts.withUnsafeMutableBufferPointer { counts in
                var row = 0
                while row < rowCount {
                    if !hasNulls || !array.isNull(row) {
                        let group = Int(groups[row])
                        let (sum, overflow) = sums[group]
                            .addingReportingOverflow(reader.wide(row))
                        sums[group] = sum
                        overflowed = overflowed || overflow
                        counts[group] &+= 1
                    }
                    row &+= 1
                }
            }
        }
        if overflowed { throw Self.overflow() }
    }

    override func merge(
        _ other: AggregateState, _ sources: [UInt32], _ targets: [UInt32]
    ) throws(IglooError) {
        guard let other = other as? IntegerSumState else { return }
        for (source, target) in zip(sources, targets) {
            let (sum, overflow) = sums[Int(target)]
                .addingReportingOverflow(other.sums[Int(source)])
            if overflow { throw Self.overflow() }
            sums[Int(target)] = sum
            counts[Int(target)] += other.counts[Int(source)]
        }
    }

    static func overflow() -> IglooError {
        IglooError(.outOfRange, "sum out of range: it does not fit its type")
    }

    private static let limit: Int128 = {
        var limit: Int128 = 1
        for _ in 0..<38 { limit *= 10 }
        return limit
    }()

    override func finish(_ range: Range<Int>) throws(IglooError) -> ArrayData {
        if result == .int64 {
            var builder = PrimitiveBuilder<Int64>(result, zero: 0)
            for group in range {
                guard counts[group] > 0 else {
                    builder.appendNull()
                    continue
                }
                guard let value = Int64(exactly: sums[group]) else { throw Self.overflow() }
                builder.append(value)
            }
            return builder.finish()
        }
        var builder = PrimitiveBuilder<Int128>(result, zero: 0)
        for group in range {
            guard counts[group] > 0 else {
                builder.appendNull()
                continue
            }
            let value = sums[group]
            guard value > -Self.limit && value < Self.limit else { throw Self.overflow() }
            builder.append(value)
        }
        return builder.finish()
    }
}

/// The mean of integers or decimals: an exact sum, divided once.
final class IntegerAverageState: IntegerSumState {
    private let divisor: Double

    override init(_ type: DataType) {
        var divisor = 1.0
        for _ in 0..<(type.decimalShape?.scale ?? 0) { divisor *= 10 }
        self.divisor = divisor
        super.init(.float64)
    }

    override func finish(_ range: Range<Int>) throws(IglooError) -> ArrayData {
        var builder = PrimitiveBuilder<Double>(.float64, zero: 0)
        for group in range {
            if counts[group] == 0 {
                builder.appendNull()
            } else {
                builder.append(Double(sums[group]) / (Double(counts[group]) * divisor))
            }
        }
        return builder.finish()
    }
}

/// Sums of floats.
class FloatSumState: AggregateState {
    fileprivate var sums: [Double] = []
    fileprivate var counts: [Int64] = []

    override func resize(_ groupCount: Int) {
        guard groupCount > counts.count else { return }
        sums.append(contentsOf: repeatElement(0, count: groupCount - sums.count))
        counts.append(contentsOf: repeatElement(0, count: groupCount - counts.count))
    }

    override func update(
        _ groups: UnsafePointer<UInt32>, _ arguments: [ArrayData], _ rowCount: Int
    ) throws(IglooError) {
        let array = arguments[0]
        let reader = FloatReader(array)
        let hasNulls = array.nullCount > 0
        var row = 0
        while row < rowCount {
            if !hasNulls || !array.isNull(row) {
                let group = Int(groups[row])
                sums[group] += reader.value(row)
                counts[group] &+= 1
            }
            row &+= 1
        }
    }

    override func merge(
        _ other: AggregateState, _ sources: [UInt32], _ targets: [UInt32]
    ) throws(IglooError) {
        guard let other = other as? FloatSumState else { return }
        for (source, target) in zip(sources, targets) {
            sums[Int(target)] += other.sums[Int(source)]
            counts[Int(target)] += other.counts[Int(source)]
        }
    }

    fileprivate func value(_ group: Int) -> Double { sums[group] }

    override func finish(_ range: Range<Int>) throws(IglooError) -> ArrayData {
        var builder = PrimitiveBuilder<Double>(.float64, zero: 0)
        for group in range {
            if counts[group] == 0 { builder.appendNull() } else { builder.append(value(group)) }
        }
        return builder.finish()
    }
}

/// The mean of floats.
final class FloatAverageState: FloatSumState {
    override fileprivate func value(_ group: Int) -> Double {
        sums[group] / Double(counts[group])
    }
}

/// Sum and mean of intervals, field by field.
final class IntervalSumState: AggregateState {
    private struct Sum {
        var months: Int64 = 0
        var days: Int64 = 0
        var nanoseconds: Int128 = 0
        var count: Int64 = 0
    }

    private var sums: [Sum] = []
    private let isAverage: Bool

    init(isAverage: Bool) { self.isAverage = isAverage }

    override func resize(_ groupCount: Int) {
        while sums.count < groupCount { sums.append(Sum()) }
    }

    override func update(
        _ groups: UnsafePointer<UInt32>, _ arguments: [ArrayData], _ rowCount: Int
    ) throws(IglooError) {
        for row in 0..<rowCount {
            guard
                case .interval(let months, let days, let nanoseconds) =
                    arguments[0].scalar(at: row)
            else { continue }
            let group = Int(groups[row])
            sums[group].months += Int64(months)
            sums[group].days += Int64(days)
            sums[group].nanoseconds += Int128(nanoseconds)
            sums[group].count += 1
        }
    }

    override func merge(
        _ other: AggregateState, _ sources: [UInt32], _ targets: [UInt32]
    ) throws(IglooError) {
        guard let other = other as? IntervalSumState else { return }
        for (source, target) in zip(sources, targets) {
            let from = other.sums[Int(source)]
            sums[Int(target)].months += from.months
            sums[Int(target)].days += from.days
            sums[Int(target)].nanoseconds += from.nanoseconds
            sums[Int(target)].count += from.count
        }
    }

    override func finish(_ range: Range<Int>) throws(IglooError) -> ArrayData {
        var values: [Scalar] = []
        for group in range {
            values.append(sums[group].count == 0 ? .null : try scalar(sums[group]))
        }
        return try Vectors.array(values, .interval(.monthDayNano))
    }

    /// What does not divide is passed on to the smaller field: months of 30 days of 24 hours.
    private func scalar(_ sum: Sum) throws(IglooError) -> Scalar {
        var (months, days, nanoseconds) = (sum.months, sum.days, sum.nanoseconds)
        if isAverage {
            let dayRest = (months % sum.count) * 30
            months /= sum.count
            let allDays = days + dayRest
            days = allDays / sum.count
            nanoseconds += Int128(allDays % sum.count) * 86_400_000_000_000
            nanoseconds /= Int128(sum.count)
        }
        guard let months = Int32(exactly: months), let days = Int32(exactly: days),
            let nanoseconds = Int64(exactly: nanoseconds)
        else {
            throw IglooError(.outOfRange, "interval out of range", sqlState: .datetimeFieldOverflow)
        }
        return .interval(months: months, days: days, nanoseconds: nanoseconds)
    }
}
