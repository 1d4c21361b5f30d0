// SPDX-License-Identifier: MIT
public import CIgloo

extension Schema {
    /// Takes over a schema that describes a struct, the form of a table.
    ///
    /// - Ownership: the structure is released and marked so, on errors too.
    /// - Throws: `ArrowError` when it is released already, is no struct, or holds types unknown.
    public init(importing source: UnsafeMutablePointer<ArrowSchema>) throws(ArrowError) {
        try self.init(table: try Field(importing: source))
    }

    /// Reads a schema that stays its owner's.
    ///
    /// - Throws: as `init(importing:)`.
    public init(borrowing source: UnsafePointer<ArrowSchema>) throws(ArrowError) {
        try self.init(table: try Field(reading: source, depth: 0))
    }

    private init(table field: Field) throws(ArrowError) {
        guard case .structure(let fields) = field.type else {
            throw ArrowError(.invalid, "a table's schema must be a struct, this is a \(field.type)")
        }
        self.init(fields, metadata: field.metadata)
    }
}

extension Field {
    /// Takes over the description of one column.
    ///
    /// - Ownership: the structure is released and marked so, on errors too.
    /// - Throws: `ArrowError` when it is released already or holds types unknown.
    public init(importing source: UnsafeMutablePointer<ArrowSchema>) throws(ArrowError) {
        defer { source.pointee.release?(source) }
        try self.init(reading: source, depth: 0)
    }

    fileprivate init(
        reading source: UnsafePointer<ArrowSchema>, depth: Int
    ) throws(ArrowError) {
        let schema = source.pointee
        guard schema.release != nil else {
            throw ArrowError(.invalid, "the Arrow schema is released already")
        }
        guard depth < DataType.nestingDepthMax else {
            throw ArrowError(
                .unsupported, "types nested deeper than \(DataType.nestingDepthMax) levels")
        }
        let name = schema.name.map { String(cString: $0) } ?? ""
        do throws(ArrowError) {
            self.init(
                name, try Self.type(of: schema, depth: depth),
                isNullable: schema.flags & Int64(ARROW_FLAG_NULLABLE) != 0,
                metadata: try MetadataString.decode(schema.metadata))
        } catch {
            throw depth == 0 ? error : error.inside("field \"\(name)\"")
        }
    }

    private static func type(of schema: ArrowSchema, depth: Int) throws(ArrowError) -> DataType {
        guard let format = schema.format else {
            throw ArrowError(.invalid, "the Arrow schema has no type string")
        }
        guard schema.n_children >= 0, schema.n_children == 0 || schema.children != nil else {
            throw ArrowError(
                .invalid, "the Arrow schema says it has \(schema.n_children) children")
        }
        var children: [Field] = []
        for index in 0..<Int(schema.n_children) {
            guard let child = schema.children[index] else {
                throw ArrowError(.invalid, "child \(index) of the Arrow schema is missing")
            }
            children.append(try Field(reading: child, depth: depth + 1))
        }
        let type = try FormatString.decode(
            String(cString: format), children: children,
            keysSorted: schema.flags & Int64(ARROW_FLAG_MAP_KEYS_SORTED) != 0)
        guard let dictionary = schema.dictionary else { return type }
        let dictionaryType = DataType.dictionary(
            index: type, value: try Field(reading: dictionary, depth: depth + 1).type,
            isOrdered: schema.flags & Int64(ARROW_FLAG_DICTIONARY_ORDERED) != 0)
        try dictionaryType.checkShape()
        return dictionaryType
    }
}
