// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Orders, the plain way.
struct Ordering {
    let keys: [PushdownSort]

    /// Whether `left` must stand before `right`.
    func precedes(_ left: Row, _ right: Row) -> Bool { compare(left, right) < 0 }

    func compare(_ left: Row, _ right: Row) -> Int {
        for key in keys {
            let a = Oracle.value(key.expression, left)
            let b = Oracle.value(key.expression, right)
            if a.isNull || b.isNull {
                if a.isNull && b.isNull { continue }
                return a.isNull == key.nullsFirst ? -1 : 1
            }
            let order = Oracle.compare(a, b)
            if order != 0 { return key.isDescending ? -order : order }
        }
        return 0
    }

    func sorted(_ rows: [Row]) -> [Row] {
        keys.isEmpty
            ? rows
            : rows.enumerated().sorted {
                let order = compare($0.element, $1.element)
                return order == 0 ? $0.offset < $1.offset : order < 0
            }.map(\.element)
    }

    /// The first row that stands after one that it must precede.
    func disorder(_ rows: [Row]) -> Int? {
        zip(rows, rows.dropFirst()).enumerated().first { compare($0.element.0, $0.element.1) > 0 }?
            .offset
    }
}
