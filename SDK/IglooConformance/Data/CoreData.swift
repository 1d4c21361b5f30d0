// SPDX-License-Identifier: MIT

import IglooArrow

extension DataSet {
    /// Every flat type with its extremes and a null: one column a type, named after it.
    static let core: DataSet = {
        var columns: [(Field, [Scalar])] = [
            (Field("id", .int32), (0..<rowCountOfCore).map { .int(Int64($0)) })
        ]
        for (name, type, values) in numbers + texts + times + encodings {
            columns.append((Field(name, type), values))
        }
        return DataSet("core", rowCount: rowCountOfCore, columns)
    }()

    private static let rowCountOfCore = 8

    private typealias Column = (String, DataType, [Scalar])

    private static func integers(_ name: String, _ type: DataType, _ values: Int64...) -> Column {
        (name, type, values.map { .int($0) })
    }

    private static func naturals(_ name: String, _ type: DataType, _ values: UInt64...) -> Column {
        (name, type, values.map { .uint($0) })
    }

    private static let nines38 = Int128("99999999999999999999999999999999999999")!

    private static let numbers: [Column] = [
        ("bool", .bool, [.bool(true), .bool(false), .null, .bool(true)]),
        integers("int8", .int8, 0, 1, -1, -128, 127),
        integers("int16", .int16, 0, 1, -1, -32_768, 32_767),
        integers("int32", .int32, 0, 1, -1, -2_147_483_648, 2_147_483_647),
        integers("int64", .int64, 0, 1, -1, .min, .max, 9_007_199_254_740_993),
        naturals("uint8", .uint8, 0, 1, 255),
        naturals("uint16", .uint16, 0, 1, 65_535),
        naturals("uint32", .uint32, 0, 1, 4_294_967_295),
        naturals("uint64", .uint64, 0, 1, .max, 9_223_372_036_854_775_808),
        ("float16", .float16, [.float(0), .float(1.5), .float(-2), .float(65_504), .null]),
        (
            "float32", .float32,
            [
                .float(0), .float(0.5), .float(-1.25),
                .float(Double(Float.greatestFiniteMagnitude)),
                .float(.nan), .float(.infinity), .float(-.infinity),
            ]
        ),
        (
            "float64", .float64,
            [
                .float(0), .float(0.1), .float(-1e300), .float(.greatestFiniteMagnitude),
                .float(.nan), .float(.infinity), .float(.leastNonzeroMagnitude),
            ]
        ),
        (
            "decimal32", .decimal32(precision: 9, scale: 2),
            [.decimal(0), .decimal(1), .decimal(-999_999_999), .decimal(999_999_999)]
        ),
        (
            "decimal64", .decimal64(precision: 18, scale: 4),
            [
                .decimal(0), .decimal(15_000), .decimal(-999_999_999_999_999_999),
                .decimal(999_999_999_999_999_999),
            ]
        ),
        (
            "decimal128", .decimal128(precision: 38, scale: 10),
            [.decimal(0), .decimal(10_000_000_000), .decimal(-nines38), .decimal(nines38)]
        ),
        (
            "decimal256", .decimal256(precision: 76, scale: 30),
            [.decimal(0), .decimal(-5), .decimal(nines38), wide(Int256.powerOfTen(75))]
        ),
    ]

    private static func wide(_ value: Int256) -> Scalar {
        .wideDecimal(high: value.high, low: value.low)
    }

    private static let words: [Scalar] = [
        .text("plain"), .text(""), .text("ä ß 日本 😀"), .null,
        .text(String(repeating: "long ", count: 2_000)), .text("twelve chars"),
        .text("thirteen char"),
    ]

    private static let blobs: [Scalar] = [
        .binary([1, 2, 3]), .binary([]), .binary([0, 255, 0]), .null,
        .binary((0..<1_000).map { UInt8(truncatingIfNeeded: $0) }),
    ]

    private static let texts: [Column] = [
        ("utf8", .utf8, words), ("large_utf8", .largeUtf8, words), ("utf8_view", .utf8View, words),
        ("binary", .binary, blobs), ("large_binary", .largeBinary, blobs),
        ("binary_view", .binaryView, blobs),
        (
            "fixed_binary", .fixedSizeBinary(byteCount: 4),
            [.binary([1, 2, 3, 4]), .binary([0, 0, 0, 0]), .binary([255, 255, 255, 255])]
        ),
    ]

    private static let secondsPerDay: Int64 = 86_400

    /// The year 1, the day before 1970, today, the year 9999.
    private static let days: [Int64] = [0, -719_162, -1, 20_000, 2_932_896]

    /// Within what 64 bits of nanoseconds reach; with a leap day, and the last second of a year.
    private static let instants: [Int64] = [
        0, -1, 951_782_400, 1_483_228_799, -9_223_372_036, 9_223_372_036,
    ]

    private static func instants(_ unit: TimeUnit, fraction: Int64) -> [Scalar] {
        instants.map { .int($0 * unit.unitsPerSecond + fraction) }
    }

    private static let times: [Column] = [
        ("date32", .date32, days.map { .int($0) }),
        ("date64", .date64, days.map { .int($0 * secondsPerDay * 1_000) }),
        integers("time32_s", .time32(.second), 0, 1, 86_399),
        integers("time32_ms", .time32(.millisecond), 0, 1, 86_399_999),
        integers("time64_us", .time64(.microsecond), 0, 1, 86_399_999_999),
        integers("time64_ns", .time64(.nanosecond), 0, 1, 86_399_999_999_999),
        ("timestamp_s", .timestamp(.second, timeZone: nil), instants(.second, fraction: 0)),
        (
            "timestamp_ms", .timestamp(.millisecond, timeZone: nil),
            instants(.millisecond, fraction: 5)
        ),
        (
            "timestamp_us", .timestamp(.microsecond, timeZone: nil),
            instants(.microsecond, fraction: 6)
        ),
        (
            "timestamp_ns", .timestamp(.nanosecond, timeZone: nil),
            instants(.nanosecond, fraction: 7)
        ),
        (
            "timestamp_utc", .timestamp(.microsecond, timeZone: "UTC"),
            instants(.microsecond, fraction: 8)
        ),
        (
            "timestamp_berlin", .timestamp(.millisecond, timeZone: "Europe/Berlin"),
            instants(.millisecond, fraction: 9)
        ),
        integers("duration_us", .duration(.microsecond), 0, -1, 86_400_000_000, .max),
        (
            "interval_months", .interval(.yearMonth),
            [0, 1, -14].map { .interval(months: $0, days: 0, nanoseconds: 0) }
        ),
        (
            "interval_day_time", .interval(.dayTime),
            [
                .interval(months: 0, days: 1, nanoseconds: 0),
                .interval(months: 0, days: -2, nanoseconds: 3_000_000),
            ]
        ),
        (
            "interval_mdn", .interval(.monthDayNano),
            [
                .interval(months: 1, days: 2, nanoseconds: 3_000),
                .interval(months: -1, days: 0, nanoseconds: -1_000),
            ]
        ),
    ]

    private static let encodings: [Column] = [
        (
            "dictionary", .dictionary(index: .int8, value: .utf8, isOrdered: false),
            [.text("red"), .text("green"), .text("red"), .null, .text("")]
        ),
        ("null", .null, []),
    ]
}
