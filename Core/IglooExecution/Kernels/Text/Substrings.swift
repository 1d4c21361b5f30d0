// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Functions whose result is a part of their first argument: its data buffers are shared.
enum Substrings {
    /// The range of bytes that `body` picks of each valid row.
    @inline(__always)
    private static func parts(
        _ call: KernelCall, _ body: (UnsafeRawBufferPointer, Int) -> Range<Int>
    ) -> ArrayData {
        let reader = ViewReader(call.arguments[0])
        var builder = BufferBuilder(byteCapacity: call.count * 16)
        let out = builder.pointer(as: BinaryView.self)
        var row = 0
        while row < call.count {
            var part = BinaryView()
            if call.isValid(row) {
                let text = reader[row]
                let range = body(text, row)
                if let base = text.baseAddress, !range.isEmpty {
                    let view = reader.view(row)
                    part =
                        view.isInline
                        ? BinaryView(inline: base + range.lowerBound, count: range.count)
                        : BinaryView(
                            base + range.lowerBound, count: range.count,
                            bufferIndex: Int32(truncatingIfNeeded: view.bufferIndex),
                            offset: Int32(truncatingIfNeeded: view.offset &+ range.lowerBound))
                }
            }
            out[row] = part
            row &+= 1
        }
        builder.setByteCount(call.count * 16)
        return call.result(
            .utf8View, [builder.finish()] + call.arguments[0].array.buffers.dropFirst(),
            validity: call.validity)
    }

    static func substring(_ call: KernelCall) throws(IglooError) -> ArrayData {
        let start = call.value(1, Int64.self)
        guard call.arguments.count > 2 else {
            return parts(call) { text, row in range(text, start(row), nil) }
        }
        let length = call.value(2, Int64.self)
        for row in 0..<call.count where call.isValid(row) && length(row) < 0 {
            throw IglooError(
                .outOfRange, "negative substring length not allowed",
                sqlState: SQLState(rawValue: "22011"))
        }
        return parts(call) { text, row in range(text, start(row), length(row)) }
    }

    /// Characters `start` (1 is the first) to `start + length`, as far as they exist.
    @inline(__always)
    private static func range(
        _ text: UnsafeRawBufferPointer, _ start: Int64, _ length: Int64?
    ) -> Range<Int> {
        let (sum, overflow) = start.addingReportingOverflow(length ?? Int64.max)
        let end = overflow ? Int64.max : sum
        let first = max(start, 1)
        if end <= first || first > Int64(text.count) { return 0..<0 }
        // No more characters than bytes can be asked for.
        let count = Int(min(end - first, Int64(text.count)))
        if UTF8Bytes.isASCII(text) {
            let from = Int(first) - 1
            return from..<min(from + count, text.count)
        }
        let from = UTF8Bytes.offset(text, from: 0, by: Int(first) - 1)
        return from..<UTF8Bytes.offset(text, from: from, by: count)
    }

    static func left(_ call: KernelCall) -> ArrayData {
        let counts = call.value(1, Int64.self)
        return parts(call) { text, row in
            let wanted = counts(row)
            let count =
                wanted >= 0
                ? min(wanted, Int64(text.count))
                : max(Int64(UTF8Bytes.characterCount(text)) &+ max(wanted, -1 << 40), 0)
            return 0..<UTF8Bytes.offset(text, from: 0, by: Int(count))
        }
    }

    static func right(_ call: KernelCall) -> ArrayData {
        let counts = call.value(1, Int64.self)
        return parts(call) { text, row in
            let all = Int64(UTF8Bytes.characterCount(text))
            let wanted = counts(row)
            let skipped = wanted >= 0 ? max(all - wanted, 0) : min(0 &- max(wanted, -1 << 40), all)
            return UTF8Bytes.offset(text, from: 0, by: Int(skipped))..<text.count
        }
    }

    static func trim(_ call: KernelCall, _ isLeft: Bool, _ isRight: Bool) -> ArrayData {
        guard call.arguments.count > 1 else {
            return parts(call) { text, _ in
                var (start, end) = (0, text.count)
                while isLeft && start < end && text[start] == 0x20 { start &+= 1 }
                while isRight && end > start && text[end &- 1] == 0x20 { end &-= 1 }
                return start..<end
            }
        }
        let sets = ViewReader(call.arguments[1])
        return parts(call) { text, row in
            let set = sets[row]
            var (start, end) = (0, text.count)
            while isLeft && start < end {
                let count = UTF8Bytes.characterByteCount(text, start)
                if !contains(set, text, start, count) { break }
                start += count
            }
            while isRight && end > start {
                var first = end - 1
                while first > start && text[first] & 0xC0 == 0x80 { first -= 1 }
                if !contains(set, text, first, end - first) { break }
                end = first
            }
            return start..<end
        }
    }

    /// Whether a character of `text` is among those of `set`.
    private static func contains(
        _ set: UnsafeRawBufferPointer, _ text: UnsafeRawBufferPointer, _ start: Int, _ count: Int
    ) -> Bool {
        var index = 0
        while index < set.count {
            let width = UTF8Bytes.characterByteCount(set, index)
            if width == count {
                var same = 0
                while same < count && set[index + same] == text[start + same] { same += 1 }
                if same == count { return true }
            }
            index += width
        }
        return false
    }

    static func splitPart(_ call: KernelCall) throws(IglooError) -> ArrayData {
        let separators = ViewReader(call.arguments[1])
        let numbers = call.value(2, Int64.self)
        for row in 0..<call.count where call.isValid(row) && numbers(row) == 0 {
            throw Faults.invalid("field position must not be zero")
        }
        return parts(call) { text, row in part(text, separators[row], numbers(row)) }
    }

    private static func part(
        _ text: UnsafeRawBufferPointer, _ separator: UnsafeRawBufferPointer, _ number: Int64
    ) -> Range<Int> {
        if separator.isEmpty { return number == 1 || number == -1 ? 0..<text.count : 0..<0 }
        var wanted = number
        if number < 0 {
            var count: Int64 = 1
            var at = TextFunctions.find(separator, in: text, from: 0)
            while at >= 0 {
                count += 1
                at = TextFunctions.find(separator, in: text, from: at + separator.count)
            }
            if number < 0 &- count { return 0..<0 }
            wanted = count + number + 1
            if wanted < 1 { return 0..<0 }
        }
        var start = 0
        while true {
            let at = TextFunctions.find(separator, in: text, from: start)
            let end = at < 0 ? text.count : at
            if wanted == 1 { return start..<end }
            if at < 0 { return 0..<0 }
            start = at + separator.count
            wanted -= 1
        }
    }
}
