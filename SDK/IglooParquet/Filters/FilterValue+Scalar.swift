// SPDX-License-Identifier: MIT

public import IglooArrow

extension ParquetFooter {
    /// What a row group's statistics say of a flat column.
    public struct Bounds: Sendable {
        /// No value is less; `nil` = unknown.
        public var minimum: Scalar?
        /// No value is greater; `nil` = unknown, as always for floats, where NaN may be.
        public var maximum: Scalar?
        public var nullCount: Int64?
        public var distinctCount: Int64?
    }

    /// - Returns: `nil` for nested columns.
    public func statistics(column: Int, rowGroup: Int) -> Bounds? {
        guard let bounds = bounds(column: column, rowGroup: rowGroup),
            case .leaf(let leaf) = tree.roots[column].kind
        else { return nil }
        let type = schema.fields[column].type
        let chunk = metadata.rowGroups[rowGroup].columns[leaf]
        return Bounds(
            minimum: bounds.minimum.flatMap { $0.scalar(type) },
            maximum: type.isFloat ? nil : bounds.maximum.flatMap { $0.scalar(type) },
            nullCount: bounds.nullCount, distinctCount: chunk.statistics?.distinctCount)
    }
}

extension FilterValue {
    /// This value as one of a column of `type`; `nil` for bounds of text that were cut within a
    /// character.
    func scalar(_ type: DataType) -> Scalar? {
        switch self {
        case .integer(let value):
            if type == .bool { return .bool(value != 0) }
            if type.isDecimal { return .decimal(value) }
            if type.isUnsignedInteger { return UInt64(exactly: value).map(Scalar.uint) }
            return Int64(exactly: value).map(Scalar.int)
        case .float(let value): return .float(value)
        case .bytes(let bytes):
            if !type.isText { return .binary(bytes) }
            return String(validating: bytes, as: UTF8.self).map(Scalar.text)
        }
    }
}
