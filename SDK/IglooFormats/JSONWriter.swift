// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooContracts

/// One array of objects, or one object a line.
public struct JSONWriter: ResultWriter {
    let rows: TextRows
    let channel: OutputChannel
    let isLines: Bool
    /// `"name":` of each column, with the comma in front.
    private var names: [String] = []
    private var isFirst = true

    public init(rows: TextRows, channel: OutputChannel, isLines: Bool) {
        self.rows = rows
        self.channel = channel
        self.isLines = isLines
    }

    public mutating func begin(_ schema: Schema) throws(IglooError) {
        names = schema.fields.enumerated().map { index, field in
            (index == 0 ? "" : ",") + JSONText.quoted(field.name) + ":"
        }
        if !isLines { channel.append("[") }
    }

    public mutating func write(_ batch: RecordBatch) throws(IglooError) {
        var columns: [JSONColumn] = []
        for column in batch.columns { columns.append(try JSONColumn(column, rows)) }
        for row in 0..<batch.rowCount {
            if !isLines { channel.append(isFirst ? "\n" : ",\n") }
            isFirst = false
            channel.append(UInt8(ascii: "{"))
            var index = 0
            while index < columns.count {
                channel.append(names[index])
                columns[index].append(row, to: channel)
                index &+= 1
            }
            channel.append(UInt8(ascii: "}"))
            if isLines { channel.append(UInt8(ascii: "\n")) }
            try channel.flushIfFull()
        }
    }

    public mutating func end() throws(IglooError) {
        if !isLines { channel.append(isFirst ? "]\n" : "\n]\n") }
    }
}

/// A column whose values are written as JSON: numbers and booleans as such, nested values as arrays
/// and objects, everything else as the text that the session shows.
struct JSONColumn {
    private indirect enum Content {
        case null
        case literal(TextColumn)
        /// JSON has no NaN and no infinity: they are written as texts.
        case float(TextColumn)
        case text(TextColumn)
        case list(JSONColumn)
        case structure(names: [String], members: [JSONColumn])
        case map(keys: TextColumn, values: JSONColumn)
    }

    private let array: ArrayData
    private let content: Content
    /// Index of the child's first rendered element among the array's.
    private let base: Int

    init(_ array: ArrayData, _ rows: TextRows) throws(IglooError) {
        self.array = array
        var base = 0
        switch array.type {
        case .null: content = .null
        case .list, .largeList, .listView, .largeListView, .fixedSizeList:
            content = .list(try JSONColumn(Self.elements(array, &base), rows))
        case .map:
            let entries = Self.elements(array, &base)
            let members = Self.members(entries)
            content = .map(
                keys: try rows.column(members[0]), values: try JSONColumn(members[1], rows))
        case .structure(let fields):
            var columns: [JSONColumn] = []
            for member in Self.members(array) { columns.append(try JSONColumn(member, rows)) }
            let names = fields.enumerated().map { index, field in
                (index == 0 ? "" : ",") + JSONText.quoted(field.name) + ":"
            }
            content = .structure(names: names, members: columns)
        case let type:
            let text = try rows.column(array)
            let isLiteral = type == .bool || type.isNumeric || type.isJSON
            content = type.isFloat ? .float(text) : isLiteral ? .literal(text) : .text(text)
        }
        self.base = base
    }

    /// The elements that the lists of `array` are made of, from the first that is used.
    private static func elements(_ array: ArrayData, _ base: inout Int) -> ArrayData {
        var (first, last) = (Int.max, 0)
        for row in 0..<array.count where !array.isNull(row) {
            let range = array.listRange(at: row)
            if range.isEmpty { continue }
            first = min(first, range.lowerBound)
            last = max(last, range.upperBound)
        }
        base = min(first, last)
        return array.children[0].slice(base, count: last - base)
    }

    private static func members(_ structure: ArrayData) -> [ArrayData] {
        structure.children.map { $0.slice(structure.offset, count: structure.count) }
    }

    func append(_ row: Int, to channel: OutputChannel) {
        if array.isLogicallyNull(at: row) { return channel.append("null") }
        switch content {
        case .null: channel.append("null")
        case .literal(let text): unsafe channel.append(raw: text.bytes(row))
        case .float(let text):
            let bytes = unsafe text.bytes(row)
            let isNumber = unsafe bytes.last.map { $0 >= 0x30 && $0 <= 0x39 } ?? false
            if isNumber {
                unsafe channel.append(raw: bytes)
            } else {
                unsafe JSONText.append(bytes, to: channel)
            }
        case .text(let text): unsafe JSONText.append(text.bytes(row), to: channel)
        case .list(let elements): list(row, elements, channel)
        case .structure(let names, let members):
            channel.append(UInt8(ascii: "{"))
            for index in names.indices {
                channel.append(names[index])
                members[index].append(row, to: channel)
            }
            channel.append(UInt8(ascii: "}"))
        case .map(let keys, let values): map(row, keys, values, channel)
        }
    }

    private func list(_ row: Int, _ elements: JSONColumn, _ channel: OutputChannel) {
        channel.append(UInt8(ascii: "["))
        let range = array.listRange(at: row)
        for element in range {
            if element > range.lowerBound { channel.append(UInt8(ascii: ",")) }
            elements.append(element - base, to: channel)
        }
        channel.append(UInt8(ascii: "]"))
    }

    private func map(
        _ row: Int, _ keys: TextColumn, _ values: JSONColumn, _ channel: OutputChannel
    ) {
        channel.append(UInt8(ascii: "{"))
        let range = array.listRange(at: row)
        for entry in range {
            if entry > range.lowerBound { channel.append(UInt8(ascii: ",")) }
            unsafe JSONText.append(keys.bytes(entry - base), to: channel)
            channel.append(UInt8(ascii: ":"))
            values.append(entry - base, to: channel)
        }
        channel.append(UInt8(ascii: "}"))
    }
}

/// Texts in JSON's quotes.
enum JSONText {
    private static let hexadecimal = Array("0123456789abcdef".utf8)

    static func append(_ bytes: UnsafeRawBufferPointer, to channel: OutputChannel) {
        channel.append(UInt8(ascii: "\""))
        var start = 0
        var index = 0
        while index < bytes.count {
            let byte = unsafe bytes[index]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                unsafe channel.append(raw: UnsafeRawBufferPointer(rebasing: bytes[start..<index]))
                escape(byte, channel)
                start = index &+ 1
            }
            index &+= 1
        }
        unsafe channel.append(raw: UnsafeRawBufferPointer(rebasing: bytes[start...]))
        channel.append(UInt8(ascii: "\""))
    }

    private static func escape(_ byte: UInt8, _ channel: OutputChannel) {
        channel.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): channel.append(byte)
        case UInt8(ascii: "\n"): channel.append(UInt8(ascii: "n"))
        case UInt8(ascii: "\r"): channel.append(UInt8(ascii: "r"))
        case UInt8(ascii: "\t"): channel.append(UInt8(ascii: "t"))
        default:
            channel.append("u00")
            channel.append(hexadecimal[Int(byte >> 4)])
            channel.append(hexadecimal[Int(byte & 15)])
        }
    }

    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
