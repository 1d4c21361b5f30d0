// SPDX-License-Identifier: MIT

import IglooArrow
import IglooFiles

/// What the columns of a reader share: how they read values, and which did not fit.
///
/// - Threads: one at a time.
final class JSONColumnSettings {
    let dateFormat: TimeFormat?
    let timestampFormat: TimeFormat?
    /// A value that does not fit becomes NULL.
    let readsNull: Bool
    private(set) var mismatchCount = 0
    private(set) var firstMismatch: JSONFault?

    init(_ text: TextTable) {
        dateFormat = text.dateFormat
        timestampFormat = text.timestampFormat
        readsNull = text.policy == .null
    }

    func note(_ fault: JSONFault) {
        mismatchCount += 1
        if firstMismatch == nil { firstMismatch = fault }
    }

    func clear() { (mismatchCount, firstMismatch) = (0, nil) }
}

/// A column under construction: takes values from the parser, nested ones too.
///
/// It can be cut back to any earlier count, since a record may turn out to be malformed, and a key
/// that comes twice replaces its first value.
///
/// - Threads: one at a time.
final class JSONColumn {
    enum Kind {
        case bool, int64, int32, double, date, timestamp(isZoned: Bool), text, list, structure
    }

    let type: DataType
    private let name: String
    private let kind: Kind
    private let settings: JSONColumnSettings
    /// What grows, behind a pointer: a class's own properties would be checked for exclusive
    /// access at every value.
    private let storage: UnsafeMutablePointer<Storage>
    private let children: [JSONColumn]
    private let fields: JSONFieldTable

    init(_ field: Field, _ settings: JSONColumnSettings, path: String? = nil) {
        storage = .allocate(capacity: 1)
        storage.initialize(to: Storage())
        type = field.type
        name = path ?? field.name
        self.settings = settings
        let path = name
        switch field.type {
        case .bool: kind = .bool
        case .int64: kind = .int64
        case .int32: kind = .int32
        case .float64: kind = .double
        case .date32: kind = .date
        case .timestamp(_, let zone): kind = .timestamp(isZoned: zone != nil)
        case .list: kind = .list
        case .structure: kind = .structure
        default: kind = .text
        }
        children = field.type.childFields.map { child in
            JSONColumn(child, settings, path: "\(path).\(child.name)")
        }
        fields = JSONFieldTable(field.type.childFields.map(\.name))
    }

    deinit {
        storage.deinitialize(count: 1)
        storage.deallocate()
    }

    private struct Storage: ~Copyable {
        var count = 0
        var nullCount = 0
        /// Values, views, or one end offset a list.
        var values = BufferBuilder()
        /// Bytes of long texts.
        var data = BufferBuilder()
        /// One byte an element: 1 = valid.
        var marks = BufferBuilder()
    }

    private(set) var count: Int {
        get { storage.pointee.count }
        set { storage.pointee.count = newValue }
    }

    private var nullCount: Int {
        get { storage.pointee.nullCount }
        set { storage.pointee.nullCount = newValue }
    }

    private var values: BufferBuilder {
        _read { yield storage.pointee.values }
        _modify { yield &storage.pointee.values }
    }

    private var data: BufferBuilder {
        _read { yield storage.pointee.data }
        _modify { yield &storage.pointee.data }
    }

    private var marks: BufferBuilder {
        _read { yield storage.pointee.marks }
        _modify { yield &storage.pointee.marks }
    }

    static func canHold(_ type: DataType) -> Bool {
        switch type {
        case .bool, .int64, .int32, .float64, .date32, .timestamp(.microsecond, _), .utf8View: true
        case .list(let field): canHold(field.type)
        case .structure(let fields): fields.allSatisfy { canHold($0.type) }
        default: false
        }
    }

    // MARK: - Elements

    private func mark(_ isValid: Bool) {
        marks.append(isValid ? UInt8(1) : 0)
        count &+= 1
        if !isValid { nullCount &+= 1 }
    }

    func appendNull() {
        switch kind {
        case .bool: values.append(UInt8(0))
        case .int32, .date: values.append(Int32(0))
        case .int64, .timestamp: values.append(Int64(0))
        case .double: values.append(0.0)
        case .text: values.append(BinaryView())
        case .list: values.append(Int32(children[0].count))
        case .structure: for child in children { child.appendNull() }
        }
        mark(false)
    }

    /// Forgets all elements from `count` on.
    func cut(to count: Int) {
        guard count < self.count else {
            if case .structure = kind { for child in children { child.cut(to: count) } }
            if case .list = kind { children[0].cut(to: listEnd(count)) }
            return
        }
        let bytes = marks.pointer(as: UInt8.self)
        for index in count..<self.count where bytes[index] == 0 { nullCount -= 1 }
        marks.setByteCount(count)
        self.count = count
        switch kind {
        case .bool: values.setByteCount(count)
        case .int32, .date: values.setByteCount(count * 4)
        case .int64, .timestamp, .double: values.setByteCount(count * 8)
        case .text: values.setByteCount(count * 16)
        case .list:
            values.setByteCount(count * 4)
            children[0].cut(to: listEnd(count))
        case .structure: for child in children { child.cut(to: count) }
        }
    }

    /// Elements of the first `count` lists.
    private func listEnd(_ count: Int) -> Int {
        count == 0 ? 0 : Int(values.pointer(as: Int32.self)[count - 1])
    }

    // MARK: - Values

    /// Appends the value at the parser.
    func append(_ parser: inout JSONParser) throws(JSONFault) {
        let first = try parser.peek()
        if first == 0x6E {
            try parser.literal("null")
            return appendNull()
        }
        switch kind {
        case .text: try appendText(&parser, first)
        case .structure where first == 0x7B: try appendObject(&parser)
        case .list where first == 0x5B: try appendArray(&parser)
        case .bool where first == 0x74 || first == 0x66:
            values.append(try parser.bool() ? UInt8(1) : 0)
            mark(true)
        case .date where first == 0x22, .timestamp where first == 0x22:
            try appendTime(&parser)
        case .int64 where first == 0x2D || first &- 0x30 <= 9,
            .int32 where first == 0x2D || first &- 0x30 <= 9,
            .double where first == 0x2D || first &- 0x30 <= 9:
            try appendNumber(&parser)
        default: try mismatch(&parser, from: parser.index)
        }
    }

    private func appendNumber(_ parser: inout JSONParser) throws(JSONFault) {
        let start = parser.index
        let number = try parser.number()
        switch kind {
        case .double:
            guard let value = TextValue.double(number.start, number.count) else {
                return try mismatch(&parser, from: start)
            }
            values.append(value)
        case .int64:
            guard number.isInteger, let value = TextValue.int64(number.start, number.count)
            else { return try mismatch(&parser, from: start) }
            values.append(value)
        default:
            guard number.isInteger, let wide = TextValue.int64(number.start, number.count),
                let value = Int32(exactly: wide)
            else { return try mismatch(&parser, from: start) }
            values.append(value)
        }
        mark(true)
    }

    private func appendTime(_ parser: inout JSONParser) throws(JSONFault) {
        let start = parser.index
        let text = try parser.string()
        if case .date = kind {
            guard let days = TextValue.date(text.start, text.count, settings.dateFormat) else {
                return try mismatch(&parser, from: start)
            }
            values.append(days)
        } else if let format = settings.timestampFormat {
            guard let value = format.parse(text.start, text.count) else {
                return try mismatch(&parser, from: start)
            }
            values.append(value)
        } else {
            guard let value = TextValue.timestamp(text.start, text.count), fitsZone(value) else {
                return try mismatch(&parser, from: start)
            }
            values.append(value.microseconds)
        }
        mark(true)
    }

    private func fitsZone(_ value: TextValue.Timestamp) -> Bool {
        if case .timestamp(let isZoned) = kind { return isZoned || !value.hasZone }
        return false
    }

    /// A string's content, or the JSON text of any other value.
    private func appendText(_ parser: inout JSONParser, _ first: UInt8) throws(JSONFault) {
        guard first == 0x22 else {
            let start = parser.index
            try parser.skipValue()
            appendBytes(parser.bytes + start, parser.index - start)
            return
        }
        let text = try parser.string()
        if text.hasEscapes {
            try parser.unescaped(text).withUnsafeBufferPointer { bytes in
                appendBytes(bytes.baseAddress ?? text.start, bytes.count)
            }
        } else {
            appendBytes(text.start, text.count)
        }
    }

    private func appendBytes(_ start: UnsafePointer<UInt8>, _ byteCount: Int) {
        if byteCount <= BinaryView.inlineByteCountMax {
            values.append(BinaryView(inline: start, count: byteCount))
        } else {
            let offset = data.byteCount
            data.append(UnsafeRawBufferPointer(start: start, count: byteCount))
            values.append(
                BinaryView(
                    start, count: byteCount, bufferIndex: 0,
                    offset: Int32(truncatingIfNeeded: offset)))
        }
        mark(true)
    }

    private func appendArray(_ parser: inout JSONParser) throws(JSONFault) {
        try parser.enter()
        if !parser.take(0x5D) {
            repeat { try children[0].append(&parser) } while parser.take(0x2C)
            guard parser.take(0x5D) else { throw parser.unexpected("',' or ']'") }
        }
        parser.leave()
        values.append(Int32(truncatingIfNeeded: children[0].count))
        mark(true)
    }

    private func appendObject(_ parser: inout JSONParser) throws(JSONFault) {
        try JSONColumn.readObject(&parser, fields, children, row: count)
        mark(true)
    }

    /// Reads an object into the columns of its fields: absent ones become NULL, of a key that
    /// comes twice the last counts, others are read over.
    static func readObject(
        _ parser: inout JSONParser, _ fields: JSONFieldTable, _ columns: [JSONColumn], row: Int
    ) throws(JSONFault) {
        guard try parser.peek() == 0x7B else { throw parser.unexpected("an object") }
        try parser.enter()
        var guess = 0
        if !parser.take(0x7D) {
            repeat {
                parser.skipSpace()
                let key = try parser.string()
                guard parser.take(0x3A) else { throw parser.unexpected("':'") }
                let place =
                    key.hasEscapes
                    ? fields.place(try parser.unescaped(key))
                    : fields.place(key.start, key.count, guess: guess)
                if let place {
                    let column = columns[place]
                    if column.count > row { column.cut(to: row) }
                    try column.append(&parser)
                    guess = place &+ 1
                } else {
                    try parser.skipValue()
                }
            } while parser.take(0x2C)
            guard parser.take(0x7D) else { throw parser.unexpected("',' or '}'") }
        }
        parser.leave()
        for column in columns where column.count == row { column.appendNull() }
    }

    /// A value of another type than the column's.
    private func mismatch(_ parser: inout JSONParser, from start: Int) throws(JSONFault) {
        parser.index = start
        try parser.skipValue()
        let shown = TextBytes.excerpt(parser.bytes + start, parser.index - start, max: 60)
        let fault = JSONFault(
            .mismatch, "\(shown) is not a \(SQLTypeName.name(type))", offset: start, column: name)
        guard settings.readsNull else { throw fault }
        settings.note(fault)
        appendNull()
    }

    // MARK: - Arrays

    /// The elements as an array; the column is empty afterwards.
    func finish() -> ArrayData {
        let validity = nullCount == 0 ? nil : bits(&marks, count)
        let arrays = children.map { $0.finish() }
        var buffers: [Buffer] = []
        switch kind {
        case .structure: break
        case .bool: buffers = [bits(&values, count)]
        case .list:
            var offsets = BufferBuilder(byteCapacity: (count + 1) * 4)
            offsets.append(Int32(0))
            offsets.append(UnsafeRawBufferPointer(start: values.baseAddress, count: count * 4))
            buffers = [offsets.finish()]
        case .text:
            buffers = [values.finish()]
            if data.byteCount > 0 { buffers.append(data.finish()) }
        default: buffers = [values.finish()]
        }
        let array = ArrayData(
            type: type, count: count, nullCount: nullCount, validity: validity, buffers: buffers,
            children: arrays)
        values.removeAll()
        marks.removeAll()
        (count, nullCount) = (0, 0)
        return array
    }

    private func bits(_ bytes: inout BufferBuilder, _ count: Int) -> Buffer {
        var output = BufferBuilder(zeroed: Bitmap.byteCount(forBits: count))
        let (from, to) = (bytes.pointer(as: UInt8.self), output.pointer(as: UInt8.self))
        var index = 0
        while index < count {
            if from[index] != 0 { Bitmap.set(to, index) }
            index &+= 1
        }
        return output.finish()
    }
}
