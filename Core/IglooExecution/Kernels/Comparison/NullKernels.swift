// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// NOT, tests for null, and functions that see nulls as values.
enum NullKernels {
    static func kernel(_ call: FunctionCall) -> Kernel? {
        switch call.name {
        case "not":
            return { (call) throws(IglooError) in
                let array = call.arguments[0].array
                if array.type == .null { return try .nulls(.bool, count: call.count) }
                return call.bits(Bits.not(Bits.values(of: array), count: call.count))
            }
        case "is_null": return { (call) throws(IglooError) in isNull(call, true) }
        case "is_not_null": return { (call) throws(IglooError) in isNull(call, false) }
        case "is_distinct_from": return distinct(call.parameters[0], isNegated: false)
        case "is_not_distinct_from": return distinct(call.parameters[0], isNegated: true)
        case "between": return between(call.parameters[0])
        case "nullif": return nullIf(call.parameters[0])
        case "greatest", "least": return extreme(call.result, isGreatest: call.name == "greatest")
        default: return nil
        }
    }

    /// False as soon as one side says so; else NULL if one is not known.
    private static func between(_ type: DataType) -> Kernel {
        let (atLeast, atMost) = (
            Comparisons.kernel(.greaterOrEqual, type), Comparisons.kernel(.lessOrEqual, type)
        )
        return { (call) throws(IglooError) in
            let count = call.count
            func side(_ kernel: Kernel, _ bound: Int) throws(IglooError) -> (Buffer, Buffer) {
                let pair = [
                    Vector(try call.arguments[0].expanded(to: count)),
                    Vector(try call.arguments[bound].expanded(to: count)),
                ]
                if pair.contains(where: { $0.array.type == .null }) {
                    return (Bits.filled(false, count: count), Bits.filled(false, count: count))
                }
                let array = try kernel(KernelCall(pair, count: count))
                let valid = Bits.validity(of: array) ?? Bits.filled(true, count: count)
                return (Bits.values(of: array), valid)
            }
            let (low, high) = (try side(atLeast, 1), try side(atMost, 2))
            let no = Bits.or(
                Bits.andNot(low.1, low.0, count: count), Bits.andNot(high.1, high.0, count: count),
                count: count)
            let known = Bits.and(low.1, high.1, count: count)
            return call.result(
                .bool, [Bits.not(no, count: count)],
                validity: Bits.or(known, no, count: count))
        }
    }

    private static func isNull(_ call: KernelCall, _ isNull: Bool) -> ArrayData {
        let count = call.count
        let argument = call.arguments[0]
        let valid: Buffer
        if argument.array.type == .null || argument.isNullConstant {
            valid = Bits.filled(false, count: count)
        } else {
            valid = call.validity ?? Bits.filled(true, count: count)
        }
        let bits = isNull ? Bits.not(valid, count: count) : valid
        return call.result(.bool, [bits], validity: nil)
    }

    private static func present(_ vector: Vector, _ count: Int) -> Buffer? {
        if vector.array.type == .null || vector.isNullConstant {
            return Bits.filled(false, count: count)
        }
        return vector.isConstant ? nil : Bits.validity(of: vector.array)
    }

    /// Both null, or both not null and equal.
    private static func alike(
        _ equal: Kernel, _ call: KernelCall
    ) throws(IglooError) -> Buffer {
        let count = call.count
        let (left, right) = (call.arguments[0], call.arguments[1])
        let leftPresent = present(left, count)
        let rightPresent = present(right, count)
        if left.array.type == .null || left.isNullConstant
            || right.array.type == .null || right.isNullConstant
        {
            // One side has no value: they are alike where the other has none either.
            let either = Bits.or(
                leftPresent ?? Bits.filled(true, count: count),
                rightPresent ?? Bits.filled(true, count: count), count: count)
            return Bits.not(either, count: count)
        }
        let bits = Bits.values(of: try equal(call))
        guard leftPresent != nil || rightPresent != nil else { return bits }
        let a = leftPresent ?? Bits.filled(true, count: count)
        let b = rightPresent ?? Bits.filled(true, count: count)
        let both = Bits.and(Bits.and(a, b, count: count), bits, count: count)
        return Bits.or(both, Bits.not(Bits.or(a, b, count: count), count: count), count: count)
    }

    private static func distinct(_ type: DataType, isNegated: Bool) -> Kernel {
        let equal = Comparisons.kernel(.equal, type)
        return { (call) throws(IglooError) in
            let bits = try alike(equal, call)
            return call.result(
                .bool, [isNegated ? bits : Bits.not(bits, count: call.count)], validity: nil)
        }
    }

    private static func nullIf(_ type: DataType) -> Kernel {
        let equal = Comparisons.kernel(.equal, type)
        return { (call) throws(IglooError) in
            let count = call.count
            let value = try call.arguments[0].expanded(to: count)
            if value.type == .null { return try .nulls(type, count: count) }
            let same = try alike(equal, call)
            let kept = Bits.not(same, count: count)
            return value.withValidity(
                Bits.and(Bits.validity(of: value), kept, count: count))
        }
    }

    /// The greatest or least of the values that are not null.
    private static func extreme(_ type: DataType, isGreatest: Bool) -> Kernel {
        { (call) throws(IglooError) in
            let count = call.count
            var columns: [ArrayData] = []
            for argument in call.arguments where !argument.isNullConstant {
                if argument.array.type != .null { columns.append(argument.array) }
            }
            guard !columns.isEmpty else { return try .nulls(type, count: count) }
            let steps = call.arguments.filter { !$0.isNullConstant && $0.array.type != .null }
                .map(\.step)
            var bases: [Int] = [0]
            for column in columns { bases.append(bases[bases.count - 1] + column.count) }
            var places = [UInt32](repeating: missingIndex, count: count)
            for row in 0..<count {
                var best = -1
                for index in columns.indices where !columns[index].isNull(row * steps[index]) {
                    if best >= 0 {
                        let order = ElementOrder.compare(
                            columns[index], row * steps[index], columns[best], row * steps[best])
                        if isGreatest ? order <= 0 : order >= 0 { continue }
                    }
                    best = index
                }
                if best >= 0 { places[row] = UInt32(bases[best] + row * steps[best]) }
            }
            let all = try concatenate(columns)
            if places.isEmpty { return all.slice(0, count: 0) }
            return try gatherOrNull(all, indexes: places, count: count)
        }
    }
}
