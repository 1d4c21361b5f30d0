// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Turns batches into the text format of `COPY ... FROM STDIN`, which the input function of every
/// type of the server reads.
///
/// - Source: PostgreSQL 15 manual, COPY, "Text Format".
struct PostgresCopyEncoder {
    /// The type a new table gets for a column; `nil` when there is none.
    static func declaration(_ field: Field) -> String? {
        PostgresExtension.declaration(field) ?? declaration(field.type)
    }

    private static func declaration(_ type: DataType) -> String? {
        switch type {
        case .bool: "boolean"
        case .int8, .uint8, .int16: "smallint"
        case .uint16, .int32: "integer"
        case .uint32, .int64: "bigint"
        case .uint64: "numeric(20)"
        case .float16, .float32: "real"
        case .float64: "double precision"
        case .decimal32(let precision, let scale), .decimal64(let precision, let scale),
            .decimal128(let precision, let scale), .decimal256(let precision, let scale):
            "numeric(\(precision),\(scale))"
        case .null, .utf8, .largeUtf8, .utf8View: "text"
        case .binary, .largeBinary, .binaryView, .fixedSizeBinary: "bytea"
        case .date32, .date64: "date"
        case .time32, .time64: "time"
        case .timestamp(_, let zone): zone == nil ? "timestamp" : "timestamptz"
        case .duration, .interval: "interval"
        case .list(let item), .largeList(let item), .listView(let item), .largeListView(let item),
            .fixedSizeList(let item, _):
            declaration(item.type).map { $0.hasSuffix("[]") ? $0 : $0 + "[]" }
        case .dictionary(_, let values, _): declaration(values)
        case .runEndEncoded(_, let values): declaration(values.type)
        case .structure, .map, .union, .logical: nil
        }
    }

    /// What was encoded and not taken.
    private(set) var bytes: [UInt8] = []
    private let schema: Schema

    /// - Throws: `unsupported` for a column whose values the server has no type for.
    init(_ schema: Schema) throws(IglooError) {
        for field in schema.fields where Self.declaration(field) == nil {
            throw IglooError(
                .unsupported,
                "column \"\(field.name)\" cannot be written to PostgreSQL: it has no"
                    + " type for \(field.type)",
                hint: "write its parts as columns of their own, or as JSON text")
        }
        self.schema = schema
    }

    mutating func take() -> [UInt8] {
        defer { bytes = [] }
        return bytes
    }

    /// Appends the rows.
    ///
    /// - Parameter prefix: the text of a first column, the same in all rows.
    mutating func append(_ batch: RecordBatch, prefix: [UInt8]) throws(IglooError) {
        for row in 0..<batch.rowCount {
            bytes.append(contentsOf: prefix)
            for (index, column) in batch.columns.enumerated() {
                bytes.append(0x09)
                do throws(PostgresValueError) {
                    if PostgresExtension.isBinaryUUID(schema.fields[index]),
                        !column.isLogicallyNull(at: row)
                    {
                        appendUUID(column.bytes(at: row))
                    } else {
                        try append(column, row)
                    }
                } catch {
                    throw IglooError(
                        .outOfRange,
                        "column \"\(schema.fields[index].name)\" cannot be written to PostgreSQL: "
                            + error.message, hint: error.hint)
                }
            }
            bytes.append(0x0A)
        }
    }

    private mutating func append(_ array: ArrayData, _ row: Int) throws(PostgresValueError) {
        if array.isLogicallyNull(at: row) || array.type == .null {
            bytes.append(0x5C)
            bytes.append(UInt8(ascii: "N"))
            return
        }
        switch array.type {
        case .utf8, .largeUtf8, .utf8View: appendEscaped(array.bytes(at: row))
        case .binary, .largeBinary, .binaryView, .fixedSizeBinary:
            // The backslash of `\x...` is doubled as all are.
            bytes.append(contentsOf: [0x5C, 0x5C, UInt8(ascii: "x")])
            Self.appendHexadecimal(array.bytes(at: row), to: &bytes)
        case .dictionary:
            if let values = array.dictionary { try append(values, array.dictionaryIndex(at: row)) }
        case .runEndEncoded: try append(array.children[1], array.runIndex(at: row))
        case .list, .largeList, .listView, .largeListView, .fixedSizeList:
            let literal = Array(try Self.arrayLiteral(array, row).utf8)
            literal.withUnsafeBytes { appendEscaped($0) }
        default: bytes.append(contentsOf: try Self.text(array, row).utf8)
        }
    }

    private mutating func appendUUID(_ value: UnsafeRawBufferPointer) {
        for (start, end) in [(0, 4), (4, 6), (6, 8), (8, 10), (10, 16)] {
            if start > 0 { bytes.append(UInt8(ascii: "-")) }
            Self.appendHexadecimal(
                UnsafeRawBufferPointer(rebasing: value[start..<end]), to: &bytes)
        }
    }

    private mutating func appendEscaped(_ text: UnsafeRawBufferPointer) {
        var index = 0
        while index < text.count {
            let byte = text[index]
            switch byte {
            case 0x5C: bytes.append(contentsOf: [0x5C, 0x5C])
            case 0x09: bytes.append(contentsOf: [0x5C, UInt8(ascii: "t")])
            case 0x0A: bytes.append(contentsOf: [0x5C, UInt8(ascii: "n")])
            case 0x0D: bytes.append(contentsOf: [0x5C, UInt8(ascii: "r")])
            default: bytes.append(byte)
            }
            index += 1
        }
    }

    private static func appendHexadecimal(
        _ binary: UnsafeRawBufferPointer, to bytes: inout [UInt8]
    ) {
        for byte in binary {
            for digit in [byte >> 4, byte & 15] {
                bytes.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
            }
        }
    }

    // MARK: - Values

    /// The text of a value that has neither a backslash nor a control character.
    private static func text(_ array: ArrayData, _ row: Int) throws(PostgresValueError) -> String {
        switch (array.type, array.scalar(at: row)) {
        case (.bool, .bool(let flag)): return flag ? "t" : "f"
        case (.date32, .int(let days)): return try date(days, Int64(Int32.max), Int64(Int32.min))
        case (.date64, .int(let milliseconds)):
            return try date(milliseconds / 86_400_000, .max, .min)
        case (.time32(let unit), .int(let count)), (.time64(let unit), .int(let count)):
            return PostgresValueText.time(try microseconds(count, unit))
        case (.timestamp(let unit, let zone), .int(let count)):
            if count == .max || count == .min { return count == .max ? "infinity" : "-infinity" }
            let text = PostgresValueText.instant(try microseconds(count, unit))
            guard zone != nil else { return text }
            return text.hasSuffix(" BC") ? text.dropLast(3) + "+00 BC" : text + "+00"
        case (.duration(let unit), .int(let count)):
            return PostgresValueText.interval(
                months: 0, days: 0, microseconds: try microseconds(count, unit))
        case (_, .interval(let months, let days, let nanoseconds)):
            return PostgresValueText.interval(
                months: months, days: days, microseconds: try microseconds(nanoseconds, .nanosecond)
            )
        case (_, .int(let number)): return "\(number)"
        case (_, .uint(let number)): return "\(number)"
        case (.float64, .float(let number)): return PostgresValueText.float(number)
        case (_, .float(let number)): return PostgresValueText.float(Float(number))
        case (let type, let scalar):
            guard let unscaled = scalar.unscaledDecimal, let scale = type.decimalScale else {
                throw PostgresValueError("\(type) has no counterpart there")
            }
            return decimal(unscaled, scale)
        }
    }

    private static func decimal(_ unscaled: Int256, _ scale: Int) -> String {
        if let narrow = unscaled.narrowed { return PostgresValueText.decimal(narrow, scale) }
        let text = unscaled.description
        return PostgresValueText.decimal(
            digits: String(text.drop { $0 == "-" }), isNegative: text.hasPrefix("-"), scale)
    }

    private static func date(
        _ days: Int64, _ infinity: Int64, _ minusInfinity: Int64
    ) throws(PostgresValueError) -> String {
        if days == infinity { return "infinity" }
        return days == minusInfinity ? "-infinity" : PostgresValueText.date(days)
    }

    private static func microseconds(
        _ count: Int64, _ unit: TimeUnit
    ) throws(PostgresValueError) -> Int64 {
        let factor: Int64
        switch unit {
        case .second: factor = 1_000_000
        case .millisecond: factor = 1_000
        case .microsecond: return count
        case .nanosecond:
            guard count % 1_000 == 0 else {
                throw PostgresValueError(
                    "a time of \(count) ns: the server keeps microseconds",
                    hint: "round it: date_trunc('microsecond', ...)")
            }
            return count / 1_000
        }
        let (product, overflow) = count.multipliedReportingOverflow(by: factor)
        guard !overflow else { throw PostgresValueError("a time beyond the server's range") }
        return product
    }

    /// `{1,NULL,"a"}`: texts always stand in quotes.
    private static func arrayLiteral(
        _ array: ArrayData, _ row: Int
    ) throws(PostgresValueError) -> String {
        var text = "{"
        let items = array.children[0]
        for (position, index) in array.listRange(at: row).enumerated() {
            if position > 0 { text += "," }
            text += try item(items, index)
        }
        return text + "}"
    }

    private static func item(_ array: ArrayData, _ row: Int) throws(PostgresValueError) -> String {
        if array.isLogicallyNull(at: row) || array.type == .null { return "NULL" }
        switch array.type {
        case .utf8, .largeUtf8, .utf8View:
            var quoted = "\""
            for scalar in String(decoding: array.bytes(at: row), as: UTF8.self).unicodeScalars {
                if scalar == "\"" || scalar == "\\" { quoted.unicodeScalars.append("\\") }
                quoted.unicodeScalars.append(scalar)
            }
            return quoted + "\""
        case .binary, .largeBinary, .binaryView, .fixedSizeBinary:
            var digits: [UInt8] = []
            appendHexadecimal(array.bytes(at: row), to: &digits)
            return "\"\\\\x" + String(decoding: digits, as: UTF8.self) + "\""
        case .dictionary:
            return try array.dictionary.map { values throws(PostgresValueError) in
                try item(values, array.dictionaryIndex(at: row))
            } ?? "NULL"
        case .runEndEncoded: return try item(array.children[1], array.runIndex(at: row))
        case .list, .largeList, .listView, .largeListView, .fixedSizeList:
            return try arrayLiteral(array, row)
        default: return "\"" + (try text(array, row)) + "\""
        }
    }
}

extension DataType {
    fileprivate var decimalScale: Int? {
        switch self {
        case .decimal32(_, let scale), .decimal64(_, let scale), .decimal128(_, let scale),
            .decimal256(_, let scale):
            scale
        default: nil
        }
    }
}
