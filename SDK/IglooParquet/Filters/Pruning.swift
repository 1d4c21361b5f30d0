// SPDX-License-Identifier: MIT

extension RowFilter {
    /// Whether a row for which the filter is TRUE may be among those of the given bounds.
    func mayMatch(_ bounds: (Int) -> ColumnBounds?) -> Bool {
        switch self {
        case .constant(let value): return value
        case .all(let filters): return filters.allSatisfy { $0.mayMatch(bounds) }
        case .any(let filters): return filters.contains { $0.mayMatch(bounds) }
        case .isNull(let column, let isNegated):
            guard let bounds = bounds(column) else { return true }
            return isNegated ? !bounds.isAllNull : bounds.nullCount != 0
        case .compare(let column, let operation, let value):
            return bounds(column)?.mayHold(operation, value) ?? true
        case .isIn(let column, let values, let isNegated):
            guard let bounds = bounds(column) else { return true }
            if isNegated { return !bounds.isAllNull }
            return values.contains { bounds.mayHold(.equal, $0) }
        case .hasPrefix(let column, let prefix, let isNegated):
            guard let bounds = bounds(column) else { return true }
            return isNegated ? !bounds.isAllNull : bounds.mayHold(prefix: prefix)
        case .like(let column, let pieces, let isNegated):
            guard let bounds = bounds(column) else { return true }
            return isNegated ? !bounds.isAllNull : bounds.mayHold(prefix: pieces.prefix)
        case .isNeeded(let column, let test):
            return bounds(column).map { test.mayMatch($0) } ?? true
        }
    }

    /// The columns and literals of which one must be equal for the filter to be TRUE: what Bloom
    /// filters are asked.
    func equalities() -> [(column: Int, values: [FilterValue])] {
        switch self {
        case .all(let filters): filters.flatMap { $0.equalities() }
        case .compare(let column, .equal, let value): [(column, [value])]
        case .isIn(let column, let values, isNegated: false): [(column, values)]
        case .isNeeded(let column, let test): test.values.map { [(column, $0)] } ?? []
        default: []
        }
    }
}

extension ColumnBounds {
    func mayHold(_ operation: FilterOperation, _ value: FilterValue) -> Bool {
        if isAllNull { return false }
        if case .float(let literal) = value, literal.isNaN {
            // Bounds know nothing of NaN; all but NaN is less.
            return operation != .greater
        }
        switch operation {
        case .equal:
            if let minimum, value.compared(minimum) < 0 { return false }
            if let maximum, value.compared(maximum) > 0 { return false }
            return true
        case .notEqual:
            guard !isFloat, let minimum, let maximum else { return true }
            return minimum.compared(value) != 0 || maximum.compared(value) != 0
        case .less: return minimum.map { $0.compared(value) < 0 } ?? true
        case .lessOrEqual: return minimum.map { $0.compared(value) <= 0 } ?? true
        // NaN is greater than any bound.
        case .greater: return isFloat || (maximum.map { $0.compared(value) > 0 } ?? true)
        case .greaterOrEqual: return isFloat || (maximum.map { $0.compared(value) >= 0 } ?? true)
        }
    }

    func mayHold(prefix: [UInt8]) -> Bool {
        if isAllNull { return false }
        if case .bytes(let maximum)? = maximum, maximum.lexicographicallyPrecedes(prefix) {
            return false
        }
        // All that begin with the prefix are less than a minimum whose own beginning is greater.
        if case .bytes(let minimum)? = minimum,
            prefix.lexicographicallyPrecedes(minimum.prefix(prefix.count))
        {
            return false
        }
        return true
    }
}
