// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// count(*) and count(x).
final class CountState: AggregateState {
    private var counts = GroupValues<Int64>()

    override var passesOverNulls: Bool { true }
    override var mergesInPlace: Bool { true }

    override func resize(_ groupCount: Int) { counts.resize(groupCount, filling: 0) }

    override func update(
        _ groups: UnsafePointer<UInt32>, _ arguments: [ArrayData], _ rowCount: Int
    ) throws(IglooError) {
        let counts = counts.base
        if let argument = arguments.first {
            argument.eachValid { counts[Int(groups[$0])] &+= 1 }
            return
        }
        var row = 0
        while row < rowCount {
            counts[Int(groups[row])] &+= 1
            row &+= 1
        }
    }

    override func update(_ few: FewGroups, _ arguments: [ArrayData]) throws(IglooError) {
        if let argument = arguments.first, argument.nullCount > 0 || argument.type == .null {
            return try update(few.groups, arguments, few.rowCount)
        }
        for group in 0..<few.groupCount { counts.base[group] &+= few.rowCounts[group] }
    }

    override func merge(
        _ other: AggregateState, _ sources: [UInt32], _ targets: [UInt32]
    ) throws(IglooError) {
        guard let other = other as? CountState else { return }
        for index in sources.indices {
            counts.base[Int(targets[index])] &+= other.counts[Int(sources[index])]
        }
    }

    override func finish(_ range: Range<Int>) throws(IglooError) -> ArrayData {
        var builder = BufferBuilder(byteCapacity: range.count * 8)
        builder.append(
            UnsafeRawBufferPointer(
                UnsafeBufferPointer(start: counts.base + range.lowerBound, count: range.count)))
        return ArrayData(
            type: .int64, count: range.count, nullCount: 0, buffers: [builder.finish()])
    }
}

/// Sums of floats.
class FloatSumState: AggregateState {
    fileprivate struct Sum: BitwiseCopyable {
        var value = 0.0
        var count: Int64 = 0
    }

    fileprivate final var sums = GroupValues<Sum>()

    override final var passesOverNulls: Bool { true }
    override final var mergesInPlace: Bool { true }

    override final func resize(_ groupCount: Int) { sums.resize(groupCount, filling: Sum()) }

    override final func update(
        _ groups: UnsafePointer<UInt32>, _ arguments: [ArrayData], _ rowCount: Int
    ) throws(IglooError) {
        let array = arguments[0]
        if array.type == .float32 {
            add(array, Float.self, groups)
        } else {
            add(array, Double.self, groups)
        }
    }

    @inline(__always)
    private final func add<Value: BinaryFloatingPoint & BitwiseCopyable>(
        _ array: ArrayData, _: Value.Type, _ groups: UnsafePointer<UInt32>
    ) {
        let (sums, values) = (sums.base, array.values(as: Value.self))
        array.eachValid { row in
            let sum = sums + Int(groups[row])
            sum.pointee.value += Double(values[row])
            sum.pointee.count &+= 1
        }
    }

    override final func update(
        _ few: FewGroups, _ arguments: [ArrayData]
    ) throws(IglooError) {
        let array = arguments[0]
        if array.nullCount > 0 { return try update(few.groups, arguments, few.rowCount) }
        if array.type == .float32 {
            add(array, Float.self, few)
        } else {
            add(array, Double.self, few)
        }
    }

    @inline(__always)
    private final func add<Value: BinaryFloatingPoint & BitwiseCopyable>(
        _ array: ArrayData, _: Value.Type, _ few: FewGroups
    ) {
        let (sums, values) = (sums.base, array.values(as: Value.self))
        few.eachFloatSum({ Double(values[$0]) }) { group, sum in
            sums[group].value += sum
            sums[group].count &+= few.rowCounts[group]
        }
    }

    override final func merge(
        _ other: AggregateState, _ sources: [UInt32], _ targets: [UInt32]
    ) throws(IglooError) {
        guard let other = other as? FloatSumState else { return }
        for index in sources.indices {
            let from = other.sums[Int(sources[index])]
            let sum = sums.base + Int(targets[index])
            sum.pointee.value += from.value
            sum.pointee.count &+= from.count
        }
    }

    fileprivate func value(_ sum: Sum) -> Double { sum.value }

    override final func finish(_ range: Range<Int>) throws(IglooError) -> ArrayData {
        var builder = PrimitiveBuilder<Double>(.float64, zero: 0)
        for group in range {
            let sum = sums[group]
            if sum.count == 0 { builder.appendNull() } else { builder.append(value(sum)) }
        }
        return builder.finish()
    }
}

/// The mean of floats.
final class FloatAverageState: FloatSumState {
    override fileprivate func value(_ sum: Sum) -> Double { sum.value / Double(sum.count) }
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
