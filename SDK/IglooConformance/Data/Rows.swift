// SPDX-License-Identifier: MIT

import IglooArrow

/// Rows as batches.
enum Rows {
    static func batch(_ rows: [Row], _ schema: Schema) throws -> RecordBatch {
        var columns: [ArrayData] = []
        for (index, field) in schema.fields.enumerated() {
            let builder = ArrayBuilder(field.type)
            for row in rows { try builder.append(row[index]) }
            columns.append(builder.finish())
        }
        return RecordBatch(schema: schema, columns: columns, rowCount: rows.count)
    }

    /// The same rows, the first of them not at the beginning of its buffers.
    static func shifted(_ rows: [Row], _ schema: Schema) throws -> RecordBatch {
        guard let first = rows.first, let last = rows.last else { return try batch(rows, schema) }
        return try batch([last, first, last] + rows + [first], schema)
            .slice(3, count: rows.count)
    }

    /// The same rows; where they are NULL, the buffers hold one of the column's other values.
    ///
    /// - Parameter offset: which of them: two batches of other offsets differ beneath their NULLs.
    static func littered(_ rows: [Row], _ schema: Schema, _ offset: Int) throws -> RecordBatch {
        var columns: [ArrayData] = []
        for (index, field) in schema.fields.enumerated() {
            let values = rows.map { $0[index] }
            let others = values.filter { !$0.isNull }
            let builder = ArrayBuilder(field.type)
            for (row, value) in values.enumerated() {
                try builder.append(
                    value.isNull && !others.isEmpty ? others[(row + offset) % others.count] : value)
            }
            let whole = builder.finish()
            guard !others.isEmpty, others.count < values.count else {
                columns.append(whole)
                continue
            }
            var bits = [UInt8](repeating: 0, count: values.count / 8 + 8)
            for (row, value) in values.enumerated() where !value.isNull {
                bits[row >> 3] |= 1 << UInt8(row & 7)
            }
            columns.append(
                ArrayData(
                    type: field.type, count: whole.count, validity: Buffer(copying: bits),
                    buffers: whole.buffers, children: whole.children,
                    dictionary: whole.dictionary))
        }
        return RecordBatch(schema: schema, columns: columns, rowCount: rows.count)
    }
}

/// Compares results whose floating-point numbers may be a little off.
struct Closeness {
    let tolerance: Double

    init(_ tolerance: Double) { self.tolerance = tolerance }

    /// - Parameter isOrdered: else only with a tolerance of 0 any order will do.
    func requireSame(
        _ rows: [Row], _ wanted: [Row], _ what: String, isOrdered: Bool = false
    ) throws {
        if !isOrdered && tolerance == 0 {
            return try RowComparison.requireSame(rows, wanted, what)
        }
        try require(
            rows.count == wanted.count,
            "\(what): \(rows.count) rows where \(wanted.count) are right")
        let (rows, wanted) = isOrdered ? (rows, wanted) : (sorted(rows), sorted(wanted))
        for (index, (row, right)) in zip(rows, wanted).enumerated() {
            try require(
                row.count == right.count && zip(row, right).allSatisfy { isClose($0, $1) },
                "\(what): row \(index) is \(RowComparison.shown(row)), right is "
                    + RowComparison.shown(right))
        }
    }

    private func sorted(_ rows: [Row]) -> [Row] {
        rows.sorted { RowComparison.shown($0) < RowComparison.shown($1) }
    }

    private func isClose(_ left: Scalar, _ right: Scalar) -> Bool {
        switch (left, right) {
        case (.float(let x), .float(let y)):
            if x == y || x.isNaN && y.isNaN { return true }
            return tolerance > 0 && abs(x - y) <= tolerance * max(abs(x), abs(y))
        case (.structure(let x), .structure(let y)), (.list(let x), .list(let y)):
            return x.count == y.count && zip(x, y).allSatisfy { isClose($0, $1) }
        default: return RowComparison.canonical(left) == RowComparison.canonical(right)
        }
    }
}
