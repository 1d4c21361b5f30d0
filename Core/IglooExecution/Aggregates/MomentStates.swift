// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Variance and standard deviation, of samples and of populations.
///
/// - Source: B. Welford, 1962; merging by T. Chan, G. Golub, R. LeVeque, 1979.
final class VarianceState: AggregateState {
    private struct Moments {
        var count = 0.0
        var mean = 0.0
        var squares = 0.0
    }

    private var groups: [Moments] = []
    private let isRoot: Bool
    private let isSample: Bool

    init(_ function: String) {
        isRoot = function.hasPrefix("stddev")
        isSample = !function.hasSuffix("_pop")
    }

    override func resize(_ groupCount: Int) {
        while groups.count < groupCount { groups.append(Moments()) }
    }

    override func update(
        _ rowGroups: UnsafePointer<UInt32>, _ arguments: [ArrayData], _ rowCount: Int
    ) throws(IglooError) {
        let array = arguments[0]
        let reader = FloatReader(array)
        for row in 0..<rowCount where !array.isNull(row) {
            let group = Int(rowGroups[row])
            let value = reader.value(row)
            groups[group].count += 1
            let delta = value - groups[group].mean
            groups[group].mean += delta / groups[group].count
            groups[group].squares += delta * (value - groups[group].mean)
        }
    }

    override func merge(
        _ other: AggregateState, _ sources: [UInt32], _ targets: [UInt32]
    ) throws(IglooError) {
        guard let other = other as? VarianceState else { return }
        for (source, target) in zip(sources, targets) {
            let right = other.groups[Int(source)]
            let left = groups[Int(target)]
            let count = left.count + right.count
            if right.count == 0 { continue }
            let delta = right.mean - left.mean
            groups[Int(target)] = Moments(
                count: count, mean: left.mean + delta * right.count / count,
                squares: left.squares + right.squares
                    + delta * delta * left.count * right.count / count)
        }
    }

    override func finish(_ range: Range<Int>) throws(IglooError) -> ArrayData {
        var builder = PrimitiveBuilder<Double>(.float64, zero: 0)
        for group in range {
            let moments = groups[group]
            let divisor = isSample ? moments.count - 1 : moments.count
            if divisor <= 0 {
                builder.appendNull()
            } else {
                let variance = moments.squares / divisor
                builder.append(isRoot ? variance.squareRoot() : variance)
            }
        }
        return builder.finish()
    }
}

/// Covariance, correlation and linear regression of pairs; a pair with a NULL is left out.
///
/// Of regr_...(y, x) the first argument is the dependent one.
final class CovarianceState: AggregateState {
    private struct Moments {
        var count = 0.0
        var meanX = 0.0
        var meanY = 0.0
        var squaresX = 0.0
        var squaresY = 0.0
        var products = 0.0
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
        let (first, second) = (arguments[0], arguments[1])
        let (readerX, readerY) = (FloatReader(first), FloatReader(second))
        for row in 0..<rowCount where !first.isNull(row) && !second.isNull(row) {
            let group = Int(rowGroups[row])
            var moments = groups[group]
            let (x, y) = (readerX.value(row), readerY.value(row))
            moments.count += 1
            let (deltaX, deltaY) = (x - moments.meanX, y - moments.meanY)
            moments.meanX += deltaX / moments.count
            moments.meanY += deltaY / moments.count
            moments.squaresX += deltaX * (x - moments.meanX)
            moments.squaresY += deltaY * (y - moments.meanY)
            moments.products += deltaX * (y - moments.meanY)
            groups[group] = moments
        }
    }

    override func merge(
        _ other: AggregateState, _ sources: [UInt32], _ targets: [UInt32]
    ) throws(IglooError) {
        guard let other = other as? CovarianceState else { return }
        for (source, target) in zip(sources, targets) {
            let right = other.groups[Int(source)]
            if right.count == 0 { continue }
            var left = groups[Int(target)]
            let count = left.count + right.count
            let (deltaX, deltaY) = (right.meanX - left.meanX, right.meanY - left.meanY)
            let weight = left.count * right.count / count
            left.squaresX += right.squaresX + deltaX * deltaX * weight
            left.squaresY += right.squaresY + deltaY * deltaY * weight
            left.products += right.products + deltaX * deltaY * weight
            left.meanX += deltaX * right.count / count
            left.meanY += deltaY * right.count / count
            left.count = count
            groups[Int(target)] = left
        }
    }

    override func finish(_ range: Range<Int>) throws(IglooError) -> ArrayData {
        if function == "regr_count" {
            var counts = PrimitiveBuilder<Int64>(.int64, zero: 0)
            for group in range { counts.append(Int64(groups[group].count)) }
            return counts.finish()
        }
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
        switch function {
        case "covar_pop": return moments.count > 0 ? moments.products / moments.count : nil
        case "covar_samp":
            return moments.count > 1 ? moments.products / (moments.count - 1) : nil
        case let name where name.hasPrefix("regr_"):
            return moments.count > 0 ? Self.regression(name, moments) : nil
        default:
            let spread = (moments.squaresX * moments.squaresY).squareRoot()
            return moments.count > 0 && spread != 0 ? moments.products / spread : nil
        }
    }
    private static func regression(_ function: String, _ moments: Moments) -> Double? {
        switch function {
        case "regr_avgx": return moments.meanY
        case "regr_avgy": return moments.meanX
        case "regr_sxx": return moments.squaresY
        case "regr_syy": return moments.squaresX
        case "regr_sxy": return moments.products
        default: break
        }
        guard moments.squaresY != 0 else { return nil }
        let slope = moments.products / moments.squaresY
        switch function {
        case "regr_slope": return slope
        case "regr_intercept": return moments.meanX - slope * moments.meanY
        default: return moments.squaresX == 0 ? 1 : slope * moments.products / moments.squaresX
        }
    }
}
