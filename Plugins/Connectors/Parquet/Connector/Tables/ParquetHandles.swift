// SPDX-License-Identifier: MIT

import IglooContracts
import IglooFiles

/// Which files a table is made of, and how: the content of a table handle. The columns are in the
/// files' footers.
struct ParquetTableDefinition: Sendable {
    private static let tag: UInt8 = 0xA1

    var files: [FileReference]
    var options: ParquetTableOptions

    init(files: [FileReference], options: ParquetTableOptions) {
        self.files = files
        self.options = options
    }

    func encoded() throws(IglooError) -> [UInt8] {
        var encoder = HandleEncoder(tag: Self.tag)
        try encode(into: &encoder)
        return encoder.bytes
    }

    init(handle: [UInt8]) throws(IglooError) {
        var decoder = try HandleDecoder(handle, tag: Self.tag, "parquet table handle")
        try self.init(from: &decoder)
        try decoder.expectEnd()
    }

    func encode(into encoder: inout HandleEncoder) throws(IglooError) {
        try options.encode(into: &encoder)
        encoder.append(files)
    }

    init(from decoder: inout HandleDecoder) throws(IglooError) {
        options = try ParquetTableOptions(&decoder)
        files = try decoder.files()
        guard !files.isEmpty else { throw decoder.malformed("a table of no files") }
    }
}

/// A planned scan.
struct ParquetPlan: Sendable {
    private static let tag: UInt8 = 0xA2

    var definition: ParquetTableDefinition
    /// Indexes into the table's schema; may repeat.
    var columns: [Int]
    /// Conditions that the reader decides.
    var conjuncts: [PushdownExpression]
    /// Each split may end after so many rows.
    var limit: Int64?
    /// What comes in place of the columns; empty = rows.
    var aggregates: [FooterAggregate]

    init(
        definition: ParquetTableDefinition, columns: [Int], conjuncts: [PushdownExpression],
        limit: Int64?, aggregates: [FooterAggregate] = []
    ) {
        self.aggregates = aggregates
        self.definition = definition
        self.columns = columns
        self.conjuncts = conjuncts
        self.limit = limit
    }

    func encoded() throws(IglooError) -> [UInt8] {
        var expressions = ExpressionEncoder()
        let roots = conjuncts.map { Int(expressions.append($0)) }
        var encoder = HandleEncoder(tag: Self.tag)
        try definition.encode(into: &encoder)
        encoder.append(columns)
        encoder.append(limit)
        encoder.append(aggregates.flatMap(\.code))
        encoder.append(roots)
        encoder.append(blob: expressions.finish())
        return encoder.bytes
    }

    init(handle: [UInt8]) throws(IglooError) {
        var decoder = try HandleDecoder(handle, tag: Self.tag, "parquet plan handle")
        definition = try ParquetTableDefinition(from: &decoder)
        columns = try decoder.ints()
        limit = try decoder.optionalInt64()
        aggregates = []
        let codes = try decoder.ints()
        for place in stride(from: 0, to: codes.count, by: 2) {
            guard place + 1 < codes.count,
                let aggregate = FooterAggregate(code: (codes[place], codes[place + 1]))
            else { throw decoder.malformed("an unknown aggregate") }
            aggregates.append(aggregate)
        }
        let roots = try decoder.ints()
        let expressions = try ExpressionDecoder(try decoder.blob())
        try decoder.expectEnd()
        conjuncts = []
        for root in roots {
            guard let index = UInt32(exactly: root) else {
                throw decoder.malformed("there is no expression \(root)")
            }
            conjuncts.append(try expressions.expression(at: index))
        }
    }
}

/// Row groups of one file.
struct ParquetSplit: Sendable {
    private static let tag: UInt8 = 0xA3

    var file: FileReference
    var rowGroups: [Int]

    init(file: FileReference, rowGroups: [Int]) {
        self.file = file
        self.rowGroups = rowGroups
    }

    func encoded() -> [UInt8] {
        var encoder = HandleEncoder(tag: Self.tag)
        encoder.append([file])
        encoder.append(rowGroups)
        return encoder.bytes
    }

    init(payload: [UInt8]) throws(IglooError) {
        var decoder = try HandleDecoder(payload, tag: Self.tag, "parquet split")
        let files = try decoder.files()
        guard files.count == 1 else { throw decoder.malformed("\(files.count) files") }
        file = files[0]
        rowGroups = try decoder.ints()
        try decoder.expectEnd()
    }
}
