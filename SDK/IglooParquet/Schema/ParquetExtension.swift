// SPDX-License-Identifier: MIT

import IglooArrow

/// Parquet's logical types that are extension types in Arrow.
enum ParquetExtension {
    private static let nameKey = "ARROW:extension:name"

    static func metadata(_ element: SchemaElement, _ type: DataType) -> Metadata {
        if element.logicalType == .uuid, type == .fixedSizeBinary(byteCount: 16) {
            return [nameKey: "arrow.uuid"]
        }
        let isJSON = element.logicalType == .json || element.convertedType == .json
        return isJSON && type.isText ? [nameKey: "arrow.json"] : [:]
    }

    static func annotate(_ element: inout SchemaElement, _ field: Field) {
        switch field.metadata[nameKey] {
        case "arrow.uuid" where field.type == .fixedSizeBinary(byteCount: 16):
            element.logicalType = .uuid
        case "arrow.json" where field.type.isText, "igloo.jsonb" where field.type.isText:
            (element.logicalType, element.convertedType) = (.json, .json)
        default: break
        }
    }
}
