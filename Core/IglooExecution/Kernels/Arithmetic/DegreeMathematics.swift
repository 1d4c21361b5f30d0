// SPDX-License-Identifier: MIT

/// Trigonometry in degrees, exact at multiples of 30 and 45.
///
/// - Source: src/backend/utils/adt/float.c of PostgreSQL.
enum DegreeMathematics {
    static func function(_ name: String) -> ((Double) -> Double)? {
        switch name {
        case "sind": sine
        case "cosd": cosine
        case "tand": { quotient($0) { quadrantSine($0) / quadrantCosine($0) / unit } }
        case "cotd": { quotient($0) { quadrantCosine($0) / quadrantSine($0) / unit } }
        case "asind": { $0 >= 0 ? arcsine($0) : -arcsine(-$0) }
        case "acosd": { $0 >= 0 ? arccosine($0) : 90 + arcsine(-$0) }
        case "atand": { PlatformMathematics.arctangent($0) / atan1 * 45 }
        default: nil
        }
    }

    static func angle(_ y: Double, _ x: Double) -> Double {
        PlatformMathematics.angle(y, x) / atan1 * 45
    }

    private static let radians = Double.pi / 180
    private static let sine30 = PlatformMathematics.sine(30 * radians)
    private static let versine60 = 1 - PlatformMathematics.cosine(60 * radians)
    private static let asinHalf = PlatformMathematics.arcsine(0.5)
    private static let acosHalf = PlatformMathematics.arccosine(0.5)
    private static let atan1 = PlatformMathematics.arctangent(1)
    /// The tangent, and the cotangent, of 45 degrees as computed here.
    private static let unit = quadrantSine(45) / quadrantCosine(45)

    // MARK: - From 0 to 90 degrees

    private static func smallSine(_ x: Double) -> Double {
        PlatformMathematics.sine(x * radians) / sine30 / 2
    }

    private static func smallCosine(_ x: Double) -> Double {
        1 - (1 - PlatformMathematics.cosine(x * radians)) / versine60 / 2
    }

    private static func quadrantSine(_ x: Double) -> Double {
        x <= 30 ? smallSine(x) : smallCosine(90 - x)
    }

    private static func quadrantCosine(_ x: Double) -> Double {
        x <= 60 ? smallCosine(x) : smallSine(90 - x)
    }

    // MARK: - All angles

    /// The angle of the first half turn, and whether it stood in the other.
    private static func halfTurn(_ x: Double) -> (angle: Double, isNegated: Bool) {
        let turn = x.truncatingRemainder(dividingBy: 360)
        let isBelow = turn < 0
        return turn.magnitude > 180 ? (360 - turn.magnitude, !isBelow) : (turn.magnitude, isBelow)
    }

    private static func sine(_ x: Double) -> Double {
        let (angle, isNegated) = halfTurn(x)
        let value = quadrantSine(angle > 90 ? 180 - angle : angle)
        return isNegated ? -value : value
    }

    private static func cosine(_ x: Double) -> Double {
        let angle = halfTurn(x).angle
        return angle > 90 ? -quadrantCosine(180 - angle) : quadrantCosine(angle)
    }

    private static func quotient(_ x: Double, _ body: (Double) -> Double) -> Double {
        let (angle, isNegated) = halfTurn(x)
        let value = body(angle > 90 ? 180 - angle : angle)
        let result = isNegated != (angle > 90) ? -value : value
        return result == 0 ? 0 : result
    }

    private static func arcsine(_ x: Double) -> Double {
        x <= 0.5
            ? PlatformMathematics.arcsine(x) / asinHalf * 30
            : 90 - PlatformMathematics.arccosine(x) / acosHalf * 60
    }

    private static func arccosine(_ x: Double) -> Double {
        x <= 0.5
            ? 90 - PlatformMathematics.arcsine(x) / asinHalf * 30
            : PlatformMathematics.arccosine(x) / acosHalf * 60
    }
}
