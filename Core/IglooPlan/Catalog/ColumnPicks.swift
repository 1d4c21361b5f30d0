// SPDX-License-Identifier: MIT

import IglooContracts

/// The columns of a scan as the handle of its plan, four bytes a column.
enum ColumnPicks {
    static func handle(_ columns: [Int]) -> [UInt8] {
        columns.flatMap { column in (0..<4).map { UInt8(truncatingIfNeeded: column >> ($0 * 8)) } }
    }

    /// - Parameter count: the table's columns.
    static func columns(_ handle: [UInt8], of count: Int) throws(IglooError) -> [Int] {
        let columns = stride(from: 0, to: handle.count - handle.count % 4, by: 4).map { start in
            (0..<4).reduce(0) { $0 | Int(handle[start + $1]) << ($1 * 8) }
        }
        return try checked(columns, of: count)
    }

    static func checked(_ columns: [Int], of count: Int) throws(IglooError) -> [Int] {
        guard columns.allSatisfy((0..<count).contains) else {
            throw IglooError(.invalidArgument, "a column is beyond the table's")
        }
        return columns
    }
}
