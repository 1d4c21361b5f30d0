// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Parts of the paths of files.
enum PathNames {
    private static let slash = UInt8(ascii: "/")

    static func kernel(_ call: FunctionCall) -> Kernel? {
        switch call.name {
        case "parse_filename":
            return { (call) throws(IglooError) in
                let isShort = call.arguments.count > 1 ? bools(call, 1) : { _ in false }
                return part(call) { path, row in
                    var name = path.dropFirst(path.lastIndex(of: slash).map { $0 + 1 } ?? 0)
                    if isShort(row), let point = name.lastIndex(of: UInt8(ascii: ".")) {
                        name = name[..<point]
                    }
                    return name
                }
            }
        case "parse_dirname":
            return { (call) throws(IglooError) in
                part(call) { path, _ in
                    guard let first = path.firstIndex(of: slash) else { return path[..<0] }
                    return path[..<max(first, first == 0 ? 1 : 0)]
                }
            }
        case "parse_dirpath":
            return { (call) throws(IglooError) in
                part(call) { path, _ in
                    guard let last = path.lastIndex(of: slash) else { return path[..<0] }
                    return path[..<max(last, last == 0 ? 1 : 0)]
                }
            }
        case "parse_path":
            let type = call.result
            return { (call) throws(IglooError) in
                let paths = ViewReader(call.arguments[0])
                var lists = TextLists()
                for row in 0..<call.count {
                    var count = 0
                    if call.isValid(row) {
                        let path = paths[row]
                        if path.first == slash {
                            lists.append(UnsafeRawBufferPointer(rebasing: path[..<1]))
                            count = 1
                        }
                        for part in path.split(separator: slash) {
                            lists.append(UnsafeRawBufferPointer(rebasing: part))
                            count += 1
                        }
                    }
                    lists.counts.append(count)
                }
                return try lists.finish(type, validity: call.validity)
            }
        default: return nil
        }
    }

    private static func bools(_ call: KernelCall, _ place: Int) -> (Int) -> Bool {
        let argument = call.arguments[place]
        return { row in
            if case .bool(true) = argument.array.scalar(at: row * argument.step) {
                true
            } else {
                false
            }
        }
    }

    private static func part(
        _ call: KernelCall, _ body: (UnsafeRawBufferPointer, Int) -> Slice<UnsafeRawBufferPointer>
    ) -> ArrayData {
        let paths = ViewReader(call.arguments[0])
        var writer = ViewWriter(count: call.count)
        for row in 0..<call.count {
            if call.isValid(row) {
                writer.append(UnsafeRawBufferPointer(rebasing: body(paths[row], row)))
            } else {
                writer.appendEmpty()
            }
        }
        return writer.finish(call)
    }
}
