// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Casts from text.
enum TextCasts {
    static func kernel(_ to: DataType, _ context: EvaluationContext) throws(IglooError) -> Kernel? {
        switch to {
        case .bool: return bools()
        case .int8: return integers(Int8.self, to)
        case .int16: return integers(Int16.self, to)
        case .int32: return integers(Int32.self, to)
        case .int64: return integers(Int64.self, to)
        case .uint8: return integers(UInt8.self, to)
        case .uint16: return integers(UInt16.self, to)
        case .uint32: return integers(UInt32.self, to)
        case .uint64: return integers(UInt64.self, to)
        case .float64:
            return parsed(to, zero: 0.0) { NumberText.double($0) }
        case .float32:
            return parsed(to, zero: Float(0)) { text -> NumberText.Outcome<Float> in
                switch NumberText.double(text) {
                case .malformed: return .malformed
                case .outOfRange: return .outOfRange
                case .value(let value):
                    // Once rounded, from the text: twice would be once too often.
                    let float = Float(NumberText.trimmed(text).text) ?? Float(value)
                    return float.isInfinite && value.isFinite ? .outOfRange : .value(float)
                }
            }
        case .decimal64(let precision, let scale): return decimals(Int64.self, precision, scale, to)
        case .decimal128(let precision, let scale):
            return decimals(Int128.self, precision, scale, to)
        case .date32: return parsed(to, zero: Int32(0)) { TimeText.date($0) }
        case .time64: return parsed(to, zero: Int64(0)) { TimeText.time($0) }
        case .timestamp(let unit, let zone):
            let rules = zone == nil ? nil : try ZoneRules.named(context.timeZone)
            return parsed(to, zero: Int64(0)) {
                TimeText.timestamp($0, unit.unitsPerSecond, rules)
            }
        case .interval:
            return parsed(to, zero: MonthDayNanoInterval(months: 0, days: 0, nanoseconds: 0)) {
                IntervalText.parse($0.text)
            }
        case .binaryView: return binaries()
        case .list, .structure, .map: return try NestedTextCasts.kernel(to, context)
        default: return nil
        }
    }

    private static func integers<T: IntegerValue>(_ t: T.Type, _ to: DataType) -> Kernel {
        parsed(to, zero: T(0)) { NumberText.integer($0, t) }
    }

    private static func decimals<T: IntegerValue>(
        _ t: T.Type, _ precision: Int, _ scale: Int, _ to: DataType
    ) -> Kernel {
        let limit = DecimalPower.ten(precision)
        return parsed(to, zero: T(0)) { text -> NumberText.Outcome<T> in
            switch NumberText.decimal(text, scale: scale) {
            case .malformed: return .malformed
            case .outOfRange: return .outOfRange
            case .value(let value):
                if value >= limit || value <= 0 - limit { return .outOfRange }
                return .value(T(truncatingIfNeeded: value))
            }
        }
    }

    /// Reads each valid row; what cannot be read raises an error or, in a try, is null.
    static func parsed<T: BitwiseCopyable & Sendable>(
        _ to: DataType, zero: T,
        _ parse: @escaping (UnsafeRawBufferPointer) -> NumberText.Outcome<T>
    ) -> Kernel {
        { (call) throws(IglooError) in
            let reader = ViewReader(call.arguments[0])
            var builder = BufferBuilder(byteCapacity: call.count * MemoryLayout<T>.stride)
            var failed = Failures(call)
            for row in 0..<call.count {
                var value = zero
                if call.isValid(row) {
                    switch parse(reader[row]) {
                    case .value(let parsed): value = parsed
                    case .malformed:
                        try failed.add(row) { Faults.malformed(reader[row].text, to) }
                    case .outOfRange:
                        try failed.add(row) { Faults.textOutOfRange(reader[row].text, to) }
                    }
                }
                builder.append(value)
            }
            return call.result(to, [builder.finish()], validity: failed.validity())
        }
    }

    private static func bools() -> Kernel {
        { (call) throws(IglooError) in
            let reader = ViewReader(call.arguments[0])
            var builder = BufferBuilder(zeroed: Bitmap.byteCount(forBits: call.count))
            var failed = Failures(call)
            for row in 0..<call.count where call.isValid(row) {
                guard case .value(let bit) = NumberText.bool(reader[row]) else {
                    try failed.add(row) { Faults.malformed(reader[row].text, .bool) }
                    continue
                }
                if bit { Bitmap.set(builder.pointer(), row) }
            }
            return call.result(.bool, [builder.finish()], validity: failed.validity())
        }
    }

    /// `\xDEADBEEF`, or the text's bytes with `\ooo` and `\\` escapes.
    private static func binaries() -> Kernel {
        { (call) throws(IglooError) in
            let reader = ViewReader(call.arguments[0])
            var writer = ViewWriter(count: call.count)
            var failed = Failures(call)
            for row in 0..<call.count {
                if call.isValid(row) {
                    if let bytes = ByteaText.bytes(reader[row]) {
                        bytes.withUnsafeBytes { writer.write($0) }
                    } else {
                        try failed.add(row) { Faults.malformed(reader[row].text, .binaryView) }
                    }
                }
                writer.close()
            }
            return writer.finish(.binaryView, count: call.count, validity: failed.validity())
        }
    }
}

/// Rows that could not be converted.
struct Failures {
    private let call: KernelCall
    private var rows: [Int] = []

    init(_ call: KernelCall) { self.call = call }

    mutating func add(_ row: Int, _ fault: () -> IglooError) throws(IglooError) {
        guard call.isTry else { throw fault() }
        rows.append(row)
    }

    func validity() -> Buffer? {
        if rows.isEmpty { return call.validity }
        var builder = BufferBuilder(zeroed: Bitmap.byteCount(forBits: call.count))
        let bits = builder.pointer(as: UInt8.self)
        for row in 0..<call.count where call.isValid(row) { Bitmap.set(bits, row) }
        for row in rows { Bitmap.clear(bits, row) }
        return builder.finish()
    }
}

enum ByteaText {
    /// Of PostgreSQL's two forms, or of DuckDB's where it is none of them.
    static func bytes(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        postgresBytes(text) ?? escapedBytes(text)
    }

    /// DuckDB's form: letters of ASCII, other bytes as `\xFF`.
    private static func escapedBytes(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        var bytes: [UInt8] = []
        var index = 0
        while index < text.count {
            if text[index] != UInt8(ascii: "\\") {
                guard text[index] < 0x80 else { return nil }
                bytes.append(text[index])
                index += 1
                continue
            }
            guard index + 3 < text.count, text[index + 1] == UInt8(ascii: "x"),
                let high = hex(text[index + 2]), let low = hex(text[index + 3])
            else { return nil }
            bytes.append(high << 4 | low)
            index += 4
        }
        return bytes
    }

    private static func postgresBytes(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        var bytes: [UInt8] = []
        if text.count >= 2, text[0] == UInt8(ascii: "\\"), text[1] == UInt8(ascii: "x") {
            guard text.count & 1 == 0 else { return nil }
            for index in stride(from: 2, to: text.count, by: 2) {
                guard let high = hex(text[index]), let low = hex(text[index + 1]) else {
                    return nil
                }
                bytes.append(high << 4 | low)
            }
            return bytes
        }
        var index = 0
        while index < text.count {
            if text[index] != UInt8(ascii: "\\") {
                bytes.append(text[index])
                index += 1
            } else if index + 1 < text.count, text[index + 1] == UInt8(ascii: "\\") {
                bytes.append(text[index])
                index += 2
            } else {
                guard index + 3 < text.count, text[index + 1] &- 0x30 < 4,
                    text[index + 2] &- 0x30 < 8, text[index + 3] &- 0x30 < 8
                else { return nil }
                bytes.append(
                    (text[index + 1] & 3) << 6 | (text[index + 2] & 7) << 3 | text[index + 3] & 7)
                index += 4
            }
        }
        return bytes
    }

    private static func hex(_ byte: UInt8) -> UInt8? {
        if byte &- 0x30 < 10 { return byte &- 0x30 }
        let letter = byte | 0x20
        return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : nil
    }
}
