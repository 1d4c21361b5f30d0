// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Sums and means of integers and decimals, exact in 128 bits.
///
/// As long as all sums fit 64 bits, they take half the memory.
final class IntegerSumState: AggregateState {
    private struct NarrowSum: BitwiseCopyable {
        var value: Int64 = 0
        var count: Int64 = 0
    }

    private struct Sum: BitwiseCopyable {
        var value: Int128 = 0
        var count: Int64 = 0
    }

    private var narrow = GroupValues<NarrowSum>()
    private var sums = GroupValues<Sum>()
    /// The groups' sums are in `sums`, not in `narrow`.
    private var isWide: Bool
    /// Four of these still fit 64 bits, as many as are merged in place.
    private static let inPlaceMax = Int64(1) << 60
    /// Of sums. Means are doubles.
    private let result: DataType?
    private let divisor: Double

    /// - Parameter result: the type of sums; `nil` for the mean.
    init(_ argument: DataType, result: DataType?) {
        self.result = result
        isWide = argument.fixedByteWidth == 16 || argument == .uint64
        divisor = Double(DecimalPower.ten(argument.decimalShape?.scale ?? 0))
    }

    override var passesOverNulls: Bool { true }
    override var mergesInPlace: Bool { true }

    override func resize(_ groupCount: Int) {
        if isWide {
            sums.resize(groupCount, filling: Sum())
        } else {
            narrow.resize(groupCount, filling: NarrowSum())
        }
    }

    /// From now on sums have 128 bits.
    private func widen() {
        if isWide { return }
        isWide = true
        sums.resize(narrow.count, filling: Sum())
        let (from, to, count) = (narrow.base, sums.base, narrow.count)
        var group = 0
        while group < count {
            to[group] = Sum(value: Int128(from[group].value), count: from[group].count)
            group &+= 1
        }
        narrow = GroupValues()
    }

    @inline(__always)
    private func sum(_ group: Int) -> Sum {
        if isWide { return sums[group] }
        return Sum(value: Int128(narrow[group].value), count: narrow[group].count)
    }

    override func update(
        _ groups: UnsafePointer<UInt32>, _ arguments: [ArrayData], _ rowCount: Int
    ) throws(IglooError) {
        let array = arguments[0]
        if array.type.fixedByteWidth == 16 || array.type == .uint64 { widen() }
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
        if !isWide { return addNarrow(array, Value.self, groups) }
        let (sums, values) = (sums.base, array.values(as: Value.self))
        array.eachValid { row in
            let sum = sums + Int(groups[row])
            sum.pointee.value &+= Int128(truncatingIfNeeded: values[row])
            sum.pointee.count &+= 1
        }
    }

    @inline(__always)
    private func addNarrow<Value: FixedWidthInteger & BitwiseCopyable>(
        _ array: ArrayData, _: Value.Type, _ groups: UnsafePointer<UInt32>
    ) {
        let (narrow, values) = (narrow.base, array.values(as: Value.self))
        var unfit: [Int] = []
        array.eachValid { row in
            let sum = narrow + Int(groups[row])
            let (value, overflow) = sum.pointee.value.addingReportingOverflow(
                Int64(truncatingIfNeeded: values[row]))
            if overflow { return unfit.append(row) }
            sum.pointee.value = value
            sum.pointee.count &+= 1
        }
        if unfit.isEmpty { return }
        widen()
        for row in unfit {
            sums.base[Int(groups[row])].value &+= Int128(truncatingIfNeeded: values[row])
            sums.base[Int(groups[row])].count &+= 1
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
        few.eachSum(Partial.self, { Partial(truncatingIfNeeded: values[$0]) }) { group, sum in
            addPartial(Int128(truncatingIfNeeded: sum), few.rowCounts[group], to: group)
        }
        return true
    }

    /// What a batch's rows of a group come to.
    private func addPartial(_ partial: Int128, _ rowCount: Int64, to group: Int) {
        if !isWide {
            let sum = narrow.base + group
            if let value = Int64(exactly: Int128(sum.pointee.value) &+ partial) {
                sum.pointee = NarrowSum(value: value, count: sum.pointee.count &+ rowCount)
                return
            }
            widen()
        }
        sums.base[group].value &+= partial
        sums.base[group].count &+= rowCount
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
        if other.isWide { widen() }
        let start = isWide ? 0 : mergeNarrow(other, sources, targets)
        var overflowed = false
        for index in start..<sources.count {
            let from = other.sum(Int(sources[index]))
            let sum = sums.base + Int(targets[index])
            let (value, overflow) = sum.pointee.value.addingReportingOverflow(from.value)
            sum.pointee.value = value
            sum.pointee.count &+= from.count
            overflowed = overflowed || overflow
        }
        if overflowed { throw Self.overflow() }
    }

    /// How many could be merged before one needed more than 64 bits.
    private func mergeNarrow(
        _ other: IntegerSumState, _ sources: [UInt32], _ targets: [UInt32]
    ) -> Int {
        let (from, to) = (other.narrow.base, narrow.base)
        for index in sources.indices {
            let (source, target) = (from + Int(sources[index]), to + Int(targets[index]))
            let (value, overflow) = target.pointee.value.addingReportingOverflow(
                source.pointee.value)
            if overflow {
                widen()
                return index
            }
            target.pointee.value = value
            target.pointee.count &+= source.pointee.count
        }
        return sources.count
    }

    /// Nobody may widen while others merge, too.
    override func prepareToMergeInPlace(with others: [AggregateState]) {
        let all = [self] + others.compactMap { $0 as? IntegerSumState }
        if all.contains(where: { $0.isWide || $0.mayNotFit }) { for state in all { state.widen() } }
    }

    private var mayNotFit: Bool {
        let (sums, count) = (narrow.base, narrow.count)
        var bits: Int64 = 0
        var group = 0
        while group < count {
            bits |= sums[group].value ^ (sums[group].value &>> 63)
            group &+= 1
        }
        return bits >= Self.inPlaceMax
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
            let sum = sum(group)
            guard sum.count > 0 else {
                builder.appendNull()
                continue
            }
            guard let value = Int64(exactly: sum.value) else { throw Self.overflow() }
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
            let sum = sum(group)
            guard sum.count > 0 else {
                builder.appendNull()
                continue
            }
            let value = sum.value
            guard value > -limit && value < limit else { throw Self.overflow() }
            builder.append(value)
        }
        return builder.finish()
    }

    /// An exact sum, divided once.
    func means(_ range: Range<Int>) -> ArrayData {
        var builder = PrimitiveBuilder<Double>(.float64, zero: 0)
        for group in range {
            let sum = sum(group)
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
