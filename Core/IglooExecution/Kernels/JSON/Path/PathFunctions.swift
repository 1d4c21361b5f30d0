// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Functions that follow a JSON path. A constant path is taken apart once.
enum PathFunctions {
    static func kernel(_ call: FunctionCall) throws(IglooError) -> Kernel? {
        guard call.name.hasPrefix("jsonb_path_") else { return nil }
        let paths = PathArgument()
        if let text = call.constantText(1) { try paths.prepare(text) }
        let type = call.result
        switch call.name {
        case "jsonb_path_exists":
            return { (call) throws(IglooError) in
                try booleans(call, paths, wantsOne: true) {
                    (found, isWhole, _) throws(IglooError) in
                    isWhole ? !found.isEmpty : nil
                }
            }
        case "jsonb_path_match":
            return { (call) throws(IglooError) in
                try booleans(call, paths, wantsOne: false) {
                    (found, isWhole, isSilent) throws(IglooError) in
                    if found.count == 1 {
                        if let value = found[0].bool { return value }
                        if found[0].kind == .null { return nil }
                    }
                    if isSilent { return nil }
                    throw IglooError(
                        .invalidData, "single boolean result is expected",
                        sqlState: SQLState(rawValue: "22038"))
                }
            }
        case "jsonb_path_query":
            return { (call) throws(IglooError) in try query(call, paths, type) }
        case "jsonb_path_query_array":
            return { (call) throws(IglooError) in
                try texts(call, paths) { found, writer in
                    var list = JSONListWriter("[", "]", &writer)
                    for item in found {
                        list.comma(&writer)
                        item.write(&writer)
                    }
                    list.end(&writer)
                    return true
                }
            }
        case "jsonb_path_query_first":
            return { (call) throws(IglooError) in
                try texts(call, paths) { found, writer in
                    found.first?.write(&writer)
                    return !found.isEmpty
                }
            }
        default: return nil
        }
    }

    /// Follows the row's path, and says whether it came to its end without an error.
    private static func follow(
        _ call: KernelCall, _ row: Int, _ paths: PathArgument, wantsOne: Bool = false
    ) throws(IglooError) -> (found: [PathItem], isWhole: Bool, isSilent: Bool) {
        let program = try paths.program(call, row)
        let (scanner, document) = try JSONFunctions.document(ViewReader(call.arguments[0])[row])
        var variables: PathItem?
        if call.arguments.count > 2 {
            let (scanner, value) = try JSONFunctions.document(ViewReader(call.arguments[2])[row])
            guard scanner.isObject(value) else {
                throw IglooError(
                    .invalidArgument, "\"vars\" argument is not an object",
                    hint: "jsonpath parameters are the members of an object",
                    sqlState: .invalidParameterValue)
            }
            variables = .text(scanner, value)
        }
        let isSilent = call.arguments.count > 3 && call.flag(3, row)
        var evaluator = PathEvaluator(program, .text(scanner, document), variables)
        var found = PathEvaluator.Found()
        // A strict path must be without errors to its end.
        found.wantsOne = wantsOne && !program.isStrict
        do throws(IglooError) {
            try evaluator.evaluate(program.root, &found)
        } catch {
            guard isSilent, error.sqlState.rawValue != "42704" else { throw error }
            return (found.items, false, isSilent)
        }
        return (found.items, true, isSilent)
    }

    private static func booleans(
        _ call: KernelCall, _ paths: PathArgument, wantsOne: Bool,
        _ body: ([PathItem], _ isWhole: Bool, _ isSilent: Bool) throws(IglooError) -> Bool?
    ) throws(IglooError) -> ArrayData {
        var values = [Bool](repeating: false, count: call.count)
        var known = values
        for row in 0..<call.count where call.isValid(row) {
            let (found, isWhole, isSilent) = try follow(call, row, paths, wantsOne: wantsOne)
            guard let value = try body(found, isWhole, isSilent) else { continue }
            values[row] = value
            known[row] = true
        }
        return call.result(
            .bool, [Bits.make(call.count) { values[$0] }],
            validity: Bits.make(call.count) { known[$0] })
    }

    private static func texts(
        _ call: KernelCall, _ paths: PathArgument,
        _ body: ([PathItem], inout ViewWriter) -> Bool
    ) throws(IglooError) -> ArrayData {
        var writer = ViewWriter(count: call.count)
        var known = [Bool](repeating: false, count: call.count)
        for row in 0..<call.count {
            if call.isValid(row) { known[row] = body(try follow(call, row, paths).found, &writer) }
            writer.close()
        }
        return writer.finish(
            .utf8View, count: call.count, validity: Bits.make(call.count) { known[$0] })
    }

    private static func query(
        _ call: KernelCall, _ paths: PathArgument, _ type: DataType
    ) throws(IglooError) -> ArrayData {
        var lists = TextLists()
        for row in 0..<call.count {
            guard call.isValid(row) else {
                lists.counts.append(0)
                continue
            }
            let found = try follow(call, row, paths).found
            for item in found { lists.append { item.write(&$0) } }
            lists.counts.append(found.count)
        }
        return try lists.finish(type, validity: call.validity)
    }
}

/// The path of a call; each text is taken apart once in a row.
private final class PathArgument {
    private var last: (text: [UInt8], program: PathProgram)?

    func prepare(_ text: String) throws(IglooError) {
        let bytes = Array(text.utf8)
        last = (bytes, try bytes.parsedPath())
    }

    func program(_ call: KernelCall, _ row: Int) throws(IglooError) -> PathProgram {
        let text = ViewReader(call.arguments[1])[row]
        if let last, last.text.count == text.count, last.text.elementsEqual(text) {
            return last.program
        }
        let bytes = Array(text)
        let program = try bytes.parsedPath()
        last = (bytes, program)
        return program
    }
}

extension [UInt8] {
    fileprivate func parsedPath() throws(IglooError) -> PathProgram {
        var result: Result<PathProgram, IglooError>?
        withUnsafeBytes { bytes in
            do throws(IglooError) {
                result = .success(try PathParser.parse(bytes))
            } catch {
                result = .failure(error)
            }
        }
        guard let result else { throw IglooError(.internalError, "no path was read") }
        return try result.get()
    }
}

extension KernelCall {
    /// A boolean argument of a row.
    func flag(_ index: Int, _ row: Int) -> Bool {
        let argument = arguments[index]
        return Bitmap.isSet(
            argument.array.buffers[0].pointer(), argument.array.offset + row * argument.step)
    }
}
