// SPDX-License-Identifier: MIT

/// How long a statement may take: milliseconds, or a number with a unit, as PostgreSQL writes it.
enum StatementTimeout {
    private static let units: [(name: String, nanoseconds: Int64)] = [
        ("us", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000), ("min", 60_000_000_000),
        ("h", 3_600_000_000_000), ("d", 86_400_000_000_000),
    ]

    /// - Returns: 0 for no limit; `nil` where the text is no duration, or longer than 24 days.
    static func nanoseconds(_ text: String) -> Int64? {
        let text = text.filter { $0 != " " }
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count)
        guard let count = Int64(digits),
            let scale = unit.isEmpty
                ? 1_000_000 : units.first(where: { $0.name == unit })?.nanoseconds
        else { return nil }
        let (result, overflow) = count.multipliedReportingOverflow(by: scale)
        return overflow || result > 2_147_483_647_000_000 ? nil : result
    }
}
