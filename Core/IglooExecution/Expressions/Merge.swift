// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Puts one vector together from parts, each of which has the values of some of the rows.
struct Merge {
    private let type: DataType
    private let count: Int
    private var parts: [ArrayData] = []
    private var total = 0
    /// Where in the concatenated parts each row's value stands.
    private var places: [UInt32]
    /// The part that makes up the whole, if one does.
    private var whole: Vector?

    init(type: DataType, count: Int) {
        self.type = type
        self.count = count
        places = [UInt32](repeating: 0, count: count)
    }

    /// `rows` are ascending; `values` has one for each of them, or one for all.
    mutating func add(_ values: Vector, at rows: [UInt32]) {
        if rows.count == count {
            whole = values
            return
        }
        let base = UInt32(truncatingIfNeeded: total)
        let step = UInt32(truncatingIfNeeded: values.step)
        rows.withUnsafeBufferPointer { rows in
            places.withUnsafeMutableBufferPointer { places in
                var i = 0
                while i < rows.count {
                    places[Int(rows[i])] = base &+ UInt32(truncatingIfNeeded: i) &* step
                    i &+= 1
                }
            }
        }
        parts.append(values.array)
        total += values.array.count
    }

    func finish() throws(IglooError) -> Vector {
        if let whole { return whole }
        guard !parts.isEmpty else { return Vector(try .nulls(type, count: 0)) }
        var typed: [ArrayData] = []
        for part in parts {
            typed.append(part.type == .null ? try .nulls(type, count: part.count) : part)
        }
        return Vector(try gather(concatenate(typed), indexes: places))
    }
}
