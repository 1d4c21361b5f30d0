// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// `fill`: NULLs become what lies on the line between their neighbours.
enum Interpolation {
    static func fill(
        _ call: WindowLayout.Call, _ rows: WindowRows
    ) throws(IglooError) -> ArrayData {
        let column = try rows.column(call.arguments[0])
        guard column.nullCount > 0 else { return column }
        let keys = Line(try rows.column(call.arguments[1]))
        let values = Line(column)
        let anchors = (0..<rows.rowCount).filter { keys.has($0) && values.has($0) }
        var filled = [Double?](repeating: nil, count: rows.rowCount)
        var next = 0
        for row in 0..<rows.rowCount {
            while next < anchors.count, anchors[next] < row { next += 1 }
            guard column.isNull(row), keys.has(row) else { continue }
            let partition = rows.partitionStart[row]..<rows.partitionEnd[row]
            let near = (next - 2...next + 1).compactMap { place in
                anchors.indices.contains(place) && partition.contains(anchors[place])
                    ? anchors[place] : nil
            }
            guard let (left, right) = neighbours(of: row, among: near) else { continue }
            let share = keys.share(row, from: left, to: right)
            filled[row] = values.value(at: share, from: left, to: right)
        }
        return try values.replaced(filled)
    }

    /// The nearest on either side; at an end the two nearest.
    private static func neighbours(of row: Int, among near: [Int]) -> (Int, Int)? {
        let (before, after) = (near.filter { $0 < row }, near.filter { $0 > row })
        if let left = before.last, let right = after.first { return (left, right) }
        guard let nearest = before.last ?? after.first else { return nil }
        let other = before.isEmpty ? after.dropFirst().first : before.dropLast().last
        return (nearest, other ?? nearest)
    }
}

/// The values of a column as points of a line.
private struct Line {
    private let column: ArrayData

    init(_ column: ArrayData) { self.column = column }

    /// Whether there is a finite value.
    func has(_ row: Int) -> Bool {
        switch column.type {
        case _ where column.isNull(row): false
        case .float32: column.values(as: Float.self)[row].isFinite
        case .float64: column.values(as: Double.self)[row].isFinite
        case .date32: InfiniteMoments.sign(column.values(as: Int32.self)[row]) == 0
        case .timestamp: InfiniteMoments.sign(column.values(as: Int64.self)[row]) == 0
        default: true
        }
    }

    private var isFloat: Bool { column.type == .float32 || column.type == .float64 }

    private func float(_ row: Int) -> Double {
        column.type == .float32
            ? Double(column.values(as: Float.self)[row]) : column.values(as: Double.self)[row]
    }

    private func integer(_ row: Int) -> Int128 {
        switch column.type {
        case .int8: Int128(column.values(as: Int8.self)[row])
        case .int16: Int128(column.values(as: Int16.self)[row])
        case .int32, .date32: Int128(column.values(as: Int32.self)[row])
        case .uint8: Int128(column.values(as: UInt8.self)[row])
        case .uint16: Int128(column.values(as: UInt16.self)[row])
        case .uint32: Int128(column.values(as: UInt32.self)[row])
        case .uint64: Int128(column.values(as: UInt64.self)[row])
        default: Int128(column.values(as: Int64.self)[row])
        }
    }

    /// How far a row is on the way from one to another: 0 to 1 between them.
    func share(_ row: Int, from left: Int, to right: Int) -> Double {
        // Halves, for the distance may be greater than any number.
        let (way, whole) =
            isFloat
            ? (
                float(row) / 2 - float(left) / 2, float(right) / 2 - float(left) / 2
            )
            : (Double(integer(row) - integer(left)), Double(integer(right) - integer(left)))
        return whole == 0 ? 0 : way / whole
    }

    /// The point so far on the way, from the left one on where that is a whole number.
    func value(at share: Double, from left: Int, to right: Int) -> Double {
        if isFloat { return float(left) * (1 - share) + float(right) * share }
        let distance = Double(integer(right) - integer(left))
        return Double(integer(left)) + (share * distance).rounded()
    }

    /// The column with values in place of its NULLs.
    func replaced(_ filled: [Double?]) throws(IglooError) -> ArrayData {
        var values: [Scalar] = []
        values.reserveCapacity(column.count)
        for (row, value) in filled.enumerated() {
            guard let value else {
                values.append(column.scalar(at: row))
                continue
            }
            if isFloat {
                values.append(.float(value))
            } else if let whole = Int64(exactly: value) {
                values.append(.int(whole))
            } else {
                throw Faults.outOfRange(column.type)
            }
        }
        return try arrow { () throws(ArrowError) in
            let builder = ArrayBuilder(column.type)
            for value in values { try builder.append(value) }
            return builder.finish()
        }
    }
}
