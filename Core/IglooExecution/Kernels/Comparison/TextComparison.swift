// SPDX-License-Identifier: MIT

import CIglooKernels
import IglooArrow
import IglooContracts

/// Texts and binaries, byte by byte; most are settled by the first eight bytes of their views.
enum TextComparison {
    static func kernel(_ comparison: Comparison) -> Kernel {
        switch comparison {
        case .equal: { (call) throws(IglooError) in equality(call, false) }
        case .notEqual: { (call) throws(IglooError) in equality(call, true) }
        case .less: { (call) throws(IglooError) in ordering(call) { $0 < 0 } }
        case .lessOrEqual: { (call) throws(IglooError) in ordering(call) { $0 <= 0 } }
        case .greater: { (call) throws(IglooError) in ordering(call) { $0 > 0 } }
        case .greaterOrEqual: { (call) throws(IglooError) in ordering(call) { $0 >= 0 } }
        }
    }

    private static func equality(_ call: KernelCall, _ isNegated: Bool) -> ArrayData {
        let (left, right) = (ViewReader(call.arguments[0]), ViewReader(call.arguments[1]))
        let hasNulls = call.validity != nil
        return call.bits(
            Bits.make(call.count) { row in
                let (x, y) = (left.view(row), right.view(row))
                var isEqual = x.low == y.low
                if isEqual {
                    isEqual = x.high == y.high
                    if !x.isInline {
                        isEqual =
                            !(hasNulls && !call.isValid(row))
                            && igloo_compare(
                                left[row].baseAddress, right[row].baseAddress, x.count) == 0
                    }
                }
                return isEqual != isNegated
            })
    }

    @inline(__always)
    private static func ordering(_ call: KernelCall, _ body: (Int) -> Bool) -> ArrayData {
        let (left, right) = (ViewReader(call.arguments[0]), ViewReader(call.arguments[1]))
        return call.bits(
            Bits.make(call.count) { row in
                let x = UInt32(truncatingIfNeeded: left.view(row).low &>> 32).byteSwapped
                let y = UInt32(truncatingIfNeeded: right.view(row).low &>> 32).byteSwapped
                // Prefixes are padded with zeros, which sort first as shorter texts do.
                if x != y { return body(x < y ? -1 : 1) }
                if !call.isValid(row) { return false }
                return body(ElementOrder.bytes(left[row], right[row]))
            })
    }
}
