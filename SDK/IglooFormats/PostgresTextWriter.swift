// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooContracts

/// PostgreSQL's text format of COPY: values with a tab between them, `\N` for NULL, and a backslash
/// before what would be misread.
///
/// - Source: PostgreSQL 16, COPY, "Text Format".
public struct PostgresTextWriter: ResultWriter {
    private let rows: TextRows
    private let channel: OutputChannel
    private let delimiter: UInt8
    private let nullText: [UInt8]

    public init(rows: TextRows, channel: OutputChannel, delimiter: UInt8, nullText: String) {
        self.rows = rows
        self.channel = channel
        self.delimiter = delimiter
        self.nullText = Array(nullText.utf8)
    }

    public mutating func begin(_ schema: Schema) throws(IglooError) {}

    public mutating func write(_ batch: RecordBatch) throws(IglooError) {
        let columns = try rows.columns(batch)
        for row in 0..<batch.rowCount {
            for (index, column) in columns.enumerated() {
                if index > 0 { channel.append(delimiter) }
                if column.isNull(row) {
                    unsafe nullText.withUnsafeBytes { unsafe channel.append(raw: $0) }
                } else {
                    unsafe append(column.bytes(row))
                }
            }
            channel.append(UInt8(ascii: "\n"))
            try channel.flushIfFull()
        }
    }

    public mutating func end() throws(IglooError) {}

    private func append(_ bytes: UnsafeRawBufferPointer) {
        for index in 0..<bytes.count {
            let byte = unsafe bytes[index]
            switch byte {
            case 0x0A: escape("n")
            case 0x0D: escape("r")
            case 0x09: escape("t")
            case UInt8(ascii: "\\"), delimiter:
                channel.append(UInt8(ascii: "\\"))
                channel.append(byte)
            default: channel.append(byte)
            }
        }
    }

    private func escape(_ letter: Unicode.Scalar) {
        channel.append(UInt8(ascii: "\\"))
        channel.append(UInt8(ascii: letter))
    }
}
