// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFiles

/// How the records of a file stand in it.
enum JSONLayout: UInt8, Sendable {
    /// One value a line.
    case lines
    /// One array, whose elements are the records.
    case array
    /// Values one after the other, each over any number of lines; also a single one.
    case values
}

/// All that readers must know of a table, carried in its handle.
struct JSONTable: TextFormatTable {
    static let format = FileFormat(
        name: "json", extensions: ["json", "ndjson", "jsonl"], isCompressible: true)

    var text = TextTable()
    /// Records are objects, whose fields are the columns; else each is the one column `json`.
    var hasObjects = true
    var isGuessed = true
    /// `nil`: told by each file's content.
    var layout: JSONLayout?

    init(_ text: TextTable = TextTable()) {
        self.text = text
        self.text.averageRowByteCount = 128
    }

    var details: String { "" }

    func splits(targetByteCount: Int) -> any SplitSource {
        JSONSplitSource(self, targetByteCount: targetByteCount)
    }

    static func reader(
        _ plan: TextPlan<JSONTable>, split: [UInt8], _ context: CallContext
    ) throws(IglooError) -> any BatchReader {
        try JSONReader(plan, try JSONSplit(payload: split))
    }

    func encode(into encoder: inout HandleEncoder) {
        encoder.append(hasObjects)
        encoder.append(isGuessed)
        encoder.append(layout.map { Int64($0.rawValue) })
    }

    init(_ text: TextTable, _ decoder: inout HandleDecoder) throws(IglooError) {
        self.text = text
        hasObjects = try decoder.bool()
        isGuessed = try decoder.bool()
        layout = try decoder.optionalChoice("layout")
        let own = text.schema.fields.indices.filter { text.isFromFile($0) }
        guard own.allSatisfy({ JSONColumn.canHold(text.schema.fields[$0].type) }),
            hasObjects || own.count <= 1
        else { throw decoder.malformed("a type is unknown") }
    }
}

/// A piece of a file: whole lines, or all of it.
struct JSONSplit: Sendable {
    static let tag: UInt8 = 0xD3

    var file: FileReference
    var layout: JSONLayout
    var start: Int64
    var end: Int64?

    func encoded() -> [UInt8] {
        var encoder = HandleEncoder(tag: Self.tag)
        encoder.append([file])
        encoder.append(layout.rawValue)
        encoder.append(start)
        encoder.append(end)
        return encoder.bytes
    }

    init(file: FileReference, layout: JSONLayout, start: Int64, end: Int64?) {
        self.file = file
        self.layout = layout
        self.start = start
        self.end = end
    }

    init(payload: [UInt8]) throws(IglooError) {
        var decoder = try HandleDecoder(payload, tag: Self.tag, "json split")
        let files = try decoder.files()
        guard files.count == 1 else { throw decoder.malformed("\(files.count) files") }
        file = files[0]
        layout = try decoder.choice("layout")
        start = try decoder.int64()
        end = try decoder.optionalInt64()
        guard start >= 0, end ?? start >= start else { throw decoder.malformed("a torn range") }
        try decoder.expectEnd()
    }
}
