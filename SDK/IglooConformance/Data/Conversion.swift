// SPDX-License-Identifier: MIT

import IglooArrow

/// How a value of a data set looks in a column of another type, when it is the same value.
enum Conversion {
    /// The same value; `nil` when the type cannot hold it.
    static func convert(_ value: Scalar, from: DataType, to: DataType) -> Scalar? {
        if value.isNull { return .null }
        let (from, to) = (from.plain, to.plain)
        if isSame(from, to) && from.childFields.isEmpty { return value }
        if to.isText { return .text(text(value, from)) }
        switch (from, to) {
        case (.bool, _) where to.isInteger:
            guard case .bool(let flag) = value else { return nil }
            return integer(flag ? 1 : 0, to)
        case (_, _) where from.isInteger: return number(value, scale: 0, to)
        case (_, _) where from.isFloat && to.isFloat: return float(value, to)
        case (_, _) where from.isDecimal: return number(value, scale: from.decimalShape!.scale, to)
        case (_, _) where from.isBinary && to.isBinary: return value
        // The number as it is stored, without its unit.
        case (_, .int64) where from.nanosecondsPerUnit != nil: return value
        case (_, _) where from.nanosecondsPerUnit != nil: return time(value, from: from, to: to)
        default: return nested(value, from, to)
        }
    }

    /// Whether the types have the same values, be they laid out in different ways.
    static func isSame(_ left: DataType, _ right: DataType) -> Bool {
        let (left, right) = (left.plain, right.plain)
        if left == right { return true }
        if left.isText { return right.isText }
        if let shape = left.decimalShape, let other = right.decimalShape { return shape == other }
        switch (left, right) {
        case (.binary, _), (.largeBinary, _), (.binaryView, _):
            return [.binary, .largeBinary, .binaryView].contains(right)
        case (.timestamp(let unit, let zone?), .timestamp(let other, let otherZone?)):
            return unit == other && (zone == otherZone || (isUTC(zone) && isUTC(otherZone)))
        case (.structure(let fields), .structure(let others)):
            return fields.count == others.count
                && zip(fields, others).allSatisfy { $0.name == $1.name && isSame($0.type, $1.type) }
        case (.map(let entries, _), .map(let others, _)):
            return zip(entries.type.childFields, others.type.childFields)
                .allSatisfy { isSame($0.type, $1.type) }
        case (.fixedSizeList(let field, let count), .fixedSizeList(let other, let otherCount)):
            return count == otherCount && isSame(field.type, other.type)
        default:
            guard let element = left.listElement, let other = right.listElement else {
                return false
            }
            return isSame(element, other)
        }
    }

    private static func isUTC(_ zone: String) -> Bool {
        ["UTC", "Etc/UTC", "Z", "+00:00", "GMT"].contains(zone)
    }

    // MARK: - Numbers

    private static func number(_ value: Scalar, scale: Int, _ to: DataType) -> Scalar? {
        guard let unscaled = value.wholeNumber else { return nil }
        if to.isFloat {
            guard let narrow = unscaled.narrowed, scale == 0,
                Int128(exactly: Double(narrow)) == narrow
            else { return nil }
            return float(.float(Double(narrow)), to)
        }
        let target = to.decimalShape?.scale ?? 0
        guard to.isInteger || to.isDecimal, let moved = shifted(unscaled, by: target - scale) else {
            return nil
        }
        if to.isInteger { return moved.narrowed.flatMap { integer($0, to) } }
        if let narrow = moved.narrowed { return .decimal(narrow) }
        return .wideDecimal(high: moved.high, low: moved.low)
    }

    /// Times a power of ten; `nil` when digits would be lost.
    private static func shifted(_ value: Int256, by digits: Int) -> Int256? {
        var value = value
        for _ in 0..<abs(digits) {
            if digits > 0 {
                let (product, overflow) = value.multipliedReportingOverflow(by: 10)
                if overflow { return nil }
                value = product
            } else {
                let (quotient, remainder) = value.quotientAndRemainder(dividingBy: 10)
                if remainder != 0 { return nil }
                value = quotient
            }
        }
        return value
    }

    private static func integer(_ value: Int128, _ to: DataType) -> Scalar? {
        if to.isUnsignedInteger { return UInt64(exactly: value).map { .uint($0) } }
        guard let value = Int64(exactly: value) else { return nil }
        let bits = (to.fixedByteWidth ?? 8) * 8
        return bits == 64 || (-(1 << (bits - 1))..<(1 << (bits - 1))).contains(value)
            ? .int(value) : nil
    }

    private static func float(_ value: Scalar, _ to: DataType) -> Scalar? {
        guard case .float(let number) = value else { return nil }
        if number.isNaN { return value }
        switch to {
        case .float16: return Double(Float16(number)) == number ? value : nil
        case .float32: return Double(Float(number)) == number ? value : nil
        default: return value
        }
    }

    // MARK: - Times

    private static func time(_ value: Scalar, from: DataType, to: DataType) -> Scalar? {
        guard case .int(let number) = value, let unit = from.nanosecondsPerUnit,
            let target = to.nanosecondsPerUnit
        else { return nil }
        let (whole, rest) = (Int128(number) * unit).quotientAndRemainder(dividingBy: target)
        return rest == 0 ? Int64(exactly: whole).map { .int($0) } : nil
    }

    // MARK: - Nested values

    private static func nested(_ value: Scalar, _ from: DataType, _ to: DataType) -> Scalar? {
        switch (value, from, to) {
        case (.structure(let values), .structure(let fields), .structure(let others)):
            guard fields.map(\.name) == others.map(\.name) else { return nil }
            let parts = zip(values, zip(fields, others)).map {
                convert($0, from: $1.0.type, to: $1.1.type)
            }
            return parts.contains { $0 == nil } ? nil : .structure(parts.map { $0! })
        case (.map(let values), .map(let entries, _), .map(let others, _)):
            let parts = values.map { convert($0, from: entries.type, to: unnamed(others, entries)) }
            return parts.contains { $0 == nil } ? nil : .map(parts.map { $0! })
        case (.list(let values), _, _):
            guard let element = from.listElement, let other = to.listElement else { return nil }
            let parts = values.map { convert($0, from: element, to: other) }
            return parts.contains { $0 == nil } ? nil : .list(parts.map { $0! })
        default: return nil
        }
    }

    /// The names of keys and values mean nothing.
    private static func unnamed(_ entries: Field, _ like: Field) -> DataType {
        let fields = zip(entries.type.childFields, like.type.childFields)
        return .structure(fields.map { Field($1.name, $0.type) })
    }

    // MARK: - Text

    /// As Igloo itself writes the value.
    private static func text(_ value: Scalar, _ type: DataType) -> String {
        switch value {
        case .bool(let flag): flag ? "true" : "false"
        case .int(let number): "\(number)"
        case .uint(let number): "\(number)"
        case .float(let number): "\(number)"
        case .text(let text): text
        default: DecimalText.text(value, scale: type.decimalShape?.scale ?? 0) ?? "\(value)"
        }
    }
}

enum DecimalText {
    /// Plain digits with `scale` of them after the point.
    static func text(_ value: Scalar, scale: Int) -> String? {
        guard let unscaled = value.wholeNumber else { return nil }
        var digits = unscaled.description
        let isNegative = digits.hasPrefix("-")
        if isNegative { digits.removeFirst() }
        guard scale > 0 else { return (isNegative ? "-" : "") + digits }
        digits = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
        let point = digits.index(digits.endIndex, offsetBy: -scale)
        return (isNegative ? "-" : "") + digits[..<point] + "." + digits[point...]
    }
}

extension Scalar {
    /// Integers and unscaled decimals.
    var wholeNumber: Int256? {
        switch self {
        case .int(let number): Int256(Int128(number))
        case .uint(let number): Int256(Int128(number))
        case .decimal(let number): Int256(number)
        case .wideDecimal(let high, let low): Int256(high: high, low: low)
        default: nil
        }
    }
}

extension DataType {
    /// Without its encoding.
    var plain: DataType {
        switch self {
        case .dictionary(_, let value, _): value.plain
        case .runEndEncoded(_, let values): values.type.plain
        default: self
        }
    }

    var listElement: DataType? {
        switch self {
        case .list(let field), .largeList(let field), .listView(let field),
            .largeListView(let field), .fixedSizeList(let field, _):
            field.type
        default: nil
        }
    }

    /// Of timestamps, times, durations and dates.
    fileprivate var nanosecondsPerUnit: Int128? {
        switch self {
        case .timestamp(let unit, _), .time32(let unit), .time64(let unit), .duration(let unit):
            Int128(1_000_000_000 / unit.unitsPerSecond)
        case .date64: 1_000_000
        case .date32: 86_400_000_000_000
        default: nil
        }
    }
}
