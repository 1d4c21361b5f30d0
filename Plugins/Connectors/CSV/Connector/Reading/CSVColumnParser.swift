// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFiles

/// Makes the arrays of a range of records, column by column.
///
/// A column at a time keeps the type out of the loops: each loop knows its parser, and writes
/// into memory that was made for the whole range.
struct CSVColumnParser {
    let table: CSVTable
    let piece: CSVPiece
    let rows: CSVRows
    /// All of the piece is valid UTF-8.
    let isUTF8: Bool
    let range: Range<Int>

    // What the loops ask for each field, fetched once.
    private let bytes: UnsafePointer<UInt8>
    private let ends: UnsafePointer<UInt32>
    private let firstFields: UnsafePointer<UInt32>
    private let quote: UInt8
    private let hasQuote: Bool
    private let newline: UInt8
    private let stripsCarriageReturn: Bool
    private let nullsEmpty: Bool
    private let nullsOnlyEmpty: Bool
    private let nullsQuoted: Bool
    private let hasShortRows: Bool
    /// Bytes of the delimiter before its last.
    private let delimiterHeadCount: Int

    init(
        table: CSVTable, piece: CSVPiece, rows: CSVRows, isUTF8: Bool, range: Range<Int>
    ) {
        self.table = table
        self.piece = piece
        self.rows = rows
        self.isUTF8 = isUTF8
        self.range = range
        bytes = piece.bytes
        ends = piece.index.fieldEnds
        firstFields = UnsafePointer(rows.first)
        quote = table.dialect.quote ?? 0
        hasQuote = table.dialect.quote != nil
        newline = table.dialect.newline
        stripsCarriageReturn = table.dialect.stripsCarriageReturn
        nullsEmpty = table.values.nullTexts.contains("")
        nullsOnlyEmpty = table.values.nullTexts.allSatisfy(\.isEmpty)
        nullsQuoted = table.values.nullsQuoted
        delimiterHeadCount = table.dialect.delimiter.count - 1
        hasShortRows = !rows.shortCounts.isEmpty
    }

    /// Rows that could not be read; under `fail` the parsing of a column ends at the first.
    struct Failures {
        var firstRow = Int.max
        var firstColumn = 0
        var rows: Set<Int> = []
        var count = 0
        var isInvalidText = false
    }

    /// The bytes of one field, without quotes.
    struct Value {
        var start: UnsafePointer<UInt8>
        var count: Int
        var isQuoted: Bool
        /// Quoted, and quoted wrongly: something stands after the closing quote.
        var isMalformed = false
        /// Escapes are to be taken out.
        var hasEscapes = false
    }

    // MARK: - Fields

    /// The field `column` of a row.
    @inline(__always)
    func value(_ row: Int, _ column: Int, isLast: Bool) -> Value {
        let field = Int(firstFields[row]) &+ column
        let start = Int(ends[field &- 1] &+ 1)
        var end = Int(ends[field])
        if delimiterHeadCount > 0 && bytes[end] != newline { end &-= delimiterHeadCount }
        if isLast && stripsCarriageReturn && end > start && bytes[end &- 1] == 0x0D
            && bytes[end] == newline
        {
            end &-= 1
        }
        if hasQuote && end > start && bytes[start] == quote {
            return quotedValue(bytes + start, end &- start)
        }
        return Value(start: bytes + start, count: end &- start, isQuoted: false)
    }

    @inline(__always)
    private func quotedValue(_ start: UnsafePointer<UInt8>, _ count: Int) -> Value {
        // Spaces between the closing quote and the delimiter mean nothing.
        var count = count
        while count > 2 && start[count &- 1] == 0x20 { count &-= 1 }
        var value = Value(start: start + 1, count: count &- 2, isQuoted: true)
        guard count >= 2, start[count &- 1] == quote else {
            value.count = max(0, count &- 1)
            value.isMalformed = true
            return value
        }
        if TextBytes.contains(quote, value.start, value.count) { value.hasEscapes = true }
        if let escape = table.dialect.escape, escape != quote,
            TextBytes.contains(escape, value.start, value.count)
        {
            value.hasEscapes = true
        }
        return value
    }

    /// Copies a field without its escapes.
    ///
    /// - Returns: `false` when a quote stands alone in it.
    func unescape(_ value: Value, into output: inout BufferBuilder) -> Bool {
        let escape = table.dialect.escape ?? quote
        output.reserve(value.count)
        var index = 0
        while index < value.count {
            var byte = value.start[index]
            if byte == escape {
                index &+= 1
                guard index < value.count else { return false }
                byte = value.start[index]
                if escape == quote && byte != quote { return false }
            } else if byte == quote {
                return false
            }
            output.append(byte)
            index &+= 1
        }
        return true
    }

    @inline(__always)
    private func isNull(_ value: Value, isText: Bool) -> Bool {
        if value.isQuoted {
            if nullsQuoted { return isQuotedNull(value, isText: isText) }
            return !isText && value.count == 0 && !value.isMalformed
        }
        if value.count == 0 { return !isText || nullsEmpty }
        return nullsOnlyEmpty ? false : isNullText(value)
    }

    @inline(never)
    private func isQuotedNull(_ value: Value, isText: Bool) -> Bool {
        guard !value.isMalformed else { return false }
        return value.count == 0 ? !isText || nullsEmpty : isNullText(value)
    }

    @inline(never)
    private func isNullText(_ value: Value) -> Bool {
        for text in table.values.nullTexts where text.utf8.count == value.count {
            let isSame = text.utf8.elementsEqual(
                UnsafeBufferPointer(start: value.start, count: value.count))
            if isSame { return true }
        }
        return false
    }

    // MARK: - Columns

    /// The array of the field `field`, as the table's column `column`.
    func parse(field: Int, column: Int, isLast: Bool, _ failures: inout Failures) -> ArrayData {
        let type = table.text.schema.fields[column].type
        let place = Place(field: field, column: column, isLast: isLast)
        switch type {
        case .int64:
            return fixed(type, place, Int64(0), &failures) { TextValue.int64($0, $1) }
        case .float64:
            let point = table.values.decimalSeparator
            return fixed(type, place, 0.0, &failures) {
                TextValue.double($0, $1, decimalSeparator: point)
            }
        case .date32: return dates(place, &failures)
        case .timestamp: return timestamps(type, place, &failures)
        case .time64: return fixed(type, place, Int64(0), &failures) { TextValue.time($0, $1) }
        case .bool: return bools(place, &failures)
        case .utf8View: return texts(place, &failures)
        default: return rarely(type, place, &failures)
        }
    }

    struct Place {
        var field: Int
        var column: Int
        var isLast: Bool
    }

    private func dates(_ place: Place, _ failures: inout Failures) -> ArrayData {
        guard let format = table.text.dateFormat else {
            return fixed(.date32, place, Int32(0), &failures) { TextValue.date($0, $1) }
        }
        return fixed(.date32, place, Int32(0), &failures) { TextValue.date($0, $1, format) }
    }

    private func timestamps(
        _ type: DataType, _ place: Place, _ failures: inout Failures
    ) -> ArrayData {
        if let format = table.text.timestampFormat {
            return fixed(type, place, Int64(0), &failures) { format.parse($0, $1) }
        }
        if case .timestamp(_, .some) = type {
            return fixed(type, place, Int64(0), &failures) {
                TextValue.timestamp($0, $1)?.microseconds
            }
        }
        return fixed(type, place, Int64(0), &failures) { bytes, count in
            guard let value = TextValue.timestamp(bytes, count), !value.hasZone else { return nil }
            return value.microseconds
        }
    }

    /// Types that are never guessed, only asked for.
    private func rarely(
        _ type: DataType, _ place: Place, _ failures: inout Failures
    ) -> ArrayData {
        switch type {
        case .int8: return narrow(type, place, Int8.self, &failures)
        case .int16: return narrow(type, place, Int16.self, &failures)
        case .int32: return narrow(type, place, Int32.self, &failures)
        case .uint8: return narrow(type, place, UInt8.self, &failures)
        case .uint16: return narrow(type, place, UInt16.self, &failures)
        case .uint32: return narrow(type, place, UInt32.self, &failures)
        case .uint64:
            return fixed(type, place, UInt64(0), &failures) {
                TextValue.decimal($0, $1, precision: 20, scale: 0).flatMap { UInt64(exactly: $0) }
            }
        case .float32:
            let point = table.values.decimalSeparator
            return fixed(type, place, Float(0), &failures) {
                TextValue.double($0, $1, decimalSeparator: point).map { Float($0) }
            }
        case .decimal64(let precision, let scale):
            let point = table.values.decimalSeparator
            return fixed(type, place, Int64(0), &failures) {
                TextValue.decimal(
                    $0, $1, precision: precision, scale: scale, decimalSeparator: point
                ).map { Int64($0) }
            }
        case .decimal128(let precision, let scale):
            let point = table.values.decimalSeparator
            return fixed(type, place, Int128(0), &failures) {
                TextValue.decimal(
                    $0, $1, precision: precision, scale: scale, decimalSeparator: point)
            }
        default: preconditionFailure("\(type) is not a type of csv columns")
        }
    }

    private func narrow<Number: FixedWidthInteger & BitwiseCopyable>(
        _ type: DataType, _ place: Place, _ number: Number.Type, _ failures: inout Failures
    ) -> ArrayData {
        fixed(type, place, Number(0), &failures) { bytes, count in
            TextValue.int64(bytes, count).flatMap { Number(exactly: $0) }
        }
    }

    /// Parses a column of fixed-width values.
    @inline(__always)
    private func fixed<Element: BitwiseCopyable>(
        _ type: DataType, _ place: Place, _ zero: Element, _ failures: inout Failures,
        _ parse: (UnsafePointer<UInt8>, Int) -> Element?
    ) -> ArrayData {
        var values = BufferBuilder(byteCapacity: max(1, range.count * MemoryLayout<Element>.stride))
        let output = values.pointer(as: Element.self)
        var nulls = NullMarks(range.count)
        var row = range.lowerBound
        var at = 0
        while row < range.upperBound {
            output[at] = zero
            if isAbsent(row, place) {
                nulls.mark(at)
                row &+= 1
                at &+= 1
                continue
            }
            var value = self.value(row, place.field, isLast: place.isLast)
            if let parsed = parse(value.start, value.count), !value.isMalformed {
                output[at] = parsed
                // A word that is a number may still be said to mean NULL.
                if isNull(value, isText: false) { nulls.mark(at) }
            } else if isNull(value, isText: false) {
                nulls.mark(at)
            } else {
                value = Self.trimmed(value)
                if let parsed = parse(value.start, value.count), !value.isMalformed {
                    output[at] = parsed
                } else {
                    nulls.mark(at)
                    if fail(row, place, &failures) { break }
                }
            }
            row &+= 1
            at &+= 1
        }
        values.setByteCount(range.count * MemoryLayout<Element>.stride)
        return nulls.array(type, range.count, [values.finish()])
    }

    private func bools(_ place: Place, _ failures: inout Failures) -> ArrayData {
        var values = BufferBuilder(zeroed: max(1, Bitmap.byteCount(forBits: range.count)))
        let output = values.pointer(as: UInt8.self)
        var nulls = NullMarks(range.count)
        for row in range {
            if isAbsent(row, place) {
                nulls.mark(row - range.lowerBound)
                continue
            }
            let value = Self.trimmed(self.value(row, place.field, isLast: place.isLast))
            if isNull(value, isText: false) {
                nulls.mark(row - range.lowerBound)
            } else if !value.isMalformed, let flag = TextValue.looseBool(value.start, value.count) {
                if flag { Bitmap.set(output, row - range.lowerBound) }
            } else {
                nulls.mark(row - range.lowerBound)
                if fail(row, place, &failures) { break }
            }
        }
        return nulls.array(.bool, range.count, [values.finish()])
    }

    /// Texts of more than 12 bytes stay where they are, in the piece's memory.
    private func texts(_ place: Place, _ failures: inout Failures) -> ArrayData {
        var views = BufferBuilder(byteCapacity: max(16, range.count * 16))
        let output = views.pointer(as: BinaryView.self)
        var unescaped = BufferBuilder()
        var nulls = NullMarks(range.count)
        var pointsIntoPiece = false
        let neverNull =
            !table.values.neverNull.isEmpty
            && table.values.neverNull.contains(
                table.text.schema.fields[place.column].name.lowercased())
        var row = range.lowerBound
        var at = 0
        while row < range.upperBound {
            output[at] = BinaryView()
            if isAbsent(row, place) {
                nulls.mark(at)
                row &+= 1
                at &+= 1
                continue
            }
            let value = self.value(row, place.field, isLast: place.isLast)
            if !neverNull && isNull(value, isText: true) {
                nulls.mark(at)
            } else if value.isMalformed || !isValidText(value) {
                nulls.mark(at)
                if !value.isMalformed { failures.isInvalidText = true }
                if fail(row, place, &failures) { break }
            } else if value.hasEscapes {
                let start = unescaped.byteCount
                if unescape(value, into: &unescaped) {
                    output[at] = BinaryView(
                        unescaped.baseAddress + start, count: unescaped.byteCount - start,
                        bufferIndex: 1, offset: Int32(start))
                } else {
                    nulls.mark(at)
                    if fail(row, place, &failures) { break }
                }
            } else if value.count <= 12 {
                output[at] = Self.inlineView(value.start, value.count)
            } else {
                pointsIntoPiece = true
                output[at] = BinaryView(
                    value.start, count: value.count, bufferIndex: 0,
                    offset: Int32(truncatingIfNeeded: value.start - bytes))
            }
            row &+= 1
            at &+= 1
        }
        views.setByteCount(range.count * 16)
        var buffers = [views.finish()]
        if pointsIntoPiece || unescaped.byteCount > 0 {
            buffers.append(pointsIntoPiece ? piece.chunk.buffer(piece.filledCount) : .empty)
        }
        if unescaped.byteCount > 0 { buffers.append(unescaped.finish()) }
        return nulls.array(.utf8View, range.count, buffers)
    }

    /// A view of at most 12 bytes; 16 bytes must be readable.
    @inline(__always)
    private static func inlineView(_ start: UnsafePointer<UInt8>, _ count: Int) -> BinaryView {
        let raw = UnsafeRawPointer(start)
        var prefix = UInt64(raw.loadUnaligned(as: UInt32.self))
        var rest = raw.loadUnaligned(fromByteOffset: 4, as: UInt64.self)
        if count < 4 { prefix &= (1 &<< (8 &* UInt64(count))) &- 1 }
        if count <= 4 {
            rest = 0
        } else if count < 12 {
            rest &= (1 &<< (8 &* UInt64(count &- 4))) &- 1
        }
        return BinaryView(low: UInt64(count) | prefix &<< 32, high: rest)
    }

    // MARK: - Failures

    @inline(__always)
    private func isAbsent(_ row: Int, _ place: Place) -> Bool {
        hasShortRows && place.field >= rows.shortCounts[row] ?? Int.max
    }

    private func isValidText(_ value: Value) -> Bool {
        isUTF8 || TextBytes.isUTF8(value.start, value.count)
    }

    /// Notes a value that cannot be read; `true` ends the column.
    @inline(never)
    private func fail(_ row: Int, _ place: Place, _ failures: inout Failures) -> Bool {
        failures.count += 1
        if row < failures.firstRow {
            failures.firstRow = row
            failures.firstColumn = place.column
        }
        if table.text.policy == .skip { failures.rows.insert(row) }
        return table.text.policy == .fail
    }

    private static func trimmed(_ value: Value) -> Value {
        var value = value
        while value.count > 0, value.start[0] == 0x20 {
            value.start += 1
            value.count -= 1
        }
        while value.count > 0, value.start[value.count - 1] == 0x20 { value.count -= 1 }
        return value
    }
}

/// Marks nulls in a bitmap that is only made once there is one.
private struct NullMarks: ~Copyable {
    private let count: Int
    private var bits = BufferBuilder()
    private var nullCount = 0

    init(_ count: Int) { self.count = count }

    @inline(__always)
    mutating func mark(_ index: Int) {
        if nullCount == 0 { begin() }
        Bitmap.clear(bits.pointer(), index)
        nullCount &+= 1
    }

    @inline(never)
    private mutating func begin() {
        let byteCount = Bitmap.byteCount(forBits: count)
        bits = BufferBuilder(byteCapacity: byteCount)
        bits.baseAddress.initializeMemory(as: UInt8.self, repeating: 0xFF, count: byteCount)
        bits.setByteCount(byteCount)
    }

    mutating func array(_ type: DataType, _ count: Int, _ buffers: [Buffer]) -> ArrayData {
        ArrayData(
            type: type, count: count, nullCount: nullCount,
            validity: nullCount == 0 ? nil : bits.finish(), buffers: buffers)
    }
}
