// SPDX-License-Identifier: MIT

import IglooArrow

enum IntervalValue {
    static let nanosecondsPerDay: Int64 = 86_400_000_000_000

    /// Nanoseconds if months had 30 days: what intervals are compared by.
    static func length(_ value: MonthDayNanoInterval) -> Int128 {
        (Int128(value.months) * 30 + Int128(value.days)) * Int128(nanosecondsPerDay)
            + Int128(value.nanoseconds)
    }
}
