// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// How values of a type are written: PostgreSQL's text forms; nested types as DuckDB writes them.
struct TextForm {
    private let type: DataType
    private let children: [TextForm]
    private let rules: ZoneRules

    init(_ type: DataType, timeZone: String) throws(IglooError) {
        self.type = type
        var children: [TextForm] = []
        for field in type.childFields {
            children.append(try TextForm(field.type, timeZone: timeZone))
        }
        self.children = children
        if case .timestamp(_, .some) = type {
            rules = try ZoneRules.named(timeZone)
        } else {
            rules = .utc
        }
    }

    /// Writes the text of an element that is not null; the writer's value stays open.
    func write(_ array: ArrayData, _ i: Int, to writer: inout ViewWriter) {
        switch type {
        case .null: ascii("NULL", &writer)
        case .bool:
            let bit = Bitmap.isSet(array.buffers[0].pointer(), array.offset + i)
            ascii(bit ? "true" : "false", &writer)
        case .int8: number(Int128(array.values(as: Int8.self)[i]), &writer)
        case .int16: number(Int128(array.values(as: Int16.self)[i]), &writer)
        case .int32: number(Int128(array.values(as: Int32.self)[i]), &writer)
        case .int64: number(Int128(array.values(as: Int64.self)[i]), &writer)
        case .uint8: number(Int128(array.values(as: UInt8.self)[i]), &writer)
        case .uint16: number(Int128(array.values(as: UInt16.self)[i]), &writer)
        case .uint32: number(Int128(array.values(as: UInt32.self)[i]), &writer)
        case .uint64: number(Int128(array.values(as: UInt64.self)[i]), &writer)
        case .decimal64(_, let scale):
            DigitText.decimal(Int128(array.values(as: Int64.self)[i]), scale, &writer)
        case .decimal128(_, let scale):
            DigitText.decimal(array.values(as: Int128.self)[i], scale, &writer)
        case .float32:
            let value = array.values(as: Float.self)[i]
            ascii(FloatText.form(value.description, Double(value), fixedMax: 6), &writer)
        case .float64:
            let value = array.values(as: Double.self)[i]
            ascii(FloatText.form(value.description, value, fixedMax: 15), &writer)
        case .date32:
            let days = array.values(as: Int32.self)[i]
            if ClockText.infinite(InfiniteMoments.sign(days), &writer) { return }
            ClockText.date(Int64(days), &writer)
        case .time64: ClockText.time(array.values(as: Int64.self)[i], 1_000_000, &writer)
        case .timestamp(let unit, let zone):
            timestamp(array.values(as: Int64.self)[i], unit, zone != nil, &writer)
        case .interval:
            ClockText.interval(array.values(as: MonthDayNanoInterval.self)[i], &writer)
        case .utf8View, .dictionary: text(array, i, &writer)
        case .binaryView:
            ascii("\\x", &writer)
            for byte in array.bytes(at: i) { HexText.write(byte, to: &writer) }
        case .list: list(array, i, &writer)
        case .structure(let fields): structure(array, i, fields, &writer)
        case .map: map(array, i, &writer)
        case .logical(let type): logical(array, i, type, &writer)
        default: ascii("?", &writer)
        }
    }

    private func logical(
        _ array: ArrayData, _ i: Int, _ type: LogicalType, _ writer: inout ViewWriter
    ) {
        switch type {
        case .uuid:
            UUIDText.text(array.values(as: Int128.self)[i]).withUnsafeBytes { writer.write($0) }
        case .json, .jsonb: text(array, i, &writer)
        case .inet, .cidr:
            let address = NetworkAddress(stored: array.bytes(at: i).characters.span)
            ascii(address.text(isNetwork: type == .cidr), &writer)
        case .timetz:
            let time = ZonedTime(stored: array.values(as: Int64.self)[i])
            ClockText.time(time.microseconds, 1_000_000, &writer)
            ClockText.zone(time.offset, &writer)
        case .enumeration(let enumeration):
            let place = Int(array.values(as: Int32.self)[i])
            guard enumeration.labels.indices.contains(place) else { return }
            ascii(enumeration.labels[place], &writer)
        }
    }

    private func ascii(_ text: String, _ writer: inout ViewWriter) {
        var text = text
        text.withUTF8 { writer.write(UnsafeRawBufferPointer($0)) }
    }

    private func number(_ value: Int128, _ writer: inout ViewWriter) {
        DigitText.decimal(value, 0, &writer)
    }

    private func text(_ array: ArrayData, _ i: Int, _ writer: inout ViewWriter) {
        if let dictionary = array.dictionary {
            writer.write(dictionary.bytes(at: array.dictionaryIndex(at: i)))
        } else {
            writer.write(array.bytes(at: i))
        }
    }

    private func timestamp(
        _ value: Int64, _ unit: TimeUnit, _ isInstant: Bool, _ writer: inout ViewWriter
    ) {
        if ClockText.infinite(InfiniteMoments.sign(value), &writer) { return }
        let units = unit.unitsPerSecond
        let offset = isInstant ? rules.offset(at: Floor.divide(value, units)) : 0
        let local = value &+ offset &* units
        let days = Floor.divide(local, 86_400 &* units)
        ClockText.date(days, &writer, suffix: false)
        writer.write(0x20)
        ClockText.time(Floor.remainder(local, 86_400 &* units), units, &writer)
        if isInstant { ClockText.zone(offset, &writer) }
        if CivilDate(days: days).year <= 0 { ascii(" BC", &writer) }
    }

    private func nested(_ array: ArrayData, _ i: Int, _ child: Int, _ writer: inout ViewWriter) {
        if array.isLogicallyNull(at: i) { return ascii("NULL", &writer) }
        let form = children[child]
        let mark = writer.openByteCount
        form.write(array, i, to: &writer)
        switch form.type {
        case .utf8View, .dictionary, .timestamp, .time64, .interval, .binaryView,
            .logical(.json), .logical(.jsonb), .logical(.timetz):
            QuotedText.quote(from: mark, in: &writer)
        default: break
        }
    }

    private func list(_ array: ArrayData, _ i: Int, _ writer: inout ViewWriter) {
        ascii("[", &writer)
        let range = array.listRange(at: i)
        for element in range {
            if element > range.lowerBound { ascii(", ", &writer) }
            nested(array.children[0], element, 0, &writer)
        }
        ascii("]", &writer)
    }

    private func structure(
        _ array: ArrayData, _ i: Int, _ fields: [Field], _ writer: inout ViewWriter
    ) {
        ascii("{", &writer)
        for index in fields.indices {
            ascii(index > 0 ? ", '" : "'", &writer)
            var name = fields[index].name
            name.withUTF8 { QuotedText.escape(UnsafeRawBufferPointer($0), to: &writer) }
            ascii("': ", &writer)
            nested(array.children[index], array.offset + i, index, &writer)
        }
        ascii("}", &writer)
    }

    private func map(_ array: ArrayData, _ i: Int, _ writer: inout ViewWriter) {
        ascii("{", &writer)
        let entries = array.children[0]
        let range = array.listRange(at: i)
        for entry in range {
            if entry > range.lowerBound { ascii(", ", &writer) }
            children[0].nested(entries.children[0], entries.offset + entry, 0, &writer)
            ascii("=", &writer)
            children[0].nested(entries.children[1], entries.offset + entry, 1, &writer)
        }
        ascii("}", &writer)
    }
}

/// Digits of whole numbers and decimals.
enum DigitText {
    static func decimal(_ value: Int128, _ scale: Int, _ writer: inout ViewWriter) {
        if value < 0 { writer.write(UInt8(ascii: "-")) }
        if let small = UInt64(exactly: value.magnitude), scale <= 0 {
            return digits(small, zeros: small == 0 ? 0 : -scale, &writer)
        }
        var text = Array(String(value.magnitude).utf8)
        if scale > 0 {
            let missing = scale + 1 - text.count
            if missing > 0 {
                text.insert(contentsOf: [UInt8](repeating: 0x30, count: missing), at: 0)
            }
            text.insert(UInt8(ascii: "."), at: text.count - scale)
        } else {
            text.append(contentsOf: [UInt8](repeating: 0x30, count: -scale))
        }
        text.withUnsafeBytes { writer.write($0) }
    }

    private static func digits(_ value: UInt64, zeros: Int, _ writer: inout ViewWriter) {
        var buffer: (UInt64, UInt64, UInt64) = (0, 0, 0)
        withUnsafeMutableBytes(of: &buffer) { bytes in
            var at = bytes.count
            var rest = value
            repeat {
                at &-= 1
                bytes[at] = 0x30 &+ UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest != 0
            writer.write(UnsafeRawBufferPointer(rebasing: bytes[at...]))
        }
        for _ in 0..<max(zeros, 0) { writer.write(UInt8(0x30)) }
    }

    /// At least so many digits.
    static func padded(_ value: Int64, _ width: Int, _ writer: inout ViewWriter) {
        var limit: Int64 = 10
        var missing = width - 1
        while missing > 0 && value >= limit {
            limit = limit &* 10
            missing -= 1
        }
        for _ in 0..<missing { writer.write(UInt8(0x30)) }
        digits(UInt64(max(value, 0)), zeros: 0, &writer)
    }
}

/// The shortest digits that read back as the same float, laid out as PostgreSQL does.
enum FloatText {
    /// - Parameters:
    ///   - shortest: Swift's own form of the number.
    ///   - fixedMax: from so many digits before the point on there is an exponent.
    static func form(_ shortest: String, _ value: Double, fixedMax: Int) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        let sign = value.sign == .minus ? "-" : ""
        if value == 0 { return sign + "0" }
        var digits: [UInt8] = []
        var (point, exponent): (Int?, Int) = (nil, 0)
        var rest = Substring(shortest)
        while let character = rest.utf8.first {
            rest = rest.dropFirst()
            if character == UInt8(ascii: ".") {
                point = digits.count
            } else if character | 0x20 == UInt8(ascii: "e") {
                exponent = Int(rest) ?? 0
                break
            } else if character != UInt8(ascii: "-") {
                digits.append(character)
            }
        }
        var first = (point ?? digits.count) + exponent
        let zeros = digits.prefix { $0 == 0x30 }.count
        digits.removeFirst(zeros)
        first -= zeros
        while digits.last == 0x30 { digits.removeLast() }
        return sign + layout(digits, first, fixedMax)
    }

    /// 0.`digits` times ten to the `first`.
    private static func layout(_ digits: [UInt8], _ first: Int, _ fixedMax: Int) -> String {
        let text = String(decoding: digits, as: UTF8.self)
        let exponent = first - 1
        if exponent < -4 || exponent >= fixedMax {
            let fraction = digits.count > 1 ? "." + text.dropFirst() : ""
            let size = String(exponent.magnitude)
            return "\(text.prefix(1))\(fraction)e\(exponent < 0 ? "-" : "+")"
                + (size.count < 2 ? "0" : "") + size
        }
        if first <= 0 { return "0." + String(repeating: "0", count: -first) + text }
        if first >= digits.count {
            return text + String(repeating: "0", count: first - digits.count)
        }
        return "\(text.prefix(first)).\(text.dropFirst(first))"
    }
}
