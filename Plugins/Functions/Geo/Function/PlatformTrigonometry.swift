// SPDX-License-Identifier: MIT

import Glibc

/// Angles in degrees.
enum Trigonometry {
    static func cosine(_ degrees: Double) -> Double { cos(degrees * .pi / 180) }

    static func haversine(_ degrees: Double) -> Double {
        let half = sin(degrees * .pi / 360)
        return half * half
    }

    /// In radians.
    static func arcsine(_ value: Double) -> Double { asin(value) }
}
