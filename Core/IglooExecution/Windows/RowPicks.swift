// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Functions whose value is that of another row: lag, lead, first, last and nth_value.
enum RowPicks {
    /// The rows that count: all, or with IGNORE NULLS those with a value.
    private struct Counted {
        /// `nil`: all rows.
        private var places: [Int]?
        /// How many count before each row.
        private var before: [Int] = []

        init(_ column: ArrayData, ignoresNulls: Bool) {
            guard ignoresNulls, column.nullCount > 0 else { return }
            var places: [Int] = []
            for row in 0..<column.count {
                before.append(places.count)
                if !column.isNull(row) { places.append(row) }
            }
            before.append(places.count)
            self.places = places
        }

        /// A row's number among those that count, or that of the next one.
        @inline(__always)
        func number(_ row: Int) -> Int { places == nil ? row : before[row] }

        @inline(__always)
        func row(_ number: Int) -> Int { places.map { $0[number] } ?? number }
    }

    // MARK: - lag and lead

    static func neighbours(
        _ call: WindowLayout.Call, _ rows: WindowRows
    ) throws(IglooError) -> ArrayData {
        var column = try rows.column(call.arguments[0])
        let counted = Counted(column, ignoresNulls: call.call.ignoresNulls)
        let offsets =
            call.arguments.count > 1 ? try rows.column(call.arguments[1]) : nil
        let hasDefault = call.arguments.count > 2
        if hasDefault {
            column = try Vectors.concatenate([column, try rows.column(call.arguments[2])])
        }
        let sign = call.call.function.function == "lag" ? -1 : 1
        var picks: [UInt32] = []
        picks.reserveCapacity(rows.rowCount)
        for row in 0..<rows.rowCount {
            var offset = 1
            if let offsets {
                if offsets.isNull(row) {
                    picks.append(missingIndex)
                    continue
                }
                // No partition is longer.
                offset = Int(
                    min(max(offsets.values(as: Int64.self)[row], -(1 << 40)), 1 << 40))
            }
            if let found = neighbour(row, offset * sign, counted, rows) {
                picks.append(UInt32(found))
            } else {
                picks.append(hasDefault ? UInt32(rows.rowCount + row) : missingIndex)
            }
        }
        return try picked(column, picks)
    }

    /// The row `offset` counted rows away, in the same partition.
    private static func neighbour(
        _ row: Int, _ offset: Int, _ counted: Counted, _ rows: WindowRows
    ) -> Int? {
        if offset == 0 { return row }
        let first = counted.number(rows.partitionStart[row])
        let end = counted.number(rows.partitionEnd[row])
        // Behind a row that does not count itself, the next one has its number.
        let here = counted.number(row)
        let countsItself = counted.number(row + 1) > here
        let wanted = here + offset - (offset > 0 && !countsItself ? 1 : 0)
        return wanted >= first && wanted < end ? counted.row(wanted) : nil
    }

    // MARK: - first, last, nth_value

    static func framed(
        _ call: WindowLayout.Call, _ rows: WindowRows
    ) throws(IglooError) -> ArrayData {
        let column = try rows.column(call.arguments[0])
        let function = call.call.function.function
        let counted = Counted(
            column, ignoresNulls: call.call.ignoresNulls || function == "any_value")
        let bounds = try FrameBounds(call, over: rows)
        let places = function == "nth_value" ? try rows.column(call.arguments[1]) : nil
        var picks: [UInt32] = []
        picks.reserveCapacity(rows.rowCount)
        for row in 0..<rows.rowCount {
            var wanted: Int? = 1
            if let places { wanted = try Self.place(places, row) }
            guard let wanted else {
                picks.append(missingIndex)
                continue
            }
            let found = nth(wanted, isFromEnd: function == "last", bounds.pieces(row), counted)
            picks.append(found.map { UInt32($0) } ?? missingIndex)
        }
        return try picked(column, picks)
    }

    private static func place(_ places: ArrayData, _ row: Int) throws(IglooError) -> Int? {
        if places.isNull(row) { return nil }
        let place = places.values(as: Int64.self)[row]
        guard place > 0 else {
            throw IglooError(
                .invalidArgument, "argument of nth_value must be greater than zero",
                sqlState: SQLState(rawValue: "22016"))
        }
        return Int(min(place, 1 << 40))
    }

    private static func nth(
        _ place: Int, isFromEnd: Bool, _ pieces: (Range<Int>, Range<Int>, Range<Int>),
        _ counted: Counted
    ) -> Int? {
        var rest = place
        let ordered =
            isFromEnd ? [pieces.2, pieces.1, pieces.0] : [pieces.0, pieces.1, pieces.2]
        for piece in ordered where !piece.isEmpty {
            let first = counted.number(piece.lowerBound)
            let end = counted.number(piece.upperBound)
            if rest <= end - first {
                return counted.row(isFromEnd ? end - rest : first + rest - 1)
            }
            rest -= end - first
        }
        return nil
    }

    private static func picked(
        _ column: ArrayData, _ picks: [UInt32]
    ) throws(IglooError) -> ArrayData {
        let result = picks.withUnsafeBufferPointer { buffer in
            Result { () throws(IglooError) in
                guard let base = buffer.baseAddress else { return column.slice(0, count: 0) }
                return try gatherOrNull(column, indexes: base, count: buffer.count)
            }
        }
        return try result.get()
    }
}
