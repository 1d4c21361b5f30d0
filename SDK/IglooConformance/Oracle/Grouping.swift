// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Groups and aggregates, the plain way.
enum Grouping {
    /// Group keys, then aggregates. Without keys there is one group, also of no rows.
    static func rows(
        _ rows: [Row], by keys: [PushdownExpression], _ aggregates: [PushdownAggregate]
    ) -> [Row] {
        var order: [Row] = []
        var groups: [Row: (key: Row, rows: [Row])] = [:]
        for row in rows {
            let key = keys.map { Oracle.value($0, row) }
            let canonical = RowComparison.key(key)
            if groups[canonical] == nil { order.append(canonical) }
            groups[canonical, default: (key, [])].rows.append(row)
        }
        if keys.isEmpty && rows.isEmpty { return [aggregates.map { value($0, []) }] }
        return order.map { key in
            let group = groups[key]!
            return group.key + aggregates.map { value($0, group.rows) }
        }
    }

    private static func value(_ aggregate: PushdownAggregate, _ rows: [Row]) -> Scalar {
        let rows = rows.filter { row in
            aggregate.filter.map { Oracle.holds($0, row) == true } ?? true
        }
        guard let argument = aggregate.arguments.first else { return .int(Int64(rows.count)) }
        var values = rows.map { Oracle.value(argument, $0) }.filter { !$0.isNull }
        if aggregate.isDistinct {
            var seen: Set<Scalar> = []
            values = values.filter { seen.insert(RowComparison.canonical($0)).inserted }
        }
        switch aggregate.function {
        case .countRows, .count: return .int(Int64(values.count))
        case .sum: return sum(values, aggregate.type)
        case .minimum: return values.min { Oracle.compare($0, $1) < 0 } ?? .null
        case .maximum: return values.max { Oracle.compare($0, $1) < 0 } ?? .null
        case .boolAnd: return values.isEmpty ? .null : .bool(!values.contains(.bool(false)))
        case .boolOr: return values.isEmpty ? .null : .bool(values.contains(.bool(true)))
        }
    }

    private static func sum(_ values: [Scalar], _ type: DataType) -> Scalar {
        if values.isEmpty { return .null }
        if type.isFloat {
            return .float(
                values.reduce(0) { sum, value in
                    if case .float(let number) = value { sum + number } else { sum }
                })
        }
        let total = values.reduce(Int256.zero) { sum, value in
            sum.addingReportingOverflow(value.wholeNumber ?? .zero).value
        }
        guard let narrow = total.narrowed else {
            return .wideDecimal(high: total.high, low: total.low)
        }
        return type.isDecimal ? .decimal(narrow) : .int(Int64(truncatingIfNeeded: narrow))
    }

    /// Merges partial groups: keys first, then the aggregates' partial values.
    static func merged(
        _ rows: [Row], keyCount: Int, _ aggregates: [PushdownAggregate]
    ) -> [Row] {
        let keys = (0..<keyCount).map { PushdownExpression.column($0, .null) }
        let merging = aggregates.enumerated().map { index, aggregate in
            let column = PushdownExpression.column(keyCount + index, aggregate.type)
            let isCount = [.count, .countRows].contains(aggregate.function)
            return PushdownAggregate(
                isCount ? .sum : aggregate.function, [column], type: aggregate.type)
        }
        return self.rows(rows, by: keys, merging).map { row in
            row.enumerated().map { index, value in
                // The sum of no counts is none.
                let isCount =
                    index >= keyCount
                    && [.count, .countRows].contains(aggregates[index - keyCount].function)
                return isCount && value.isNull ? .int(0) : value
            }
        }
    }
}
