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
                ], canFail: true,
                "Sum: bigint of smaller integers, hugeint of bigint, decimal(38, s) of decimals."),
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
            FunctionEntry(
                "string_agg", .aggregate, [.of([text, text], text)],
                "All texts joined, the second argument between them."),
            FunctionEntry(
                "array_agg", .aggregate,
                [.unary("(any) -> list", { _ in true }, { .list(Field("item", $0)) })],
                propagatesNull: false, "All values as a list, NULLs included."),
            FunctionEntry(
                "median", .aggregate, [.of([.float64], .float64)],
                "The middle value; between two, their mean."),
            FunctionEntry(
                "quantile_cont", .aggregate, [.of([.float64, .float64], .float64)], canFail: true,
                "The value at the given fraction of the ordered values, interpolated."),
            FunctionEntry(
                "bit_and", .aggregate, [.unary("(integer) -> integer", { $0.isInteger }, { $0 })],
                "Bitwise and of all."),
            FunctionEntry(
                "bit_or", .aggregate, [.unary("(integer) -> integer", { $0.isInteger }, { $0 })],
                "Bitwise or of all."),
            FunctionEntry(
                "corr", .aggregate, [.of([.float64, .float64], .float64)],
                "Correlation coefficient."),
            FunctionEntry(
                "covar_pop", .aggregate, [.of([.float64, .float64], .float64)],
                "Covariance of a population."),
            FunctionEntry(
                "covar_samp", .aggregate, [.of([.float64, .float64], .float64)],
                "Covariance of a sample."),
        ]
        + [
            ("stddev", "Standard deviation of a sample."),
            ("stddev_samp", "Standard deviation of a sample."),
            ("stddev_pop", "Standard deviation of a population."),
            ("variance", "Variance of a sample."), ("var_samp", "Variance of a sample."),
            ("var_pop", "Variance of a population."),
        ].map { name, documentation in
            FunctionEntry(name, .aggregate, [.of([.float64], .float64)], documentation)
        }

    private static func sameType(_ name: String, _ documentation: String) -> FunctionEntry {
        FunctionEntry(
            name, .aggregate, [.unary("(any) -> any", { _ in true }, { $0 })], documentation)
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
