// SPDX-License-Identifier: MIT

internal import IglooArrow

extension FunctionTable {
    private static let text = DataType.utf8View
    private static let timestamp = DataType.timestamp(.microsecond, timeZone: nil)
    private static let fractions = DataType.list(Field("item", .float64))

    /// Aggregates that look at all values of a group together.
    static let collecting: [FunctionEntry] = [
        FunctionEntry(
            "string_agg", .aggregate,
            [
                .of([text, text], text),
                Overload("(any, text) -> text") { arguments in
                    guard arguments.count == 2, Coercion.isImplicit(from: arguments[1], to: text)
                    else { return nil }
                    return Overload.Resolution([text, text], text)
                },
            ],
            "All texts joined, the second argument (a comma) between them."),
        FunctionEntry(
            "array_agg", .aggregate,
            [.unary("(any) -> list", { _ in true }, { .list(Field("item", $0)) })],
            propagatesNull: false, "All values as a list, NULLs included."),
        FunctionEntry(
            "median", .aggregate, [.of([.float64], .float64), .of([timestamp], timestamp)],
            "The middle value; between two, their mean."),
        FunctionEntry(
            "quantile_cont", .aggregate,
            [
                .of([.float64, .float64], .float64), .of([.float64, fractions], fractions),
                .of([timestamp, .float64], timestamp),
            ],
            canFail: true,
            "The value at the given fraction of the ordered values, interpolated; for a list of "
                + "fractions, a list. percentile_cont(f) WITHIN GROUP (ORDER BY x) is the same."),
        FunctionEntry(
            "quantile_disc", .aggregate,
            [
                Overload("(any, double) -> any") { arguments in
                    guard arguments.count == 2,
                        Coercion.isImplicit(from: arguments[1], to: .float64)
                    else { return nil }
                    return Overload.Resolution([arguments[0], .float64], arguments[0])
                },
                Overload("(any, double[]) -> any[]") { arguments in
                    guard arguments.count == 2, arguments[1].isList,
                        Coercion.isImplicit(from: arguments[1], to: fractions)
                    else { return nil }
                    return Overload.Resolution(
                        [arguments[0], fractions], .list(of: arguments[0]))
                },
            ], canFail: true,
            "The first value at or above the given fraction of the ordered values; for a list of "
                + "fractions, a list. percentile_disc(f) WITHIN GROUP (ORDER BY x) is the same."),
        FunctionEntry(
            "mad", .aggregate, [.of([.float64], .float64)],
            "The median of the distances from the median."),
        FunctionEntry(
            "entropy", .aggregate, [.unary("(any) -> double", { _ in true }, { _ in .float64 })],
            "Shannon's entropy of the values, in bits; 0 of no rows."),
        FunctionEntry(
            "mode", .aggregate, [.unary("(any) -> any", { _ in true }, { $0 })],
            "The most frequent value; the least among equally frequent ones."),
        FunctionEntry(
            "histogram", .aggregate,
            [
                .unary(
                    "(any) -> map", { _ in true }, { EngineType.map(key: $0, value: .int64) })
            ],
            "How often each value occurs."),
    ]

    /// Of doubles: spread, shape, and how two of them go together.
    static let statistics: [FunctionEntry] =
        [
            ("stddev", "Standard deviation of a sample."),
            ("stddev_samp", "Standard deviation of a sample."),
            ("stddev_pop", "Standard deviation of a population."),
            ("variance", "Variance of a sample."), ("var_samp", "Variance of a sample."),
            ("var_pop", "Variance of a population."), ("skewness", "Skewness of a sample."),
            ("kurtosis", "Excess kurtosis of a sample."),
            ("kurtosis_pop", "Excess kurtosis of a population."),
        ].map { name, documentation in
            FunctionEntry(name, .aggregate, [.of([.float64], .float64)], documentation)
        }
        + [
            ("corr", "Correlation coefficient."), ("covar_pop", "Covariance of a population."),
            ("covar_samp", "Covariance of a sample."),
            ("regr_avgx", "Mean of x in pairs (y, x)."),
            ("regr_avgy", "Mean of y in pairs (y, x)."),
            ("regr_sxx", "Sum of squares of x about its mean, in pairs (y, x)."),
            ("regr_syy", "Sum of squares of y about its mean, in pairs (y, x)."),
            ("regr_sxy", "Sum of products of x and y about their means, in pairs (y, x)."),
            ("regr_slope", "Slope of the least-squares line through pairs (y, x)."),
            ("regr_intercept", "Where the least-squares line through pairs (y, x) meets x = 0."),
            ("regr_r2", "Square of the correlation coefficient of pairs (y, x)."),
        ].map { name, documentation in
            FunctionEntry(name, .aggregate, [.of([.float64, .float64], .float64)], documentation)
        }
        + [
            FunctionEntry(
                "regr_count", .aggregate, [.of([.float64, .float64], .int64)],
                "How many pairs (y, x) have no NULL.")
        ]
}
