// SPDX-License-Identifier: MIT

internal import IglooArrow
internal import IglooPlan

/// Casts of literals that can be done at once and cannot fail in an interesting way.
enum Constant {
    /// The value of a literal in another type; `nil` where it is left to the cast at run time.
    static func converted(_ value: Scalar, from: DataType, to: DataType) -> Scalar? {
        switch (value, to) {
        case (.null, _): return .null
        case (.int(let number), _) where from.isInteger: return number128(Int128(number), to)
        case (.decimal(let number), _):
            guard let shape = from.decimalShape else { return nil }
            return decimal(number, shape.scale, to)
        default: return nil
        }
    }

    /// A whole number in a numeric type, or `nil` if it is beyond it.
    private static func number128(_ number: Int128, _ to: DataType) -> Scalar? {
        if to.isInteger { return integer(number, to) }
        if to == .float64 { return .float(Double(number)) }
        return decimal(number, 0, to)
    }

    private static func decimal(_ number: Int128, _ scale: Int, _ to: DataType) -> Scalar? {
        guard let shape = to.decimalShape, shape.scale >= scale else { return nil }
        let text = DecimalText(unscaled: number, scale: scale, precision: 38)
        return text.rescaled(precision: shape.precision, scale: shape.scale).map { .decimal($0) }
    }

    static func integer(_ number: Int128, _ type: DataType) -> Scalar? {
        switch type {
        case .int8: Int8(exactly: number).map { .int(Int64($0)) }
        case .int16: Int16(exactly: number).map { .int(Int64($0)) }
        case .int32: Int32(exactly: number).map { .int(Int64($0)) }
        case .int64: Int64(exactly: number).map { .int($0) }
        case .uint8: UInt8(exactly: number).map { .uint(UInt64($0)) }
        case .uint16: UInt16(exactly: number).map { .uint(UInt64($0)) }
        case .uint32: UInt32(exactly: number).map { .uint(UInt64($0)) }
        case .uint64: UInt64(exactly: number).map { .uint($0) }
        default: nil
        }
    }
}

extension DecimalText {
    init(unscaled: Int128, scale: Int, precision: Int) {
        self.unscaled = unscaled
        self.scale = scale
        self.precision = precision
    }
}
