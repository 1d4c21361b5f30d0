// SPDX-License-Identifier: MIT

internal import IglooArrow

extension FunctionTable {
    private static let text = DataType.utf8View

    /// NULLs are ignored by all but `count` without argument, `array_agg` and `first`.
    static let aggregates: [FunctionEntry] =
        [
            FunctionEntry(
                "count", .aggregate,
                [.of([], .int64), .unary("(any) -> bigint", { _ in true }, { _ in .int64 })],
                propagatesNull: false, "Number of rows, or of values that are not NULL."),
            FunctionEntry(
                "sum", .aggregate,
                [
                    Overload("(number) -> number") { arguments in
                        guard arguments.count == 1, let result = sumType(arguments[0])
                        else { return nil }
                        return Overload.Resolution(arguments, result)
                    },
                    .of([.interval(.monthDayNano)], .interval(.monthDayNano)),
                    Overload("(boolean) -> bigint") { arguments in
                        arguments == [.bool] ? Overload.Resolution([.int32], .int64) : nil
                    },
                ], canFail: true,
                "Sum, of booleans how many are true: bigint of smaller integers, hugeint of bigint, decimal(38, s) of decimals."
            ),
            FunctionEntry(
                "avg", .aggregate,
                [
                    .unary("(number) -> double", { $0.isNumeric }, { _ in .float64 }),
                    .of([.interval(.monthDayNano)], .interval(.monthDayNano)),
                ], "Mean, as a double."),
            sameType("min", "The least value."), sameType("max", "The greatest value."),
            sameType("any_value", "Some value that is not NULL."),
            sameType("first", "The first row's value, NULL or not."),
            sameType("last", "The last row's value, NULL or not."),
            FunctionEntry("bool_and", .aggregate, [.of([.bool], .bool)], "Whether all are true."),
            FunctionEntry("bool_or", .aggregate, [.of([.bool], .bool)], "Whether any is true."),
            bits("bit_and", "Bitwise and of all."), bits("bit_or", "Bitwise or of all."),
            bits("bit_xor", "Bitwise exclusive or of all."),
            picking("arg_min", "The first argument where the second is least."),
            picking("arg_max", "The first argument where the second is greatest."),
            FunctionEntry(
                "approx_count_distinct", .aggregate,
                [.unary("(any) -> bigint", { _ in true }, { _ in .int64 })],
                "About how many different values there are (HyperLogLog): off by 2 % or so."),
            FunctionEntry(
                "product", .aggregate, [.of([.float64], .float64)], "All values multiplied."),
        ] + collecting + statistics

    private static func sameType(_ name: String, _ documentation: String) -> FunctionEntry {
        FunctionEntry(
            name, .aggregate, [.unary("(any) -> any", { _ in true }, { $0 })], documentation)
    }

    private static func bits(_ name: String, _ documentation: String) -> FunctionEntry {
        FunctionEntry(
            name, .aggregate, [.unary("(integer) -> integer", { $0.isInteger }, { $0 })],
            documentation)
    }

    private static func picking(_ name: String, _ documentation: String) -> FunctionEntry {
        FunctionEntry(
            name, .aggregate,
            [
                Overload("(any, any) -> any") { arguments in
                    guard arguments.count == 2 else { return nil }
                    return Overload.Resolution(arguments, arguments[0])
                }
            ], documentation)
    }

    private static func sumType(_ type: DataType) -> DataType? {
        switch type {
        case .int8, .int16, .int32, .uint8, .uint16: .int64
        case .uint32, .int64, .uint64: EngineType.hugeInt
        case .float32, .float64: .float64
        default:
            type.decimalShape.map {
                .decimal128(precision: EngineType.decimalPrecisionMax, scale: $0.scale)
            }
        }
    }
}
