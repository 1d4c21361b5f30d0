// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooEngine

/// One array of objects, or one object a line.
struct JSONWriter: ResultWriter {
    let rows: TextRows
    let channel: OutputChannel
    let isLines: Bool
    private var names: [String] = []
    private var types: [DataType] = []
    private var isFirst = true

    init(rows: TextRows, channel: OutputChannel, isLines: Bool) {
        self.rows = rows
        self.channel = channel
        self.isLines = isLines
    }

    mutating func begin(_ schema: Schema) throws(IglooError) {
        names = schema.fields.map { JSONText.quoted($0.name) }
        types = schema.fields.map(\.type)
        if !isLines { channel.append("[") }
    }

    mutating func write(_ batch: RecordBatch) throws(IglooError) {
        let texts = try rows.columns(batch)
        for row in 0..<batch.rowCount {
            if !isLines { channel.append(isFirst ? "\n" : ",\n") }
            isFirst = false
            channel.append("{")
            for index in names.indices {
                if index > 0 { channel.append(",") }
                channel.append("\(names[index]):")
                channel.append(
                    JSONText.value(batch.columns[index], row, types[index], texts[index]))
            }
            channel.append(isLines ? "}\n" : "}")
            try channel.flushIfFull()
        }
    }

    mutating func end() throws(IglooError) {
        if !isLines { channel.append(isFirst ? "]\n" : "\n]\n") }
    }
}

/// Values as JSON.
enum JSONText {
    static func value(
        _ array: ArrayData, _ row: Int, _ type: DataType, _ text: TextColumn
    ) -> String {
        guard let shown = text.text(row) else { return "null" }
        switch type {
        case .bool: return shown
        case .list, .structure, .map: return nested(array.scalar(at: row), type)
        case .float32, .float64: return number(shown)
        default: return type.isNumeric ? shown : quoted(shown)
        }
    }

    /// JSON has no NaN and no infinity: they are written as texts.
    private static func number(_ text: String) -> String {
        text.contains("N") || text.contains("I") ? quoted(text) : text
    }

    private static func nested(_ value: Scalar, _ type: DataType) -> String {
        switch (value, type) {
        case (.null, _): return "null"
        case (.list(let values), .list(let field)):
            return "[" + values.map { nested($0, field.type) }.joined(separator: ",") + "]"
        case (.structure(let values), .structure(let fields)):
            let members = zip(fields, values).map {
                "\(quoted($0.name)):\(nested($1, $0.type))"
            }
            return "{" + members.joined(separator: ",") + "}"
        case (.map(let entries), .map(let entry, _)):
            let types = entry.type.childFields.map(\.type)
            let members = entries.map { entry -> String in
                guard case .structure(let pair) = entry, pair.count == 2, types.count == 2 else {
                    return "\"\":null"
                }
                let key = nested(pair[0], types[0])
                return (key.hasPrefix("\"") ? key : quoted(key)) + ":" + nested(pair[1], types[1])
            }
            return "{" + members.joined(separator: ",") + "}"
        case (.bool(let value), _): return value ? "true" : "false"
        case (.int(let value), _) where type.isInteger: return String(value)
        case (.uint(let value), _): return String(value)
        case (.float(let value), _): return value.isFinite ? "\(value)" : quoted("\(value)")
        case (.text(let text), _): return quoted(text)
        default: return quoted("\(value)")
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
