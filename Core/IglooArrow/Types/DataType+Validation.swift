// SPDX-License-Identifier: MIT

extension DataType {
    /// How deep types may nest when they come from outside: everything that walks them recurses.
    package static let nestingDepthMax = 64

    /// Refuses a type that Arrow does not allow, such as a map without a value.
    ///
    /// Looks at this type alone: whoever takes types from outside calls it for each level.
    ///
    /// - Throws: `ArrowError.invalid`; `.unsupported` for scales beyond 127.
    package func checkShape() throws(ArrowError) {
        switch self {
        case .decimal32, .decimal64, .decimal128, .decimal256: try checkDecimal()
        case .fixedSizeBinary(let byteCount):
            guard (0...Int(Int32.max)).contains(byteCount) else {
                throw ArrowError(.invalid, "fixed size binary of \(byteCount) bytes")
            }
        case .fixedSizeList(_, let count):
            guard (0...Int(Int32.max)).contains(count) else {
                throw ArrowError(.invalid, "fixed size list of \(count) elements")
            }
        case .time32(let unit):
            guard unit == .second || unit == .millisecond else {
                throw ArrowError(.invalid, "time32 cannot count in \(unit)")
            }
        case .time64(let unit):
            guard unit == .microsecond || unit == .nanosecond else {
                throw ArrowError(.invalid, "time64 cannot count in \(unit)")
            }
        case .map(let entries, _):
            guard case .structure(let fields) = entries.type, fields.count == 2 else {
                throw ArrowError(.invalid, "a map's entries must be a struct of key and value")
            }
        case .dictionary(let index, _, _):
            guard index.isInteger else {
                throw ArrowError(.invalid, "a dictionary's indexes cannot be of type \(index)")
            }
        case .runEndEncoded(let runEnds, _):
            guard [.int16, .int32, .int64].contains(runEnds.type) else {
                throw ArrowError(.invalid, "run ends cannot be of type \(runEnds.type)")
            }
        case .union(_, let typeIds, let fields): try Self.checkUnion(typeIds, fields)
        default: break
        }
    }

    private func checkDecimal() throws(ArrowError) {
        guard let (precision, scale) = decimalShape else { return }
        let precisionMax =
            switch self {
            case .decimal32: 9
            case .decimal64: 18
            case .decimal128: 38
            default: 76
            }
        guard (1...precisionMax).contains(precision) else {
            throw ArrowError(
                .invalid, "precision \(precision) of a decimal is not within 1 to \(precisionMax)")
        }
        guard (-128...127).contains(scale) else {
            throw ArrowError(.unsupported, "scale \(scale) of a decimal is not within -128 to 127")
        }
    }

    private static func checkUnion(_ typeIds: [Int8], _ fields: [Field]) throws(ArrowError) {
        guard typeIds.count == fields.count else {
            throw ArrowError(
                .invalid, "a union of \(fields.count) fields has \(typeIds.count) type ids")
        }
        guard typeIds.allSatisfy({ $0 >= 0 }), Set(typeIds).count == typeIds.count else {
            throw ArrowError(.invalid, "a union's type ids must be distinct and not negative")
        }
    }
}
