// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// What aggregates make of the collected rows of each group.
struct CollectedResults {
    private let call: AggregateCall
    private let rows: CollectedRows

    init(_ call: AggregateCall, _ rows: CollectedRows) {
        self.call = call
        self.rows = rows
    }

    func array(_ range: Range<Int>) throws(IglooError) -> ArrayData {
        switch call.function {
        case "array_agg": return try lists(range)
        case "string_agg": return try joined(range)
        case "median", "quantile_cont":
            return call.type.isTimestamp ? try momentQuantiles(range) : try quantiles(range)
        case "quantile_disc": return try discreteQuantiles(range)
        case "mad": return numbers(range) { deviation($0) }
        case "entropy": return numbers(range) { entropy($0) }
        case "mode": return try picked(range) { group in mostFrequent(group) }
        case "histogram": return try histograms(range)
        case "last": return try picked(range) { group in rows.rows(of: group).last }
        case "any_value":
            let values = rows.columns[0]
            return try picked(range) { group in
                rows.rows(of: group).first { !values.isNull(Int($0)) }
            }
        default: return try picked(range) { group in rows.rows(of: group).first }
        }
    }

    /// The first argument's value at one row a group.
    private func picked(
        _ range: Range<Int>, _ pick: (Int) -> UInt32?
    ) throws(IglooError) -> ArrayData {
        let places = range.map { pick($0) ?? missingIndex }
        let result = places.withUnsafeBufferPointer { buffer in
            Result { () throws(IglooError) in
                guard let base = buffer.baseAddress else { return rows.columns[0] }
                return try gatherOrNull(rows.columns[0], indexes: base, count: buffer.count)
            }
        }
        return try result.get()
    }

    // MARK: - Lists and texts

    private func lists(_ range: Range<Int>) throws(IglooError) -> ArrayData {
        let places = rows.rows[rows.starts[range.lowerBound]..<rows.starts[range.upperBound]]
        let items = try Vectors.gather(rows.columns[0], places)
        let counts = range.map { rows.rows(of: $0).count }
        let present = Bits.make(range.count) { counts[$0] > 0 }
        return try ListLayout.list(
            call.type, counts: counts, validity: present, items: items)
    }

    private func joined(_ range: Range<Int>) throws(IglooError) -> ArrayData {
        let values = rows.columns[0]
        let texts = ViewReader(Vector(values))
        let separators = rows.columns.count > 1 ? ViewReader(Vector(rows.columns[1])) : nil
        var writer = ViewWriter(count: range.count)
        var isPresent = [Bool](repeating: false, count: range.count)
        for group in range {
            var isFirst = true
            for row in rows.rows(of: group) where !values.isNull(Int(row)) {
                if !isFirst, let separators, !rows.columns[1].isNull(Int(row)) {
                    writer.write(separators[Int(row)])
                }
                writer.write(texts[Int(row)])
                try Self.checkText(writer.openByteCount)
                isFirst = false
            }
            isPresent[group - range.lowerBound] = !isFirst
            writer.close()
        }
        return writer.finish(
            .utf8View, count: range.count, validity: Bits.make(range.count) { isPresent[$0] })
    }

    /// Throws where a text gets too long.
    static func checkText(_ byteCount: Int) throws(IglooError) {
        guard byteCount > 1 << 30 else { return }
        throw IglooError(
            .outOfRange, "the text of one group is too long: a text has at most 1 GiB",
            sqlState: .programLimitExceeded)
    }

    // MARK: - Values in order

    /// The rows of a group that are not NULL: NULLs stand at one end.
    private func present(_ group: Int) -> ArraySlice<UInt32> {
        let values = rows.columns[0]
        var found = rows.rows(of: group)
        while let row = found.first, values.isNull(Int(row)) { found.removeFirst() }
        while let row = found.last, values.isNull(Int(row)) { found.removeLast() }
        return found
    }

    /// A double a group; a list of them where the fraction is a list.
    private func quantiles(_ range: Range<Int>) throws(IglooError) -> ArrayData {
        let values = FloatReader(rows.columns[0])
        var builder = PrimitiveBuilder<Double>(.float64, zero: 0)
        var counts: [Int] = []
        var isPresent: [Bool] = []
        for group in range {
            let isOrdered = !call.order.isEmpty
            let found = isOrdered ? present(group) : unordered(group)
            let wanted =
                try found.first.map { (row) throws(IglooError) in try fraction(row) } ?? nil
            if isOrdered {
                for one in wanted ?? [] { builder.append(Self.interpolated(found, one, values)) }
            } else {
                append(wanted ?? [], of: found, values, &builder)
            }
            if wanted == nil && !isList { builder.appendNull() }
            counts.append(wanted?.count ?? 0)
            isPresent.append(wanted != nil)
        }
        let items = builder.finish()
        if !isList { return items }
        return try ListLayout.list(
            call.type, counts: counts, validity: Bits.make(range.count) { isPresent[$0] },
            items: items)
    }

    /// The rows of a group that are not NULL, of rows in no order.
    private func unordered(_ group: Int) -> ArraySlice<UInt32> {
        let (values, found) = (rows.columns[0], rows.rows(of: group))
        return values.nullCount == 0 ? found : found.filter { !values.isNull(Int($0)) }[...]
    }

    /// The quantiles of values in no order.
    private func append(
        _ fractions: [Double], of found: ArraySlice<UInt32>, _ values: FloatReader,
        _ builder: inout PrimitiveBuilder<Double>
    ) {
        guard !fractions.isEmpty else { return }
        var keys: [Int64] = []
        keys.reserveCapacity(found.count)
        for row in found { keys.append(Selecting.key(values.value(Int(row)))) }
        keys.withUnsafeMutableBufferPointer { keys in
            for fraction in fractions {
                let place = fraction * Double(keys.count - 1)
                let lower = Int(place)
                Selecting.select(lower, of: keys)
                let low = Selecting.value(keys[lower])
                let weight = place - Double(lower)
                guard weight > 0, lower + 1 < keys.count else {
                    builder.append(low)
                    continue
                }
                // All behind the place are not less: the least of them is the next one.
                let high = Selecting.value(keys[(lower + 1)...].min() ?? keys[lower])
                builder.append(low + (high - low) * weight)
            }
        }
    }

    /// Between two moments, to the microsecond.
    private func momentQuantiles(_ range: Range<Int>) throws(IglooError) -> ArrayData {
        let values = rows.columns[0].values(as: Int64.self)
        var builder = PrimitiveBuilder<Int64>(call.type, zero: 0)
        for group in range {
            let found = present(group)
            guard let first = found.first, let wanted = try fraction(first)?.first else {
                builder.appendNull()
                continue
            }
            let place = wanted * Double(found.count - 1)
            let lower = found.startIndex + Int(place)
            let low = values[Int(found[lower])]
            let high = values[Int(found[min(lower + 1, found.endIndex - 1)])]
            let part = (Double(high) - Double(low)) * (place - place.rounded(.down))
            builder.append(low &+ (Int64(exactly: part.rounded()) ?? 0))
        }
        return builder.finish()
    }

    private static func interpolated(
        _ found: ArraySlice<UInt32>, _ fraction: Double, _ values: FloatReader
    ) -> Double {
        let place = fraction * Double(found.count - 1)
        let lower = Int(place)
        let upper = min(lower + 1, found.count - 1)
        let low = values.value(Int(found[found.startIndex + lower]))
        let high = values.value(Int(found[found.startIndex + upper]))
        let weight = place - Double(lower)
        return weight == 0 ? low : low + (high - low) * weight
    }

    private var isList: Bool {
        call.arguments.count > 1 && call.arguments[1].type.isList
    }

    private func fraction(_ row: UInt32) throws(IglooError) -> [Double]? {
        try Self.fractions(call, rows.columns, Int(row))
    }

    /// The fractions that a row asks for, the first one of its group; `nil` where it is NULL.
    static func fractions(
        _ call: AggregateCall, _ columns: [ArrayData], _ row: Int
    ) throws(IglooError) -> [Double]? {
        guard call.arguments.count > 1 else { return [0.5] }
        let cell = columns[1].scalar(at: row)
        let cells: [Scalar] = if case .list(let cells) = cell { cells } else { [cell] }
        var result: [Double] = []
        for case .float(let value) in cells {
            guard (0...1).contains(value) else {
                throw IglooError(.outOfRange, "percentile value \(value) is not between 0 and 1")
            }
            result.append(value)
        }
        return cells.count == result.count ? result : nil
    }

    private func discreteQuantiles(_ range: Range<Int>) throws(IglooError) -> ArrayData {
        if isList { return try listsOfDiscreteQuantiles(range) }
        var places: [UInt32] = []
        for group in range {
            let found = present(group)
            guard let first = found.first, let wanted = try fraction(first)?.first else {
                places.append(missingIndex)
                continue
            }
            places.append(Self.discrete(found, wanted))
        }
        return try picked(range) { places[$0 - range.lowerBound] }
    }

    private func listsOfDiscreteQuantiles(_ range: Range<Int>) throws(IglooError) -> ArrayData {
        var places: [UInt32] = []
        var counts: [Int] = []
        var isPresent: [Bool] = []
        for group in range {
            let found = present(group)
            let wanted =
                try found.first.map { (row) throws(IglooError) in try fraction(row) } ?? nil
            for one in wanted ?? [] { places.append(Self.discrete(found, one)) }
            counts.append(wanted?.count ?? 0)
            isPresent.append(wanted != nil)
        }
        return try ListLayout.list(
            call.type, counts: counts, validity: Bits.make(range.count) { isPresent[$0] },
            items: try Vectors.gather(rows.columns[0], places[...]))
    }

    private static func discrete(_ found: ArraySlice<UInt32>, _ fraction: Double) -> UInt32 {
        let place = max(Int((fraction * Double(found.count)).rounded(.up)) - 1, 0)
        return found[found.startIndex + place]
    }

    // MARK: - A number a group

    private func numbers(_ range: Range<Int>, _ body: (Int) -> Double?) -> ArrayData {
        var builder = PrimitiveBuilder<Double>(.float64, zero: 0)
        for group in range {
            if let value = body(group) { builder.append(value) } else { builder.appendNull() }
        }
        return builder.finish()
    }

    private func deviation(_ group: Int) -> Double? {
        let values = FloatReader(rows.columns[0])
        return Self.deviation(present(group).map { values.value(Int($0)) })
    }

    /// The median of the distances from the median.
    ///
    /// - Parameter values: in order.
    static func deviation(_ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let (low, high) = middle(values)
        let median = low == high ? low : low + (high - low) * 0.5
        let (near, far) = middle(values.map { abs($0 - median) }.sorted())
        return near == far ? near : (near + far) / 2
    }

    /// The two values in the middle of values in order.
    private static func middle(_ values: [Double]) -> (Double, Double) {
        (values[(values.count - 1) / 2], values[values.count / 2])
    }

    /// The bits that tell which value a row has.
    private func entropy(_ group: Int) -> Double? {
        var total = 0
        var counts: [Int] = []
        eachRun(group) { _, count in
            counts.append(count)
            total += count
        }
        let bits = PlatformMathematics.function("log2") ?? { $0 }
        return counts.reduce(0) { sum, count in
            let share = Double(count) / Double(total)
            return sum - share * bits(share)
        }
    }

    // MARK: - Runs of equal values

    /// Calls `body` with the first row and the length of each run of equal values.
    private func eachRun(_ group: Int, _ body: (UInt32, Int) -> Void) {
        let found = present(group)
        guard var first = found.first else { return }
        var count = 0
        let values = rows.columns[0]
        for row in found {
            if ElementOrder.compare(values, Int(first), values, Int(row)) != 0 {
                body(first, count)
                (first, count) = (row, 0)
            }
            count += 1
        }
        body(first, count)
    }

    /// Among equally frequent ones, the first in order.
    private func mostFrequent(_ group: Int) -> UInt32? {
        var best: (row: UInt32, count: Int)?
        eachRun(group) { row, count in
            if count > best?.count ?? 0 { best = (row, count) }
        }
        return best?.row
    }

    private func histograms(_ range: Range<Int>) throws(IglooError) -> ArrayData {
        var keys: [UInt32] = []
        var builder = PrimitiveBuilder<Int64>(.int64, zero: 0)
        var counts: [Int] = []
        for group in range {
            let before = keys.count
            eachRun(group) { row, count in
                keys.append(row)
                builder.append(Int64(count))
            }
            counts.append(keys.count - before)
        }
        let entries = [try Vectors.gather(rows.columns[0], keys[...]), builder.finish()]
        return try ListLayout.map(
            call.type, counts: counts, validity: Bits.make(range.count) { counts[$0] > 0 }, entries)
    }
}
