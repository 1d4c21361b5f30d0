// SPDX-License-Identifier: MIT

import Glibc

/// The C library's functions of numbers.
enum PlatformMathematics {
    static func function(_ name: String) -> ((Double) -> Double)? {
        switch name {
        case "sqrt": { $0.squareRoot() }
        case "cbrt": { cbrt($0) }
        case "exp": { exp($0) }
        case "ln": { log($0) }
        case "log", "log10": { log10($0) }
        case "log2": { log2($0) }
        case "sin": { sin($0) }
        case "cos": { cos($0) }
        case "tan": { tan($0) }
        case "asin": { asin($0) }
        case "acos": { acos($0) }
        case "atan": { atan($0) }
        case "degrees": { $0 * 180 / Double.pi }
        case "radians": { $0 * Double.pi / 180 }
        case "sinh": { sinh($0) }
        case "cosh": { cosh($0) }
        case "tanh": { tanh($0) }
        case "asinh": { asinh($0) }
        case "acosh": { acosh($0) }
        case "atanh": { atanh($0) }
        case "cot": { 1 / tan($0) }
        case "erf": { erf($0) }
        case "erfc": { erfc($0) }
        case "gamma": { tgamma($0) }
        case "lgamma":
            {
                var sign: Int32 = 0; return lgamma_r($0, &sign)
            }
        case "even":
            { x in
                let up = x.magnitude.rounded(.up)
                let even = up.truncatingRemainder(dividingBy: 2) == 0 ? up : up + 1
                return x < 0 ? -even : even
            }
        default: DegreeMathematics.function(name)
        }
    }

    static func power(_ x: Double, _ y: Double) -> Double { pow(x, y) }
    static func angle(_ y: Double, _ x: Double) -> Double { atan2(y, x) }
    static func logarithm(_ x: Double) -> Double { log(x) }
    static func sine(_ x: Double) -> Double { sin(x) }
    static func cosine(_ x: Double) -> Double { cos(x) }
    static func arcsine(_ x: Double) -> Double { asin(x) }
    static func arccosine(_ x: Double) -> Double { acos(x) }
    static func arctangent(_ x: Double) -> Double { atan(x) }
}
