// SPDX-License-Identifier: MIT

import CSQLite
import IglooArrow
import IglooFiles

/// Takes the values of a column from a statement, checking that each fits the column's type.
///
/// What fits is narrow on purpose: conditions are pushed down to SQLite, which compares what is
/// stored, so one stored form must stand for one value.
///
/// - Threads: one at a time.
final class SQLiteColumnBuilder {
    private let type: DataType
    private var int64s: PrimitiveBuilder<Int64>
    private var int128s: PrimitiveBuilder<Int128>
    private var doubles: PrimitiveBuilder<Double>
    private var dates: PrimitiveBuilder<Int32>
    private var bools: BoolBuilder
    private var texts: BinaryViewBuilder
    /// Bytes of texts and blobs since the last `finish`.
    private(set) var byteCount = 0

    init(_ type: DataType) {
        self.type = type
        let isInt64 = type.fixedByteWidth == 8 && type != .float64
        int64s = PrimitiveBuilder(isInt64 ? type : .int64, zero: 0)
        var shape = DataType.decimal128(precision: 38, scale: 0)
        if case .decimal128 = type { shape = type }
        int128s = PrimitiveBuilder(shape, zero: 0)
        doubles = PrimitiveBuilder(.float64, zero: 0)
        dates = PrimitiveBuilder(.date32, zero: 0)
        bools = BoolBuilder()
        texts = BinaryViewBuilder(type == .binaryView ? .binaryView : .utf8View)
    }

    static func canHold(_ type: DataType) -> Bool {
        switch type {
        case .bool, .int64, .float64, .utf8View, .binaryView, .date32, .time64(.microsecond),
            .timestamp(.microsecond, _), .decimal64, .decimal128:
            true
        default: false
        }
    }

    func appendNull() {
        switch type {
        case .bool: bools.appendNull()
        case .float64: doubles.appendNull()
        case .date32: dates.appendNull()
        case .utf8View, .binaryView: texts.appendNull()
        case .decimal128: int128s.appendNull()
        default: int64s.appendNull()
        }
    }

    /// Appends the value at `column` of the statement's row, or NULL and `false` when it does not
    /// fit.
    func append(_ statement: OpaquePointer, _ column: Int32) -> Bool {
        let storage = sqlite3_column_type(statement, column)
        guard storage != SQLITE_NULL else {
            appendNull()
            return true
        }
        if take(statement, column, storage) { return true }
        appendNull()
        return false
    }

    /// Appends the sum whose upper and lower halves stand at `column` and behind it.
    func appendSum(_ statement: OpaquePointer, _ column: Int32) {
        guard sqlite3_column_type(statement, column) != SQLITE_NULL else { return appendNull() }
        let upper = Int128(sqlite3_column_int64(statement, column))
        let lower = Int128(sqlite3_column_int64(statement, column + 1))
        int128s.append(upper << 32 + lower)
    }

    private func take(_ statement: OpaquePointer, _ column: Int32, _ storage: Int32) -> Bool {
        switch type {
        case .int64:
            guard storage == SQLITE_INTEGER else { return false }
            int64s.append(sqlite3_column_int64(statement, column))
            return true
        case .float64: return takeDouble(statement, column, storage)
        case .utf8View: return takeText(statement, column, storage)
        case .binaryView:
            guard storage == SQLITE_BLOB else { return false }
            let bytes = sqlite3_column_blob(statement, column)
            appendBytes(bytes, Int(sqlite3_column_bytes(statement, column)))
            return true
        case .bool: return takeBool(statement, column, storage)
        case .decimal64, .decimal128: return takeDecimal(statement, column, storage)
        default:
            guard storage == SQLITE_TEXT, let bytes = sqlite3_column_text(statement, column)
            else { return false }
            return takeTime(bytes, Int(sqlite3_column_bytes(statement, column)))
        }
    }

    private func takeDouble(
        _ statement: OpaquePointer, _ column: Int32, _ storage: Int32
    ) -> Bool {
        if storage == SQLITE_INTEGER {
            guard let value = Double(exactly: sqlite3_column_int64(statement, column)) else {
                return false
            }
            doubles.append(value)
            return true
        }
        guard storage == SQLITE_FLOAT else { return false }
        doubles.append(sqlite3_column_double(statement, column))
        return true
    }

    private func takeText(
        _ statement: OpaquePointer, _ column: Int32, _ storage: Int32
    ) -> Bool {
        guard storage != SQLITE_BLOB, let bytes = sqlite3_column_text(statement, column) else {
            return false
        }
        let count = Int(sqlite3_column_bytes(statement, column))
        guard TextBytes.isUTF8(bytes, count) else { return false }
        appendBytes(UnsafeRawPointer(bytes), count)
        return true
    }

    private func appendBytes(_ bytes: UnsafeRawPointer?, _ count: Int) {
        byteCount += count
        texts.append(UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : count))
    }

    private func takeBool(
        _ statement: OpaquePointer, _ column: Int32, _ storage: Int32
    ) -> Bool {
        if storage == SQLITE_INTEGER {
            let value = sqlite3_column_int64(statement, column)
            guard value == 0 || value == 1 else { return false }
            bools.append(value == 1)
            return true
        }
        guard storage == SQLITE_TEXT, let bytes = sqlite3_column_text(statement, column),
            let value = TextValue.looseBool(bytes, Int(sqlite3_column_bytes(statement, column)))
        else { return false }
        bools.append(value)
        return true
    }

    private func takeTime(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        if case .time64 = type {
            guard let value = TextValue.time(bytes, count) else { return false }
            int64s.append(value)
            return true
        }
        // Pushed conditions compare texts, which begin with the date in this one form.
        guard count >= 10, bytes[4] == 0x2D, bytes[7] == 0x2D else { return false }
        if type == .date32 {
            guard count == 10, let days = TextValue.date(bytes, count) else { return false }
            dates.append(days)
            return true
        }
        guard let value = TextValue.timestamp(bytes, count),
            type == .timestamp(.microsecond, timeZone: "UTC") || !value.hasZone
        else { return false }
        int64s.append(value.microseconds)
        return true
    }

    // MARK: - Decimals

    private func takeDecimal(
        _ statement: OpaquePointer, _ column: Int32, _ storage: Int32
    ) -> Bool {
        guard let (precision, scale) = type.decimalShape else { return false }
        var value: Int128?
        switch storage {
        case SQLITE_FLOAT:
            value = Self.decimal(sqlite3_column_double(statement, column), precision, scale)
        case SQLITE_INTEGER, SQLITE_TEXT:
            if let bytes = sqlite3_column_text(statement, column) {
                value = Self.exactDecimal(
                    bytes, Int(sqlite3_column_bytes(statement, column)), precision, scale)
            }
        default: return false
        }
        guard let value else { return false }
        if case .decimal128 = type {
            int128s.append(value)
        } else {
            int64s.append(Int64(truncatingIfNeeded: value))
        }
        return true
    }

    /// How far a stored double may be from the decimal it stands for.
    static func tolerance(_ value: Double) -> Double { max(1, value.magnitude) * 1e-9 }

    private static func decimal(_ value: Double, _ precision: Int, _ scale: Int) -> Int128? {
        guard value.isFinite else { return nil }
        var factor = 1.0
        for _ in 0..<scale { factor *= 10 }
        // The shortest text of a double is the decimal that was meant.
        var text = "\(value)"
        let result = text.withUTF8 { bytes -> Int128? in
            guard let start = bytes.baseAddress, !bytes.contains(UInt8(ascii: "e")) else {
                return nil
            }
            return TextValue.decimal(start, bytes.count, precision: precision, scale: scale)
        }
        let unscaled = result ?? Int128(exactly: (value * factor).rounded())
        guard let unscaled, (Double(unscaled) / factor - value).magnitude <= tolerance(value)
        else { return nil }
        return unscaled.magnitude < limit(precision) ? unscaled : nil
    }

    private static func exactDecimal(
        _ bytes: UnsafePointer<UInt8>, _ count: Int, _ precision: Int, _ scale: Int
    ) -> Int128? {
        // Digits that would be rounded away do not fit.
        guard let value = TextValue.decimal(bytes, count, precision: precision, scale: scale)
        else { return nil }
        guard let point = TextBytes.firstIndex(of: 0x2E, bytes, count) else { return value }
        var index = point + 1 + scale
        while index < count {
            if bytes[index] != 0x30 { return nil }
            index += 1
        }
        return value
    }

    private static func limit(_ precision: Int) -> UInt128 {
        var limit: UInt128 = 1
        for _ in 0..<min(precision, 38) { limit *= 10 }
        return limit
    }

    // MARK: - Arrays

    func finish() -> ArrayData {
        byteCount = 0
        switch type {
        case .bool: return bools.finish()
        case .float64: return doubles.finish()
        case .date32: return dates.finish()
        case .utf8View, .binaryView: return texts.finish()
        case .decimal128: return int128s.finish()
        default: return int64s.finish()
        }
    }
}
