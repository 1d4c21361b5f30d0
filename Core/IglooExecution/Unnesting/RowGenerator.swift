// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Makes a column's values for one row after another: the elements of a list, a series.
///
/// Values gather until they are taken, so that many short lists make one batch.
class RowGenerator {
    /// Begins with the values of a row.
    func open(_ row: Int) throws(IglooError) {}

    /// Adds the next values of the open row; fewer than `countMax` when there are no more.
    func produce(_ countMax: Int) throws(IglooError) -> Int { 0 }

    /// Adds NULLs: other columns of the row have more values.
    func pad(_ count: Int) {}

    /// The values added since the last call.
    func take() throws(IglooError) -> ArrayData { preconditionFailure("a generator of nothing") }

    /// - Parameter columns: the source's expressions over a batch.
    static func make(
        _ source: Unnest.Generator.Source, _ columns: [ArrayData], _ context: EvaluationContext
    ) throws(IglooError) -> RowGenerator {
        switch source {
        case .elements: return ListElements(columns[0])
        case .series(_, _, _, let isInclusive):
            guard case .timestamp(_, let zone) = source.startType else {
                return NumberSeries(columns, isInclusive: isInclusive)
            }
            let rules = try DateParts.zoneRules(zone, context)
            return TimeSeries(columns, isInclusive: isInclusive, rules)
        }
    }
}

/// The elements of lists.
private final class ListElements: RowGenerator {
    private let reader: ListReader
    private var open: Range<Int> = 0..<0
    private var places: [UInt32] = []

    init(_ lists: ArrayData) { reader = ListReader(Vector(lists)) }

    override func open(_ row: Int) { open = reader[row] }

    override func produce(_ countMax: Int) -> Int {
        let count = min(countMax, open.count)
        let end = open.lowerBound + count
        var place = open.lowerBound
        while place < end {
            places.append(UInt32(truncatingIfNeeded: place))
            place &+= 1
        }
        open = end..<open.upperBound
        return count
    }

    override func pad(_ count: Int) {
        places.append(contentsOf: repeatElement(missingIndex, count: count))
    }

    override func take() throws(IglooError) -> ArrayData {
        defer { places.removeAll(keepingCapacity: true) }
        let result = places.withUnsafeBufferPointer { buffer in
            Result { () throws(IglooError) in
                guard let base = buffer.baseAddress else { return reader.items.slice(0, count: 0) }
                return try gatherOrNull(reader.items, indexes: base, count: buffer.count)
            }
        }
        return try result.get()
    }
}

extension Unnest.Generator.Source {
    fileprivate var startType: DataType? {
        if case .series(let start, _, _, _) = self { start.type } else { nil }
    }
}
