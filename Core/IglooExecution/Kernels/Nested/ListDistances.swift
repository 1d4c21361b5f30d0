// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Lists of numbers as vectors: how far apart they are.
enum ListDistances {
    private typealias Measure = (UnsafePointer<Double>, UnsafePointer<Double>, Int) -> Double

    static func kernel(_ call: FunctionCall) -> Kernel? {
        guard let measure = measure(call.name) else { return nil }
        let name = call.name
        return { (call) throws(IglooError) in
            let (left, right) = (ListReader(call.arguments[0]), ListReader(call.arguments[1]))
            let (a, b) = (try flattened(left.items), try flattened(right.items))
            var builder = PrimitiveBuilder<Double>(.float64, zero: 0)
            for row in 0..<call.count {
                guard call.isValid(row) else {
                    builder.appendNull()
                    continue
                }
                let (x, y) = (left[row], right[row])
                guard x.count == y.count else {
                    throw Faults.invalid(
                        "\(name) needs lists of the same length, not \(x.count) and \(y.count)")
                }
                for (items, range) in [(a, x), (b, y)]
                where items.nullCount != 0 && range.contains(where: { items.isNull($0) }) {
                    throw Faults.invalid("\(name) takes no NULL within its lists")
                }
                let result =
                    x.isEmpty
                    ? 0
                    : measure(
                        a.values(as: Double.self) + x.lowerBound,
                        b.values(as: Double.self) + y.lowerBound, x.count)
                if name.hasPrefix("list_cosine"), x.isEmpty {
                    builder.appendNull()
                } else {
                    builder.append(result)
                }
            }
            return builder.finish()
        }
    }

    private static func measure(_ name: String) -> Measure? {
        switch name {
        case "list_distance":
            return { x, y, count in
                var sum = 0.0
                for index in 0..<count {
                    let difference = x[index] - y[index]
                    sum += difference * difference
                }
                return sum.squareRoot()
            }
        case "list_inner_product": return { inner($0, $1, $2) }
        case "list_negative_inner_product": return { -inner($0, $1, $2) }
        case "list_cosine_similarity": return { cosine($0, $1, $2) }
        case "list_cosine_distance": return { 1 - cosine($0, $1, $2) }
        default: return nil
        }
    }

    private static func inner(
        _ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ count: Int
    ) -> Double {
        var sum = 0.0
        for index in 0..<count { sum += x[index] * y[index] }
        return sum
    }

    private static func cosine(
        _ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ count: Int
    ) -> Double {
        let lengths = (inner(x, x, count) * inner(y, y, count)).squareRoot()
        return min(max(inner(x, y, count) / lengths, -1), 1)
    }
}
