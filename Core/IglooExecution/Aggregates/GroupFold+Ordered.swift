// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Quantiles: rows at places that are known beforehand.
final class QuantileFold: GroupFold {
    /// What the group's first row asks for, once there was one; `nil` where it is NULL.
    private var fractions: [Double]?
    private var isOpen = false
    private var count = 0
    private var taken = 0
    /// Places that are wanted and still to come, the next one last, and what stood at the others.
    private var wanted: [Int] = []
    private var found: [Int: ArrayData] = [:]
    private var values = PickedValues()
    private var numbers = PrimitiveBuilder<Double>(.float64, zero: 0)
    private var moments: PrimitiveBuilder<Int64>
    private var counts: [Int] = []
    private var isPresent: [Bool] = []

    override init(_ call: AggregateCall, reserve memory: any MemoryAccount) {
        moments = PrimitiveBuilder<Int64>(call.type.isTimestamp ? call.type : .int64, zero: 0)
        super.init(call, reserve: memory)
    }

    private var isDiscrete: Bool { call.function == "quantile_disc" }
    private var isList: Bool { call.arguments.count > 1 && call.arguments[1].type.isList }

    override func take(
        _ columns: [ArrayData], _ rows: Range<Int>, presentCount: Int
    ) throws(IglooError) {
        let column = columns[0]
        for row in rows where !column.isNull(row) {
            if !isOpen { try open(columns, row, presentCount) }
            if wanted.last == taken {
                found[taken] = try PickedValues.copy(column, row)
                wanted.removeLast()
            }
            taken += 1
        }
    }

    private func open(
        _ columns: [ArrayData], _ row: Int, _ presentCount: Int
    ) throws(IglooError) {
        isOpen = true
        count = presentCount
        fractions = try CollectedResults.fractions(call, columns, row)
        var places: Set<Int> = []
        for fraction in fractions ?? [] {
            let place = self.place(fraction)
            places.insert(place)
            if !isDiscrete { places.insert(min(place + 1, count - 1)) }
        }
        wanted = places.sorted(by: >)
    }

    private func place(_ fraction: Double) -> Int {
        isDiscrete
            ? max(Int((fraction * Double(count)).rounded(.up)) - 1, 0)
            : Int(fraction * Double(count - 1))
    }

    override func endGroup() throws(IglooError) {
        for fraction in fractions ?? [] {
            let place = self.place(fraction)
            let low = found[place]
            guard !isDiscrete else {
                values.append(low)
                continue
            }
            let part = fraction * Double(count - 1) - Double(place)
            guard let low, let high = found[min(place + 1, count - 1)] else { continue }
            if call.type.isTimestamp {
                let low = low.values(as: Int64.self)[0]
                let distance = Double(high.values(as: Int64.self)[0]) - Double(low)
                moments.append(low &+ (Int64(exactly: (distance * part).rounded()) ?? 0))
            } else {
                let (low, high) = (FloatReader(low).value(0), FloatReader(high).value(0))
                numbers.append(part == 0 ? low : low + (high - low) * part)
            }
        }
        if fractions == nil && !isList { appendNull() }
        counts.append(fractions?.count ?? 0)
        isPresent.append(fractions != nil)
        (fractions, isOpen, taken, count) = (nil, false, 0, 0)
        (wanted, found) = ([], [:])
    }

    private func appendNull() {
        if isDiscrete { return values.append(nil) }
        if call.type.isTimestamp { moments.appendNull() } else { numbers.appendNull() }
    }

    override func finish() throws(IglooError) -> ArrayData {
        let items =
            isDiscrete
            ? try values.array(call.arguments[0].storedType)
            : call.type.isTimestamp ? moments.finish() : numbers.finish()
        if !isList { return items }
        return try ListLayout.list(
            call.type, counts: counts,
            validity: Bits.make(isPresent.count) { [isPresent] in isPresent[$0] }, items: items)
    }
}

/// Runs of equal values: the most frequent one, how often each comes, or how much they tell.
final class RunFold: GroupFold {
    /// The first value of the run, and its length so far.
    private var value: ArrayData?
    private var count = 0
    private var best: (value: ArrayData, count: Int)?
    private var total = 0
    private var bits = 0.0
    private var values = PickedValues()
    private var numbers = PrimitiveBuilder<Double>(.float64, zero: 0)
    private var lengths = PrimitiveBuilder<Int64>(.int64, zero: 0)
    private var runCount = 0
    private var runCounts: [Int] = []
    private let logarithm = PlatformMathematics.function("log2") ?? { $0 }

    override func take(
        _ columns: [ArrayData], _ rows: Range<Int>, presentCount: Int
    ) throws(IglooError) {
        let column = columns[0]
        total = presentCount
        for row in rows where !column.isNull(row) {
            if let value, ElementOrder.compare(value, 0, column, row) == 0 {
                count += 1
                continue
            }
            try endRun()
            value = try PickedValues.copy(column, row)
            count = 1
        }
    }

    private func endRun() throws(IglooError) {
        guard let value else { return }
        switch call.function {
        case "mode":
            // Among equally frequent ones, the first in order.
            if count > best?.count ?? 0 { best = (value, count) }
        case "entropy":
            let share = Double(count) / Double(total)
            bits -= share * logarithm(share)
        default:
            try reserve(64 + 2 * Batch(columns: [value], rowCount: 1).byteCount)
            values.append(value)
            lengths.append(Int64(count))
        }
        runCount += 1
        self.value = nil
    }

    override func endGroup() throws(IglooError) {
        try endRun()
        if call.function == "mode" { values.append(best?.value) }
        if call.function == "entropy" { numbers.append(bits) }
        runCounts.append(runCount)
        (best, total, bits, runCount) = (nil, 0, 0, 0)
    }

    override func finish() throws(IglooError) -> ArrayData {
        if call.function == "entropy" { return numbers.finish() }
        let keys = try values.array(call.arguments[0].storedType)
        if call.function == "mode" { return keys }
        return try ListLayout.map(
            call.type, counts: runCounts,
            validity: Bits.make(runCounts.count) { [runCounts] in runCounts[$0] > 0 },
            [keys, lengths.finish()])
    }
}

/// The median of the distances from the median: numbers, eight bytes a row.
final class DeviationFold: GroupFold {
    private var group: [Double] = []
    private var numbers = PrimitiveBuilder<Double>(.float64, zero: 0)

    override func take(
        _ columns: [ArrayData], _ rows: Range<Int>, presentCount: Int
    ) throws(IglooError) {
        // The numbers, and their distances.
        try reserve(16 * rows.count)
        let values = FloatReader(columns[0])
        for row in rows where !columns[0].isNull(row) { group.append(values.value(row)) }
    }

    override func endGroup() {
        if let value = CollectedResults.deviation(group) {
            numbers.append(value)
        } else {
            numbers.appendNull()
        }
        group = []
    }

    override func finish() -> ArrayData { numbers.finish() }
}
