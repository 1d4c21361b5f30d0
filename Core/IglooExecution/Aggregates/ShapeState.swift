// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Skewness and excess kurtosis.
///
/// - Source: P. Pébay, "Formulas for Robust, One-Pass Parallel Computation of Covariances and
///   Arbitrary-Order Statistical Moments", 2008.
final class ShapeState: AggregateState {
    private struct Moments {
        var count = 0.0
        var mean = 0.0
        var second = 0.0
        var third = 0.0
        var fourth = 0.0

        mutating func add(_ other: Moments) {
            if other.count == 0 { return }
            let total = count + other.count
            let delta = other.mean - mean
            let share = delta / total
            let product = count * other.count
            fourth +=
                other.fourth
                + delta * share * share * share * product
                * (count * count - product + other.count * other.count)
                + 6 * share * share
                * (count * count * other.second + other.count * other.count * second)
                + 4 * share * (count * other.third - other.count * third)
            third +=
                other.third + delta * share * share * product * (count - other.count)
                + 3 * share * (count * other.second - other.count * second)
            second += other.second + delta * share * product
            mean += share * other.count
            count = total
        }
    }

    private var groups: [Moments] = []
    private let function: String

    init(_ function: String) { self.function = function }

    override func resize(_ groupCount: Int) {
        while groups.count < groupCount { groups.append(Moments()) }
    }

    override func update(
        _ rowGroups: UnsafePointer<UInt32>, _ arguments: [ArrayData], _ rowCount: Int
    ) throws(IglooError) {
        let reader = FloatReader(arguments[0])
        var row = 0
        while row < rowCount {
            if !arguments[0].isNull(row) {
                groups[Int(rowGroups[row])].add(Moments(count: 1, mean: reader.value(row)))
            }
            row &+= 1
        }
    }

    override func merge(
        _ other: AggregateState, _ sources: [UInt32], _ targets: [UInt32]
    ) throws(IglooError) {
        guard let other = other as? ShapeState else { return }
        for (source, target) in zip(sources, targets) {
            groups[Int(target)].add(other.groups[Int(source)])
        }
    }

    override func finish(_ range: Range<Int>) throws(IglooError) -> ArrayData {
        var builder = PrimitiveBuilder<Double>(.float64, zero: 0)
        for group in range {
            if let value = result(groups[group]) {
                builder.append(value)
            } else {
                builder.appendNull()
            }
        }
        return builder.finish()
    }

    private func result(_ moments: Moments) -> Double? {
        let n = moments.count
        guard n > 0, moments.second > 0 else { return nil }
        let variance = moments.second / n
        switch function {
        case "skewness":
            guard n > 2 else { return nil }
            let skew = moments.third / n / (variance * variance.squareRoot())
            return skew * (n * (n - 1)).squareRoot() / (n - 2)
        case "kurtosis_pop": return moments.fourth / n / (variance * variance) - 3
        default:
            guard n > 3 else { return nil }
            let excess = moments.fourth / n / (variance * variance) - 3
            return ((n + 1) * excess + 6) * (n - 1) / ((n - 2) * (n - 3))
        }
    }
}

/// The product of a group's values.
final class ProductState: AggregateState {
    private var values: [Double?] = []

    override func resize(_ groupCount: Int) {
        while values.count < groupCount { values.append(nil) }
    }

    override func update(
        _ groups: UnsafePointer<UInt32>, _ arguments: [ArrayData], _ rowCount: Int
    ) throws(IglooError) {
        let reader = FloatReader(arguments[0])
        for row in 0..<rowCount where !arguments[0].isNull(row) {
            values[Int(groups[row])] = (values[Int(groups[row])] ?? 1) * reader.value(row)
        }
    }

    override func merge(
        _ other: AggregateState, _ sources: [UInt32], _ targets: [UInt32]
    ) throws(IglooError) {
        guard let other = other as? ProductState else { return }
        for (source, target) in zip(sources, targets) {
            guard let right = other.values[Int(source)] else { continue }
            values[Int(target)] = (values[Int(target)] ?? 1) * right
        }
    }

    override func finish(_ range: Range<Int>) throws(IglooError) -> ArrayData {
        var builder = PrimitiveBuilder<Double>(.float64, zero: 0)
        for group in range {
            if let value = values[group] { builder.append(value) } else { builder.appendNull() }
        }
        return builder.finish()
    }
}
