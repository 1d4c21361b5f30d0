// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// More functions that write new text: translate, overlay, quoting, splitting.
enum TextEditing {
    static func kernel(_ call: FunctionCall) -> Kernel? {
        let type = call.result
        switch call.name {
        case "translate": return { (call) throws(IglooError) in translate(call) }
        case "overlay": return { (call) throws(IglooError) in try overlay(call) }
        case "quote_literal": return { (call) throws(IglooError) in quoted(call, quoteLiteral) }
        case "quote_ident": return { (call) throws(IglooError) in quoted(call, quoteIdentifier) }
        case "string_split":
            return { (call) throws(IglooError) in try split(call, type, isPostgres: false) }
        case "string_to_array":
            return { (call) throws(IglooError) in try split(call, type, isPostgres: true) }
        case "url_encode": return { (call) throws(IglooError) in quoted(call, urlEncoded) }
        case "url_decode": return { (call) throws(IglooError) in try urlDecoded(call) }
        default: return nil
        }
    }

    private static func quoted(
        _ call: KernelCall, _ body: (UnsafeRawBufferPointer, inout ViewWriter) -> Void
    ) -> ArrayData {
        let texts = ViewReader(call.arguments[0])
        var writer = ViewWriter(count: call.count)
        for row in 0..<call.count {
            if call.isValid(row) { body(texts[row], &writer) }
            writer.close()
        }
        return writer.finish(call)
    }

    /// Characters of the second argument become those of the third at their places, or vanish.
    private static func translate(_ call: KernelCall) -> ArrayData {
        let texts = ViewReader(call.arguments[0])
        let (olds, news) = (ViewReader(call.arguments[1]), ViewReader(call.arguments[2]))
        let isConstant = call.arguments[1].isConstant && call.arguments[2].isConstant
        var table: [Unicode.Scalar: Unicode.Scalar?] = [:]
        var isKnown = false
        var writer = ViewWriter(count: call.count)
        for row in 0..<call.count {
            if call.isValid(row) {
                if !isKnown {
                    table = Self.table(UTF8Bytes.scalars(olds[row]), UTF8Bytes.scalars(news[row]))
                    isKnown = isConstant
                }
                for scalar in UTF8Bytes.scalars(texts[row]) {
                    if let new = table[scalar] ?? scalar { writer.write(new) }
                }
            }
            writer.close()
        }
        return writer.finish(call)
    }

    private static func table(
        _ old: String.UnicodeScalarView, _ new: String.UnicodeScalarView
    ) -> [Unicode.Scalar: Unicode.Scalar?] {
        var table: [Unicode.Scalar: Unicode.Scalar?] = [:]
        var replacements = new.makeIterator()
        for scalar in old {
            let replacement = replacements.next()
            if table[scalar] == nil { table[scalar] = .some(replacement) }
        }
        return table
    }

    private static func overlay(_ call: KernelCall) throws(IglooError) -> ArrayData {
        let (texts, news) = (ViewReader(call.arguments[0]), ViewReader(call.arguments[1]))
        let starts = call.value(2, Int64.self)
        let counts = call.arguments.count > 3 ? call.value(3, Int64.self) : nil
        var writer = ViewWriter(count: call.count)
        for row in 0..<call.count {
            guard call.isValid(row) else {
                writer.appendEmpty()
                continue
            }
            let (text, new) = (texts[row], news[row])
            let start = starts(row)
            guard start > 0 else {
                throw IglooError(
                    .outOfRange, "overlay cannot begin at character \(start)",
                    sqlState: SQLState(rawValue: "22011"))
            }
            let all = Int64(UTF8Bytes.characterCount(text))
            let count = counts?(row) ?? Int64(UTF8Bytes.characterCount(new))
            let head = Int(min(start - 1, all))
            let (next, overflow) = (start - 1).addingReportingOverflow(count)
            let tail = Int(min(max(overflow ? all : next, 0), all))
            writer.write(
                UnsafeRawBufferPointer(
                    rebasing: text[..<UTF8Bytes.offset(text, from: 0, by: head)]))
            writer.write(new)
            writer.write(
                UnsafeRawBufferPointer(
                    rebasing: text[UTF8Bytes.offset(text, from: 0, by: tail)...]))
            writer.close()
        }
        return writer.finish(call)
    }

    // MARK: - Quoting

    static func quoteLiteral(_ text: UnsafeRawBufferPointer, _ writer: inout ViewWriter) {
        if text.contains(UInt8(ascii: "\\")) {
            writer.write(UInt8(ascii: "E"))
        }
        let hasBackslash = text.contains(UInt8(ascii: "\\"))
        writer.write(0x27)
        for byte in text {
            if byte == 0x27 || byte == UInt8(ascii: "\\") && hasBackslash { writer.write(byte) }
            writer.write(byte)
        }
        writer.write(0x27)
    }

    static func quoteIdentifier(_ text: UnsafeRawBufferPointer, _ writer: inout ViewWriter) {
        let isPlain =
            !text.isEmpty
            && text.allSatisfy { $0 &- 0x61 < 26 || $0 == 0x5F || $0 &- 0x30 < 10 }
            && text[0] &- 0x30 >= 10
        if isPlain { return writer.write(text) }
        writer.write(0x22)
        for byte in text {
            if byte == 0x22 { writer.write(byte) }
            writer.write(byte)
        }
        writer.write(0x22)
    }

    // MARK: - Splitting

    /// - Parameter isPostgres: a NULL separator cuts into characters, an empty text has no parts,
    ///   and parts equal to the third argument are NULL.
    private static func split(
        _ call: KernelCall, _ type: DataType, isPostgres: Bool
    ) throws(IglooError) -> ArrayData {
        let texts = ViewReader(call.arguments[0])
        let separators = ViewReader(call.arguments[1])
        let nulls = call.arguments.count > 2 ? ViewReader(call.arguments[2]) : nil
        let validity = Bits.make(call.count) {
            !call.isNull(0, $0) && (isPostgres || !call.isNull(1, $0))
        }
        var lists = TextLists()
        for row in 0..<call.count {
            guard Bitmap.isSet(validity.pointer(), row) else {
                lists.counts.append(0)
                continue
            }
            let text = texts[row]
            let separator = call.isNull(1, row) ? nil : separators[row]
            let null = call.arguments.count > 2 && !call.isNull(2, row) ? nulls?[row] : nil
            var count = 0
            eachPart(text, separator, isPostgres) { part in
                if let null, null.count == part.count, TextFunctions.equal(part, 0, null) {
                    lists.appendNull()
                } else {
                    lists.append(part)
                }
                count += 1
            }
            lists.counts.append(count)
        }
        return try lists.finish(type, validity: validity)
    }

    private static func eachPart(
        _ text: UnsafeRawBufferPointer, _ separator: UnsafeRawBufferPointer?, _ isPostgres: Bool,
        _ body: (UnsafeRawBufferPointer) -> Void
    ) {
        if isPostgres && text.isEmpty { return }
        guard let separator, !separator.isEmpty else {
            // PostgreSQL does not cut at an empty separator.
            if isPostgres && separator != nil { return body(text) }
            var index = 0
            while index < text.count {
                let width = UTF8Bytes.characterByteCount(text, index)
                body(UnsafeRawBufferPointer(rebasing: text[index..<index + width]))
                index += width
            }
            return
        }
        var start = 0
        while true {
            let at = TextFunctions.find(separator, in: text, from: start)
            let end = at < 0 ? text.count : at
            body(UnsafeRawBufferPointer(rebasing: text[start..<end]))
            if at < 0 { return }
            start = at + separator.count
        }
    }

    // MARK: - URLs

    private static func urlEncoded(_ text: UnsafeRawBufferPointer, _ writer: inout ViewWriter) {
        for byte in text {
            let isPlain =
                byte | 0x20 &- 0 >= 0x61 && byte | 0x20 <= 0x7A || byte &- 0x30 < 10
                || byte == 0x2D || byte == 0x2E || byte == 0x5F || byte == 0x7E
            if isPlain {
                writer.write(byte)
            } else {
                writer.write(UInt8(ascii: "%"))
                writer.write(HexText.upper(byte >> 4))
                writer.write(HexText.upper(byte & 15))
            }
        }
    }

    private static func urlDecoded(_ call: KernelCall) throws(IglooError) -> ArrayData {
        let texts = ViewReader(call.arguments[0])
        var writer = ViewWriter(count: call.count)
        for row in 0..<call.count {
            guard call.isValid(row) else {
                writer.appendEmpty()
                continue
            }
            let text = texts[row]
            var bytes: [UInt8] = []
            var index = 0
            while index < text.count {
                if text[index] == UInt8(ascii: "%"), index + 2 < text.count,
                    let high = HexText.value(text[index + 1]),
                    let low = HexText.value(text[index + 2])
                {
                    bytes.append(high << 4 | low)
                    index += 3
                } else {
                    bytes.append(text[index])
                    index += 1
                }
            }
            guard let decoded = String(validating: bytes, as: UTF8.self) else {
                throw Faults.invalid("the URL's escapes are not UTF-8")
            }
            writer.append(decoded)
        }
        return writer.finish(call)
    }
}
