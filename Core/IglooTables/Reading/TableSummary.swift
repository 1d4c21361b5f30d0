// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// What the chunks' zones say of a whole table.
enum TableSummary {
    static func statistics(_ table: Table, _ columns: [Int]) -> TableStatistics {
        let chunks = table.data.chunks
        let stored = chunks.reduce(0) { $0 + $1.rowCount }
        // Bounds hold for rows that are deleted, too.
        let isExact = table.data.deleted.isEmpty
        var summaries: [ColumnStatistics] = []
        for column in columns where column < table.definition.columns.count {
            var summary = ColumnStatistics(column: column, isExact: isExact)
            let nulls = chunks.reduce(0) { $0 + $1.zones[column].nullCount }
            if stored > 0 { summary.nullFraction = Double(nulls) / Double(stored) }
            let zones = chunks.filter { $0.zones[column].nullCount < $0.rowCount }
                .map { $0.zones[column] }
            summary.minimum = bound(zones.map(\.minimum)) { $0 < $1 }
            summary.maximum = bound(zones.map(\.maximum)) { $0 > $1 }
            summaries.append(summary)
        }
        return TableStatistics(
            rowCount: Double(table.rowCount), byteCount: Double(table.byteCount), isExact: true,
            columns: summaries)
    }

    private static func bound(
        _ values: [Scalar?], _ precedes: (Number, Number) -> Bool
    ) -> Scalar? {
        var best: (scalar: Scalar, number: Number)?
        for value in values {
            guard let value, let number = Number(value) else { return nil }
            if best.map({ precedes(number, $0.number) }) ?? true { best = (value, number) }
        }
        return best?.scalar
    }

    /// Bounds of one column, which all are of one kind.
    private enum Number: Comparable {
        case whole(Int128)
        case real(Double)

        init?(_ value: Scalar) {
            switch value {
            case .int(let number): self = .whole(Int128(number))
            case .uint(let number): self = .whole(Int128(number))
            case .decimal(let number): self = .whole(number)
            case .float(let number): self = .real(number)
            default: return nil
            }
        }
    }
}
