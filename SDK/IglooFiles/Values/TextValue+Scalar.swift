// SPDX-License-Identifier: MIT

public import IglooArrow

extension TextValue {
    /// A text as a value of one of the types that texts are read as; `nil` = it is none.
    public static func scalar(_ text: String, _ type: DataType) -> Scalar? {
        if type == .utf8View { return .text(text) }
        // Numbers are looked at in words that may go beyond the end.
        let bytes = Array(text.utf8) + Array(repeating: 0, count: 64)
        return bytes.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.flatMap { scalar($0, text.utf8.count, type) }
        }
    }

    private static func scalar(
        _ bytes: UnsafePointer<UInt8>, _ count: Int, _ type: DataType
    ) -> Scalar? {
        switch type {
        case .bool: return looseBool(bytes, count).map { .bool($0) }
        case .int8: return int64(bytes, count).flatMap { Int8(exactly: $0) }.map { .int(Int64($0)) }
        case .int16:
            return int64(bytes, count).flatMap { Int16(exactly: $0) }.map { .int(Int64($0)) }
        case .int32:
            return int64(bytes, count).flatMap { Int32(exactly: $0) }.map { .int(Int64($0)) }
        case .int64: return int64(bytes, count).map { .int($0) }
        case .uint8, .uint16, .uint32, .uint64:
            let limit = UInt64.max >> UInt64(64 - 8 * (type.fixedByteWidth ?? 8))
            return decimal(bytes, count, precision: 20, scale: 0)
                .flatMap { UInt64(exactly: $0) }.flatMap { $0 <= limit ? .uint($0) : nil }
        case .float32: return double(bytes, count).map { .float(Double(Float($0))) }
        case .float64: return double(bytes, count).map { .float($0) }
        case .decimal64(let precision, let scale), .decimal128(let precision, let scale):
            return decimal(bytes, count, precision: precision, scale: scale).map { .decimal($0) }
        case .date32: return date(bytes, count).map { .int(Int64($0)) }
        case .time64: return time(bytes, count).map { .int($0) }
        case .timestamp(_, let zone):
            guard let value = timestamp(bytes, count), zone != nil || !value.hasZone else {
                return nil
            }
            return .int(value.microseconds)
        default: return nil
        }
    }
}
