// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Sums and means of integers and decimals, exact in 128 bits.
final class IntegerSumState: AggregateState {
    private struct Sum: BitwiseCopyable {
        var value: Int128 = 0
        var count: Int64 = 0
    }

    private var sums = GroupValues<Sum>()
    /// Of sums. Means are doubles.
    private let result: DataType?
    private let divisor: Double

    /// - Parameter result: the type of sums; `nil` for the mean.
    init(_ argument: DataType, result: DataType?) {
        self.result = result
        divisor = Double(DecimalPower.ten(argument.decimalShape?.scale ?? 0))
    }

    override var passesOverNulls: Bool { true }
    override var mergesInPlace: Bool { true }

    override func resize(_ groupCount: Int) { sums.resize(groupCount, filling: Sum()) }

    override func update(
        _ groups: UnsafePointer<UInt32>, _ arguments: [ArrayData], _ rowCount: Int
    ) throws(IglooError) {
        let array = arguments[0]
        switch (array.type.fixedByteWidth ?? 8, array.type.isUnsignedInteger) {
        case (1, false): add(array, Int8.self, groups)
        case (2, false): add(array, Int16.self, groups)
        case (4, false): add(array, Int32.self, groups)
        case (8, false): add(array, Int64.self, groups)
        case (1, true): add(array, UInt8.self, groups)
        case (2, true): add(array, UInt16.self, groups)
        case (4, true): add(array, UInt32.self, groups)
        case (8, true): add(array, UInt64.self, groups)
        default: try addWide(array, groups)
        }
    }

    /// 2^64 rows would have to come for these sums not to fit.
    @inline(__always)
    private func add<Value: FixedWidthInteger & BitwiseCopyable>(
        _ array: ArrayData, _: Value.Type, _ groups: UnsafePointer<UInt32>
    ) {
        let (sums, values) = (sums.base, array.values(as: Value.self))
        array.eachValid { row in
            let sum = sums + Int(groups[row])
            sum.pointee.value &+= Int128(truncatingIfNeeded: values[row])
            sum.pointee.count &+= 1
        }
    }

    override func update(_ few: FewGroups, _ arguments: [ArrayData]) throws(IglooError) {
        let array = arguments[0]
        if array.nullCount > 0 || !add(array, few) {
            try update(few.groups, arguments, few.rowCount)
        }
    }

    private func add(_ array: ArrayData, _ few: FewGroups) -> Bool {
        switch (array.type.fixedByteWidth ?? 8, array.type.isUnsignedInteger) {
        case (1, false): add(array, Int8.self, Int64.self, few)
        case (2, false): add(array, Int16.self, Int64.self, few)
        case (4, false): add(array, Int32.self, Int64.self, few)
        case (8, false): add(array, Int64.self, Int64.self, few)
        case (1, true): add(array, UInt8.self, Int64.self, few)
        case (2, true): add(array, UInt16.self, Int64.self, few)
        case (4, true): add(array, UInt32.self, Int64.self, few)
        case (16, false): add(array, Int128.self, Int128.self, few)
        default: false
        }
    }

    /// False when values are so great that a batch's sum may not fit.
    @inline(__always)
    private func add<Value: FixedWidthInteger & BitwiseCopyable, Partial>(
        _ array: ArrayData, _: Value.Type, _: Partial.Type, _ few: FewGroups
    ) -> Bool where Partial: FixedWidthInteger & BitwiseCopyable {
        let values = array.values(as: Value.self)
        if Value.bitWidth == Partial.bitWidth {
            var bits: Value = 0
            var row = 0
            while row < few.rowCount {
                bits |= values[row] ^ (values[row] &>> Value(Value.bitWidth - 1))
                row &+= 1
            }
            let spare = Int.bitWidth - few.rowCount.leadingZeroBitCount + 2
            if bits.leadingZeroBitCount <= spare { return false }
        }
        let sums = sums.base
        few.eachSum(Partial.self, { Partial(truncatingIfNeeded: values[$0]) }) { group, sum in
            sums[group].value &+= Int128(truncatingIfNeeded: sum)
            sums[group].count &+= few.rowCounts[group]
        }
        return true
    }

    private func addWide(
        _ array: ArrayData, _ groups: UnsafePointer<UInt32>
    ) throws(IglooError) {
        let (sums, values) = (sums.base, array.values(as: Int128.self))
        var overflowed = false
        array.eachValid { row in
            let sum = sums + Int(groups[row])
            let (value, overflow) = sum.pointee.value.addingReportingOverflow(values[row])
            sum.pointee.value = value
            sum.pointee.count &+= 1
            overflowed = overflowed || overflow
        }
        if overflowed { throw Self.overflow() }
    }

    override func merge(
        _ other: AggregateState, _ sources: [UInt32], _ targets: [UInt32]
    ) throws(IglooError) {
        guard let other = other as? IntegerSumState else { return }
        var overflowed = false
        for index in sources.indices {
            let from = other.sums[Int(sources[index])]
            let sum = sums.base + Int(targets[index])
            let (value, overflow) = sum.pointee.value.addingReportingOverflow(from.value)
            sum.pointee.value = value
            sum.pointee.count &+= from.count
            overflowed = overflowed || overflow
        }
        if overflowed { throw Self.overflow() }
    }

    static func overflow() -> IglooError {
        IglooError(.outOfRange, "sum out of range: it does not fit its type")
    }

    override func finish(_ range: Range<Int>) throws(IglooError) -> ArrayData {
        guard let result else { return means(range) }
        return result == .int64 ? try integers(range) : try decimals(range, result)
    }

    private func integers(_ range: Range<Int>) throws(IglooError) -> ArrayData {
        var builder = PrimitiveBuilder<Int64>(.int64, zero: 0)
        for group in range {
            guard sums[group].count > 0 else {
                builder.appendNull()
                continue
            }
            guard let value = Int64(exactly: sums[group].value) else { throw Self.overflow() }
            builder.append(value)
        }
        return builder.finish()
    }

    private func decimals(
        _ range: Range<Int>, _ type: DataType
    ) throws(IglooError) -> ArrayData {
        let limit = DecimalPower.ten(38)
        var builder = PrimitiveBuilder<Int128>(type, zero: 0)
        for group in range {
            guard sums[group].count > 0 else {
                builder.appendNull()
                continue
            }
            let value = sums[group].value
            guard value > -limit && value < limit else { throw Self.overflow() }
            builder.append(value)
        }
        return builder.finish()
    }

    /// An exact sum, divided once.
    func means(_ range: Range<Int>) -> ArrayData {
        var builder = PrimitiveBuilder<Double>(.float64, zero: 0)
        for group in range {
            let sum = sums[group]
            if sum.count == 0 {
                builder.appendNull()
            } else {
                builder.append(DecimalPower.double(sum.value) / (Double(sum.count) * divisor))
            }
        }
        return builder.finish()
    }
}

/// The mean of what another call of the same aggregation sums up.
final class SharedMeanState: AggregateState {
    private let sums: IntegerSumState

    init(_ sums: IntegerSumState) { self.sums = sums }

    override var passesOverNulls: Bool { true }
    override var mergesInPlace: Bool { true }

    override func finish(_ range: Range<Int>) throws(IglooError) -> ArrayData {
        sums.means(range)
    }
}
