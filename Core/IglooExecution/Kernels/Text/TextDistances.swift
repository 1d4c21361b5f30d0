// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// How much texts differ.
enum TextDistances {
    /// Characters of both texts multiplied, at most: the time that one comparison takes.
    private static let cellCountMax = 1 << 30
    /// The same where all of the table is kept.
    private static let tableCellCountMax = 1 << 24

    static func kernel(_ call: FunctionCall) -> Kernel? {
        switch call.name {
        case "levenshtein", "damerau_levenshtein":
            let swaps = call.name == "damerau_levenshtein"
            return { (call) throws(IglooError) in
                try numbers(call) { (x, y) throws(IglooError) in
                    swaps ? try swapDistance(x, y) : try distance(x, y)
                }
            }
        case "hamming":
            return { (call) throws(IglooError) in
                try numbers(call) { (x, y) throws(IglooError) in
                    guard x.count == y.count else {
                        throw Faults.invalid("hamming needs texts of the same length")
                    }
                    var count: Int64 = 0
                    for (a, b) in zip(x, y) where a != b { count += 1 }
                    return count
                }
            }
        case "jaro_similarity":
            return { (call) throws(IglooError) in doubles(call) { jaro($0, $1) } }
        case "jaro_winkler_similarity":
            return { (call) throws(IglooError) in
                doubles(call) { x, y in
                    let similarity = jaro(x, y)
                    if similarity <= 0.7 { return similarity }
                    let common = zip(x, y).prefix(4).prefix { $0 == $1 }.count
                    return similarity + Double(common) * 0.1 * (1 - similarity)
                }
            }
        default: return nil
        }
    }

    private typealias Characters = [Unicode.Scalar]

    private static func numbers(
        _ call: KernelCall, _ body: (Characters, Characters) throws(IglooError) -> Int64
    ) throws(IglooError) -> ArrayData {
        let (left, right) = (ViewReader(call.arguments[0]), ViewReader(call.arguments[1]))
        var builder = PrimitiveBuilder<Int64>(.int64, zero: 0)
        for row in 0..<call.count {
            if call.isValid(row) {
                builder.append(
                    try body(
                        Array(UTF8Bytes.scalars(left[row])), Array(UTF8Bytes.scalars(right[row]))))
            } else {
                builder.appendNull()
            }
        }
        return builder.finish()
    }

    private static func doubles(
        _ call: KernelCall, _ body: (Characters, Characters) -> Double
    ) -> ArrayData {
        let (left, right) = (ViewReader(call.arguments[0]), ViewReader(call.arguments[1]))
        var builder = PrimitiveBuilder<Double>(.float64, zero: 0)
        for row in 0..<call.count {
            if call.isValid(row) {
                builder.append(
                    body(Array(UTF8Bytes.scalars(left[row])), Array(UTF8Bytes.scalars(right[row]))))
            } else {
                builder.appendNull()
            }
        }
        return builder.finish()
    }

    /// Two rows of the table of distances between beginnings of both.
    private static func distance(
        _ x: Characters, _ y: Characters
    ) throws(IglooError) -> Int64 {
        try checkSize(x, y, cellCountMax)
        var last = Array(0...y.count)
        var row = last
        for i in 0..<x.count {
            row[0] = i + 1
            for j in 0..<y.count {
                let cost = x[i] == y[j] ? 0 : 1
                row[j + 1] = min(last[j + 1] + 1, row[j] + 1, last[j] + cost)
            }
            swap(&row, &last)
        }
        return Int64(last[y.count])
    }

    private static func checkSize(
        _ x: Characters, _ y: Characters, _ countMax: Int
    ) throws(IglooError) {
        let (cells, overflow) = x.count.multipliedReportingOverflow(by: y.count)
        guard !overflow, cells <= countMax else {
            throw Faults.invalid("the texts are too long to be compared")
        }
    }

    /// Characters that changed places count once, also where others were put between them, so that
    /// the whole table is kept.
    ///
    /// - Source: R. Lowrance, R. Wagner, "An Extension of the String-to-String Correction
    ///   Problem", 1975.
    private static func swapDistance(
        _ x: Characters, _ y: Characters
    ) throws(IglooError) -> Int64 {
        try checkSize(x, y, tableCellCountMax)
        let width = y.count + 1
        var table = [Int32](repeating: 0, count: (x.count + 1) * width)
        for i in 0...x.count { table[i * width] = Int32(i) }
        for j in 0...y.count { table[j] = Int32(j) }
        var lastRow: [Unicode.Scalar: Int] = [:]
        for i in 1..<max(x.count + 1, 1) {
            var lastColumn = 0
            for j in 1..<max(y.count + 1, 1) {
                let isSame = x[i - 1] == y[j - 1]
                var best = min(
                    table[(i - 1) * width + j - 1] + (isSame ? 0 : 1),
                    table[(i - 1) * width + j] + 1, table[i * width + j - 1] + 1)
                if let row = lastRow[y[j - 1]], lastColumn > 0 {
                    let between = Int32(i - row - 1 + j - lastColumn - 1)
                    let swapped = table[(row - 1) * width + lastColumn - 1] + between + 1
                    best = min(best, swapped)
                }
                table[i * width + j] = best
                if isSame { lastColumn = j }
            }
            lastRow[x[i - 1]] = i
        }
        return Int64(table[x.count * width + y.count])
    }

    private static func jaro(_ x: Characters, _ y: Characters) -> Double {
        if x.isEmpty && y.isEmpty { return 1 }
        let reach = max(max(x.count, y.count) / 2 - 1, 0)
        var isTaken = [Bool](repeating: false, count: y.count)
        var matches: Characters = []
        for (i, scalar) in x.enumerated() {
            let low = max(i - reach, 0)
            let high = min(i + reach + 1, y.count)
            guard low < high, let j = (low..<high).first(where: { !isTaken[$0] && y[$0] == scalar })
            else { continue }
            isTaken[j] = true
            matches.append(scalar)
        }
        if matches.isEmpty { return 0 }
        let others = y.indices.filter { isTaken[$0] }.map { y[$0] }
        let swapped = Double(zip(matches, others).count { $0 != $1 }) / 2
        let m = Double(matches.count)
        return (m / Double(x.count) + m / Double(y.count) + (m - swapped) / m) / 3
    }
}
