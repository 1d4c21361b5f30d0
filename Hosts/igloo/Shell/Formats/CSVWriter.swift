// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// RFC 4180 with a heading line. NULL is `nullText`, a value that reads the same stands in quotes:
/// so NULL is an empty field and an empty text is `""`, unless told otherwise.
struct CSVWriter: ResultWriter {
    let rows: TextRows
    let channel: OutputChannel
    private let nullText: [UInt8]

    init(rows: TextRows, channel: OutputChannel, nullText: String) {
        self.rows = rows
        self.channel = channel
        self.nullText = Array(nullText.utf8)
    }

    mutating func begin(_ schema: Schema) throws(IglooError) {
        for (index, field) in schema.fields.enumerated() {
            if index > 0 { channel.append(UInt8(ascii: ",")) }
            let name = Array(field.name.utf8)
            unsafe name.withUnsafeBytes { unsafe append($0) }
        }
        channel.append(UInt8(ascii: "\n"))
    }

    mutating func write(_ batch: RecordBatch) throws(IglooError) {
        let columns = try rows.columns(batch)
        for row in 0..<batch.rowCount {
            var index = 0
            while index < columns.count {
                if index > 0 { channel.append(UInt8(ascii: ",")) }
                if columns[index].isNull(row) {
                    unsafe nullText.withUnsafeBytes { unsafe channel.append(raw: $0) }
                } else {
                    unsafe append(columns[index].bytes(row))
                }
                index &+= 1
            }
            channel.append(UInt8(ascii: "\n"))
            try channel.flushIfFull()
        }
    }

    mutating func end() throws(IglooError) {}

    @inline(__always)
    private func append(_ bytes: UnsafeRawBufferPointer) {
        if unsafe Self.hasSpecial(bytes) || isNullText(bytes) {
            return unsafe appendQuoted(bytes)
        }
        unsafe channel.append(raw: bytes)
    }

    /// Whether one of the bytes is a comma, a quote or a line's end.
    @inline(__always)
    private static func hasSpecial(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        while index < bytes.count {
            switch unsafe bytes[index] {
            case UInt8(ascii: ","), UInt8(ascii: "\""), UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                return true
            default: index &+= 1
            }
        }
        return false
    }

    @inline(__always)
    private func isNullText(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count == nullText.count else { return false }
        return unsafe bytes.elementsEqual(nullText)
    }

    private func appendQuoted(_ bytes: UnsafeRawBufferPointer) {
        let quote = UInt8(ascii: "\"")
        channel.append(quote)
        for index in 0..<bytes.count {
            let byte = unsafe bytes[index]
            if byte == quote { channel.append(quote) }
            channel.append(byte)
        }
        channel.append(quote)
    }
}
