// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Casts of lists and structures, child by child.
enum NestedCasts {
    static func kernel(
        _ from: DataType, _ to: DataType, _ context: EvaluationContext
    ) throws(IglooError) -> Kernel? {
        switch (from, to) {
        case (.list(let element), .list(let newElement)):
            guard let kernel = try Casts.kernel(from: element.type, to: newElement.type, context)
            else { return nil }
            return { (call) throws(IglooError) in
                // Elements under null lists must not fail: taking leaves them out.
                let array = call.arguments[0].array
                let all = (0..<call.count).map { array.isNull($0) ? -1 : $0 }
                let dense = try arrow { () throws(ArrowError) in try array.take(all) }
                let child = try cast(dense.children[0], kernel, call.isTry)
                return ArrayData(
                    type: to, count: dense.count, offset: dense.offset,
                    nullCount: dense.nullCount, validity: dense.validity,
                    buffers: dense.buffers, children: [child])
            }
        case (.structure(let fields), .structure(let newFields)):
            guard fields.count == newFields.count else { return nil }
            let places = DataType.fieldPlaces(fields, newFields)
            var kernels: [Kernel] = []
            for (place, newField) in zip(places, newFields) {
                let type = fields[place].type
                guard let kernel = try Casts.kernel(from: type, to: newField.type, context)
                else { return nil }
                kernels.append(kernel)
            }
            return { (call) throws(IglooError) in
                let array = call.arguments[0].array
                var children: [ArrayData] = []
                for (place, kernel) in zip(places, kernels) {
                    var part = array.children[place].slice(array.offset, count: array.count)
                    if let validity = call.validity {
                        part =
                            part.type == .null
                            ? part
                            : part.withValidity(
                                Bits.and(Bits.validity(of: part), validity, count: part.count))
                    }
                    children.append(try cast(part, kernel, call.isTry))
                }
                return ArrayData(
                    type: to, count: call.count, validity: call.validity, children: children)
            }
        default: return nil
        }
    }

    private static func cast(
        _ child: ArrayData, _ kernel: Kernel, _ isTry: Bool
    ) throws(IglooError) -> ArrayData {
        try kernel(KernelCall([Vector(try flattened(child))], count: child.count, isTry: isTry))
    }
}
