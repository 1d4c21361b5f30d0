// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Values of 64 bits that follow each other.
class Series: RowGenerator {
    private let type: DataType
    private let isInclusive: Bool
    private let columns: [ArrayData]
    private var values: [Int64] = []
    private var padding: [Range<Int>] = []

    /// - Parameter columns: start, stop and step.
    init(_ columns: [ArrayData], isInclusive: Bool) {
        type = columns[0].type
        self.columns = columns
        self.isInclusive = isInclusive
    }

    /// First and last value of a row and its step; `nil` if one of them is NULL or nothing lies
    /// between them.
    final func bounds<Step: BitwiseCopyable>(
        _ row: Int, _ sign: (Step) -> Int
    ) throws(IglooError) -> (start: Int64, stop: Int64, step: Step)? {
        if columns.contains(where: { $0.isNull(row) }) { return nil }
        let start = columns[0].values(as: Int64.self)[row]
        let stop = columns[1].values(as: Int64.self)[row]
        let step = columns[2].values(as: Step.self)[row]
        let direction = sign(step)
        guard direction != 0 else { throw Faults.invalid("step size cannot equal zero") }
        let isEmpty =
            start == stop ? !isInclusive : (direction > 0 ? start > stop : start < stop)
        return isEmpty ? nil : (start, stop, step)
    }

    /// Whether a value that lies between the bounds, or at one, belongs to the series.
    @inline(__always)
    final func reaches(_ value: Int64, _ stop: Int64) -> Bool { isInclusive || value != stop }

    @inline(__always)
    final func add(_ value: Int64) { values.append(value) }

    override final func pad(_ count: Int) {
        padding.append(values.count..<values.count + count)
        values.append(contentsOf: repeatElement(0, count: count))
    }

    override final func take() throws(IglooError) -> ArrayData {
        defer {
            values.removeAll(keepingCapacity: true)
            padding.removeAll(keepingCapacity: true)
        }
        let buffer = Buffer(copying: values)
        guard !padding.isEmpty else {
            return ArrayData(type: type, count: values.count, nullCount: 0, buffers: [buffer])
        }
        var isValid = [Bool](repeating: true, count: values.count)
        for range in padding { for place in range { isValid[place] = false } }
        return ArrayData(
            type: type, count: values.count,
            validity: Bits.make(values.count) { isValid[$0] }, buffers: [buffer])
    }
}

/// Whole numbers, and decimals of up to 18 digits in their scale.
final class NumberSeries: Series {
    private var open: (next: Int64, stop: Int64, step: Int64)?

    override func open(_ row: Int) throws(IglooError) {
        guard let bounds = try bounds(row, { (step: Int64) in Int(step.signum()) }) else {
            open = nil
            return
        }
        open = (bounds.start, bounds.stop, bounds.step)
    }

    override func produce(_ countMax: Int) -> Int {
        guard let (first, stop, step) = open, countMax > 0 else { return 0 }
        // Between two bigints lie up to 2^64 - 1 values: as many as an unsigned word counts.
        var distance = UInt64(bitPattern: step > 0 ? stop &- first : first &- stop)
        if !reaches(stop, stop) { distance &-= 1 }
        let moreCount = distance / step.magnitude
        let count = Int(min(UInt64(countMax - 1), moreCount)) + 1
        var value = first
        var left = count
        while left > 0 {
            add(value)
            value = value &+ step
            left &-= 1
        }
        open = moreCount < UInt64(countMax) ? nil : (value, stop, step)
        return count
    }
}

/// Points in time an interval apart.
final class TimeSeries: Series {
    private var open: (next: Int64, stop: Int64, step: MonthDayNanoInterval)?
    private var isRising = true
    /// Of instants: by whose clocks days and months are counted.
    private let rules: ZoneRules?

    init(_ columns: [ArrayData], isInclusive: Bool, _ rules: ZoneRules?) {
        self.rules = rules
        super.init(columns, isInclusive: isInclusive)
    }

    override func open(_ row: Int) throws(IglooError) {
        open = nil
        let bounds = try bounds(row) { (step: MonthDayNanoInterval) in
            Int(IntervalValue.length(step).signum())
        }
        guard let bounds else { return }
        isRising = IntervalValue.length(bounds.step) > 0
        open = (bounds.start, bounds.stop, bounds.step)
    }

    override func produce(_ countMax: Int) -> Int {
        guard let (first, stop, step) = open else { return 0 }
        var value = first
        var count = 0
        open = nil
        while count < countMax {
            add(value)
            count &+= 1
            let (next, overflow) = DateArithmetic.moved(value, step, 1_000_000, false, rules)
            // Month and day may pull against each other: the series ends where it stands still.
            guard !overflow, isRising ? next > value : next < value else { return count }
            value = next
            guard isRising ? value <= stop : value >= stop, reaches(value, stop) else {
                return count
            }
        }
        open = (value, stop, step)
        return count
    }
}
