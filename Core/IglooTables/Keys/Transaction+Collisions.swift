// SPDX-License-Identifier: MIT

import IglooArrow
public import IglooContracts
import IglooPlan

/// What keeps a proposed row from being inserted.
public enum Collision: Hashable, Sendable {
    case none
    /// A row of the table, by its number.
    case row(Int64)
    /// An earlier proposed row, by its place.
    case proposed(Int)
}

extension Transaction {
    /// For each proposed row, what has the same values in one of the keys. Proposed rows that
    /// collide themselves stand in nobody's way.
    ///
    /// - Parameter keys: positions among the definition's keys.
    /// - Throws: 40001 for a row that was committed after this transaction began.
    public func collisions(
        of part: NewRows, in id: Int, keys positions: [Int]
    ) throws(IglooError) -> [Collision] {
        guard let table = database.tables[id] else { throw Self.gone() }
        var keys = positions.map { ProposedKeys(self, table, $0, part) }
        var found = [Collision](repeating: .none, count: part.count)
        for row in 0..<part.count {
            for key in keys where found[row] == .none { found[row] = try key.collision(row) }
            if found[row] == .none {
                for index in keys.indices { keys[index].add(row) }
            }
        }
        return found
    }

    /// Rows of a table by their numbers, each of which this transaction sees.
    public func rows(_ numbers: [Int64], of id: Int) throws(IglooError) -> NewRows {
        guard let table = database.tables[id] else { throw Self.gone() }
        // Chunk by chunk, then into the order asked for.
        let order = numbers.indices.sorted { numbers[$0] < numbers[$1] }
        var parts = [[ArrayData]](repeating: [], count: table.definition.columns.count)
        var start = 0
        while start < order.count {
            guard let chunk = table.data.chunk(of: numbers[order[start]]) else {
                throw Self.gone()
            }
            let end = order[start...].firstIndex { !chunk.rows.contains(numbers[$0]) }
            let places = order[start..<(end ?? order.count)].map {
                Int(numbers[$0] - chunk.firstRow)
            }
            for (column, array) in chunk.columns.enumerated() {
                parts[column].append(try array.taking(places))
            }
            start = end ?? order.count
        }
        var ranks = [Int](repeating: 0, count: order.count)
        for (rank, index) in order.enumerated() { ranks[index] = rank }
        var columns: [ArrayData] = []
        for part in parts { columns.append(try ArrayData.joined(part).taking(ranks)) }
        return NewRows(columns: columns, count: numbers.count)
    }
}

/// Proposed rows by one key, as far as they were looked at.
private struct ProposedKeys {
    private let probe: KeyProbe
    private let values: [ArrayData]
    private let hashes: [UInt64?]
    private var places: [UInt64: [Int]] = [:]

    init(_ transaction: Transaction, _ table: Table, _ position: Int, _ part: NewRows) {
        probe = KeyProbe(transaction, table, position)
        values = table.definition.keys[position].columns.map { part.columns[$0] }
        hashes = KeyHash.hashes(of: values, count: part.count)
    }

    func collision(_ row: Int) throws(IglooError) -> Collision {
        guard let hash = hashes[row] else { return .none }
        if let place = probe.find(hash, values, row) {
            guard place.isVisible else {
                throw MemoryStore.conflict("could not serialize access due to concurrent insert")
            }
            return .row(place.row)
        }
        let earlier = places[hash]?.first { KeyHash.areEqual(values, $0, values, row) }
        return earlier.map { .proposed($0) } ?? .none
    }

    mutating func add(_ row: Int) {
        if let hash = hashes[row] { places[hash, default: []].append(row) }
    }
}

extension ArrayData {
    fileprivate func taking(_ places: [Int]) throws(IglooError) -> ArrayData {
        do throws(ArrowError) {
            return try take(places)
        } catch {
            throw IglooError(error)
        }
    }
}
