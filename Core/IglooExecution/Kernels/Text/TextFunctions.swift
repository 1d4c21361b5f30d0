// SPDX-License-Identifier: MIT

import CIglooKernels
import IglooArrow
import IglooContracts

/// Functions of text.
enum TextFunctions {
    static func kernel(_ call: FunctionCall) throws(IglooError) -> Kernel? {
        if let kernel = try NumberFormats.kernel(call) { return kernel }
        if let kernel = NumberNotations.kernel(call) { return kernel }
        if let kernel = PathNames.kernel(call) { return kernel }
        if let kernel = ByteFunctions.kernel(call) { return kernel }
        if let kernel = try TextEncodings.kernel(call) { return kernel }
        if let kernel = TextSlices.kernel(call) { return kernel }
        if let kernel = try RegexFunctions.kernel(call) { return kernel }
        if let kernel = try Encodings.kernel(call) { return kernel }
        if let kernel = try TextNames.kernel(call) { return kernel }
        if let kernel = TextEditing.kernel(call) { return kernel }
        if let kernel = TextDistances.kernel(call) { return kernel }
        if let kernel = TextFormatting.kernel(call) { return kernel }
        let isBinary = call.parameters.first == .binaryView
        switch call.name {
        case "length":
            if isBinary { return { (call) throws(IglooError) in counts(call) { $0.count } } }
            return { (call) throws(IglooError) in
                counts(call) { UTF8Bytes.characterCount($0) }
            }
        case "bit_length":
            return { (call) throws(IglooError) in counts(call) { $0.count * 8 } }
        case "octet_length": return { (call) throws(IglooError) in counts(call) { $0.count } }
        case "ascii":
            return { (call) throws(IglooError) in
                let reader = ViewReader(call.arguments[0])
                return numbers(call, .int32) { row -> Int32 in
                    guard let first = reader[row].text.unicodeScalars.first else { return 0 }
                    return Int32(first.value)
                }
            }
        case "position":
            return { (call) throws(IglooError) in position(call) }
        case "starts_with":
            return { (call) throws(IglooError) in
                test(call) { $0.count >= $1.count && equal($0, 0, $1) }
            }
        case "ends_with":
            return { (call) throws(IglooError) in
                test(call) { $0.count >= $1.count && equal($0, $0.count - $1.count, $1) }
            }
        case "contains":
            return { (call) throws(IglooError) in test(call) { find($1, in: $0, from: 0) >= 0 } }
        case "substring": return { (call) throws(IglooError) in try Substrings.substring(call) }
        case "left": return { (call) throws(IglooError) in Substrings.left(call) }
        case "right": return { (call) throws(IglooError) in Substrings.right(call) }
        case "trim", "ltrim", "rtrim":
            let (isLeft, isRight) = (call.name != "rtrim", call.name != "ltrim")
            return { (call) throws(IglooError) in Substrings.trim(call, isLeft, isRight) }
        case "split_part": return { (call) throws(IglooError) in try Substrings.splitPart(call) }
        default: return Graphemes.kernel(call) ?? TextBuilding.kernel(call)
        }
    }

    private static func counts(
        _ call: KernelCall, _ body: (UnsafeRawBufferPointer) -> Int
    ) -> ArrayData {
        let reader = ViewReader(call.arguments[0])
        return numbers(call, .int64) { Int64(body(reader[$0])) }
    }

    /// One number a valid row.
    @inline(__always)
    static func numbers<T: IntegerValue>(
        _ call: KernelCall, _ type: DataType, _ body: (Int) -> T
    ) -> ArrayData {
        var builder = BufferBuilder(byteCapacity: call.count * MemoryLayout<T>.stride)
        let out = builder.pointer(as: T.self)
        var row = 0
        while row < call.count {
            out[row] = call.isValid(row) ? body(row) : 0
            row &+= 1
        }
        builder.setByteCount(call.count * MemoryLayout<T>.stride)
        return call.result(type, [builder.finish()], validity: call.validity)
    }

    @inline(__always)
    private static func test(
        _ call: KernelCall, _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Bool
    ) -> ArrayData {
        let (left, right) = (ViewReader(call.arguments[0]), ViewReader(call.arguments[1]))
        return call.bits(
            Bits.make(call.count) { call.isValid($0) && body(left[$0], right[$0]) })
    }

    /// Whether `part` stands at `offset` of `text`, within its bounds.
    static func equal(
        _ text: UnsafeRawBufferPointer, _ offset: Int, _ part: UnsafeRawBufferPointer
    ) -> Bool {
        guard part.count > 0, let base = text.baseAddress, let other = part.baseAddress else {
            return true
        }
        return igloo_compare(base + offset, other, part.count) == 0
    }

    /// Where `part` next occurs from `start` on, or -1.
    static func find(
        _ part: UnsafeRawBufferPointer, in text: UnsafeRawBufferPointer, from start: Int
    ) -> Int {
        guard part.count > 0 else { return start }
        guard text.count - start >= part.count, let base = text.baseAddress else { return -1 }
        let found = igloo_find(base + start, text.count - start, part.baseAddress, part.count)
        return found < 0 ? -1 : start + found
    }

    private static func position(_ call: KernelCall) -> ArrayData {
        let (texts, parts) = (ViewReader(call.arguments[0]), ViewReader(call.arguments[1]))
        return numbers(call, .int64) { row -> Int64 in
            let text = texts[row]
            let found = find(parts[row], in: text, from: 0)
            if found < 0 { return 0 }
            let before = UnsafeRawBufferPointer(rebasing: text[..<found])
            return Int64(UTF8Bytes.characterCount(before) + 1)
        }
    }
}
