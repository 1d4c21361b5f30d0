// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Functions that write new text.
enum TextBuilding {
    static func kernel(_ call: FunctionCall) -> Kernel? {
        switch call.name {
        case "||":
            let type = call.result
            return { (call) throws(IglooError) in try concatenate(call, type) }
        case "upper":
            return { (call) throws(IglooError) in mapCase(call, isUpper: true) }
        case "lower":
            return { (call) throws(IglooError) in mapCase(call, isUpper: false) }
        case "initcap": return { (call) throws(IglooError) in initcap(call) }
        case "reverse": return { (call) throws(IglooError) in reverse(call) }
        case "lpad": return { (call) throws(IglooError) in try pad(call, isLeft: true) }
        case "rpad": return { (call) throws(IglooError) in try pad(call, isLeft: false) }
        case "replace": return { (call) throws(IglooError) in try replace(call) }
        case "repeat": return { (call) throws(IglooError) in try repeated(call) }
        case "concat": return { (call) throws(IglooError) in try joined(call, hasSeparator: false) }
        case "concat_ws":
            return { (call) throws(IglooError) in try joined(call, hasSeparator: true) }
        case "chr": return { (call) throws(IglooError) in try chr(call) }
        default: return nil
        }
    }

    /// Writes one value a valid row.
    @inline(__always)
    private static func write(
        _ call: KernelCall, _ type: DataType = .utf8View,
        _ body: (inout ViewWriter, Int) throws(IglooError) -> Void
    ) throws(IglooError) -> ArrayData {
        var writer = ViewWriter(count: call.count)
        var row = 0
        while row < call.count {
            if call.isValid(row) { try body(&writer, row) } else { writer.appendEmpty() }
            row &+= 1
        }
        return writer.finish(call, type)
    }

    private static func concatenate(
        _ call: KernelCall, _ type: DataType
    ) throws(IglooError) -> ArrayData {
        let (left, right) = (ViewReader(call.arguments[0]), ViewReader(call.arguments[1]))
        return try write(call, type) { (writer, row) throws(IglooError) in
            let (x, y) = (left[row], right[row])
            try writer.plan(x.count + y.count)
            writer.write(x)
            writer.write(y)
            writer.close()
        }
    }

    private static func mapCase(_ call: KernelCall, isUpper: Bool) -> ArrayData {
        let reader = ViewReader(call.arguments[0])
        var writer = ViewWriter(count: call.count)
        var row = 0
        while row < call.count {
            if !call.isValid(row) {
                writer.appendEmpty()
            } else {
                let text = reader[row]
                if UTF8Bytes.isASCII(text) {
                    if isUpper {
                        writer.write(text) { LetterCase.upperByte($0) }
                    } else {
                        writer.write(text) { LetterCase.lowerByte($0) }
                    }
                    writer.close()
                } else {
                    writer.append(
                        isUpper ? LetterCase.upper(text.text) : LetterCase.lower(text.text))
                }
            }
            row &+= 1
        }
        return writer.finish(call)
    }

    private static func initcap(_ call: KernelCall) -> ArrayData {
        let reader = ViewReader(call.arguments[0])
        var writer = ViewWriter(count: call.count)
        for row in 0..<call.count {
            var text = ""
            if call.isValid(row) {
                var isInWord = false
                for scalar in reader[row].text.unicodeScalars {
                    let letter = String(scalar)
                    text += isInWord ? LetterCase.lower(letter) : LetterCase.upper(letter)
                    isInWord =
                        scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                }
            }
            writer.append(text)
        }
        return writer.finish(call)
    }

    private static func reverse(_ call: KernelCall) -> ArrayData {
        let reader = ViewReader(call.arguments[0])
        var writer = ViewWriter(count: call.count)
        for row in 0..<call.count {
            if call.isValid(row) {
                let text = reader[row]
                var end = text.count
                while end > 0 {
                    var first = end - 1
                    while first > 0 && text[first] & 0xC0 == 0x80 { first -= 1 }
                    writer.write(UnsafeRawBufferPointer(rebasing: text[first..<end]))
                    end = first
                }
            }
            writer.close()
        }
        return writer.finish(call)
    }

    private static func pad(_ call: KernelCall, isLeft: Bool) throws(IglooError) -> ArrayData {
        let reader = ViewReader(call.arguments[0])
        let lengths = call.value(1, Int64.self)
        let fills = call.arguments.count > 2 ? ViewReader(call.arguments[2]) : nil
        let space: [UInt8] = [0x20]
        return try write(call) { (writer, row) throws(IglooError) in
            let text = reader[row]
            let fill = fills.map { Array($0[row]) } ?? space
            let length = Int(max(lengths(row), 0))
            let count = UTF8Bytes.characterCount(text)
            if length <= count || fill.isEmpty {
                let end = UTF8Bytes.offset(text, from: 0, by: min(length, count))
                return writer.append(UnsafeRawBufferPointer(rebasing: text[..<end]))
            }
            let (room, overflow) = (length - count).multipliedReportingOverflow(by: 4)
            try writer.plan(overflow ? Int.max : text.count &+ room)
            if !isLeft { writer.write(text) }
            var missing = length - count
            fill.withUnsafeBytes { fill in
                while missing > 0 {
                    var index = 0
                    while index < fill.count && missing > 0 {
                        let width = UTF8Bytes.characterByteCount(fill, index)
                        writer.write(UnsafeRawBufferPointer(rebasing: fill[index..<index + width]))
                        index += width
                        missing -= 1
                    }
                }
            }
            if isLeft { writer.write(text) }
            writer.close()
        }
    }

    private static func replace(_ call: KernelCall) throws(IglooError) -> ArrayData {
        let texts = ViewReader(call.arguments[0])
        let (olds, news) = (ViewReader(call.arguments[1]), ViewReader(call.arguments[2]))
        return try write(call) { (writer, row) throws(IglooError) in
            let (text, old, new) = (texts[row], olds[row], news[row])
            var at = old.isEmpty ? -1 : TextFunctions.find(old, in: text, from: 0)
            if at < 0 { return writer.append(text) }
            let most = (text.count / old.count).multipliedReportingOverflow(by: new.count)
            try writer.plan(most.overflow ? Int.max : text.count &+ most.partialValue)
            var start = 0
            while at >= 0 {
                writer.write(UnsafeRawBufferPointer(rebasing: text[start..<at]))
                writer.write(new)
                start = at + old.count
                at = TextFunctions.find(old, in: text, from: start)
            }
            writer.write(UnsafeRawBufferPointer(rebasing: text[start...]))
            writer.close()
        }
    }

    private static func repeated(_ call: KernelCall) throws(IglooError) -> ArrayData {
        let reader = ViewReader(call.arguments[0])
        let counts = call.value(1, Int64.self)
        return try write(call) { (writer, row) throws(IglooError) in
            let text = reader[row]
            let count = text.isEmpty ? 0 : Int(max(counts(row), 0))
            let (total, overflow) = text.count.multipliedReportingOverflow(by: count)
            try writer.plan(overflow ? Int.max : total)
            var left = count
            while left > 0 {
                writer.write(text)
                left -= 1
            }
            writer.close()
        }
    }

    /// `concat` and `concat_ws`: nulls are left out, but a null separator makes null.
    private static func joined(
        _ call: KernelCall, hasSeparator: Bool
    ) throws(IglooError) -> ArrayData {
        let readers = call.arguments.map { $0.array.type == .null ? nil : ViewReader($0) }
        let nulls = call.arguments.map { argument in
            { (row: Int) in argument.array.isNull(row * argument.step) }
        }
        var validity: Buffer?
        if hasSeparator { validity = Bits.make(call.count) { !nulls[0]($0) } }
        var writer = ViewWriter(count: call.count)
        for row in 0..<call.count {
            var isFirst = true
            for index in (hasSeparator ? 1 : 0)..<readers.count {
                guard !nulls[index](row), let text = readers[index]?[row] else { continue }
                if hasSeparator, !isFirst, !nulls[0](row), let separator = readers[0]?[row] {
                    try writer.plan(separator.count)
                    writer.write(separator)
                }
                try writer.plan(text.count)
                writer.write(text)
                isFirst = false
            }
            writer.close()
        }
        return writer.finish(.utf8View, count: call.count, validity: validity)
    }

    private static func chr(_ call: KernelCall) throws(IglooError) -> ArrayData {
        let codes = call.value(0, Int32.self)
        return try write(call) { (writer, row) throws(IglooError) in
            let code = codes(row)
            guard code >= 0 else {
                throw IglooError(
                    .invalidArgument, "character number must be positive, not \(code)")
            }
            guard code > 0, let scalar = Unicode.Scalar(UInt32(code)) else {
                throw IglooError(
                    .outOfRange,
                    code == 0
                        ? "null character not permitted"
                        : "requested character \(code) is not a valid code point",
                    sqlState: .programLimitExceeded)
            }
            writer.write(scalar)
            writer.close()
        }
    }
}

/// Hexadecimal digits.
enum HexText {
    static func upper(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x37 + value }

    static func value(_ byte: UInt8) -> UInt8? {
        if byte &- 0x30 < 10 { return byte &- 0x30 }
        let letter = byte | 0x20
        return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : nil
    }

    /// `nil` for anything but pairs of digits, white space between them aside.
    static func bytes(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        var bytes: [UInt8] = []
        var high: UInt8?
        for byte in text where byte != 0x20 && byte &- 9 >= 5 {
            guard let digit = value(byte) else { return nil }
            if let first = high {
                bytes.append(first << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        return high == nil ? bytes : nil
    }

    static func write(_ byte: UInt8, to writer: inout ViewWriter) {
        writer.write(digit(byte >> 4))
        writer.write(digit(byte & 15))
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }
}
