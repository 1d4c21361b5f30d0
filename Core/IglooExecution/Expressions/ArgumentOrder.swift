// SPDX-License-Identifier: MIT

/// The order in which the arguments of AND or OR are evaluated: first those that decide the most
/// rows for the time they take, as far as that was seen.
///
/// Arguments keep their places from the first one on that can fail or is not the same each time.
struct ArgumentOrder {
    private struct Observed {
        var nanoseconds = 0.0
        var rowCount = 0.0
        var decidedCount = 0.0

        /// Of a row.
        var cost: Double { rowCount > 0 ? nanoseconds / rowCount : 0 }
        /// Less is better.
        var rank: Double { rowCount > 0 ? nanoseconds / (decidedCount + 0.01 * rowCount) : 0 }
    }

    private(set) var places: [Int]
    private let movableCount: Int
    private var observed: [Observed]
    private var batchCount = 0
    private static let rearrangingBatchCount = 16
    /// What it takes to pick a row out and put its result back.
    private static let pickingNanoseconds = 5.0

    init(_ arguments: [ExpressionNode]) {
        places = Array(arguments.indices)
        observed = Array(repeating: Observed(), count: arguments.count)
        movableCount = arguments.prefix { !$0.canFail && !$0.isVolatile }.count
    }

    /// Whether there is anything to choose.
    var isOpen: Bool { movableCount > 0 && places.count > 1 }

    /// Whether an argument is better evaluated for the rows alone that are not decided.
    func isPicking(_ place: Int, openCount: Int, of rowCount: Int) -> Bool {
        let cost = observed[place].cost
        return Double(openCount) * (cost + Self.pickingNanoseconds) < Double(rowCount) * cost
    }

    mutating func note(_ place: Int, nanoseconds: Int64, rowCount: Int, decidedCount: Int) {
        observed[place].nanoseconds += Double(nanoseconds)
        observed[place].rowCount += Double(rowCount)
        observed[place].decidedCount += Double(decidedCount)
    }

    /// Called once a batch.
    mutating func rearrange() {
        batchCount += 1
        guard movableCount > 1, batchCount % Self.rearrangingBatchCount == 0 else { return }
        let observed = observed
        places[..<movableCount].sort { observed[$0].rank < observed[$1].rank }
        // What was long ago counts for less.
        for place in places.indices {
            self.observed[place].nanoseconds /= 2
            self.observed[place].rowCount /= 2
            self.observed[place].decidedCount /= 2
        }
    }
}
