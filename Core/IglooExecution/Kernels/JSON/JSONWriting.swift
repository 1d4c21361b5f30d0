// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Values as JSON.
enum JSONWriting {
    static func kernel(_ call: FunctionCall) throws(IglooError) -> Kernel? {
        switch call.name {
        case "to_json":
            let form = try JSONForm(call.declared[0], call.context)
            return { (call) throws(IglooError) in try write(call, form) }
        case "json_object": return object(":", ",")
        case "json_build_object": return object(" : ", ", ")
        case "json_array": return array(",")
        case "json_build_array": return array(", ")
        default: return nil
        }
    }

    /// The call's argument as JSON.
    static func write(_ call: KernelCall, _ form: JSONForm) throws(IglooError) -> ArrayData {
        let array = try flattened(call.arguments[0].expanded(to: call.count))
        var writer = ViewWriter(count: call.count)
        for row in 0..<call.count {
            if call.isValid(row) { form.write(array, row, &writer) }
            writer.close()
        }
        return writer.finish(call)
    }

    private static func write(_ text: String, _ writer: inout ViewWriter) {
        ClockText.write(text, &writer)
    }

    /// Keys and values in turn; values are JSON already, NULL being null.
    private static func object(_ colon: String, _ comma: String) -> Kernel {
        { (call) throws(IglooError) in
            let readers = call.arguments.map { ViewReader($0) }
            var writer = ViewWriter(count: call.count)
            for row in 0..<call.count {
                write("{", &writer)
                for index in stride(from: 0, to: readers.count, by: 2) {
                    guard !call.isNull(index, row) else {
                        throw Faults.invalid("a key of a JSON object must not be NULL")
                    }
                    if index > 0 { write(comma, &writer) }
                    JSONForm.write(readers[index][row], &writer)
                    write(colon, &writer)
                    if call.isNull(index + 1, row) {
                        write("null", &writer)
                    } else {
                        try writer.plan(readers[index + 1][row].count)
                        writer.write(readers[index + 1][row])
                    }
                }
                write("}", &writer)
                writer.close()
            }
            return writer.finish(.utf8View, count: call.count, validity: nil)
        }
    }

    private static func array(_ comma: String) -> Kernel {
        { (call) throws(IglooError) in
            let readers = call.arguments.map { ViewReader($0) }
            var writer = ViewWriter(count: call.count)
            for row in 0..<call.count {
                write("[", &writer)
                for index in readers.indices {
                    if index > 0 { write(comma, &writer) }
                    if call.isNull(index, row) {
                        write("null", &writer)
                    } else {
                        try writer.plan(readers[index][row].count)
                        writer.write(readers[index][row])
                    }
                }
                write("]", &writer)
                writer.close()
            }
            return writer.finish(.utf8View, count: call.count, validity: nil)
        }
    }
}

/// How values of a type are written in JSON.
struct JSONForm {
    private let type: DataType
    private let plain: TextForm
    private let children: [JSONForm]

    init(_ type: DataType, _ context: EvaluationContext) throws(IglooError) {
        self.type = type
        plain = try TextForm(type, timeZone: context.timeZone)
        var children: [JSONForm] = []
        for field in type.childFields { children.append(try JSONForm(field.type, context)) }
        self.children = children
    }

    /// A string in quotes.
    static func write(_ text: UnsafeRawBufferPointer, _ writer: inout ViewWriter) {
        writer.write(0x22)
        for byte in text {
            switch byte {
            case 0x22, UInt8(ascii: "\\"):
                writer.write(UInt8(ascii: "\\"))
                writer.write(byte)
            case 0x0A: escape("n", &writer)
            case 0x0D: escape("r", &writer)
            case 0x09: escape("t", &writer)
            case 0x08: escape("b", &writer)
            case 0x0C: escape("f", &writer)
            case 0..<0x20:
                escape("u00", &writer)
                HexText.write(byte, to: &writer)
            default: writer.write(byte)
            }
        }
        writer.write(0x22)
    }

    private static func escape(_ letters: String, _ writer: inout ViewWriter) {
        ClockText.write("\\" + letters, &writer)
    }

    func write(_ array: ArrayData, _ i: Int, _ writer: inout ViewWriter) {
        if array.isLogicallyNull(at: i) { return ClockText.write("null", &writer) }
        switch type {
        case .bool, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .decimal64,
            .decimal128:
            plain.write(array, i, to: &writer)
        case .float32, .float64:
            let isFinite = FloatReader(array).value(i).isFinite
            if !isFinite { writer.write(0x22) }
            plain.write(array, i, to: &writer)
            if !isFinite { writer.write(0x22) }
        case .utf8View: Self.write(array.bytes(at: i), &writer)
        case .logical(.json), .logical(.jsonb): writer.write(array.bytes(at: i))
        case .list: list(array, i, &writer)
        case .structure(let fields): structure(array, i, fields, &writer)
        case .map: map(array, i, &writer)
        default:
            var inner = ViewWriter(count: 1)
            plain.write(array, i, to: &inner)
            inner.close()
            let text = inner.finish(.utf8View, count: 1, validity: nil)
            guard case .text(var shown) = text.scalar(at: 0) else { return }
            // As PostgreSQL: an ISO 8601 time has a T.
            if case .timestamp = type, let space = shown.firstIndex(of: " ") {
                shown.replaceSubrange(space...space, with: "T")
            }
            shown.withUTF8 { Self.write(UnsafeRawBufferPointer($0), &writer) }
        }
    }

    private func list(_ array: ArrayData, _ i: Int, _ writer: inout ViewWriter) {
        writer.write(UInt8(ascii: "["))
        let range = array.listRange(at: i)
        for place in range {
            if place > range.lowerBound { writer.write(UInt8(ascii: ",")) }
            children[0].write(array.children[0], place, &writer)
        }
        writer.write(UInt8(ascii: "]"))
    }

    private func structure(
        _ array: ArrayData, _ i: Int, _ fields: [Field], _ writer: inout ViewWriter
    ) {
        writer.write(UInt8(ascii: "{"))
        for index in fields.indices {
            if index > 0 { writer.write(UInt8(ascii: ",")) }
            var name = fields[index].name
            name.withUTF8 { Self.write(UnsafeRawBufferPointer($0), &writer) }
            writer.write(UInt8(ascii: ":"))
            children[index].write(array.children[index], array.offset + i, &writer)
        }
        writer.write(UInt8(ascii: "}"))
    }

    private func map(_ array: ArrayData, _ i: Int, _ writer: inout ViewWriter) {
        writer.write(UInt8(ascii: "{"))
        let pairs = array.children[0]
        let range = array.listRange(at: i)
        for place in range {
            if place > range.lowerBound { writer.write(UInt8(ascii: ",")) }
            let key = pairs.children[0]
            if key.type == .utf8View {
                Self.write(key.bytes(at: pairs.offset + place), &writer)
            } else {
                writer.write(0x22)
                children[0].children[0].plain.write(key, pairs.offset + place, to: &writer)
                writer.write(0x22)
            }
            writer.write(UInt8(ascii: ":"))
            children[0].children[1].write(pairs.children[1], pairs.offset + place, &writer)
        }
        writer.write(UInt8(ascii: "}"))
    }
}
