// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// CSV with a heading, or with names from elsewhere and none. A value without quotes and characters is
/// NULL.
///
/// - Source: RFC 4180.
final class CSVRows: RowSource {
    let schema: Schema
    let nothing: RecordBatch?
    private let batch: TextBatch
    private var records: CSVRecords

    init(_ body: HTTPBody, names: [String]?, byteCountMax: Int) throws(IglooError) {
        var records = CSVRecords(body, byteCountMax: byteCountMax)
        try records.begin()
        var names = names
        if names == nil {
            guard try records.next() else {
                throw IglooError(
                    .invalidArgument, "the body is empty: not even a heading is there",
                    sqlState: .badCopyFormat)
            }
            names = records.texts
        }
        self.records = records
        batch = TextBatch(names ?? [])
        schema = batch.schema
        nothing = batch.empty()
    }

    func next() throws(IglooError) -> RecordBatch? {
        let columnCount = schema.fields.count
        while !batch.isFull, try records.next() {
            if records.isBlank && columnCount > 1 { continue }
            guard records.fields.count == columnCount else {
                throw IglooError(
                    .invalidArgument,
                    "line \(records.line) has \(records.fields.count) values for \(columnCount) "
                        + "columns", sqlState: .badCopyFormat)
            }
            for column in 0..<columnCount {
                do throws(IglooError) {
                    try batch.append(records.value(column), to: column)
                } catch {
                    throw error.inLine(records.line)
                }
            }
            batch.endRow()
        }
        return batch.take()
    }
}

/// The records of a text in CSV, one at a time.
private struct CSVRecords {
    struct Span {
        var range: Range<Int>
        var isQuoted: Bool
    }

    /// Where the record began.
    private(set) var line = 0
    private(set) var fields: [Span] = []
    private var record: [UInt8] = []
    private var bytes: BodyBytes
    private var nextLine = 1
    private let byteCountMax: Int

    private static let quote = UInt8(ascii: "\"")

    init(_ body: HTTPBody, byteCountMax: Int) {
        bytes = BodyBytes(body)
        self.byteCountMax = byteCountMax
    }

    mutating func begin() throws(IglooError) { try bytes.skipMark() }

    /// A line without a character.
    var isBlank: Bool { fields.count == 1 && record.isEmpty && !fields[0].isQuoted }

    var texts: [String] {
        fields.indices.map { String(decoding: value($0) ?? [], as: UTF8.self) }
    }

    /// `nil` for NULL.
    func value(_ index: Int) -> ArraySlice<UInt8>? {
        let field = fields[index]
        return field.range.isEmpty && !field.isQuoted ? nil : record[field.range]
    }

    /// False at the end.
    mutating func next() throws(IglooError) -> Bool {
        line = nextLine
        fields.removeAll(keepingCapacity: true)
        record.removeAll(keepingCapacity: true)
        guard try bytes.peek() != nil else { return false }
        while try field() {}
        return true
    }

    /// - Returns: whether another follows in the record.
    private mutating func field() throws(IglooError) -> Bool {
        let start = record.count
        let isQuoted = try bytes.peek() == Self.quote
        if isQuoted { try quoted() }
        while let byte = try bytes.next() {
            switch byte {
            case UInt8(ascii: ","), 10, 13:
                fields.append(Span(range: start..<record.count, isQuoted: isQuoted))
                if byte == 13, try bytes.peek() == 10 { _ = try bytes.next() }
                if byte != UInt8(ascii: ",") { nextLine += 1 }
                return byte == UInt8(ascii: ",")
            case _ where isQuoted:
                throw IglooError(
                    .invalidArgument, "line \(nextLine) goes on after the quotes of a value",
                    hint: "a quote within a value is written twice", sqlState: .badCopyFormat)
            default: try append(byte)
            }
        }
        fields.append(Span(range: start..<record.count, isQuoted: isQuoted))
        return false
    }

    private mutating func quoted() throws(IglooError) {
        _ = try bytes.next()
        while let byte = try bytes.next() {
            if byte == Self.quote {
                guard try bytes.peek() == Self.quote else { return }
                _ = try bytes.next()
            }
            if byte == 10 { nextLine += 1 }
            try append(byte)
        }
        throw IglooError(
            .invalidArgument, "the quotes of a value in line \(line) are not closed",
            sqlState: .badCopyFormat)
    }

    private mutating func append(_ byte: UInt8) throws(IglooError) {
        guard record.count < byteCountMax else {
            throw IglooError(
                .invalidArgument, "the record in line \(line) is longer than \(byteCountMax) bytes",
                sqlState: .badCopyFormat)
        }
        record.append(byte)
    }
}

extension IglooError {
    /// With the line of the body that it is about.
    func inLine(_ line: Int) -> IglooError {
        var error = self
        error.message = "line \(line): \(message)"
        return error
    }
}
