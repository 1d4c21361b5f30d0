// SPDX-License-Identifier: MIT

import IglooArrow
import IglooFiles

/// Types in messages: as declared, and what that is read as.
enum SQLiteTypeName {
    static func name(_ column: SQLiteColumn) -> String {
        let read = column.type == .binaryView ? "BLOB" : SQLTypeName.name(column.type)
        if column.declared.isEmpty || column.declared.uppercased() == read { return read }
        return "\(read) (declared \(column.declared))"
    }
}
