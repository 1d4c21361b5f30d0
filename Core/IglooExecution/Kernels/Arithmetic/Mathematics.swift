// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Functions of doubles; the C library computes them.
enum Mathematics {
    static func kernel(_ call: FunctionCall) -> Kernel? {
        guard call.result == .float64, call.parameters.allSatisfy({ $0 == .float64 }) else {
            return nil
        }
        switch (call.name, call.parameters.count) {
        case ("pi", 0):
            return { (call) throws(IglooError) in doubles(call) { Double.pi } }
        case ("random", 0):
            let random = call.context.random
            return { (call) throws(IglooError) in
                random.withGenerator { generator in
                    doubles(call) { Double.random(in: 0..<1, using: &generator) }
                }
            }
        case ("power", 2), ("^", 2): return power()
        case ("atan2", 2):
            return { (call) throws(IglooError) in
                call.map2(Double.self, Double.self, to: .float64) {
                    PlatformMathematics.angle($0, $1)
                }
            }
        case ("atan2d", 2):
            return { (call) throws(IglooError) in
                call.map2(Double.self, Double.self, to: .float64) {
                    DegreeMathematics.angle($0, $1)
                }
            }
        case ("log", 2): return logarithm()
        case ("random_normal", _):
            let random = call.context.random
            return { (call) throws(IglooError) in try normal(call, random) }
        case (let name, 1):
            return PlatformMathematics.function(name).map { unary(name, $0) }
        default: return nil
        }
    }

    private static func doubles(_ call: KernelCall, _ body: () -> Double) -> ArrayData {
        var builder = BufferBuilder(byteCapacity: call.count * 8)
        for _ in 0..<call.count { builder.append(body()) }
        return call.result(.float64, [builder.finish()], validity: nil)
    }

    private static func unary(_ name: String, _ function: @escaping (Double) -> Double) -> Kernel {
        // Outside of its domain a function answers NaN, beyond the type's reach infinity.
        let hasPoles = poles.contains(name)
        return { (call) throws(IglooError) in
            try call.mapChecked(
                Double.self, to: .float64,
                { x in
                    let y = function(x)
                    return (y, y.isNaN && !x.isNaN || y.isInfinite && x.isFinite && !hasPoles)
                },
                { x in domainFault(name, x) })
        }
    }

    /// Functions that are infinite at places, not beyond the type's reach.
    private static let poles: Set<String> = ["cot", "cotd", "tand", "atanh"]

    /// - Source: Box and Muller, "A Note on the Generation of Random Normal Deviates", 1958.
    private static func normal(
        _ call: KernelCall, _ random: RandomSource
    ) throws(IglooError) -> ArrayData {
        let means = call.arguments.isEmpty ? { _ in 0 } : call.value(0, Double.self)
        let deviations = call.arguments.count < 2 ? { _ in 1 } : call.value(1, Double.self)
        var builder = BufferBuilder(byteCapacity: call.count * 8)
        random.withGenerator { generator in
            for row in 0..<call.count {
                let radius =
                    -2
                    * PlatformMathematics.logarithm(
                        1 - Double.random(in: 0..<1, using: &generator))
                let turn = 2 * Double.pi * Double.random(in: 0..<1, using: &generator)
                let value = radius.squareRoot() * PlatformMathematics.cosine(turn)
                builder.append(means(row) + deviations(row) * value)
            }
        }
        return call.result(.float64, [builder.finish()], validity: call.validity)
    }

    private static func domainFault(_ name: String, _ x: Double) -> IglooError {
        switch name {
        case "ln", "log", "log10", "log2":
            let what = x == 0 ? "zero" : "a negative number"
            return IglooError(
                .outOfRange, "cannot take logarithm of \(what)",
                sqlState: SQLState(rawValue: "2201E"))
        case "sqrt":
            return IglooError(
                .outOfRange, "cannot take square root of a negative number",
                sqlState: SQLState(rawValue: "2201F"))
        case "exp": return Faults.outOfRange(.float64)
        default:
            return IglooError(.outOfRange, "input \(x) of \(name) is out of range")
        }
    }

    private static func power() -> Kernel {
        { (call) throws(IglooError) in
            try call.map2Checked(
                Double.self, Double.self, to: .float64,
                { x, y in
                    let z = PlatformMathematics.power(x, y)
                    return (
                        z,
                        z.isNaN && !x.isNaN && !y.isNaN
                            || z.isInfinite && x.isFinite && y.isFinite
                    )
                },
                { x, y in
                    if x == 0 && y < 0 || x < 0 {
                        return IglooError(
                            .outOfRange,
                            x == 0
                                ? "zero raised to a negative power is undefined"
                                : "a negative number raised to a non-integer power yields a "
                                    + "complex result",
                            sqlState: SQLState(rawValue: "2201F"))
                    }
                    return Faults.outOfRange(.float64)
                })
        }
    }

    private static func logarithm() -> Kernel {
        { (call) throws(IglooError) in
            try call.map2Checked(
                Double.self, Double.self, to: .float64,
                { base, x in
                    let divisor = PlatformMathematics.logarithm(base)
                    let y = PlatformMathematics.logarithm(x) / divisor
                    return (y, base <= 0 || x <= 0 || divisor == 0)
                },
                { base, x in
                    base > 0 && x > 0 ? Faults.divisionByZero : domainFault("log", min(base, x))
                })
        }
    }
}
