// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Functions that read JSON, which is text.
enum JSONFunctions {
    static func kernel(_ call: FunctionCall) throws(IglooError) -> Kernel? {
        let type = call.result
        switch call.name {
        case "->", "json_extract": return try extraction(call, asText: false)
        case "->>", "json_extract_string": return try extraction(call, asText: true)
        case "json_valid":
            return { (call) throws(IglooError) in
                let texts = ViewReader(call.arguments[0])
                return call.bits(
                    Bits.make(call.count) {
                        call.isValid($0) && JSONScanner(texts[$0]).document() != nil
                    })
            }
        case "json_type", "json_typeof":
            let isPostgres = call.name == "json_typeof"
            return { (call) throws(IglooError) in
                try write(call) { (scanner, value, writer) in
                    writer.append(kind(scanner, value, isPostgres))
                    return true
                }
            }
        case "json_array_length":
            return { (call) throws(IglooError) in
                let texts = ViewReader(call.arguments[0])
                var builder = PrimitiveBuilder<Int64>(.int64, zero: 0)
                for row in 0..<call.count {
                    guard call.isValid(row) else {
                        builder.appendNull()
                        continue
                    }
                    let (scanner, value) = try document(texts[row])
                    builder.append(count(scanner, value))
                }
                return builder.finish()
            }
        case "json_keys", "json_elements":
            let isKeys = call.name == "json_keys"
            return { (call) throws(IglooError) in try items(call, type, keys: isKeys) }
        default:
            if let kernel = JSONEditing.kernel(call) { return kernel }
            if let kernel = try PathFunctions.kernel(call) { return kernel }
            if let kernel = try JSONChanges.kernel(call) { return kernel }
            if let kernel = JSONRows.kernel(call) { return kernel }
            return try JSONWriting.kernel(call)
        }
    }

    static func document(
        _ text: UnsafeRawBufferPointer
    ) throws(IglooError) -> (JSONScanner, Range<Int>) {
        let scanner = JSONScanner(text)
        guard let value = scanner.document() else {
            throw IglooError(
                .outOfRange,
                "invalid input syntax for type json: \"\(Faults.shortened(text.text))\"",
                sqlState: .invalidTextRepresentation)
        }
        return (scanner, value)
    }

    /// A text a row; `body` says whether there is one.
    private static func write(
        _ call: KernelCall,
        _ body: (JSONScanner, Range<Int>, inout ViewWriter) throws(IglooError) -> Bool
    ) throws(IglooError) -> ArrayData {
        let texts = ViewReader(call.arguments[0])
        var writer = ViewWriter(count: call.count)
        var isPresent = [Bool](repeating: false, count: call.count)
        for row in 0..<call.count {
            guard call.isValid(row) else {
                writer.appendEmpty()
                continue
            }
            let (scanner, value) = try document(texts[row])
            isPresent[row] = try body(scanner, value, &writer)
            if !isPresent[row] { writer.appendEmpty() }
        }
        let present = Bits.make(call.count) { isPresent[$0] }
        return writer.finish(
            .utf8View, count: call.count,
            validity: Bits.and(call.validity, present, count: call.count))
    }

    static func checked(_ call: KernelCall) throws(IglooError) -> ArrayData {
        let texts = ViewReader(call.arguments[0])
        let isMalformed = { (row: Int) in JSONScanner(texts[row]).document() == nil }
        let validity = try call.withoutFailures(
            { call.isValid($0) && isMalformed($0) },
            { row in
                IglooError(
                    .outOfRange,
                    "invalid input syntax for type json: \"\(Faults.shortened(texts[row].text))\"",
                    sqlState: .invalidTextRepresentation)
            })
        let array = try call.arguments[0].expanded(to: call.count)
        return array.withValidity(validity)
    }

    private static func kind(
        _ scanner: JSONScanner, _ value: Range<Int>, _ isPostgres: Bool
    ) -> String {
        let number = scanner.bytes[value]
        switch scanner.bytes[value.lowerBound] {
        case UInt8(ascii: "{"): return isPostgres ? "object" : "OBJECT"
        case UInt8(ascii: "["): return isPostgres ? "array" : "ARRAY"
        case 0x22: return isPostgres ? "string" : "VARCHAR"
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return isPostgres ? "boolean" : "BOOLEAN"
        case UInt8(ascii: "n"): return isPostgres ? "null" : "NULL"
        default:
            if isPostgres { return "number" }
            if number.contains(where: { $0 == 0x2E || $0 | 0x20 == 0x65 }) { return "DOUBLE" }
            return number.first == UInt8(ascii: "-") ? "BIGINT" : "UBIGINT"
        }
    }

    private static func count(_ scanner: JSONScanner, _ value: Range<Int>) -> Int64 {
        guard scanner.bytes[value.lowerBound] == UInt8(ascii: "[") else { return 0 }
        var count: Int64 = 0
        scanner.eachItem(value) { _, _ in
            count += 1
            return true
        }
        return count
    }

    private static func items(
        _ call: KernelCall, _ type: DataType, keys: Bool
    ) throws(IglooError) -> ArrayData {
        let texts = ViewReader(call.arguments[0])
        var lists = TextLists()
        for row in 0..<call.count {
            var found: [Range<Int>] = []
            if call.isValid(row) {
                let (scanner, value) = try document(texts[row])
                let isObject = scanner.bytes[value.lowerBound] == UInt8(ascii: "{")
                if isObject == keys {
                    scanner.eachItem(value) { key, item in
                        found.append(keys ? key ?? item : item)
                        return true
                    }
                }
                for place in found {
                    if keys {
                        scanner.string(place).withUnsafeBytes { lists.append($0) }
                    } else {
                        lists.append(UnsafeRawBufferPointer(rebasing: texts[row][place]))
                    }
                }
            }
            lists.counts.append(found.count)
        }
        return try lists.finish(type, validity: call.validity)
    }

    // MARK: - Extraction

    /// The texts of JSON values as casts take them: strings without quotes.
    static func unquoted(_ call: KernelCall) throws(IglooError) -> ArrayData {
        let texts = ViewReader(call.arguments[0])
        var writer = ViewWriter(count: call.count)
        for row in 0..<call.count {
            guard call.isValid(row) else {
                writer.appendEmpty()
                continue
            }
            let (scanner, value) = try document(texts[row])
            if scanner.bytes[value.lowerBound] == 0x22 {
                scanner.string(value).withUnsafeBytes { writer.append($0) }
            } else {
                writer.append(texts[row])
            }
        }
        return writer.finish(call)
    }

    private static func extraction(
        _ call: FunctionCall, asText: Bool
    ) throws(IglooError) -> Kernel {
        let constant: JSONPath?
        if let text = call.constantText(1) { constant = try JSONPath(text) } else { constant = nil }
        let kind = call.parameters[1]
        return { (call) throws(IglooError) in
            let texts = ViewReader(call.arguments[0])
            var writer = ViewWriter(count: call.count)
            var isPresent = [Bool](repeating: false, count: call.count)
            for row in 0..<call.count {
                guard call.isValid(row) else {
                    writer.appendEmpty()
                    continue
                }
                let (scanner, value) = try document(texts[row])
                let path: JSONPath
                if let constant { path = constant } else { path = try self.path(call, kind, row) }
                guard let found = path.find(scanner, value) else {
                    writer.appendEmpty()
                    continue
                }
                isPresent[row] = append(scanner, found, asText, &writer)
            }
            let present = Bits.make(call.count) { isPresent[$0] }
            return writer.finish(
                .utf8View, count: call.count,
                validity: Bits.and(call.validity, present, count: call.count))
        }
    }

    private static func path(
        _ call: KernelCall, _ kind: DataType, _ row: Int
    ) throws(IglooError) -> JSONPath {
        let argument = call.arguments[1]
        switch argument.array.scalar(at: row * argument.step) {
        case .int(let place): return JSONPath(index: place)
        case .text(let text): return try JSONPath(text)
        case .list(let parts):
            var texts: [String] = []
            for case .text(let part) in parts { texts.append(part) }
            return JSONPath(parts: texts)
        default: return JSONPath(parts: [])
        }
    }

    /// As text a string is without quotes, and null is NULL.
    private static func append(
        _ scanner: JSONScanner, _ value: Range<Int>, _ asText: Bool, _ writer: inout ViewWriter
    ) -> Bool {
        let first = scanner.bytes[value.lowerBound]
        if asText && first == UInt8(ascii: "n") {
            writer.appendEmpty()
            return false
        }
        if asText && first == 0x22 {
            scanner.string(value).withUnsafeBytes { writer.append($0) }
        } else {
            writer.append(UnsafeRawBufferPointer(rebasing: scanner.bytes[value]))
        }
        return true
    }
}
