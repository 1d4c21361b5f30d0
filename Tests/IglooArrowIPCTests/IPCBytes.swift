// SPDX-License-Identifier: MIT
import IglooArrow
import IglooArrowIPC

/// Either form of IPC data in memory.
enum IPCForm: String, CaseIterable, Sendable {
    case stream, file

    func encode(
        _ batches: [RecordBatch], schema: Schema? = nil,
        options: IPCWriteOptions = IPCWriteOptions()
    ) throws -> [UInt8] {
        var bytes: [UInt8] = []
        let sink: IPCSink = { (piece: UnsafeRawBufferPointer) throws(ArrowError) in
            bytes.append(contentsOf: piece)
        }
        switch self {
        case .stream:
            let writer = try IPCStreamWriter(
                schema ?? batches[0].schema, options: options, sink: sink)
            for batch in batches { try writer.write(batch) }
            try writer.finish()
        case .file:
            let writer = try IPCFileWriter(
                schema ?? batches[0].schema, options: options, sink: sink)
            for batch in batches { try writer.write(batch) }
            try writer.finish()
        }
        return bytes
    }

    func decode(
        _ bytes: [UInt8], options: IPCReadOptions = IPCReadOptions()
    ) throws(ArrowError) -> (schema: Schema, batches: [RecordBatch]) {
        var batches: [RecordBatch] = []
        switch self {
        case .stream:
            let reader = try IPCStreamReader(
                IPCBufferSource(Buffer(copying: bytes)), options: options)
            while let batch = try reader.next() { batches.append(batch) }
            return (reader.schema, batches)
        case .file:
            let reader = try IPCFileReader(Buffer(copying: bytes), options: options)
            for index in 0..<reader.batchCount { batches.append(try reader.batch(at: index)) }
            return (reader.schema, batches)
        }
    }
}
