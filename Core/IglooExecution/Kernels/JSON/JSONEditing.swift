// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Functions that make JSON of JSON.
enum JSONEditing {
    static func kernel(_ call: FunctionCall) -> Kernel? {
        switch call.name {
        case "json_normalize": return unary { $0.normalized }
        case "json_structure": return unary { $0.structure }
        case "json_merge_patch": return { (call) throws(IglooError) in try mergePatch(call) }
        case "json_merge_patch_diff":
            return { (call) throws(IglooError) in try patchDifference(call) }
        case "json_set": return { (call) throws(IglooError) in try setting(call) }
        case "json_contains":
            return { (call) throws(IglooError) in
                let sides = call.arguments.map { ViewReader($0) }
                var found = [Bool](repeating: false, count: call.count)
                for row in 0..<call.count where call.isValid(row) {
                    found[row] = try tree(sides[0][row]).contains(try tree(sides[1][row]))
                }
                return call.bits(Bits.make(call.count) { found[$0] })
            }
        default: return nil
        }
    }

    private static func tree(
        _ text: UnsafeRawBufferPointer
    ) throws(IglooError) -> JSONTree {
        let (scanner, value) = try JSONFunctions.document(text)
        return JSONTree(scanner, value)
    }

    private static func unary(_ body: @escaping @Sendable (JSONTree) -> JSONTree) -> Kernel {
        { (call) throws(IglooError) in
            let texts = ViewReader(call.arguments[0])
            return try write(call.count) { (row) throws(IglooError) in
                call.isValid(row) ? body(try tree(texts[row])) : nil
            }
        }
    }

    /// A text a row; NULL for none.
    private static func write(
        _ count: Int, _ body: (Int) throws(IglooError) -> JSONTree?
    ) throws(IglooError) -> ArrayData {
        var writer = ViewWriter(count: count)
        var isPresent = [Bool](repeating: false, count: count)
        for row in 0..<count {
            guard let value = try body(row) else {
                writer.appendEmpty()
                continue
            }
            isPresent[row] = true
            var bytes: [UInt8] = []
            value.write(to: &bytes)
            bytes.withUnsafeBytes { writer.append($0) }
        }
        return writer.finish(
            .utf8View, count: count, validity: Bits.make(count) { isPresent[$0] })
    }

    /// NULLs are patches as well: what one leaves is NULL, to which the next is applied.
    private static func mergePatch(_ call: KernelCall) throws(IglooError) -> ArrayData {
        let texts = call.arguments.map { ViewReader($0) }
        return try write(call.count) { (row) throws(IglooError) in
            var value: JSONTree?
            for (argument, reader) in texts.enumerated() {
                guard !call.isNull(argument, row) else {
                    value = nil
                    continue
                }
                let patch = try tree(reader[row])
                value = value.map { $0.merged(with: patch) } ?? patch
            }
            return value
        }
    }

    private static func patchDifference(_ call: KernelCall) throws(IglooError) -> ArrayData {
        let texts = call.arguments.map { ViewReader($0) }
        return try write(call.count) { (row) throws(IglooError) in
            guard !call.isNull(1, row) else { return nil }
            let new = try tree(texts[1][row])
            guard !call.isNull(0, row) else { return new }
            return try tree(texts[0][row]).patch(to: new)
        }
    }

    private static func setting(_ call: KernelCall) throws(IglooError) -> ArrayData {
        let texts = call.arguments.map { ViewReader($0) }
        return try write(call.count) { (row) throws(IglooError) in
            guard call.isValid(row) else { return nil }
            let path = try JSONPath(texts[1][row].text)
            guard path.steps.count <= JSONScanner.depthMax else {
                throw Faults.invalid(
                    "a JSON path of more than \(JSONScanner.depthMax) steps cannot be set")
            }
            return try tree(texts[0][row]).setting(try tree(texts[2][row]), at: path.steps[...])
        }
    }
}
