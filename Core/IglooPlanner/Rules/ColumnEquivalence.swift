// SPDX-License-Identifier: MIT

import IglooArrow
import IglooPlan

/// Columns that inner joins make equal: from `a = b` and `b = c` follows `a = c`, so that one
/// equality for each class and join says all of them.
struct ColumnEquivalence {
    private(set) var classes: [[Expression]] = []

    /// - Parameters:
    ///   - conjuncts: loses the equalities that the classes say.
    ///   - owned: the columns of the joined inputs; equalities with others stay conditions.
    init(taking conjuncts: inout [Expression], among owned: Set<ColumnId>) {
        var places: [ColumnId: Int] = [:]
        conjuncts.removeAll { conjunct in
            guard case .call("=", let sides, _) = conjunct,
                case .column(let first, let type) = sides[0],
                case .column(let second, type) = sides[1], first != second,
                owned.contains(first), owned.contains(second)
            else { return false }
            switch (places[first], places[second]) {
            case (nil, nil):
                (places[first], places[second]) = (classes.count, classes.count)
                classes.append(sides)
            case (let place?, nil):
                places[second] = place
                classes[place].append(sides[1])
            case (nil, let place?):
                places[first] = place
                classes[place].append(sides[0])
            case (let place?, let other?) where place != other:
                for case .column(let id, _) in classes[other] { places[id] = place }
                classes[place] += classes[other]
                classes[other] = []
            default: break
            }
            return true
        }
        classes.removeAll(where: \.isEmpty)
    }
}
