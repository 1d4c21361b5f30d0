// SPDX-License-Identifier: MIT

import IglooArrow

extension DataSet {
    /// Values over which sources and engines disagree: case, padding, combining characters, NaN,
    /// -0, the empty text, the ends of ranges, changes of clocks.
    ///
    /// | column | type |
    /// |---|---|
    /// | id | int32, every value once |
    /// | t, u | utf8 |
    /// | i | int64, its ends too |
    /// | s | int32, few distinct ones |
    /// | d | float64 |
    /// | n | decimal128(12, 3) |
    /// | b | bool |
    /// | day | date32 |
    /// | ts, tz | timestamp in microseconds, without a zone and with UTC |
    static let hostile = DataSet(
        "hostile", rowCount: rowCountOfHostile,
        [
            (Field("id", .int32), (0..<rowCountOfHostile).map { .int(Int64($0)) }),
            (Field("t", .utf8), cycled(texts, step: 1, start: 0)),
            (Field("u", .utf8), cycled(texts, step: 7, start: 3)),
            (Field("i", .int64), cycled(wholes, step: 1, start: 1)),
            (Field("s", .int32), cycled([.int(0), .int(1), .null, .int(-1)], step: 1, start: 0)),
            (Field("d", .float64), cycled(floats, step: 3, start: 0)),
            (Field("n", .decimal128(precision: 12, scale: 3)), cycled(decimals, step: 5, start: 2)),
            (Field("b", .bool), cycled([.bool(true), .bool(false), .null], step: 1, start: 0)),
            (Field("day", .date32), cycled(days, step: 1, start: 0)),
            (
                Field("ts", .timestamp(.microsecond, timeZone: nil)),
                cycled(instants, step: 1, start: 0)
            ),
            (
                Field("tz", .timestamp(.microsecond, timeZone: "UTC")),
                cycled(instants, step: 3, start: 4)
            ),
        ])

    private static let rowCountOfHostile = 96

    /// Values in an order in which the columns do not go together.
    private static func cycled(_ values: [Scalar], step: Int, start: Int) -> [Scalar] {
        (0..<rowCountOfHostile).map { values[($0 * step + start) % values.count] }
    }

    private static let texts: [Scalar] =
        [
            "a", "A", "a ", "a  ", " a", "ab", "aB", "AB", "Ab", "", "ä", "Ä", "a\u{308}", "z", "Z",
            "e", "é", "e\u{301}", "ss", "ß", "SS", "i", "I", "ı", "İ", "日本", "日", "😀", "～", "%",
            "_", "a%b", "a_b", "a\\b", "\\", "'", "\"", "a\"b", "a,b", "a;b", "a\nb", "a\tb",
            "NULL",
            "null", "10", "9", "-1", "0", "true", "2024-01-01", " ", "  ",
        ].map { .text($0) }
        + [
            .null, .text(String(repeating: "x", count: 300)),
            .text(String(repeating: "X", count: 300)),
        ]

    private static let wholes: [Scalar] = [
        .int(0), .int(1), .int(-1), .int(.max), .int(.min), .int(.max - 1), .null,
        .int(9_007_199_254_740_992), .int(9_007_199_254_740_993), .int(-9_007_199_254_740_993),
        .int(10), .int(9), .int(100),
    ]

    private static let floats: [Scalar] =
        [
            0.0, -0.0, 1, -1, 0.1, 0.30000000000000004, .nan, .infinity, -.infinity,
            .leastNonzeroMagnitude, .greatestFiniteMagnitude, 9_007_199_254_740_992,
        ].map { .float($0) } + [.null]

    private static let decimals: [Scalar] = [
        .decimal(0), .decimal(1), .decimal(-1), .decimal(1_000), .decimal(1_001), .decimal(999),
        .decimal(999_999_999_999), .decimal(-999_999_999_999), .null, .decimal(500),
    ]

    /// Around the leap day of 2024, 1970 and the first and last days of years.
    private static let days: [Scalar] =
        [0, -1, 1, 19_781, 19_782, 19_783, 18_262, 18_261, 10_957, -25_567].map { .int($0) }
        + [.null]

    /// Around the hours that Central Europe and the USA leave out and repeat, and leap seconds.
    private static let instants: [Scalar] =
        [
            0, -1, 1_711_846_800_000_000, 1_711_846_799_999_999, 1_711_850_400_000_000,
            1_729_990_800_000_000, 1_729_994_400_000_000, 1_710_054_000_000_000,
            1_483_228_799_999_999, 1_483_228_800_000_000, 946_684_799_999_999, 951_868_800_000_000,
        ].map { .int($0) } + [.null]
}
