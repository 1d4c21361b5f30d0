// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// `gcd` and `lcm` of decimals of one scale.
enum DecimalDivisors {
    static func kernel(_ call: FunctionCall) -> Kernel {
        let type = call.result
        let isMultiple = call.name == "lcm"
        return { (call) throws(IglooError) in
            let (left, right) = (
                WideReader(call.arguments[0].array), WideReader(call.arguments[1].array)
            )
            let (leftStep, rightStep) = (call.arguments[0].step, call.arguments[1].step)
            let limit = DecimalPower.ten(type.decimalShape?.precision ?? 38)
            var builder = BufferBuilder(byteCapacity: call.count * 16)
            for row in 0..<call.count {
                var value: Int128 = 0
                if call.isValid(row) {
                    let (x, y) = (left.wide(row * leftStep), right.wide(row * rightStep))
                    let divisor = divisor(x.magnitude, y.magnitude)
                    var (size, overflow) = (divisor, false)
                    if isMultiple && divisor != 0 {
                        (size, overflow) = (x.magnitude / divisor)
                            .multipliedReportingOverflow(by: y.magnitude)
                    }
                    guard !overflow, size < limit.magnitude else { throw Faults.outOfRange(type) }
                    value = Int128(size)
                }
                if type.fixedByteWidth == 8 {
                    builder.append(Int64(truncatingIfNeeded: value))
                } else {
                    builder.append(value)
                }
            }
            return call.result(type, [builder.finish()], validity: call.validity)
        }
    }

    private static func divisor(_ x: UInt128, _ y: UInt128) -> UInt128 {
        var (a, b) = (x, y)
        while b != 0 { (a, b) = (b, a % b) }
        return a
    }
}
