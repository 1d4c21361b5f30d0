// SPDX-License-Identifier: MIT

internal import IglooArrow

extension FunctionTable {
    static let operators: [FunctionEntry] = logic + comparisons + arithmetic

    /// `+`, `-` and `*` of decimals keep every digit; digits beyond 38 fail at run time, a scale
    /// beyond 38 at bind time. `/` of decimals is a double, as in DuckDB.
    private static let arithmetic: [FunctionEntry] = [
        FunctionEntry(
            "+", [.plainArithmetic, sumOfDecimals, networkOffset] + plusOverloads, canFail: true,
            "Sum; also a date plus days or an interval.", example: ("1 + 2", "3")),
        FunctionEntry(
            "-",
            [.plainArithmetic, sumOfDecimals, networkOffset, networkDistance] + minusOverloads,
            canFail: true,
            "Difference; also between dates and times.", example: ("3 - 5", "-2")),
        FunctionEntry(
            "*",
            [
                .plainArithmetic,
                .decimalArithmetic("(decimal, decimal) -> decimal") { left, right in
                    let scale = left.scale + right.scale
                    guard scale <= EngineType.decimalPrecisionMax else { return nil }
                    return (
                        min(left.precision + right.precision, EngineType.decimalPrecisionMax), scale
                    )
                },
                .of([.interval(.monthDayNano), .float64], .interval(.monthDayNano)),
                .of([.float64, .interval(.monthDayNano)], .interval(.monthDayNano)),
            ], canFail: true, "Product.", example: ("2 * 3", "6")),
        FunctionEntry(
            "/",
            [
                .plainArithmetic,
                Overload("(decimal, decimal) -> double") { arguments in
                    guard arguments.count == 2, arguments.contains(where: \.isDecimal),
                        arguments.allSatisfy(\.isNumeric)
                    else { return nil }
                    return Overload.Resolution([.float64, .float64], .float64)
                },
                .of([.interval(.monthDayNano), .float64], .interval(.monthDayNano)),
            ], canFail: true, "Quotient; of integers, truncated towards zero.",
            example: ("7 / 2", "3")),
        FunctionEntry(
            "//", [.plainArithmetic], canFail: true, "Quotient, truncated towards zero.",
            example: ("7 // 2", "3")),
        FunctionEntry(
            "%", [.plainArithmetic, remainderOfDecimals], canFail: true,
            "Remainder, with the sign of the dividend.", example: ("7 % 3", "1")),
        FunctionEntry(
            "^", [.of([.float64, .float64], .float64)], canFail: true, "Power.",
            example: ("2 ^ 10", "1024")),
        FunctionEntry(
            "negate",
            [
                .unary("(number) -> number", { $0.isNumeric && !$0.isUnsignedInteger }, { $0 }),
                .of([.interval(.monthDayNano)], .interval(.monthDayNano)),
            ], canFail: true, "The value with its sign changed."),
        FunctionEntry(
            "&", [integerPair, networkBits], canFail: true, "Bitwise and.", example: ("6 & 3", "2")),
        FunctionEntry(
            "|", [integerPair, networkBits], canFail: true, "Bitwise or.", example: ("6 | 3", "7")),
        FunctionEntry("xor", [integerPair], "Bitwise exclusive or.", example: ("xor(6, 3)", "5")),
        FunctionEntry(
            "<<", [shift, networkHolds], canFail: true,
            "Shift to the left; of addresses, whether the network is within the other.",
            example: ("1 << 4", "16")),
        FunctionEntry(
            ">>", [shift, networkHolds], canFail: true,
            "Shift to the right; of addresses, whether the network holds the other.",
            example: ("16 >> 2", "4")),
    ]

    private static let integerPair = Overload("(integer, integer) -> integer") { arguments in
        guard arguments.count == 2, arguments.allSatisfy({ $0.isInteger || $0 == .null }),
            let type = Coercion.common(arguments[0], arguments[1])
        else { return nil }
        // Of ubigint and signed integers only what is not negative has its bits here.
        let concrete: DataType =
            type.isInteger ? type : type == .null ? .int64 : .uint64
        return Overload.Resolution([concrete, concrete], concrete)
    }

    /// The type of what is shifted.
    private static let shift = Overload("(integer, integer) -> integer") { arguments in
        guard arguments.count == 2, arguments.allSatisfy({ $0.isInteger || $0 == .null }) else {
            return nil
        }
        let type = arguments[0] == .null ? .int64 : arguments[0]
        let wide = arguments[1] == .null ? type : arguments[1]
        let common = type.isSignedInteger ? Coercion.common(type, wide) ?? type : type
        let concrete = common.isInteger ? common : type
        return Overload.Resolution([concrete, concrete], concrete)
    }

    private static let sumOfDecimals = Overload.decimalArithmetic(
        "(decimal, decimal) -> decimal"
    ) { left, right in
        let scale = max(left.scale, right.scale)
        let whole = max(left.precision - left.scale, right.precision - right.scale)
        return (min(whole + scale + 1, EngineType.decimalPrecisionMax), scale)
    }

    private static let remainderOfDecimals = Overload("(decimal, decimal) -> decimal") {
        arguments in
        guard arguments.count == 2, arguments.allSatisfy(\.isNumeric),
            let type = Coercion.common(arguments[0], arguments[1]), type.isDecimal
        else { return nil }
        return Overload.Resolution([type, type], type)
    }

    private static let logic: [FunctionEntry] = [
        FunctionEntry(
            "and", [booleans], propagatesNull: false, "True if all are true.",
            example: ("true and null", "")),
        FunctionEntry(
            "or", [booleans], propagatesNull: false, "True if any is true.",
            example: ("true or null", "true")),
        FunctionEntry("not", [.of([.bool], .bool)], "The other truth value."),
    ]

    private static let booleans = Overload("(boolean, ...) -> boolean") { arguments in
        guard arguments.count >= 2, arguments.allSatisfy({ $0 == .bool || $0 == .null })
        else { return nil }
        return Overload.Resolution(Array(repeating: .bool, count: arguments.count), .bool)
    }

    private static let comparisons: [FunctionEntry] =
        ["=", "<>", "<", "<=", ">", ">="].map { sign in
            FunctionEntry(sign, [.comparison], "Comparison; NULL if either side is NULL.")
        } + [
            FunctionEntry(
                "is_distinct_from", [.comparison], propagatesNull: false,
                "Whether the two differ, NULL counting as a value."),
            FunctionEntry(
                "is_not_distinct_from", [.comparison], propagatesNull: false,
                "Whether the two are alike, NULL counting as a value."),
            FunctionEntry(
                "between",
                [
                    Overload("(any, any, any) -> boolean") { arguments in
                        guard arguments.count == 3, let type = Overload.commonType(arguments)
                        else { return nil }
                        return Overload.Resolution([type, type, type], .bool)
                    }
                ], propagatesNull: false, "Whether the value lies between the two others.",
                example: ("between(2, 1, 3)", "true")),
            FunctionEntry(
                "is_null", [.unary("(any) -> boolean", { _ in true }, { _ in .bool })],
                propagatesNull: false, "Whether the value is NULL."),
            FunctionEntry(
                "is_not_null", [.unary("(any) -> boolean", { _ in true }, { _ in .bool })],
                propagatesNull: false, "Whether the value is not NULL."),
        ]

    private static let plusOverloads: [Overload] = [
        .of([.date32, .int32], .date32),
        .of([.int32, .date32], .date32),
        .of([.date32, .interval(.monthDayNano)], .timestamp(.microsecond, timeZone: nil)),
        .of([.interval(.monthDayNano), .date32], .timestamp(.microsecond, timeZone: nil)),
        .of([.date32, .time64(.microsecond)], .timestamp(.microsecond, timeZone: nil)),
        .of([.time64(.microsecond), .interval(.monthDayNano)], .time64(.microsecond)),
        .of([.interval(.monthDayNano), .interval(.monthDayNano)], .interval(.monthDayNano)),
        timestampWithInterval, intervalWithTimestamp,
    ]

    private static let minusOverloads: [Overload] = [
        .of([.date32, .date32], .int64),
        .of([.date32, .int32], .date32),
        .of([.date32, .interval(.monthDayNano)], .timestamp(.microsecond, timeZone: nil)),
        .of([.time64(.microsecond), .time64(.microsecond)], .interval(.monthDayNano)),
        .of([.time64(.microsecond), .interval(.monthDayNano)], .time64(.microsecond)),
        .of([.interval(.monthDayNano), .interval(.monthDayNano)], .interval(.monthDayNano)),
        timestampWithInterval,
        Overload("(timestamp, timestamp) -> interval") { arguments in
            guard arguments.count == 2, arguments.contains(where: \.isTimestamp),
                let type = Coercion.common(arguments[0], arguments[1]), type.isTimestamp
            else { return nil }
            return Overload.Resolution([type, type], .interval(.monthDayNano))
        },
    ]

    private static let timestampWithInterval = Overload("(timestamp, interval) -> timestamp") {
        arguments in
        guard arguments.count == 2, arguments[0].isTimestamp,
            Coercion.isImplicit(from: arguments[1], to: .interval(.monthDayNano))
        else { return nil }
        return Overload.Resolution([arguments[0], .interval(.monthDayNano)], arguments[0])
    }

    private static let intervalWithTimestamp = Overload("(interval, timestamp) -> timestamp") {
        arguments in
        guard arguments.count == 2, arguments[1].isTimestamp,
            Coercion.isImplicit(from: arguments[0], to: .interval(.monthDayNano))
        else { return nil }
        return Overload.Resolution([.interval(.monthDayNano), arguments[1]], arguments[1])
    }

}

extension DataType {
    var isTimestamp: Bool { if case .timestamp = self { true } else { false } }
}
