// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Subscripts of text: `text[2]`, `text[2:-1]`.
enum TextSlices {
    static func kernel(_ call: FunctionCall) -> Kernel? {
        guard call.parameters.first == .utf8View else { return nil }
        switch call.name {
        case "list_element":
            return { (call) throws(IglooError) in
                let index = call.value(1, Int64.self)
                return slices(call, { index($0) }, { index($0) })
            }
        case "list_slice":
            return { (call) throws(IglooError) in
                let (low, high) = (call.value(1, Int64.self), call.value(2, Int64.self))
                return slices(
                    call, { call.isNull(1, $0) ? 1 : low($0) },
                    { call.isNull(2, $0) ? Int64.max : high($0) })
            }
        default: return nil
        }
    }

    private static func slices(
        _ call: KernelCall, _ low: (Int) -> Int64, _ high: (Int) -> Int64
    ) -> ArrayData {
        let texts = ViewReader(call.arguments[0])
        var writer = ViewWriter(count: call.count)
        let validity = Bits.make(call.count) { !call.isNull(0, $0) }
        for row in 0..<call.count {
            guard !call.isNull(0, row) else {
                writer.appendEmpty()
                continue
            }
            let text = texts[row]
            let count = UTF8Bytes.characterCount(text)
            guard let part = ListAccess.part(count, low(row), high(row)) else {
                writer.appendEmpty()
                continue
            }
            let start = UTF8Bytes.offset(text, from: 0, by: part.lowerBound)
            let end = UTF8Bytes.offset(text, from: start, by: part.count)
            writer.append(UnsafeRawBufferPointer(rebasing: text[start..<end]))
        }
        return writer.finish(.utf8View, count: call.count, validity: validity)
    }
}
