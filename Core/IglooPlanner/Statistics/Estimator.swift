// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Guesses row counts: good enough to tell small from large.
///
/// - Source: P. Selinger et al., "Access Path Selection in a Relational Database", 1979.
final class Estimator {
    private let statistics: StatisticsCache
    private var columns: [ColumnId: Column] = [:]
    static let unknownRowCount = 100_000.0

    /// What is known of a column of the plan.
    struct Column {
        var distinctCount: Double?
        var minimum: Double?
        var maximum: Double?
    }

    init(_ statistics: StatisticsCache) { self.statistics = statistics }

    func rowCount(_ plan: LogicalPlan) -> Double {
        switch plan {
        case .scan(let scan): return self.scan(scan)
        case .values(let rows, _): return Double(rows.count)
        case .filter(let input, let predicate):
            let rows = rowCount(input)
            return max(1, rows * selectivity(predicate))
        case .project(let input, let projections):
            let rows = rowCount(input)
            for projection in projections {
                if case .column(let id, _) = projection.expression {
                    columns[projection.column.id] = columns[id]
                }
            }
            return rows
        case .sort(let input, _): return rowCount(input)
        case .window(let window): return rowCount(window.input)
        case .operation(let operation):
            return max(1, operation.inputs.reduce(0) { $0 + rowCount($1) })
        case .unnest(let unnest):
            let each = unnest.generators.map { self.elementCount($0.source) }.max() ?? 1
            return max(1, rowCount(unnest.input) * each)
        case .shared(let shared):
            statistics.sharedRowCounts[shared.id] = rowCount(shared.definition)
            return rowCount(shared.body)
        case .sharedRead(let read):
            return statistics.sharedRowCounts[read.id] ?? Self.unknownRowCount
        case .recursion(let recursion):
            let base = rowCount(recursion.base)
            statistics.sharedRowCounts[recursion.id] = base
            return base * 10
        case .limit(let input, let count, _):
            return min(rowCount(input), count.map { Double($0) } ?? .infinity)
        case .aggregate(let input, let keys, _):
            let rows = rowCount(input)
            if keys.isEmpty { return 1 }
            var groups = 1.0
            for key in keys {
                groups *= distinctCount(key.expression) ?? max(rows / 10, 1)
                if case .column(let id, _) = key.expression {
                    columns[key.column.id] = columns[id]
                }
            }
            return min(groups, rows)
        case .distinct(let input, _, _): return max(1, rowCount(input) / 2)
        case .join(let join): return self.join(join)
        case .setOperation(let operation):
            let left = rowCount(operation.left)
            let right = rowCount(operation.right)
            return operation.kind == .union ? left + right : left
        }
    }

    private func elementCount(_ source: Unnest.Generator.Source) -> Double {
        guard case .series(let start, let stop, let step, _) = source,
            case .literal(let first, _) = start, case .literal(let last, _) = stop,
            case .literal(let distance, _) = step, let first = Self.number(first),
            let last = Self.number(last), let distance = Self.number(distance), distance != 0
        else { return 10 }
        return max(1, (last - first) / distance)
    }

    private func scan(_ scan: Scan) -> Double {
        let known = statistics.statistics(scan.table)
        let rows = known.rowCount ?? Self.unknownRowCount
        for (column, index) in zip(scan.columns, scan.tableColumns) {
            guard let found = known.columns.first(where: { $0.column == index }) else { continue }
            let minimum = found.minimum.flatMap { Self.number($0) }
            let maximum = found.maximum.flatMap { Self.number($0) }
            var distinct = found.distinctCount
            if distinct == nil, let minimum, let maximum,
                column.type.isInteger || column.type == .date32
            {
                distinct = min(rows, maximum - minimum + 1)
            }
            columns[column.id] = Column(
                distinctCount: distinct, minimum: minimum, maximum: maximum)
        }
        return max(rows, 1)
    }

    private func join(_ join: Join) -> Double {
        let left = rowCount(join.left)
        let right = rowCount(join.right)
        let inner = joined(left, right, join.condition.conjuncts)
        switch join.kind {
        case .inner: return inner
        case .left, .single: return max(left, inner)
        case .right: return max(right, inner)
        case .full: return max(left + right, inner)
        case .semi: return max(1, min(left, inner) * 0.5)
        case .anti, .nullAwareAnti: return max(1, left * 0.5)
        case .mark: return left
        }
    }

    /// The size of the join of two inputs by these conditions.
    func joined(_ left: Double, _ right: Double, _ conjuncts: [Expression]) -> Double {
        var factor = 1.0
        var damping = 1.0
        for conjunct in conjuncts {
            guard case .call(let name, let sides, _) = conjunct,
                name == "=" || name == "is_not_distinct_from", sides.count == 2,
                !sides[1].referencedColumns.isEmpty
            else {
                factor *= conjunct.referencedColumns.isEmpty ? 1 : 0.3
                continue
            }
            let distinct = max(
                distinctCount(sides[0]) ?? min(left, right),
                distinctCount(sides[1]) ?? min(left, right), 1)
            factor *= damping == 1 ? 1 / distinct : 1 / distinct.squareRoot()
            damping *= 0.5
        }
        return max(1, left * right * factor)
    }

    func distinctCount(_ expression: Expression) -> Double? {
        switch expression {
        case .column(let id, _): columns[id]?.distinctCount
        case .cast(let operand, _, _): distinctCount(operand)
        default: nil
        }
    }

    func selectivity(_ predicate: Expression) -> Double {
        switch predicate {
        case .literal(let value, _): return value == .bool(true) ? 1 : 0.0001
        case .call("and", let arguments, _):
            return arguments.reduce(1) { $0 * selectivity($1) }
        case .call("or", let arguments, _):
            return min(1, arguments.reduce(0) { $0 + selectivity($1) })
        case .call("not", let arguments, _): return max(0.05, 1 - selectivity(arguments[0]))
        case .call("=", let sides, _):
            return 1 / max(distinctCount(sides[0]) ?? 10, 1)
        case .call("<>", _, _): return 0.9
        case .call(let name, let sides, _) where ["<", "<=", ">", ">="].contains(name):
            return range(name, sides)
        case .call("like", _, _), .call("ilike", _, _): return 0.1
        case .call("is_null", _, _): return 0.05
        case .call("is_not_null", _, _): return 0.95
        case .isIn(let value, let list, let isNegated):
            let share = min(1, Double(list.count) / max(distinctCount(value) ?? 20, 1))
            return isNegated ? max(0.05, 1 - share) : share
        default: return 0.3
        }
    }

    private func range(_ comparison: String, _ sides: [Expression]) -> Double {
        guard case .column(let id, _) = sides[0], case .literal(let value, _) = sides[1],
            let column = columns[id], let minimum = column.minimum,
            let maximum = column.maximum, let bound = Self.number(value), maximum > minimum
        else { return 0.3 }
        let below = min(max((bound - minimum) / (maximum - minimum), 0), 1)
        return max(comparison.hasPrefix("<") ? below : 1 - below, 0.0001)
    }

    private static func number(_ value: Scalar) -> Double? {
        switch value {
        case .int(let value): Double(value)
        case .uint(let value): Double(value)
        case .float(let value): value.isFinite ? value : nil
        case .decimal(let value): Double(value)
        default: nil
        }
    }
}
