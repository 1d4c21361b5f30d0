// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// `infinity` and `-infinity` among dates and timestamps: the greatest and the least value of the
/// type, so that they compare and sort as they should.
enum InfiniteMoments {
    /// -1 or 1 for an infinite value, else 0.
    @inline(__always)
    static func sign<T: FixedWidthInteger>(_ value: T) -> Int8 {
        value == .max ? 1 : value == .min ? -1 : 0
    }

    /// `kernel`, which knows finite values only, for all: an infinite moment stays infinite, its
    /// fields are NULL, its text is its name.
    static func guarding(
        _ kernel: @escaping Kernel, _ parameters: [DataType], _ result: DataType, _ name: String
    ) -> Kernel {
        let places = parameters.indices.filter { isMoment(parameters[$0]) }
        guard !places.isEmpty, name != "isfinite" else { return kernel }
        let isDistance = places.count == 2 && (name == "-" || name == "age")
        return { (call) throws(IglooError) in
            guard places.contains(where: { hasInfinite(call.arguments[$0]) }) else {
                return try kernel(call)
            }
            let signs = signs(of: call, places)
            if isDistance {
                let kept = try call.withoutFailures(
                    { signs[$0] != 0 },
                    { _ in
                        IglooError(
                            .outOfRange, "cannot subtract infinite dates or timestamps",
                            sqlState: .datetimeFieldOverflow)
                    })
                return try kernel(finite(call, places)).withValidity(kept)
            }
            return try replaced(try kernel(finite(call, places)), signs, result, name)
        }
    }

    private static func isMoment(_ type: DataType) -> Bool {
        type == .date32 || type.isTimestamp
    }

    private static func hasInfinite(_ vector: Vector) -> Bool {
        vector.array.type == .date32
            ? hasInfinite(vector.array, Int32.self) : hasInfinite(vector.array, Int64.self)
    }

    private static func hasInfinite<T: FixedWidthInteger & BitwiseCopyable>(
        _ array: ArrayData, _ t: T.Type
    ) -> Bool {
        guard isMoment(array.type) else { return false }
        let values = array.values(as: t)
        var isFound = false
        var i = 0
        while i < array.count {
            isFound = isFound || values[i] == .max || values[i] == .min
            i &+= 1
        }
        return isFound
    }

    private static func signs(of call: KernelCall, _ places: [Int]) -> [Int8] {
        var signs = [Int8](repeating: 0, count: call.count)
        for place in places where isMoment(call.arguments[place].array.type) {
            let isDate = call.arguments[place].array.type == .date32
            let days = call.value(place, Int32.self)
            let times = call.value(place, Int64.self)
            for row in 0..<call.count where signs[row] == 0 && call.isValid(row) {
                signs[row] = isDate ? sign(days(row)) : sign(times(row))
            }
        }
        return signs
    }

    /// The call with zeros in place of infinite moments.
    private static func finite(_ call: KernelCall, _ places: [Int]) -> KernelCall {
        var arguments = call.arguments
        for place in places where isMoment(arguments[place].array.type) {
            let array = arguments[place].array
            let copy =
                array.type == .date32 ? finite(array, Int32.self) : finite(array, Int64.self)
            arguments[place] = arguments[place].isConstant ? Vector(constant: copy) : Vector(copy)
        }
        return KernelCall(arguments, count: call.count, isTry: call.isTry)
    }

    private static func finite<T: FixedWidthInteger & BitwiseCopyable>(
        _ array: ArrayData, _ t: T.Type
    ) -> ArrayData {
        let values = array.values(as: t)
        var builder = BufferBuilder(byteCapacity: array.count * MemoryLayout<T>.stride)
        for i in 0..<array.count { builder.append(sign(values[i]) == 0 ? values[i] : 0) }
        return ArrayData(
            type: array.type, count: array.count, validity: Bits.validity(of: array),
            buffers: [builder.finish()])
    }

    /// The result with what infinite arguments make of it.
    private static func replaced(
        _ array: ArrayData, _ signs: [Int8], _ type: DataType, _ name: String
    ) throws(IglooError) -> ArrayData {
        let other: (Int8) -> Scalar
        switch type {
        case .date32: other = { .int($0 > 0 ? Int64(Int32.max) : Int64(Int32.min)) }
        case .timestamp: other = { .int($0 > 0 ? .max : .min) }
        case .float64: other = { .float($0 > 0 ? .infinity : -.infinity) }
        case .utf8View where name != "to_char":
            other = { .text($0 > 0 ? "infinity" : "-infinity") }
        default: other = { _ in .null }
        }
        let choices = try concatenate([
            array, try ArrayData.single(other(1), array.type),
            try ArrayData.single(other(-1), array.type),
        ])
        var indexes = [UInt32](repeating: 0, count: signs.count)
        for row in signs.indices {
            let place = signs[row] == 0 ? row : signs[row] > 0 ? array.count : array.count + 1
            indexes[row] = UInt32(place)
        }
        return try gather(choices, indexes: indexes)
    }
}
