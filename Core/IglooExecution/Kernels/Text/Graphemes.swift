// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Parts of texts by characters as they are seen, of one code point or more.
///
/// - Source: Unicode Standard Annex 29, extended grapheme clusters.
enum Graphemes {
    static func kernel(_ call: FunctionCall) -> Kernel? {
        switch call.name {
        case "length_grapheme":
            return { (call) throws(IglooError) in
                let texts = ViewReader(call.arguments[0])
                var builder = PrimitiveBuilder<Int64>(.int64, zero: 0)
                for row in 0..<call.count {
                    if call.isValid(row) {
                        builder.append(Int64(texts[row].text.count))
                    } else {
                        builder.appendNull()
                    }
                }
                return builder.finish()
            }
        case "left_grapheme":
            return { (call) throws(IglooError) in
                let counts = call.value(1, Int64.self)
                return parts(call) { row, length in
                    let count = counts(row)
                    return 0..<(count < 0 ? length + max(count, -length) : min(count, length))
                }
            }
        case "right_grapheme":
            return { (call) throws(IglooError) in
                let counts = call.value(1, Int64.self)
                return parts(call) { row, length in
                    let count = counts(row)
                    let left = count < 0 ? -max(count, -length) : length - min(count, length)
                    return left..<length
                }
            }
        case "substring_grapheme":
            return { (call) throws(IglooError) in try substring(call) }
        default: return nil
        }
    }

    /// As `substring` of code points.
    private static func substring(_ call: KernelCall) throws(IglooError) -> ArrayData {
        let starts = call.value(1, Int64.self)
        let counts = call.arguments.count > 2 ? call.value(2, Int64.self) : nil
        for row in 0..<call.count where call.isValid(row) && counts?(row) ?? 0 < 0 {
            throw IglooError(
                .outOfRange, "negative substring length not allowed",
                sqlState: SQLState(rawValue: "22011"))
        }
        return parts(call) { row, length in
            let start = starts(row)
            var end = length
            if let count = counts?(row) {
                let (sum, overflow) = start.addingReportingOverflow(count)
                end = overflow ? length : min(max(sum, 1) - 1, length)
            }
            let first = min(max(start, 1) - 1, length)
            return first..<max(first, end)
        }
    }

    /// The range of characters that `body` picks of a text with so many.
    private static func parts(
        _ call: KernelCall, _ body: (_ row: Int, _ length: Int64) -> Range<Int64>
    ) -> ArrayData {
        let texts = ViewReader(call.arguments[0])
        var writer = ViewWriter(count: call.count)
        for row in 0..<call.count {
            guard call.isValid(row) else {
                writer.appendEmpty()
                continue
            }
            let characters = Array(texts[row].text)
            let range = body(row, Int64(characters.count))
            var text = String(characters[Int(range.lowerBound)..<Int(range.upperBound)])
            text.withUTF8 { writer.append(UnsafeRawBufferPointer($0)) }
        }
        return writer.finish(.utf8View, count: call.count, validity: call.validity)
    }
}
