// SPDX-License-Identifier: MIT
import IglooArrow

/// Writes the schema, batches and the dictionaries that they need: what stream and file share.
final class BatchWriter {
    let output: MessageWriter
    let schema: IPCSchema
    private let options: IPCWriteOptions
    /// A file's dictionaries can grow, but not be replaced.
    private let allowsReplacement: Bool
    private var sent: [Int64: ArrayData] = [:]
    private(set) var dictionaryBlocks: [FileBlock] = []
    private(set) var batchBlocks: [FileBlock] = []

    init(
        _ schema: Schema, options: IPCWriteOptions, output: MessageWriter, allowsReplacement: Bool
    ) throws(ArrowError) {
        for field in schema.fields { try Self.check(field.type) }
        self.schema = IPCSchema(schema)
        self.options = options
        self.output = output
        self.allowsReplacement = allowsReplacement
        _ = try output.write(.schema, self.schema.flatTable)
    }

    private static func check(_ type: DataType) throws(ArrowError) {
        try type.checkShape()
        if case .dictionary(_, let value, _) = type {
            if case .dictionary = value {
                throw ArrowError(
                    .unsupported, "Arrow IPC has no dictionary of dictionaries: \(type)")
            }
            try check(value)
        }
        for field in type.childFields { try check(field.type) }
    }

    func write(_ batch: RecordBatch) throws(ArrowError) {
        guard batch.columns.map(\.type) == schema.fields.map(\.field.type) else {
            throw ArrowError(
                .invalid, "a batch of \(batch.schema) cannot be written as \(schema.schema)")
        }
        var encoder = BatchEncoder(options.compression)
        for (column, field) in zip(batch.columns, schema.fields) {
            try encoder.append(try sendDictionaries(of: column, field))
        }
        batchBlocks.append(
            try output.write(
                .recordBatch, encoder.flatTable(rowCount: batch.rowCount), body: encoder.body))
    }

    /// Sends what the array needs of dictionaries, the innermost first. The array that comes back
    /// may refer to a dictionary that has grown instead of its own.
    private func sendDictionaries(
        of array: ArrayData, _ field: IPCField
    ) throws(ArrowError) -> ArrayData {
        if let id = field.dictionaryId, let dictionary = array.dictionary {
            var values = dictionary
            if let inner = field.dictionaryValues {
                values = try sendDictionaries(of: dictionary, inner)
            }
            return try send(id, array, values, of: dictionary, isNested: !field.children.isEmpty)
        }
        if field.children.isEmpty { return array }
        var children: [ArrayData] = []
        for (child, childField) in zip(array.children, field.children) {
            children.append(try sendDictionaries(of: child, childField))
        }
        if zip(children, array.children).allSatisfy({ $0 === $1 }) { return array }
        return array.replacing(children: children)
    }

    private func send(
        _ id: Int64, _ array: ArrayData, _ values: ArrayData, of original: ArrayData, isNested: Bool
    ) throws(ArrowError) -> ArrayData {
        guard let old = sent[id] else {
            try write(id, values, isDelta: false)
            sent[id] = values
            return array
        }
        if old === values || old.isEqual(to: values) { return array }
        let grows = values.count > old.count && old.isEqual(to: values.slice(0, count: old.count))
        if grows && !isNested && (options.sendsDictionaryDeltas || !allowsReplacement) {
            try write(id, values.slice(old.count, count: values.count - old.count), isDelta: true)
            sent[id] = values
            return array
        }
        if allowsReplacement {
            try write(id, values, isDelta: false)
            sent[id] = values
            return array
        }
        if old.count >= values.count && values.isEqual(to: old.slice(0, count: values.count)) {
            return array
        }
        guard !isNested else {
            throw ArrowError(
                .unsupported,
                "a file cannot hold two dictionaries of \(values.type) for one column: "
                    + "write a stream, or decode the column")
        }
        // The values that are new join the dictionary, and the indexes follow.
        let base = ArrayData(type: array.type, count: 0, dictionary: old)
        let (merged, moved) = try base.mergingDictionary(of: array)
        if merged.count > old.count {
            try write(id, merged.slice(old.count, count: merged.count - old.count), isDelta: true)
            sent[id] = merged
        }
        return moved
    }

    private func write(_ id: Int64, _ values: ArrayData, isDelta: Bool) throws(ArrowError) {
        var encoder = BatchEncoder(options.compression)
        try encoder.append(values)
        dictionaryBlocks.append(
            try output.write(
                .dictionaryBatch,
                [
                    0: .int64(id), 1: .table(encoder.flatTable(rowCount: values.count)),
                    2: .bool(isDelta),
                ], body: encoder.body))
    }
}
