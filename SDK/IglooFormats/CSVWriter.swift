// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooContracts

/// How CSV is written.
public struct CSVDialect: Sendable {
    public var delimiter = UInt8(ascii: ",")
    public var quote = UInt8(ascii: "\"")
    /// What stands before a quote in quotes.
    public var escape = UInt8(ascii: "\"")
    public var nullText = ""
    public var hasHeading = true
    /// All values but NULL stand in quotes.
    public var quotesAll = false

    public init() {}
}

/// RFC 4180, with a heading line unless told otherwise. NULL is the dialect's text for it, a value
/// that reads the same stands in quotes: so NULL is an empty field and an empty text is `""`.
public struct CSVWriter: ResultWriter {
    let rows: TextRows
    let channel: OutputChannel
    private let dialect: CSVDialect
    private let nullText: [UInt8]

    public init(rows: TextRows, channel: OutputChannel, dialect: CSVDialect = CSVDialect()) {
        self.rows = rows
        self.channel = channel
        self.dialect = dialect
        nullText = Array(dialect.nullText.utf8)
    }

    public mutating func begin(_ schema: Schema) throws(IglooError) {
        guard dialect.hasHeading else { return }
        for (index, field) in schema.fields.enumerated() {
            if index > 0 { channel.append(dialect.delimiter) }
            let name = Array(field.name.utf8)
            unsafe name.withUnsafeBytes { unsafe append($0) }
        }
        channel.append(UInt8(ascii: "\n"))
    }

    public mutating func write(_ batch: RecordBatch) throws(IglooError) {
        let columns = try rows.columns(batch)
        for row in 0..<batch.rowCount {
            var index = 0
            while index < columns.count {
                if index > 0 { channel.append(dialect.delimiter) }
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

    public mutating func end() throws(IglooError) {}

    @inline(__always)
    private func append(_ bytes: UnsafeRawBufferPointer) {
        if unsafe dialect.quotesAll || hasSpecial(bytes) || isNullText(bytes) {
            return unsafe appendQuoted(bytes)
        }
        unsafe channel.append(raw: bytes)
    }

    /// Whether one of the bytes is a delimiter, a quote or a line's end.
    @inline(__always)
    private func hasSpecial(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let (delimiter, quote) = (dialect.delimiter, dialect.quote)
        var index = 0
        while index < bytes.count {
            let byte = unsafe bytes[index]
            if byte == delimiter || byte == quote || byte == 0x0A || byte == 0x0D { return true }
            index &+= 1
        }
        return false
    }

    @inline(__always)
    private func isNullText(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count == nullText.count else { return false }
        return unsafe bytes.elementsEqual(nullText)
    }

    private func appendQuoted(_ bytes: UnsafeRawBufferPointer) {
        let (quote, escape) = (dialect.quote, dialect.escape)
        channel.append(quote)
        for index in 0..<bytes.count {
            let byte = unsafe bytes[index]
            if byte == quote || byte == escape { channel.append(escape) }
            channel.append(byte)
        }
        channel.append(quote)
    }
}
