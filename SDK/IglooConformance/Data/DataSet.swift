// SPDX-License-Identifier: MIT

import IglooArrow
import IglooArrowIPC
import IglooContracts

/// A table whose rows the kit knows, because it made them up.
struct DataSet {
    let name: String
    let schema: Schema
    let rows: [Row]

    /// - Parameter columns: a field and its values; what is missing to `rowCount` is null.
    init(_ name: String, rowCount: Int, _ columns: [(Field, [Scalar])]) {
        self.name = name
        schema = Schema(columns.map(\.0))
        rows = (0..<rowCount).map { row in
            columns.map { $0.1.indices.contains(row) ? $0.1[row] : .null }
        }
    }

    /// Writes the rows as an Arrow IPC file, in batches of unequal size.
    func write(to path: String) throws(IglooError) {
        let half = rows.count / 3
        try IPCFile.write(schema, to: path) { (write) throws(ArrowError) in
            try write(try batch(rows[..<half]))
            try write(try batch(rows[half...]))
        }
    }

    private func batch(_ rows: ArraySlice<Row>) throws(ArrowError) -> RecordBatch {
        var arrays: [ArrayData] = []
        for (index, field) in schema.fields.enumerated() {
            let builder = ArrayBuilder(field.type)
            for row in rows { try builder.append(row[index]) }
            arrays.append(builder.finish())
        }
        return RecordBatch(schema: schema, columns: arrays, rowCount: rows.count)
    }
}

/// Arrow IPC files, in which data sets are handed to whoever loads them.
enum IPCFile {
    typealias Write = (RecordBatch) throws(ArrowError) -> Void

    static func write(
        _ schema: Schema, to path: String, _ body: (Write) throws(ArrowError) -> Void
    ) throws(IglooError) {
        let descriptor = try PlatformIO.makeFile(path)
        do throws(ArrowError) {
            let writer = try IPCFileWriter(schema) { (bytes) throws(ArrowError) in
                PlatformIO.append(bytes, to: descriptor)
            }
            try body { (batch) throws(ArrowError) in try writer.write(batch) }
            try writer.finish()
        } catch {
            _ = PlatformIO.close(descriptor)
            throw IglooError(.internalError, "\(path): \(error)")
        }
        guard PlatformIO.close(descriptor) == 0 else {
            throw IglooError(.unavailable, "cannot write \(path)")
        }
    }
}
